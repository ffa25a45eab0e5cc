// SPDX-License-Identifier: MIT
#include "dne/algorithms/iterate_mean.h"

#include <cmath>

#include "dne/algorithms/stored_state.h"
#include "dne/base/error.h"

namespace dne {
namespace {

constexpr double kDelay = 8;

}  // namespace

void IterateMean::Add(uint64_t t, std::span<const float> point) {
  DNE_CHECK(t >= 1 && point.size() == mean_.size());
  const auto weight = static_cast<float>((kDelay + 1) / (static_cast<double>(t) + kDelay));
  for (size_t i = 0; i < mean_.size(); ++i) {
    mean_[i] = std::fma(weight, point[i] - mean_[i], mean_[i]);
  }
}

void IterateMean::Restore(ByteReader& in) {
  std::vector<float> mean = in.ReadFloats();
  ExpectSound(mean.size() == mean_.size(), "the mean of its centres has another size");
  mean_ = std::move(mean);
}

}  // namespace dne
