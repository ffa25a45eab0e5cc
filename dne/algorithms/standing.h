// SPDX-License-Identifier: MIT
// How episodes that broke down (EpisodeEnd::kInvalid) rank: a genome with any is worse than every
// sound one, whatever it earned before; broken ones are all alike.
#pragma once

#include <cstdint>
#include <span>

#include "dne/plan/plan.h"

namespace dne {

bool IsBroken(const Result& result);

// What a genome is ranked by: its mean score, or -infinity where it is broken.
double Standing(const Result& result);

// Where ranks are not enough and scores are weights: those of broken members become the next number
// below the worst sound one's, so that breaking down is never better and no outlier. Without any
// sound one, all become 0.
void PutBrokenLast(std::span<const uint8_t> is_broken, std::span<double> scores);

}  // namespace dne
