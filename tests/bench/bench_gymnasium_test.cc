// SPDX-License-Identifier: MIT
#include "dne/bench/bench_gymnasium.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dne/base/error.h"
#include "dne/envs/classic/kind.h"

namespace dne {
namespace {

double RealClock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// CartPole of dne itself in place of Gymnasium's.
std::shared_ptr<const World> StartCartPole(const std::string& environment) {
  EXPECT_EQ(environment, "CartPole-v1");
  return kClassicKind.load(Options(ClassicOptions{}), /*may_start_programs=*/false);
}

GymnasiumBenchOptions Tiny(const PeerRunner& peers) {
  return {.environments = {"CartPole-v1"},
          .start = StartCartPole,
          .threads = {1, 2},
          .timing = {.clock = RealClock, .seconds = 0.005},
          .peers = peers};
}

TEST(GymnasiumBench, ComparesWithTheBetterOfThePeersTwoRuns) {
  int runs = 0;
  const auto peers = [&](const PeerRequest& peer) {
    EXPECT_EQ(peer.script, "gymnasium_steps.py");
    EXPECT_EQ(peer.words, (std::vector<std::string>{"CartPole-v1", runs < 2 ? "1" : "2", "0.005"}));
    return std::string("version gymnasium 9.9\nfigure vector 10 steps/s\nfigure loop ") +
           (++runs % 2 == 1 ? "40" : "30") + " steps/s\n";
  };
  std::map<std::pair<std::string, int>, BenchRow> rows;
  BenchGymnasium(Tiny(peers), [&](const BenchRow& row) { rows[{row.measure, row.threads}] = row; });
  EXPECT_EQ(runs, 4);
  EXPECT_EQ(rows.size(), 10u);
  for (const int threads : {1, 2}) {
    const double ours = rows[{"process environment", threads}].value.median;
    EXPECT_GT(ours, 0);
    EXPECT_EQ((rows[{"a loop in Python (gymnasium 9.9)", threads}].value),
              (Spread{.median = 40, .low = 30, .high = 40}));
    EXPECT_DOUBLE_EQ((rows[{"ours / a loop in Python", threads}].value.median), 100 * ours / 40);
    EXPECT_DOUBLE_EQ((rows[{"ours / AsyncVectorEnv", threads}].value.median), 100 * ours / 10);
  }
}

TEST(GymnasiumBench, RefusesWhatCannotBeMeasured) {
  GymnasiumBenchOptions options = Tiny([](const PeerRequest&) { return std::string(); });
  const auto ignore = [](const BenchRow&) {};
  EXPECT_THROW(BenchGymnasium(options, ignore), Error);  // the peer printed nothing
  options.threads = {0};
  EXPECT_THROW(BenchGymnasium(options, ignore), Error);
}

}  // namespace
}  // namespace dne
