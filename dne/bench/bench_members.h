// SPDX-License-Identifier: MIT
// How fast members of low rank are, which share their centre's weights, beside members of full
// rank, each with weights of its own: whole generations on images, and a network's steps on Atari.
#pragma once

#include <string>
#include <vector>

#include "dne/base/isa.h"
#include "dne/bench/bench_es.h"
#include "dne/bench/peers.h"
#include "dne/bench/report.h"
#include "dne/bench/timing.h"
#include "dne/nn/network.h"

namespace dne {

// Generations of one network on batches of so many images.
struct MeasuredCloud {
  std::string name;
  NetworkSpec network;
  int batch_size = 0;
  int population_size = 0;
  std::string peer_script = {};  // what it is compared with, where peers are; empty: with nothing
};

struct MembersBenchOptions {
  std::vector<MeasuredCloud> clouds = {{.name = "mlp of 3 x 1024",
                                        .network = {.hidden = {{.units = 1024, .repeat = 3}}},
                                        .batch_size = 16,
                                        .population_size = 256},
                                       {.name = "mnist_cnn",
                                        .network = NetworkPreset("mnist_cnn"),
                                        .batch_size = 64,
                                        .population_size = 128,
                                        .peer_script = "mnist_evosax.py"}};
  std::vector<int> ranks = {1, 4};
  std::string game = "frostbite";
  std::string network = "uber_large";
  std::vector<int> lanes = {1, 2, 4, 8, 16};
  std::vector<int> threads = {1};
  Timing timing;  // its clock is read on the threads that are measured
  // As of EsBenchOptions.
  std::function<double(int threads)> process_clock;
  std::function<MemoryUse()> memory;
  Isa isa = BestIsa();
  PeerRunner peers;  // empty: none
};

// Blocks for minutes; gives each row as soon as it is known. Games are measured where they are
// built in. Throws Error for numbers out of range, and Cancelled.
void BenchMembers(const MembersBenchOptions& options, const RowSink& on_row);

}  // namespace dne
