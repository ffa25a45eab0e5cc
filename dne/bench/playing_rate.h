// SPDX-License-Identifier: MIT
// Whole episodes as runs play them, for any task; and what all benchmarks of policies draw: fixed
// random numbers, so that every measurement does the same work.
#pragma once

#include <cstdint>
#include <vector>

#include "dne/base/float_buffer.h"
#include "dne/bench/timing.h"
#include "dne/genome/genome.h"
#include "dne/tasks/task.h"

namespace dne {

inline constexpr uint64_t kBenchSeed = 1;
inline Stream BenchStream(uint32_t item) {
  return Stream({.seed = kBenchSeed, .item = item, .purpose = Purpose::kBenchmark});
}
inline StreamId BenchFounder(uint32_t item) {
  return {.seed = kBenchSeed, .item = item, .purpose = Purpose::kFounder};
}

// The work of each thread, as make(thread) gives it.
template <class Make>
std::vector<Work> ForEachThread(int threads, const Make& make) {
  std::vector<Work> works;
  for (int i = 0; i < threads; ++i) works.push_back(make(static_cast<uint32_t>(i)));
  return works;
}

// Random founders, played and evaluated in turn; threads begin with different ones.
inline constexpr uint32_t kFounders = 8;  // enough that their episodes differ in length and work
std::vector<FloatBuffer> MakeFounders(size_t policy_size, const Initialiser& initialise);
size_t FirstFounder(uint32_t thread, int threads);

struct PlayingRate {
  Spread steps;                   // a second
  double steps_of_episode = 0;    // mean
  double seconds_of_episode = 0;  // mean, on one of the threads
};

// Whole episodes through the worker that runs use, one policy a thread at a time: some that
// `initialise` writes in turn.
PlayingRate MeasurePlaying(const Task& task, const Initialiser& initialise, Isa isa, int threads,
                           uint32_t max_episode_steps, const Timing& timing);

}  // namespace dne
