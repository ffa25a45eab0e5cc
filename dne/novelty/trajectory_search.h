// SPDX-License-Identifier: MIT
// Inside of the archive: exact nearest neighbours among packed trajectories.
#pragma once

#include <span>

#include "dne/base/isa.h"
#include "dne/base/parallel.h"
#include "dne/novelty/distance.h"
#include "dne/novelty/k_smallest.h"

namespace dne::novelty {

// Offers to nearest[i] the scores of queries[i] and every archived trajectory, but for some that
// are not among the smallest. Throws Error where a trajectory is damaged.
void SearchTrajectories(BehaviourDistance distance, std::span<const Behaviour> archive,
                        std::span<const Behaviour> queries, std::span<KSmallest> nearest,
                        const ParallelFor& parallel, Isa isa);

}  // namespace dne::novelty
