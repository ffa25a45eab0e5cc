// SPDX-License-Identifier: MIT
// Inside of the forward passes: a member's change of low rank, map by map, and one number of its
// product with a layer's input, as dne/nn/forward.h defines it.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "dne/nn/network.h"
#include "dne/random/low_rank_change.h"

namespace dne::nn {

// Views into a LowRankChange.
struct MapChange {
  size_t rank = 0;
  float scale = 0;
  size_t inputs = 0;
  size_t outputs = 0;
  const float* left = nullptr;   // column k of A at left + k * inputs
  const float* right = nullptr;  // column k of B at right + k * outputs
  const float* biases = nullptr;
};

struct LayerChange {
  MapChange map;
  MapChange state_map;  // of recurrent layers
};

// One a layer. A change that is not the network's is a bug, as is any under virtual batch
// normalisation.
std::vector<LayerChange> ChangesOf(const Network& network, const LowRankChange& change);

inline constexpr size_t kChains = 16;

// x A_k: sixteen chains over each row of inputs, put together by halves.
class ProjectionSum {
 public:
  [[gnu::always_inline]] void AddRow(const float* x, const float* a, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      chains_[i % kChains] = std::fma(x[i], a[i], chains_[i % kChains]);
    }
  }

  [[gnu::always_inline]] float Total() {
    for (size_t half = kChains / 2; half > 0; half /= 2) {
      for (size_t i = 0; i < half; ++i) chains_[i] += chains_[i + half];
    }
    return chains_[0];
  }

 private:
  std::array<float, kChains> chains_{};
};

}  // namespace dne::nn
