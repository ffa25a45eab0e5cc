// SPDX-License-Identifier: MIT
// A process and the environments in it, which step together. Inside this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dne/envs/process/child.h"
#include "dne/envs/process/process.h"
#include "dne/envs/process/protocol.h"
#include "dne/envs/process/specification.h"

namespace dne::process {

// Private to one thread at a time. An environment is given a command by Put..., which the next
// round trip carries out together with those of the others; Finish makes it where that has not
// been.
class Host {
 public:
  // `child`: has said hello; null: is started when it is needed.
  Host(const ProcessOptions& options, const Specification& said, size_t num_envs,
       std::unique_ptr<Child> child);

  // Waiting ends once it is true, after which nothing here counts.
  void WatchCancel(const std::atomic<bool>& cancel) { cancel_ = &cancel; }
  bool was_cancelled() const { return was_cancelled_; }

  // Starts the process anew where it has ended; throws Error as Ask does.
  void PutReset(size_t env, uint64_t seed);
  // False where a number of the action is none, which no program is shown: then nothing is put, and
  // the episode is over.
  bool PutStep(size_t env, const Action& action);
  bool has_command(size_t env) const { return envs_[env].has_command; }

  // Blocks until the environment's command is carried out. Throws Error, naming the episode's seed,
  // where it was not, or a number is not finite. The process is gone then, and so are all episodes;
  // whoever was behind the one at fault in a round trip gets that one's error.
  void Finish(size_t env);

  // Of its last command.
  double reward(size_t env) const { return RowOf<double>(layout_.rewards, 1, env)[0]; }
  uint8_t flags(size_t env) const { return state(env); }
  std::span<const double> behaviour(size_t env) const {
    return RowOf<double>(layout_.behaviours, said_.hello.behaviour_size, env);
  }
  Observation observation(size_t env) const;

 private:
  struct Env {
    bool has_command = false;  // that is not finished
    bool is_sent = false;      // it is: the round trip has been
    bool is_playing = false;   // an episode that is not over
    uint64_t seed = 0;
    uint64_t steps = 0;
  };
  struct Failure {
    size_t env = 0;
    std::string text;
  };

  template <class T>
  std::span<const T> RowOf(size_t array, size_t size, size_t env) const {
    return {reinterpret_cast<const T*>(memory_.data() + array) + env * size, size};
  }
  uint8_t state(size_t env) const { return memory_[layout_.states + env]; }
  void Put(size_t env, uint8_t command);
  void Start();
  void Adopt(std::unique_ptr<Child> child);
  void Go();
  void Exchange();
  void End();
  size_t EnvInWork() const;
  std::string Doing(size_t env) const;
  void CheckNumbers(size_t env);

  ProcessOptions options_;
  Specification said_;
  Layout layout_;
  std::vector<Env> envs_;
  std::unique_ptr<Child> child_;
  std::vector<uint8_t> left_;  // what was in its memory when it ended
  std::span<uint8_t> memory_;  // the child's, or that
  Cancel cancel_ = nullptr;
  const process::Doing doing_ = [this] { return Doing(EnvInWork()); };
  uint64_t trips_ = 0;
  bool was_cancelled_ = false;
  std::optional<Failure> failure_;  // of the last round trip
};

}  // namespace dne::process
