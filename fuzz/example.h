// SPDX-License-Identifier: MIT
// Small valid things: what fuzzed bytes are read for, and what the seeds are made from.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "dne/algorithms/algorithm.h"
#include "dne/genome/genome.h"
#include "dne/nn/network.h"
#include "dne/plan/job.h"
#include "dne/plan/plan.h"

namespace dne {

inline constexpr size_t kExampleInputs = 16;

Genome ExampleGenome();
// A convolution over 4x4 inputs, then 3 outputs.
Network ExampleNetwork();

inline constexpr size_t kExampleAlgorithms = 12;
// One of every kind, of few parameters: 0..kExampleAlgorithms - 1.
std::unique_ptr<Algorithm> ExampleAlgorithm(size_t kind);
// Carries out one round of a plan, somehow.
void TellExample(Algorithm& algorithm);

// Of one item, played.
Plan ExamplePlan();
std::vector<JobResult> ExampleResults();

// A run of one generation that has a row in every table.
void MakeExampleStore(const std::filesystem::path& dir);

}  // namespace dne
