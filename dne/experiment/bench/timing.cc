// SPDX-License-Identifier: MIT
#include "dne/experiment/bench/timing.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <latch>
#include <numeric>
#include <thread>

#include "dne/base/error.h"

namespace dne {
namespace {

constexpr double kWarmupShare = 1.0 / 6;  // of a repeat

double CountRate(const Work& work, const Clock& clock, double seconds) {
  const double start = clock();
  uint64_t items = 0;
  double elapsed = 0;
  do {
    items += work();
    elapsed = clock() - start;
  } while (elapsed < seconds);
  return static_cast<double>(items) / elapsed;
}

double RateOnce(std::span<const Work> works, const Clock& clock, double seconds) {
  std::latch start(static_cast<std::ptrdiff_t>(works.size()));
  std::atomic<size_t> counting = works.size();
  std::vector<double> rates(works.size());
  std::vector<std::exception_ptr> errors(works.size());
  const auto run = [&](size_t i) {
    start.arrive_and_wait();
    try {
      rates[i] = CountRate(works[i], clock, seconds);
    } catch (...) {
      errors[i] = std::current_exception();
    }
    --counting;
    while (!errors[i] && counting > 0) {
      try {
        works[i]();
      } catch (...) {
        errors[i] = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < works.size(); ++i) threads.emplace_back(run, i);
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

}  // namespace

Spread SpreadOf(std::vector<double> values) {
  DNE_CHECK(!values.empty());
  std::ranges::sort(values);
  return {.median = values[(values.size() - 1) / 2], .low = values.front(), .high = values.back()};
}

Spread MeasureRate(std::span<const Work> works, const Timing& timing) {
  DNE_CHECK(!works.empty() && timing.repeats >= 1);
  RateOnce(works, timing.clock, timing.seconds * kWarmupShare);
  std::vector<double> rates;
  for (int i = 0; i < timing.repeats; ++i) {
    rates.push_back(RateOnce(works, timing.clock, timing.seconds));
  }
  return SpreadOf(std::move(rates));
}

Spread MillisecondsEach(const Spread& rate, int threads) {
  const double milliseconds = 1000.0 * threads;
  return {.median = milliseconds / rate.median,
          .low = milliseconds / rate.high,
          .high = milliseconds / rate.low};
}

}  // namespace dne
