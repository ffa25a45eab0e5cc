// SPDX-License-Identifier: MIT
// How fast evolution strategies are here: a generation without episodes, next to another program
// where asked; steps of walking bodies; and what a generation on Atari costs besides its episodes.
// Bodies and games are measured where they are built in.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dne/base/isa.h"
#include "dne/bench/es_generation.h"
#include "dne/bench/peers.h"
#include "dne/bench/report.h"
#include "dne/bench/timing.h"

namespace dne {

// Of this process, in MB of 1,000,000 bytes.
struct MemoryUse {
  double now = 0;
  double peak = 0;  // the most so far
};

struct EsBenchOptions {
  EsScale small{.num_parameters = 166'673, .population_size = 256};     // the humanoid's network
  EsScale large{.num_parameters = 4'052'658, .population_size = 5000};  // uber_large; the paper's
  EsScale cnn{.num_parameters = 3'274'634,  // of 1712.06564, as its ES has them
              .population_size = 10'000,
              .layers = {{.offset = 0, .inputs = 25, .outputs = 32},
                         {.offset = 832, .inputs = 800, .outputs = 64},
                         {.offset = 52'096, .inputs = 3136, .outputs = 1024},
                         {.offset = 3'264'384, .inputs = 1024, .outputs = 10}}};
  std::vector<std::string> bodies = {"humanoid_v4", "humanoid"};
  std::string game = "frostbite";
  uint32_t max_episode_steps = 5000;  // the paper's
  std::vector<int> threads = {1};
  Timing timing;  // its clock is read on the threads that are measured
  // Seconds of the whole process: of the wall clock, or worked, as if so many threads had shared
  // the work evenly.
  std::function<double(int threads)> process_clock;
  std::function<MemoryUse()> memory;
  Isa isa = BestIsa();
  PeerRunner peers;  // empty: none
};

// Blocks for minutes; gives each row as soon as it is known. Throws Error for numbers out of range
// and peers that fail, and Cancelled.
void BenchEs(const EsBenchOptions& options, const RowSink& on_row);

}  // namespace dne
