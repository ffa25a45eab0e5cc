// SPDX-License-Identifier: MIT
#include "dne/algorithms/observation_statistics.h"

#include <algorithm>
#include <cmath>

#include "dne/algorithms/stored_state.h"
#include "dne/base/error.h"

namespace dne {
namespace {

// A hundredth of an observation with mean 0 and square 1, so that nothing is ever divided by 0.
constexpr double kFirstCount = 1e-2;

}  // namespace

ObservationStatistics::ObservationStatistics(size_t size)
    : count_(kFirstCount), sums_(size, 0), squares_(size, kFirstCount) {}

void ObservationStatistics::Add(std::span<const double> observation_sums) {
  if (observation_sums.empty()) return;
  const size_t size = sums_.size();
  DNE_CHECK(observation_sums.size() == 1 + 2 * size);
  count_ += observation_sums[0];
  for (size_t i = 0; i < size; ++i) {
    sums_[i] += observation_sums[1 + i];
    squares_[i] += observation_sums[1 + size + i];
  }
}

void ObservationStatistics::Write(double min_std, std::span<float> out) const {
  const size_t size = sums_.size();
  DNE_CHECK(out.size() == 2 * size);
  for (size_t i = 0; i < size; ++i) {
    const double mean = sums_[i] / count_;
    const double variance = std::max(0.0, squares_[i] / count_ - mean * mean);
    out[i] = static_cast<float>(mean);
    out[size + i] = static_cast<float>(1 / std::max(std::sqrt(variance), min_std));
  }
}

void ObservationStatistics::Save(ByteWriter& out) const {
  out.Add(count_);
  out.Add(static_cast<uint64_t>(sums_.size()));
  for (const double sum : sums_) out.Add(sum);
  for (const double square : squares_) out.Add(square);
}

void ObservationStatistics::Restore(ByteReader& in) {
  count_ = in.ReadDouble();
  ExpectSound(in.ReadCount() == sums_.size(), "its observations have another size than the task's");
  for (double& sum : sums_) sum = in.ReadDouble();
  for (double& square : squares_) square = in.ReadDouble();
}

}  // namespace dne
