// SPDX-License-Identifier: MIT
// Films of individuals: an episode of a run's played again from the ancestry, filmed where its
// world has frames, and kept in a folder of its own, never in the run.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "dne/evaluate/evaluator.h"
#include "dne/genome/genome.h"
#include "dne/store/store.h"

namespace dne {

struct FilmOrder {
  std::string name;           // FilmName: of its files
  std::filesystem::path run;  // the folder
  Birth individual;
  Episode recorded;
};

// Equal for equal films alone: letters, digits, '.', '_' and '-'.
std::string FilmName(const RunStore& run, const std::string& experiment, const Genome& genome,
                     const Episode& recorded);

struct FilmStatus {
  enum class Stage { kWaiting, kBeingMade, kReady, kFailed };
  Stage stage = Stage::kWaiting;
  uint64_t steps = 0;  // played so far, of one that is being made
  std::string text;    // what the film shows, as a JSON object; of one that failed, why
};

// Makes one film at a time, on a thread of its own. Thread-safe.
class FilmMaker {
 public:
  // Makes the folder; throws Error where it cannot. `allow_command`: as of PolicySource.
  FilmMaker(std::filesystem::path folder, bool allow_command);
  // Drops what is not ready.
  ~FilmMaker();
  FilmMaker(const FilmMaker&) = delete;
  FilmMaker& operator=(const FilmMaker&) = delete;

  // Has it made where it is not there, and returns at once. One that failed is made anew when it is
  // asked for once more.
  FilmStatus Ask(const FilmOrder& order);
  // The video of a film that Ask called ready; none: there is no such film, or it has no video.
  std::optional<std::filesystem::path> VideoOf(const std::string& name);

 private:
  void Work();
  std::string Make(const FilmOrder& order);
  std::filesystem::path FileOf(const std::string& name, const char* extension) const;

  std::filesystem::path folder_;
  bool allow_command_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, FilmStatus> films_;
  std::deque<FilmOrder> waiting_;
  bool is_over_ = false;
  Watch watch_;  // of the film that is being made
  std::thread worker_;
};

}  // namespace dne
