// SPDX-License-Identifier: MIT
#include "dne/algorithms/es.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "dne/genome/parent_cache.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

constexpr size_t kParameters = 37;

PolicySpace Space(size_t num_normalised = 0) {
  return {.num_parameters = kParameters,
          .num_normalised = num_normalised,
          .initialise =
              [num_normalised](const StreamId& id, std::span<float> out) {
                FillNormal(id, 0, out.first(kParameters), Isa::kScalar);
                std::fill_n(out.begin() + kParameters, num_normalised, 0.0f);
                std::fill_n(out.begin() + kParameters + num_normalised, num_normalised, 1.0f);
              },
          .step_limit = 1000,
          .point =
              [](std::span<const uint8_t> descriptor) {
                return std::vector<double>(descriptor.begin(), descriptor.end());
              }};
}

EsOptions SmallOptions() {
  return {.population_size = 20,
          .sigma = 0.1f,
          .optimizer = {.learning_rate = 0.05},
          .max_episode_steps = 50,
          .validation_episodes = 2};
}

// -|parameters - 1|^2, and the first parameter's whole part as behaviour.
std::pair<Episode, EpisodeNotes> Play(std::span<const float> policy, const EpisodeOptions& how) {
  Episode episode{.steps = std::min(how.max_steps, 40u),
                  .frames = 1,
                  .end = how.max_steps <= 40 ? EpisodeEnd::kStepLimit : EpisodeEnd::kTerminal};
  for (const float value : policy.first(kParameters)) {
    episode.score -= (double{value} - 1) * (double{value} - 1);
  }
  EpisodeNotes notes;
  if (how.notes.sign_sum) notes.sign_sum = episode.score < -30 ? -1 : 1;
  episode.descriptor = {static_cast<uint8_t>(std::clamp(100 + 20 * policy[0], 0.0f, 255.0f))};
  if (how.notes.observation_sums) notes.observation_sums = {4, 8, 20};  // mean 2, variance 1
  return {episode, notes};
}

std::vector<float> PolicyOf(const Plan& plan, size_t item, const PolicySpace& space) {
  const size_t size = kParameters + 2 * space.num_normalised;
  ParentCache cache(kParameters, size, space.initialise, Isa::kScalar);
  cache.Hold(plan.parents, plan.centres);
  std::vector<float> policy(size);
  cache.Express(plan.items[item].genome, policy);
  return policy;
}

std::vector<Result> Evaluate(const Plan& plan, const PolicySpace& space) {
  std::vector<Result> results(plan.items.size());
  for (size_t i = 0; i < results.size(); ++i) {
    const auto [episode, notes] = Play(PolicyOf(plan, i, space), plan.items[i].how);
    results[i].episodes.assign(plan.items[i].num_episodes, episode);
    results[i].notes.assign(plan.items[i].num_episodes, notes);
  }
  return results;
}

GenerationSummary RunGeneration(Algorithm& es, const PolicySpace& space) {
  while (true) {
    const Plan plan = es.Ask();
    if (auto summary = es.Tell(plan, Evaluate(plan, space))) return *summary;
  }
}

std::unique_ptr<Algorithm> Make(const EsOptions& options, const PolicySpace& space = Space(),
                                int threads = 1, Isa isa = Isa::kScalar) {
  return MakeEs(options, /*run_seed=*/3, space, ThreadsFor(threads), isa);
}

std::vector<float> LastCentre(Algorithm& es, const PolicySpace& space, int generations) {
  GenerationSummary summary;
  for (int i = 0; i < generations; ++i) summary = RunGeneration(es, space);
  return *summary.centres.at(0).parameters;
}

TEST(Es, GenerationZeroValidatesTheFirstCentre) {
  const auto es = Make(SmallOptions());
  const Plan plan = es->Ask();
  EXPECT_EQ(plan.round, "validate");
  ASSERT_EQ(plan.items.size(), 1u);
  EXPECT_EQ(plan.items[0].genome.birth(), (Birth{0, CentreItem(0)}));
  EXPECT_EQ(plan.items[0].num_episodes, 2u);
  const auto summary = es->Tell(plan, Evaluate(plan, Space()));
  ASSERT_TRUE(summary.has_value());
  EXPECT_TRUE(summary->centres.empty()) << "the run seed alone gives it";
}

TEST(Es, MembersAreMirroredPairsAroundTheCentre) {
  const auto es = Make(SmallOptions());
  RunGeneration(*es, Space());
  const Plan plan = es->Ask();
  EXPECT_EQ(plan.round, "train");
  ASSERT_EQ(plan.items.size(), 20u);
  const std::vector<float>& centre = *plan.centres.at(0).parameters;
  std::set<Birth> births;
  for (size_t i = 0; i < plan.items.size(); i += 2) {
    const std::vector<float> plus = PolicyOf(plan, i, Space());
    const std::vector<float> minus = PolicyOf(plan, i + 1, Space());
    for (size_t j = 0; j < kParameters; ++j) {
      EXPECT_NEAR(plus[j] - centre[j], centre[j] - minus[j], 1e-6);
    }
    births.insert(plan.items[i].genome.birth());
    births.insert(plan.items[i + 1].genome.birth());
  }
  EXPECT_EQ(births.size(), plan.items.size());
}

TEST(Es, WithoutPairsEveryMemberHasNoiseOfItsOwn) {
  EsOptions options = SmallOptions();
  options.antithetic = false;
  options.population_size = 21;
  const auto es = Make(options);
  RunGeneration(*es, Space());
  const Plan plan = es->Ask();
  std::set<std::vector<float>> policies;
  for (size_t i = 0; i < plan.items.size(); ++i) policies.insert(PolicyOf(plan, i, Space()));
  EXPECT_EQ(policies.size(), 21u);
  EXPECT_TRUE(RunGeneration(*es, Space()).centres.size() == 1);
}

// The update by hand: one pair, plain SGD, weights +-1/2 / 2 members.
TEST(Es, OnePairMovesTheCentreByItsNoise) {
  EsOptions options = SmallOptions();
  options.population_size = 2;
  options.l2_coefficient = 0;
  options.optimizer = {.type = OptimizerType::kSgd, .learning_rate = 1};
  const auto es = Make(options);
  RunGeneration(*es, Space());
  const Plan plan = es->Ask();
  const std::vector<Result> results = Evaluate(plan, Space());
  const double better = results[0].MeanScore() > results[1].MeanScore() ? 1 : -1;
  const std::vector<float> before = *plan.centres.at(0).parameters;
  const std::vector<float> after = *RunGeneration(*es, Space()).centres.at(0).parameters;
  std::vector<float> noise(kParameters);
  FillNormal({3, 1, 0, Purpose::kMutation}, 0, noise, Isa::kScalar);
  for (size_t j = 0; j < kParameters; ++j) {
    EXPECT_NEAR(after[j] - before[j], better * noise[j] / 2, 1e-6);
  }
}

TEST(Es, ClimbsAHill) {
  for (const OptimizerType type : {OptimizerType::kAdam, OptimizerType::kSgd}) {
    EsOptions options = SmallOptions();
    options.l2_coefficient = 0;
    options.optimizer = {.type = type, .learning_rate = 0.05};
    const auto es = Make(options);
    const double first = RunGeneration(*es, Space()).metrics.at("elite_validation");
    double last = first;
    for (int i = 0; i < 120; ++i) last = RunGeneration(*es, Space()).metrics.at("elite_validation");
    EXPECT_LT(first, -30);
    EXPECT_GT(last, -5) << static_cast<int>(type);
  }
}

TEST(Es, L2PullsTowardsZero) {
  EsOptions options = SmallOptions();
  options.optimizer = {.type = OptimizerType::kSgd, .learning_rate = 1, .momentum = 0};
  options.l2_coefficient = 0;
  const auto free = Make(options);
  options.l2_coefficient = 0.1f;
  const auto decayed = Make(options);
  RunGeneration(*free, Space());
  RunGeneration(*decayed, Space());
  const std::vector<float> before = *free->Ask().centres.at(0).parameters;
  const std::vector<float> a = *RunGeneration(*free, Space()).centres.at(0).parameters;
  const std::vector<float> b = *RunGeneration(*decayed, Space()).centres.at(0).parameters;
  for (size_t j = 0; j < kParameters; ++j) EXPECT_NEAR(b[j], a[j] - 0.1f * before[j], 1e-6);
}

TEST(Es, GoesOnFromItsStateWithTheSameBits) {
  EsOptions options = SmallOptions();
  options.test_episodes = 3;
  options.novelty = {
      .meta_population = 3, .nearest = 2, .reward_weight = 1, .adapts_weight = true, .patience = 2};
  const PolicySpace space = Space(1);
  const auto whole = Make(options, space);
  const auto copied = Make(options, space);
  for (int round = 0; round < 20; ++round) {
    const std::string state = copied->SaveState();
    const auto restored = Make(options, space);
    restored->RestoreState(state);
    EXPECT_EQ(restored->SaveState(), state);
    const Plan plan = whole->Ask();
    const Plan again = restored->Ask();
    ASSERT_EQ(plan.items.size(), again.items.size());
    for (size_t i = 0; i < plan.items.size(); ++i) {
      ASSERT_EQ(PolicyOf(plan, i, space), PolicyOf(again, i, space)) << round;
    }
    const std::vector<Result> results = Evaluate(plan, space);
    whole->Tell(plan, results);
    restored->Tell(again, results);
    copied->RestoreState(restored->SaveState());
    EXPECT_EQ(copied->SaveState(), whole->SaveState()) << round;
  }
}

TEST(Es, DamagedStatesAreRefused) {
  const auto es = Make(SmallOptions());
  const std::string state = es->SaveState();
  EXPECT_THROW(es->RestoreState(state.substr(0, state.size() - 1)), Error);
  EXPECT_THROW(es->RestoreState(state + "x"), Error);
  std::string other = state;
  other[0] = 9;
  EXPECT_THROW(es->RestoreState(other), Error);
  EsOptions options = SmallOptions();
  options.novelty.meta_population = 2;
  EXPECT_THROW(Make(options)->RestoreState(state), Error);
}

TEST(Es, ThreadsAndCodePathsDoNotShow) {
  const std::vector<float> expected = LastCentre(*Make(SmallOptions()), Space(), 4);
  for (const int threads : {2, 5}) {
    EXPECT_EQ(LastCentre(*Make(SmallOptions(), Space(), threads), Space(), 4), expected);
  }
  for (const Isa isa : SupportedIsas()) {
    EXPECT_EQ(LastCentre(*Make(SmallOptions(), Space(), 2, isa), Space(), 4), expected);
  }
}

TEST(Es, ObservationStatisticsReachThePolicy) {
  EsOptions options = SmallOptions();
  options.observation_share = 1;
  const PolicySpace space = Space(1);
  const auto es = Make(options, space);
  RunGeneration(*es, space);
  for (const Item& item : es->Ask().items) EXPECT_TRUE(item.how.notes.observation_sums);
  const std::vector<float> policy = *RunGeneration(*es, space).centres.at(0).parameters;
  ASSERT_EQ(policy.size(), kParameters + 2);
  EXPECT_NEAR(policy[kParameters], 2, 0.01);
  EXPECT_NEAR(policy[kParameters + 1], 1, 0.01);
}

TEST(Es, TheShareOfCountedObservationsIsAsAsked) {
  EsOptions options = SmallOptions();
  options.population_size = 4000;
  options.observation_share = 0.25;
  const PolicySpace space = Space(1);
  const auto es = Make(options, space);
  RunGeneration(*es, space);
  const Plan plan = es->Ask();
  const auto counted = std::ranges::count_if(
      plan.items, [](const Item& item) { return item.how.notes.observation_sums; });
  EXPECT_NEAR(static_cast<double>(counted), 1000, 100);
}

TEST(Es, AnAdaptiveStepCapGrowsWhileMembersReachIt) {
  EsOptions options = SmallOptions();
  options.step_cap = StepCap::kAdaptive;
  options.first_step_cap = 12;
  options.cap_growth = 1.5;
  options.max_episode_steps = 60;
  const auto es = Make(options);
  RunGeneration(*es, Space());
  std::vector<double> caps;
  for (int i = 0; i < 6; ++i) caps.push_back(RunGeneration(*es, Space()).metrics.at("step_cap"));
  EXPECT_EQ(caps, (std::vector<double>{12, 18, 27, 40, 60, 60}));
}

TEST(Es, TheEnvironmentsLimitHoldsWhereNoneIsGiven) {
  EsOptions options = SmallOptions();
  options.max_episode_steps = 0;
  EXPECT_EQ(Make(options)->Ask().items[0].how.max_steps, 1000u);
}

TEST(Es, SignShapingLooksAtSignsOnly) {
  EsOptions options = SmallOptions();
  options.shaping = FitnessShaping::kSign;
  const auto es = Make(options);
  RunGeneration(*es, Space());
  const Plan plan = es->Ask();
  std::vector<Result> results = Evaluate(plan, Space());
  const auto twin = Make(options);
  RunGeneration(*twin, Space());
  const std::string before = twin->SaveState();
  twin->Tell(plan, results);
  const std::vector<float> expected = *twin->Ask().centres.at(0).parameters;
  for (Result& result : results) result.episodes[0].score *= 7;
  es->Tell(plan, results);
  EXPECT_EQ(*es->Ask().centres.at(0).parameters, expected);
}

TEST(Es, TheBestPairsAloneCountForArs) {
  EsOptions options = SmallOptions();
  options.top_directions = 1;
  options.l2_coefficient = 0;
  options.optimizer = {.type = OptimizerType::kSgd, .learning_rate = 1};
  const auto es = Make(options);
  RunGeneration(*es, Space());
  const Plan plan = es->Ask();
  std::vector<Result> results = Evaluate(plan, Space());
  for (Result& result : results) result.episodes[0].score = 0;
  results[6].episodes[0].score = 3;  // pair 3, its better side
  results[7].episodes[0].score = 1;
  const std::vector<float> before = *plan.centres.at(0).parameters;
  es->Tell(plan, results);
  const std::vector<float> after = *es->Ask().centres.at(0).parameters;
  std::vector<float> noise(kParameters);
  FillNormal({3, 1, 6, Purpose::kMutation}, 0, noise, Isa::kScalar);
  // (3 - 1) / standard deviation of {3, 1}, which is 1.
  for (size_t j = 0; j < kParameters; ++j) EXPECT_NEAR(after[j] - before[j], 2 * noise[j], 1e-5);
}

EsOptions Pgpe() {
  EsOptions options = SmallOptions();
  options.width = {.adapts = true, .learning_rate = 0.5};
  options.l2_coefficient = 0;
  return options;
}

std::vector<float> SpreadsOf(const std::vector<float>& centre) {
  EXPECT_EQ(centre.size(), 2 * kParameters);
  return {centre.begin() + kParameters, centre.end()};
}

// By hand: two pairs, raw fitness, plain SGD.
TEST(Pgpe, CentreAndWidthsFollowTheirGradients) {
  EsOptions options = Pgpe();
  options.population_size = 4;
  options.shaping = FitnessShaping::kRaw;
  options.width.max_change = 0.01;
  options.optimizer = {.type = OptimizerType::kSgd, .learning_rate = 1, .momentum = 0};
  const auto es = Make(options);
  RunGeneration(*es, Space());
  std::vector<float> centre = *es->Ask().centres.at(0).parameters;
  std::vector<float> spreads(kParameters, 1.0f);
  for (uint32_t generation = 1; generation <= 3; ++generation) {
    const Plan plan = es->Ask();
    std::vector<Result> results = Evaluate(plan, Space());
    const std::vector<double> scores = {0.02, 0.01, 0.07, 0.04};
    for (size_t i = 0; i < 4; ++i) results[i].episodes[0].score = scores[i];
    std::vector<float> a(kParameters), b(kParameters);
    FillNormal({3, generation, 0, Purpose::kMutation}, 0, a, Isa::kScalar);
    FillNormal({3, generation, 2, Purpose::kMutation}, 0, b, Isa::kScalar);
    for (size_t j = 0; j < kParameters; ++j) {
      centre[j] += spreads[j] * (0.01f * a[j] + 0.03f * b[j]) / 4;
      // Pairs' means 0.015 and 0.055, all members' 0.035.
      const float slope = (-0.02f * (a[j] * a[j] - 1) + 0.02f * (b[j] * b[j] - 1)) / 2;
      spreads[j] *= 1 + std::clamp(0.5f * slope, -0.01f, 0.01f);
    }
    es->Tell(plan, results);
    const std::vector<float> after = *es->Ask().centres.at(0).parameters;
    for (size_t j = 0; j < kParameters; ++j) {
      EXPECT_NEAR(after[j], centre[j], 1e-6);
      EXPECT_NEAR(SpreadsOf(after)[j], spreads[j], 1e-6);
    }
    es->Tell(es->Ask(), Evaluate(es->Ask(), Space()));  // validation
  }
}

TEST(Pgpe, WidthsShrinkOnTopOfAHillAlongItsSlopes) {
  EsOptions options = Pgpe();
  options.population_size = 200;
  options.sigma = 0.5f;
  const auto es = Make(options);
  GenerationSummary summary;
  for (int i = 0; i < 80; ++i) summary = RunGeneration(*es, Space());
  for (const float spread : SpreadsOf(*summary.centres.at(0).parameters)) EXPECT_LT(spread, 0.5);
  EXPECT_LT(summary.metrics.at("sigma_mean"), 0.25);
  EXPECT_GT(summary.metrics.at("elite_validation"), -1);
}

TEST(Pgpe, TheFirstCloudIsThatOfEs) {
  const auto pgpe = Make(Pgpe());
  const auto es = Make(SmallOptions());
  RunGeneration(*pgpe, Space());
  RunGeneration(*es, Space());
  const Plan ours = pgpe->Ask();
  const Plan theirs = es->Ask();
  for (size_t i = 0; i < ours.items.size(); ++i) {
    EXPECT_EQ(PolicyOf(ours, i, Space()), PolicyOf(theirs, i, Space()));
  }
}

TEST(Pgpe, GoesOnFromItsStateWithTheSameBits) {
  const PolicySpace space = Space(1);
  const auto whole = Make(Pgpe(), space);
  for (int i = 0; i < 3; ++i) RunGeneration(*whole, space);
  const auto restored = Make(Pgpe(), space, 2);
  restored->RestoreState(whole->SaveState());
  EXPECT_EQ(LastCentre(*restored, space, 2), LastCentre(*whole, space, 2));
  EXPECT_THROW(Make(SmallOptions(), space)->RestoreState(whole->SaveState()), Error);
}

EsOptions Novelty(double reward_weight) {
  EsOptions options = SmallOptions();
  options.novelty = {.meta_population = 3, .nearest = 2, .reward_weight = reward_weight};
  return options;
}

TEST(NsEs, EveryFirstCentreEntersTheArchiveAndThenEveryMovedOne) {
  const auto es = Make(Novelty(0));
  EXPECT_EQ(es->Ask().items.size(), 3u);
  EXPECT_EQ(RunGeneration(*es, Space()).metrics.at("archive_size"), 3);
  for (int i = 1; i <= 4; ++i) {
    const GenerationSummary summary = RunGeneration(*es, Space());
    EXPECT_EQ(summary.metrics.at("archive_size"), 3 + i);
    ASSERT_EQ(summary.centres.size(), 1u);
    EXPECT_EQ(summary.centres[0].birth,
              (Birth{static_cast<uint32_t>(i),
                     CentreItem(static_cast<uint32_t>(summary.metrics.at("centre")))}));
  }
}

TEST(NsEs, RewardDoesNotCount) {
  const auto es = Make(Novelty(0));
  const auto other = Make(Novelty(0));
  RunGeneration(*es, Space());
  RunGeneration(*other, Space());
  const Plan plan = es->Ask();
  std::vector<Result> results = Evaluate(plan, Space());
  es->Tell(plan, results);
  for (Result& result : results) result.episodes[0].score *= -1;
  other->Tell(plan, results);
  EXPECT_EQ(*es->Ask().centres.at(0).parameters, *other->Ask().centres.at(0).parameters);
  const auto both = Make(Novelty(0.5));
  RunGeneration(*both, Space());
  both->Tell(plan, results);
  EXPECT_NE(*es->Ask().centres.at(0).parameters, *both->Ask().centres.at(0).parameters);
}

TEST(NsEs, CentresTakeTurnsWhereAsked) {
  EsOptions options = Novelty(0);
  options.novelty.choice = CentreChoice::kRoundRobin;
  const auto es = Make(options);
  RunGeneration(*es, Space());
  std::vector<double> centres;
  for (int i = 0; i < 6; ++i) centres.push_back(RunGeneration(*es, Space()).metrics.at("centre"));
  EXPECT_EQ(centres, (std::vector<double>{0, 1, 2, 0, 1, 2}));
}

TEST(NsraEs, TheWeightSinksWithoutANewBestAndRisesWithOne) {
  EsOptions options = Novelty(1);
  options.novelty.adapts_weight = true;
  options.novelty.patience = 3;
  options.novelty.weight_step = 0.25;
  const auto es = Make(options);
  RunGeneration(*es, Space());
  // Validation scores as told, one a generation; the weight seen is the one before it adapts.
  const std::vector<double> scores = {-1e6, -1e6, -1e6, -1e6, -1e6, -1e6, 5, -1e6, 6, -1e6};
  std::vector<double> weights;
  for (const double score : scores) {
    const Plan train = es->Ask();
    es->Tell(train, Evaluate(train, Space()));
    const Plan validate = es->Ask();
    std::vector<Result> results = Evaluate(validate, Space());
    for (Episode& episode : results[0].episodes) episode.score = score;
    weights.push_back(es->Tell(validate, results)->metrics.at("reward_weight"));
  }
  EXPECT_EQ(weights, (std::vector<double>{1, 1, 1, 0.75, 0.75, 0.75, 0.5, 0.75, 0.75, 1}));
}

}  // namespace
}  // namespace dne
