// SPDX-License-Identifier: MIT
// How fast policies look at batches of images: the whole cost of evolving networks for MNIST.
#pragma once

#include <vector>

#include "dne/base/isa.h"
#include "dne/bench/report.h"
#include "dne/bench/timing.h"
#include "dne/nn/network.h"

namespace dne {

struct NetworkBenchOptions {
  std::vector<int> threads = {1};
  Timing timing;
  Isa isa = BestIsa();
};

// Floating-point operations for an image: two for each weight at each position, padding included.
double OperationsOf(const Network& network);

// Of the networks of 1712.06564, each batch by another policy; on vector paths beside what the
// machine's multiply-adds can do at most, measured before. Blocks for a minute; gives each row as
// soon as it is known. Throws Error for numbers out of range, and Cancelled.
void BenchNetwork(const NetworkBenchOptions& options, const RowSink& on_row);

}  // namespace dne
