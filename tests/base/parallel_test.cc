// SPDX-License-Identifier: MIT
// Every body once, on however many threads; exceptions arrive at the caller.
#include "dne/base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "dne/base/error.h"

namespace dne {
namespace {

class Parallel : public testing::TestWithParam<int> {};

TEST_P(Parallel, CallsEveryBodyOnceAndWaits) {
  for (size_t count : {0, 1, 2, 1000}) {
    std::vector<int> calls(count, 0);
    ThreadsFor(GetParam())(count, [&](size_t i) { ++calls[i]; });
    EXPECT_EQ(calls, std::vector<int>(count, 1));
  }
}

TEST_P(Parallel, RethrowsOnTheCallersThread) {
  std::atomic<int> calls = 0;
  const auto body = [&](size_t i) {
    ++calls;
    if (i == 3) throw Error("three");
  };
  try {
    ThreadsFor(GetParam())(1000000, body);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), std::string("three"));
  }
  EXPECT_LT(calls, 1000000);  // the rest is given up
}

TEST_P(Parallel, GoesOnAfterAnException) {
  const ParallelFor parallel = ThreadsFor(GetParam());
  EXPECT_THROW(parallel(5, [](size_t) { throw Error("no"); }), Error);
  std::atomic<int> calls = 0;
  parallel(5, [&](size_t) { ++calls; });
  EXPECT_EQ(calls, 5);
}

INSTANTIATE_TEST_SUITE_P(Threads, Parallel, testing::Values(1, 2, 7));

TEST(ParallelThreads, OneThreadIsTheCallersAndInOrder) {
  const auto caller = std::this_thread::get_id();
  std::vector<size_t> order;
  ThreadsFor(1)(4, [&](size_t i) {
    order.push_back(i);
    EXPECT_EQ(std::this_thread::get_id(), caller);
  });
  EXPECT_EQ(order, (std::vector<size_t>{0, 1, 2, 3}));
}

TEST(ParallelThreads, SeveralThreadsWorkAtOnce) {
  // Each body waits for the other: one thread alone would never end.
  std::atomic<int> arrived = 0;
  ThreadsFor(2)(2, [&](size_t) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 2);
}

TEST(ParallelThreads, NoThreadsAreABug) { EXPECT_THROW(ThreadsFor(0), BugError); }

// --- Workers -------------------------------------------------------------------------------------

TEST(RunJobs, AWorkerIsOneThread) {
  constexpr size_t kWorkers = 4;
  std::vector<std::thread::id> threads(kWorkers);
  std::vector<int> calls(1000, 0);
  RunJobs(kWorkers, calls.size(), [&](size_t worker, size_t job) {
    ++calls[job];
    if (threads[worker] == std::thread::id()) threads[worker] = std::this_thread::get_id();
    EXPECT_EQ(threads[worker], std::this_thread::get_id());
  });
  EXPECT_EQ(calls, std::vector<int>(1000, 1));
}

TEST(RunJobs, OneWorkerTakesThemInOrder) {
  std::vector<size_t> order;
  RunJobs(1, 4, [&](size_t, size_t job) { order.push_back(job); });
  EXPECT_EQ(order, (std::vector<size_t>{0, 1, 2, 3}));
}

TEST(RunJobs, TheFirstFailedJobInOrderIsToldOf) {
  std::atomic<int> arrived = 0;
  const auto body = [&](size_t, size_t job) {
    ++arrived;
    while (arrived < 3) std::this_thread::yield();
    if (job > 0) throw Error("job " + std::to_string(job));
  };
  for (int repeat = 0; repeat < 20; ++repeat, arrived = 0) {
    try {
      RunJobs(3, 3, body);
      FAIL();
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "job 1");
    }
  }
}

TEST(RunJobs, NoJobBeginsAfterCancel) {
  std::atomic<bool> cancel{false};
  size_t calls = 0;
  RunJobs(1, 100, [&](size_t, size_t job) { calls = job + 1, cancel = job == 6; },
          {.cancel = &cancel});
  EXPECT_EQ(calls, 7u);
}

TEST(RunJobs, TheCallerTicksWhileWorkersWork) {
  const auto caller = std::this_thread::get_id();
  std::atomic<int> ticks = 0;
  const auto tick = [&] {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    ++ticks;
  };
  // The job ends once it was ticked beside: without ticks never.
  const auto body = [&](size_t, size_t) {
    while (ticks < 3) std::this_thread::yield();
  };
  RunJobs(2, 2, body, {.tick = tick, .period = [] { return std::chrono::milliseconds(1); }});
  EXPECT_GE(ticks, 3);
}

TEST(RunJobs, AnExceptionOfATickEndsTheWork) {
  std::atomic<bool> ticked{false};
  const auto tick = [&] {
    ticked = true;
    throw Error("no room");
  };
  std::atomic<size_t> begun = 0;
  const auto body = [&](size_t, size_t) {
    ++begun;
    while (!ticked) std::this_thread::yield();
  };
  EXPECT_THROW(RunJobs(2, 1000000, body, {.tick = tick}), Error);
  EXPECT_LT(begun, 1000000u);
}

TEST(RunJobs, NoJobsAreDoneAtOnce) {
  RunJobs(3, 0, [](size_t, size_t) { FAIL(); }, {.tick = [] { FAIL(); }});
}

}  // namespace
}  // namespace dne
