// SPDX-License-Identifier: MIT
// How fast something is: a warm-up, then repeats of a fixed length, on several threads at the same
// time. The clock is the caller's.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "dne/evaluate/evaluator.h"

namespace dne {

// Of the repeats.
struct Spread {
  double median = 0;
  double low = 0;
  double high = 0;

  bool operator==(const Spread&) const = default;
};

// At least one value; of an even number the lower middle one is the median.
Spread SpreadOf(std::vector<double> values);

inline constexpr double kWarmupShare = 1.0 / 6;  // of a repeat

inline const std::atomic<bool> kNeverCancelled{false};

struct Timing {
  Clock clock;
  double seconds = 3;  // a repeat at least, since the last piece of work is finished
  int repeats = 3;
  const std::atomic<bool>* cancel = &kNeverCancelled;  // once true, measuring throws Cancelled

  void ThrowIfCancelled() const;
};

// Throws Error for a thread count or a length out of range.
void CheckMeasurable(std::span<const int> threads, const Timing& timing);

// Does one piece of work and says how many items that was. Private to one thread.
using Work = std::function<uint64_t()>;

// Items a second of all works together, each on a thread of its own, all at the same time: a thread
// that has counted goes on until the others have too. Rethrows what a work throws.
Spread MeasureRate(std::span<const Work> works, const Timing& timing);

// Time an item on each of `threads` threads that do `rate` items a second together.
Spread MillisecondsEach(const Spread& rate, int threads);
Spread MicrosecondsEach(const Spread& rate, int threads);

}  // namespace dne
