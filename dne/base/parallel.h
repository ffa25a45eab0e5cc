// SPDX-License-Identifier: MIT
// Work spread over threads of this process. Nothing else in dne starts threads to compute.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>

namespace dne {

// Calls body(0) .. body(count - 1), each once, in any order and on any thread; blocks until all
// are done. Bodies write to different places, so the order never shows in a result. An exception
// of a body is rethrown on the caller's thread, after all have stopped.
using ParallelFor = std::function<void(size_t count, const std::function<void(size_t)>& body)>;

// On the caller's thread.
void SerialFor(size_t count, const std::function<void(size_t)>& body);

// On `threads` threads, started anew for each call; with one, on the caller's. Where the count is
// not above `threads`, bodies that wait for each other all run at the same time.
ParallelFor ThreadsFor(int threads);

// --- Workers -----------------------------------------------------------------------------------

// What the caller of RunJobs does and asks for while workers work.
struct Supervision {
  const std::atomic<bool>* cancel = nullptr;  // once true, no further job begins
  // Called now and then on the caller's thread; an exception of it ends the work.
  std::function<void()> tick;
  // Until the next tick.
  std::function<std::chrono::microseconds()> period = [] {
    return std::chrono::microseconds(100'000);
  };
};

// Calls body(worker, job) for the jobs 0 .. num_jobs - 1. They begin in this order, each on the
// worker (0 .. num_workers - 1) that comes free first; a worker is one thread, so that what body
// keeps for it needs no lock. Blocks until all have ended. After an exception no further job
// begins; once all workers have stopped, that of the first job in order is rethrown here.
void RunJobs(size_t num_workers, size_t num_jobs,
             const std::function<void(size_t worker, size_t job)>& body,
             const Supervision& supervision = {});

}  // namespace dne
