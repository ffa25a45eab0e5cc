// SPDX-License-Identifier: MIT
// What the store's tests share: a small run, folders of their own, child processes.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dne/store/store.h"

namespace dne {

// A folder that goes away with the object.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path run() const { return path_ / "run"; }
  std::filesystem::path file() const { return run() / "run.sqlite"; }

 private:
  std::filesystem::path path_;
};

// data/v1.sqlite holds ExampleInfo and commits 1 to 3: a change here no longer reads it back.
RunInfo ExampleInfo();
// Generation `number` with `num_trials` trials in "train" and one in "validate" that has three
// different episodes; its state says which commit it is.
Commit ExampleCommit(uint32_t number, uint32_t num_trials = 20);
std::string ExampleState(uint32_t number);

// A finished run of commits 1 to `num_commits`.
void MakeExampleRun(const std::filesystem::path& dir, uint32_t num_commits = 3);

// All that a store gives back.
struct Contents {
  RunInfo info;
  std::optional<Checkpoint> checkpoint;
  std::vector<GenerationRecord> generations;
  std::vector<TrialRecord> trials;

  bool operator==(const Contents&) const = default;
};
Contents ReadEverything(const RunStore& store);
Contents ExampleContents(uint32_t num_commits = 3);

// The text of the Error that `action` throws; "no error" if it throws none.
std::string ErrorOf(const std::function<void()>& action);

// Runs `action` in a child process and returns what it returns, or the error it throws. Without
// privileges the child is a user that owns nothing, even where the tests run as root.
enum class Privileges { kSame, kNone };
std::string InChild(Privileges privileges, const std::function<std::string()>& action);

}  // namespace dne
