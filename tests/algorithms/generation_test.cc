// SPDX-License-Identifier: MIT
// The skeleton of a generation, by an algorithm that only notes what it is asked.
#include "dne/algorithms/generation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dne/base/error.h"

namespace dne {
namespace {

class Noting final : public GenerationalAlgorithm {
 public:
  Noting(const RoundOptions& options, Round first, int training_rounds)
      : GenerationalAlgorithm("noting algorithm", 3, options, first),
        training_rounds_(training_rounds) {}

  std::vector<std::string> heard;

 private:
  Item ItemOf(uint32_t i) const {
    return {.genome = {.run_seed = run_seed(), .founder = {generation(), i}, .mutations = {}},
            .episodes = StreamOf(i, Purpose::kTrainEpisode)};
  }
  void PlanTraining(Plan& plan) const override {
    plan.first_item = trained_;
    plan.items = {ItemOf(trained_)};
  }
  bool Train(const Plan&, std::span<const Result>) override {
    heard.push_back("train");
    return ++trained_ % static_cast<uint32_t>(training_rounds_) == 0;
  }
  void PlanValidation(Plan& plan) const override { plan.items = {ItemOf(0), ItemOf(1)}; }
  void Judge(std::span<const Result> results) override {
    heard.push_back("judge " + std::to_string(results.size()));
    metrics()["elite_validation"] = results[0].MeanScore();
  }
  Genome Elite() const override { return ItemOf(0).genome; }
  void EndGeneration(GenerationSummary& summary) override {
    heard.push_back("end " + std::to_string(summary.generation));
    trained_ = 0;
  }
  void AddAncestors(Plan& plan) const override {
    for (const Item& item : plan.items) plan.parents.push_back(item.genome);
  }
  uint32_t state_version() const override { return 4; }
  void Save(ByteWriter& out) const override { out.Add(trained_); }
  void Restore(ByteReader& in, uint32_t version) override {
    heard.push_back("version " + std::to_string(version));
    trained_ = in.Read<uint32_t>();
  }

  int training_rounds_;
  uint32_t trained_ = 0;
};

// One round: every episode takes 10 steps and scores 1, and the first one breaks down.
std::optional<GenerationSummary> Play(Algorithm& algorithm) {
  const Plan plan = algorithm.Ask();
  std::vector<Result> results(plan.items.size());
  for (size_t i = 0; i < results.size(); ++i) {
    results[i].episodes.assign(plan.items[i].num_episodes, {.score = 1, .steps = 10, .frames = 20});
  }
  results[0].episodes[0].end = EpisodeEnd::kInvalid;
  return algorithm.Tell(plan, results);
}

using Words = std::vector<std::string>;

TEST(Generation, TrainsValidatesAndTests) {
  Noting algorithm({.test_episodes = 3, .test_max_episode_steps = 77}, Round::kTrain, 1);
  EXPECT_EQ(algorithm.Ask().round, "train");
  EXPECT_EQ(algorithm.Ask().parents.size(), 1u);
  EXPECT_FALSE(Play(algorithm));
  EXPECT_EQ(algorithm.Ask().round, "validate");
  EXPECT_FALSE(Play(algorithm));
  const Plan test = algorithm.Ask();
  EXPECT_EQ(test.round, "test");
  ASSERT_EQ(test.items.size(), 1u);
  EXPECT_EQ(test.items[0].num_episodes, 3u);
  EXPECT_EQ(test.items[0].how.max_steps, 77u);
  EXPECT_EQ(test.items[0].episodes, (StreamId{3, 0, 0, Purpose::kTestEpisode}));
  const auto summary = Play(algorithm);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->metrics, (Metrics{{"elite_age", 0},
                                       {"elite_test", 1},
                                       {"elite_validation", 1},
                                       {"episodes", 3},
                                       {"frames", 60},
                                       {"invalid_episodes", 3},
                                       {"steps", 30},
                                       {"test_episodes", 3},
                                       {"test_frames", 60},
                                       {"test_steps", 30}}));
  EXPECT_EQ(algorithm.heard, (Words{"train", "judge 2", "end 0"}));
  EXPECT_EQ(algorithm.Ask().generation, 1u);
  EXPECT_EQ(algorithm.Ask().round, "train");
}

TEST(Generation, EndsWithTheValidationWhereNothingIsTested) {
  Noting algorithm({.test_episodes = 0}, Round::kTrain, 1);
  EXPECT_FALSE(Play(algorithm));
  EXPECT_TRUE(Play(algorithm));
}

TEST(Generation, MayBeginWithTheValidation) {
  Noting algorithm({.test_episodes = 0}, Round::kValidate, 1);
  EXPECT_TRUE(Play(algorithm));
  EXPECT_EQ(algorithm.Ask().round, "train");
}

TEST(Generation, TrainsUntilTheAlgorithmIsDone) {
  Noting algorithm({.test_episodes = 0}, Round::kTrain, 3);
  for (uint32_t round = 0; round < 3; ++round) {
    EXPECT_EQ(algorithm.Ask().round, "train");
    EXPECT_EQ(algorithm.Ask().first_item, round);
    EXPECT_FALSE(Play(algorithm));
  }
  const auto summary = Play(algorithm);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->metrics.at("episodes"), 5);
}

TEST(Generation, ResultsOfAnotherPlanAreABug) {
  Noting algorithm({}, Round::kTrain, 1);
  const Plan train = algorithm.Ask();
  EXPECT_THROW(algorithm.Tell(train, std::vector<Result>(2)), BugError);
  Play(algorithm);
  EXPECT_THROW(algorithm.Tell(train, std::vector<Result>(1)), BugError);
}

TEST(Generation, StatesOfItsOwnAndOlderVersionsAreRead) {
  Noting algorithm({}, Round::kTrain, 2);
  Play(algorithm);
  std::string state = algorithm.SaveState();
  Noting other({}, Round::kTrain, 2);
  other.RestoreState(state);
  EXPECT_EQ(other.Ask().first_item, 1u);
  EXPECT_EQ(other.SaveState(), state);
  state[0] = 1;
  other.RestoreState(state);
  EXPECT_EQ(other.heard, (Words{"version 4", "version 1"}));
  for (const char version : {'\0', '\5'}) {
    state[0] = version;
    try {
      other.RestoreState(state);
      FAIL();
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(),
                   "the stored state of the noting algorithm has another version: resume the run "
                   "with the dne that made it");
    }
  }
}

}  // namespace
}  // namespace dne
