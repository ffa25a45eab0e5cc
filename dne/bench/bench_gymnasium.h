// SPDX-License-Identifier: MIT
// How fast Gymnasium's environments are as programs that dne speaks with, next to a loop in Python
// alone and to Gymnasium's own AsyncVectorEnv.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dne/bench/peers.h"
#include "dne/bench/report.h"
#include "dne/bench/timing.h"
#include "dne/envs/environment.h"

namespace dne {

struct GymnasiumBenchOptions {
  std::vector<std::string> environments = {"CartPole-v1", "LunarLander-v3", "HalfCheetah-v5"};
  std::function<std::shared_ptr<const World>(const std::string& environment)> start;
  std::vector<int> threads = {1};
  Timing timing;
  PeerRunner peers;  // not empty
};

// Steps a second under random actions, the peers before and after ours; ratios are to the better of
// the two. Blocks for minutes; gives each row as soon as it is known. Throws Error for numbers out
// of range, for peers that fail, and what starting an environment throws.
void BenchGymnasium(const GymnasiumBenchOptions& options, const RowSink& on_row);

}  // namespace dne
