// SPDX-License-Identifier: MIT
#include "dne/nn/normalisation.h"

#include <cmath>

#include "dne/nn/kernels.h"

namespace dne {
namespace {

constexpr double kEpsilon = 1e-3;  // papers and released code alike

// Sums of value(sample, channel) over all samples, in order.
template <class Value>
std::vector<double> SumChannels(std::span<const float* const> rows, size_t positions,
                                size_t channels, Value value) {
  std::vector<double> sums(channels, 0.0);
  for (const float* sample : rows) {
    for (size_t p = 0; p < positions; ++p, sample += channels) {
      for (size_t c = 0; c < channels; ++c) sums[c] += value(static_cast<double>(sample[c]), c);
    }
  }
  return sums;
}

}  // namespace

Normalisation NormaliseChannels(std::span<const float* const> rows, size_t positions,
                                std::span<const float> biases) {
  const size_t channels = biases.size();
  const auto samples = static_cast<double>(rows.size() * positions);
  std::vector<double> mean =
      SumChannels(rows, positions, channels, [](double z, size_t) { return z; });
  for (double& m : mean) m /= samples;
  const std::vector<double> squares = SumChannels(
      rows, positions, channels, [&](double z, size_t c) { return (z - mean[c]) * (z - mean[c]); });
  const size_t padded = nn::RoundUp(channels, nn::kPad);
  Normalisation result{.scale = std::vector<float>(padded, 0.0f),
                       .shift = std::vector<float>(padded, 0.0f)};
  for (size_t c = 0; c < channels; ++c) {
    result.scale[c] = static_cast<float>(1 / std::sqrt(squares[c] / samples + kEpsilon));
    result.shift[c] = static_cast<float>(static_cast<double>(biases[c]) -
                                         mean[c] * static_cast<double>(result.scale[c]));
  }
  return result;
}

void FoldWeights(const Normalisation& normalisation, size_t units, const float* from, float* to,
                 size_t rows, size_t stride) {
  for (size_t row = 0; row < rows; ++row, from += stride, to += stride) {
    for (size_t o = 0; o < units; ++o) to[o] = from[o] * normalisation.scale[o];
  }
}

}  // namespace dne
