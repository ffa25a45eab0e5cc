// SPDX-License-Identifier: MIT
// Virtual batch normalisation as dne/nn/forward.h defines it: the part that all code paths share.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace dne {

// What normalising a channel and adding its bias does: x * scale + shift. Zeros to a multiple of
// the widest vector follow the last channel.
struct Normalisation {
  std::vector<float> scale;
  std::vector<float> shift;
};

// Over a layer's sums on the reference batch: rows in order, each of `positions` times one value a
// channel. `biases`: one a channel.
Normalisation NormaliseChannels(std::span<const float* const> rows, size_t positions,
                                std::span<const float> biases);

// Scales `rows` rows of weights, `stride` floats apart, from one place to another or in place.
void FoldWeights(const Normalisation& normalisation, size_t units, const float* from, float* to,
                 size_t rows, size_t stride);

}  // namespace dne
