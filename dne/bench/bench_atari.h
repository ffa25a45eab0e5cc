// SPDX-License-Identifier: MIT
// How fast policies play Atari here: the emulator alone, the network alone, both together and what
// the two allow, what a generation costs besides, and, where asked, other programs next to it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dne/base/isa.h"
#include "dne/bench/peers.h"
#include "dne/bench/report.h"
#include "dne/bench/timing.h"

namespace dne {

struct AtariBenchOptions {
  // {"all"}: every game.
  std::vector<std::string> games = {"frostbite", "seaquest", "venture"};
  // Presets; with ":float16" behind one its weights have 16 bits. {"none"}: the emulator alone.
  std::vector<std::string> networks = {"uber_large", "uber_small"};
  std::vector<int> threads = {1};
  uint32_t max_episode_steps = 5000;  // the paper's
  Timing timing;                      // its clock is read on the threads that are measured
  Clock wall;                         // for what waits for the disk
  Isa isa = BestIsa();
  std::filesystem::path scratch;  // an empty folder, for a run store
  PeerRunner peers;               // empty: none
};

// Blocks for minutes; gives each row as soon as it is known. The network is held against the
// reference before it is timed. Throws Error for an unknown game or network (with the nearest known
// name), numbers out of range, and peers that fail.
void BenchAtari(const AtariBenchOptions& options, const RowSink& on_row);

}  // namespace dne
