// SPDX-License-Identifier: MIT
// Normal noise over parameter vectors: the kernel behind founders, mutations and ES.
// Number i of a stream comes from word pair (i & 2) of Philox block i / 4 by Box-Muller with own
// polynomials on fused multiply-adds: the same bits on every code path.
#pragma once

#include <cstddef>
#include <span>

#include "dne/base/isa.h"
#include "dne/random/stream.h"

namespace dne {

// out[i] = normal number `first + i` of the stream. first must be a multiple of 4.
void FillNormal(const StreamId& id, size_t first, std::span<float> out, Isa isa);

// out[i] = fma(sigma, normal number i, base[i]). out may be base itself; sizes are equal. With
// `scale`, of the same size, each normal number is multiplied by its own first.
void AddNormal(const StreamId& id, float sigma, std::span<const float> base, std::span<float> out,
               Isa isa, std::span<const float> scale = {});

// A mirrored pair: plus gets what AddNormal writes for sigma, minus what it writes for -sigma, at
// the price of about one call. The three are different places.
void AddNormalPair(const StreamId& id, float sigma, std::span<const float> base,
                   std::span<float> plus, std::span<float> minus, Isa isa,
                   std::span<const float> scale = {});

}  // namespace dne
