// SPDX-License-Identifier: MIT
// Signs over parameter vectors: noise of +1 and -1, one bit a parameter, as simultaneous
// perturbation has it (Spall, "Multivariate stochastic approximation using a simultaneous
// perturbation gradient approximation", 1992).
// Sign number i of a stream is bit i % 32 of word i / 32 of its Philox words: 0 is +1, 1 is -1.
#pragma once

#include <cstddef>
#include <span>

#include "dne/base/isa.h"
#include "dne/random/stream.h"

namespace dne {

// Signs come by the block: sums may be cut at multiples of this (AddWeightedSigns).
inline constexpr size_t kSignsOfBlock = 128;

// out[i] = base[i] + sigma * sign number i of the stream. out may be base itself; sizes are equal.
void AddSigns(const StreamId& id, float sigma, std::span<const float> base, std::span<float> out,
              Isa isa);

// A mirrored pair: plus gets what AddSigns writes for sigma, minus what it writes for -sigma, in
// one pass. The three are different places.
void AddSignsPair(const StreamId& id, float sigma, std::span<const float> base,
                  std::span<float> plus, std::span<float> minus, Isa isa);

}  // namespace dne
