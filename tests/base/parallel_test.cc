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

}  // namespace
}  // namespace dne
