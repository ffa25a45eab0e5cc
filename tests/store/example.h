// SPDX-License-Identifier: MIT
// What the store's tests share: a small run, folders of their own, child processes.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dne/store/store.h"
#include "tests/temp_folder.h"

namespace dne {

// A folder with room for a run.
class RunFolder : public TempFolder {
 public:
  std::filesystem::path run() const { return path() / "run"; }
  std::filesystem::path file() const { return run() / "run.sqlite"; }
};

// A run of the GA. data/v1.sqlite holds ExampleInfo and commits 1 to 3: a change here no longer
// reads it back.
RunInfo ExampleInfo();
// Generation `number` with `num_trials` trials in "train" and one in "validate" that has three
// different episodes; its state says which commit it is.
Commit ExampleCommit(uint32_t number, uint32_t num_trials = 20);
std::string ExampleState(uint32_t number);

// A finished run of commits 1 to `num_commits`.
void MakeExampleRun(const std::filesystem::path& dir, uint32_t num_commits = 3);

// Likewise a run of an evolution strategy, as schema 2 and later can hold it; data/v2.sqlite and
// data/v3.sqlite hold commits 1 to 3. Its commits make two centres each, of numbers of every kind.
RunInfo ExampleEsInfo();
Commit ExampleEsCommit(uint32_t number);
void MakeExampleEsRun(const std::filesystem::path& dir, uint32_t num_commits = 3);

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
Contents ExampleEsContents(uint32_t num_commits = 3);
// Holds every bit of the centres of commits 1 to num_commits against what the store gives back.
void ExpectExampleCentres(const RunStore& store, uint32_t num_commits = 3);

// The text of the Error that `action` throws; "no error" if it throws none.
std::string ErrorOf(const std::function<void()>& action);

// Runs `action` in a child process and returns what it returns, or the error it throws. Without
// privileges the child is a user that owns nothing, even where the tests run as root.
enum class Privileges { kSame, kNone };
std::string InChild(Privileges privileges, const std::function<std::string()>& action);

}  // namespace dne
