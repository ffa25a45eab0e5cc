// SPDX-License-Identifier: MIT
// What all algorithms have in common: the rounds of a generation, and the metrics that it gathers
// on its way (docs/metrics.md).
#pragma once

#include <cstdint>
#include <span>

#include "dne/base/bytes.h"
#include "dne/plan/metrics.h"
#include "dne/plan/plan.h"

namespace dne {

enum class Round : uint32_t { kTrain = 0, kValidate = 1, kTest = 2 };

// As plans and stores name it.
const char* RoundName(Round round);

void SaveRound(Round round, ByteWriter& out);
// Throws Error where the bytes name no round.
Round ReadRound(ByteReader& in);

// Adds what the round's results count for: training and validation towards the budget, the test not
// (papers' "timesteps"). Broken episodes of all rounds are counted as well.
void CountCost(Round round, std::span<const Result> results, Metrics& metrics);

// fitness_max, _mean, _median, _min, _std.
void DescribeFitness(std::span<const double> fitness, Metrics& metrics);

// novelty_max, _mean.
void DescribeNovelty(std::span<const double> novelty, Metrics& metrics);

void SaveMetrics(const Metrics& metrics, ByteWriter& out);
Metrics ReadMetrics(ByteReader& in);

}  // namespace dne
