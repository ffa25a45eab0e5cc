// SPDX-License-Identifier: MIT
// Members of low rank of a real run: whoever loads one plays the episodes that the run stored.
#include <gtest/gtest.h>

#include "dne/evaluate/evaluator.h"
#include "dne/experiment/run.h"
#include "dne/experiment/setup.h"
#include "dne/policy/play.h"
#include "dne/store/store.h"
#include "tests/policy/policy_fixture.h"

namespace dne {
namespace {

constexpr const char* kConfig = R"(
name = "low_rank"
seed = 3
[task]
type = "classic"
environment = "Pendulum-v1"
[network]
layers = [{ type = "dense", units = 20, activation = "tanh", repeat = 2 }]
[algorithm]
type = "es"
perturbation = "low_rank"
rank = 2
population_size = 6
sigma = 0.1
learning_rate = 0.05
max_episode_steps = 60
validation_episodes = 1
[budget]
generations = 3
)";

class LowRankPolicy : public PolicyTest {
 protected:
  LowRankPolicy() {
    const ExperimentConfig config = ParseConfig(kConfig, "low_rank");
    const dne::Setup setup = MakeSetup(config);
    store_ = RunStore::Create(folder_.path() / "run",
                              {.config = ConfigToToml(config), .seed = config.seed});
    Watch watch;
    const EvaluatorOptions options{.threads = 2, .clock = [] { return 0.0; }};
    const auto algorithm = MakeAlgorithm(config, *setup.task, options);
    const auto evaluator = MakeThreadEvaluator(*setup.task, options, watch);
    RunObserver observer;
    RunExperiment(config.budget, *algorithm, *evaluator, *store_,
                  {setup.task->layout().num_parameters, options, watch, nullptr}, observer);
  }

  std::unique_ptr<RunStore> store_;
};

// Generation 1's centre follows from the seed; that of 2 lies in the run.
TEST_F(LowRankPolicy, IsReplayedAndEvaluatedByItsFactorsAsTheRunPlayedIt) {
  int differ = 0;
  for (const uint32_t generation : {1u, 2u}) {
    for (const TrialRecord& trial : store_->Trials(generation, "train")) {
      for (const Isa isa : SupportedIsas()) {
        const Policy policy =
            LoadPolicy({.where = Path("run"), .individual = trial.individual}, isa);
        ASSERT_TRUE(policy.member);
        Watch watch;
        const EpisodeStart start = trial.episodes[0].start;
        const auto play = [&](const PolicyView& view) {
          return EpisodeOf(policy, view, start, 60, isa).score;
        };
        EXPECT_EQ(play(policy.view()), trial.episodes[0].score);
        EXPECT_EQ(ReplayEpisode(policy, start, 60, isa, nullptr, watch).episode.score,
                  trial.episodes[0].score);
        differ += play({policy.parameters}) != trial.episodes[0].score;
      }
    }
  }
  EXPECT_GT(differ, 0) << "decoded weights round otherwise";
}

TEST_F(LowRankPolicy, OfACentreHasWeightsOfItsOwn) {
  const Policy centre = LoadPolicy({.where = Path("run")}, BestIsa());
  EXPECT_FALSE(centre.member);
  EXPECT_EQ(centre.view().numbers.data(), centre.parameters.data());
  EXPECT_EQ(centre.view().change, nullptr);
}

TEST_F(LowRankPolicy, WeightFilesAreTheWeightsAMemberStandsFor) {
  const Policy member = LoadPolicy({.where = Path("run"), .individual = Birth{1, 2}}, BestIsa());
  SaveWeightFile(member, Path("w"));
  const Policy file = LoadPolicy({.where = Path("w")}, BestIsa());
  EXPECT_FALSE(file.member);
  EXPECT_EQ(file.parameters, member.parameters);

  SaveGenomeFile(member, Path("g"));
  const Policy genome = LoadPolicy({.where = Path("g")}, BestIsa());
  ASSERT_TRUE(genome.member);
  EXPECT_EQ(genome.member->change.numbers, member.member->change.numbers);
  EXPECT_EQ(genome.member->parent, member.member->parent);
}

}  // namespace
}  // namespace dne
