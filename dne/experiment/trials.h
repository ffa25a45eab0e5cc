// SPDX-License-Identifier: MIT
// What the results of a round come to: trials, as a run keeps them, and a generation's digest.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dne/plan/centre.h"
#include "dne/plan/plan.h"
#include "dne/store/run_writer.h"

namespace dne {

// One an item, in plan order.
std::vector<TrialRecord> TrialsOf(const Plan& plan, std::span<const Result> results);

// Everything that a generation computed, bit for bit; what it cost is not part of it. Begins with 0
// and goes on with each of its rounds, then with the centres that it made.
uint64_t DigestRound(uint64_t before, const Plan& plan, std::span<const TrialRecord> trials);
uint64_t DigestCentres(uint64_t before, std::span<const Centre> centres);

}  // namespace dne
