// SPDX-License-Identifier: MIT
// This process as one of many, where an MPI launcher started several of them.
#pragma once

#include <functional>

#include "dne/cluster/cluster.h"

namespace dne::app {

// Does the work, and returns its exit code, where this process is alone or rank 0. On the other
// ranks it serves rank 0 in place of that.
int OnRankZero(const std::function<int()>& work);

// All ranks, while rank 0 does its work; null: this process is alone.
Cluster* ClusterOfJob();

}  // namespace dne::app
