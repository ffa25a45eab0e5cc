// SPDX-License-Identifier: MIT
// What many ranks cost rank 0: its time and bytes for an evaluation elsewhere, and for a plan.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dne/bench/report.h"
#include "dne/bench/timing.h"
#include "dne/cluster/cluster.h"
#include "dne/cluster/serve.h"

namespace dne {

struct ClusterBenchOptions {
  std::vector<int> threads = {1};  // of each rank
  Timing timing;
  Clock thread_clock;  // processor time of the thread that calls
};

// Episodes that only wait, with genomes and behaviours as on Atari: 100 mutations, 128 bytes.
// Blocks for seconds; gives each row as soon as it is known. Throws Error for numbers out of range,
// and Cancelled.
void BenchCluster(const ClusterBenchOptions& options, Cluster& cluster, const RowSink& on_row);

// The same on another rank, of setups that begin with this byte.
inline constexpr uint8_t kWaitingSetup = 'W';
std::unique_ptr<RankSetup> MakeWaitingSetup();

}  // namespace dne
