// SPDX-License-Identifier: MIT
#include "dne/bench/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <numeric>

#include "dne/base/error.h"
#include "dne/base/parallel.h"

namespace dne {
namespace {

constexpr int kMaxThreads = 1024;
constexpr double kMaxSeconds = 3600;

double CountRate(const Work& work, const Timing& timing, double seconds) {
  const double start = timing.clock();
  uint64_t items = 0;
  double elapsed = 0;
  do {
    items += work();
    timing.ThrowIfCancelled();
    elapsed = timing.clock() - start;
  } while (elapsed < seconds);
  return static_cast<double>(items) / elapsed;
}

double RateOnce(std::span<const Work> works, const Timing& timing, double seconds) {
  std::latch start(static_cast<std::ptrdiff_t>(works.size()));
  std::atomic<size_t> counting = works.size();
  std::vector<double> rates(works.size());
  RunJobs(works.size(), works.size(), [&](size_t, size_t i) {
    start.arrive_and_wait();
    try {
      rates[i] = CountRate(works[i], timing, seconds);
    } catch (...) {
      --counting;
      throw;
    }
    --counting;
    while (counting > 0) works[i]();
  });
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

Spread Inverse(const Spread& rate, double scale) {
  return {.median = scale / rate.median, .low = scale / rate.high, .high = scale / rate.low};
}

}  // namespace

void Timing::ThrowIfCancelled() const {
  if (*cancel) throw Cancelled();
}

void CheckMeasurable(std::span<const int> threads, const Timing& timing) {
  for (const int count : threads) {
    if (count < 1 || count > kMaxThreads) {
      throw Error(fmt::format("threads is {}: set it to 1 to {}", count, kMaxThreads));
    }
  }
  if (!(timing.seconds > 0 && timing.seconds <= kMaxSeconds)) {
    throw Error(fmt::format("seconds is {}: set it to more than 0 and at most {}", timing.seconds,
                            kMaxSeconds));
  }
}

Spread SpreadOf(std::vector<double> values) {
  DNE_CHECK(!values.empty());
  std::ranges::sort(values);
  return {.median = values[(values.size() - 1) / 2], .low = values.front(), .high = values.back()};
}

Spread MeasureRate(std::span<const Work> works, const Timing& timing) {
  DNE_CHECK(!works.empty() && timing.repeats >= 1);
  RateOnce(works, timing, timing.seconds * kWarmupShare);
  std::vector<double> rates;
  for (int i = 0; i < timing.repeats; ++i) {
    rates.push_back(RateOnce(works, timing, timing.seconds));
  }
  return SpreadOf(std::move(rates));
}

Spread MillisecondsEach(const Spread& rate, int threads) { return Inverse(rate, 1e3 * threads); }
Spread MicrosecondsEach(const Spread& rate, int threads) { return Inverse(rate, 1e6 * threads); }

}  // namespace dne
