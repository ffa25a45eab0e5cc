// SPDX-License-Identifier: MIT
#include "dne/algorithms/es.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "dne/algorithms/adam.h"
#include "dne/algorithms/ns_es.h"
#include "dne/algorithms/sgd.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

EsOptions SmallOptions() {
  return {.strategy = SmallStrategy(),
          .ascent = {.optimizer = {kAdam, AdamOptions{.learning_rate = 0.05}}}};
}

std::unique_ptr<Algorithm> Make(const EsOptions& options, const PolicySpace& space = Space(),
                                int threads = 1, Isa isa = Isa::kScalar) {
  return MakeEs(options, ContextOf(space, threads, isa));
}

TEST(Es, GenerationZeroValidatesTheFirstCentre) {
  const auto es = Make(SmallOptions());
  const Plan plan = es->Ask();
  EXPECT_EQ(plan.round, "validate");
  ASSERT_EQ(plan.items.size(), 1u);
  EXPECT_EQ(plan.items[0].genome.birth(), (CentreBirth(0, 0)));
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

TEST(Es, MembersMayShareEpisodesInPairsOrAllOfThem) {
  EsOptions options = SmallOptions();
  const auto streams_of = [&](SharedEpisodes shared) {
    options.strategy.cloud.shared_episodes = shared;
    const auto es = Make(options);
    RunGeneration(*es, Space());
    std::vector<uint32_t> items;
    for (const Item& item : es->Ask().items) items.push_back(item.episodes.item);
    return items;
  };
  for (uint32_t i = 0; i < 20; ++i) {
    EXPECT_EQ(streams_of(SharedEpisodes::kNone).at(i), i);
    EXPECT_EQ(streams_of(SharedEpisodes::kPair).at(i), i / 2 * 2);
    EXPECT_EQ(streams_of(SharedEpisodes::kGeneration).at(i), 0u);
  }
}

TEST(Es, WithoutPairsEveryMemberHasNoiseOfItsOwn) {
  EsOptions options = SmallOptions();
  options.strategy.cloud.antithetic = false;
  options.strategy.cloud.population_size = 21;
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
  options.strategy.cloud.population_size = 2;
  options.ascent.l2_coefficient = 0;
  options.ascent.optimizer = {kSgd, SgdOptions{.learning_rate = 1}};
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
  const Chosen<OptimizerKind> optimizers[] = {{kAdam, AdamOptions{.learning_rate = 0.05}},
                                              {kSgd, SgdOptions{.learning_rate = 0.05}}};
  for (const Chosen<OptimizerKind>& optimizer : optimizers) {
    EsOptions options = SmallOptions();
    options.ascent.l2_coefficient = 0;
    options.ascent.optimizer = optimizer;
    const auto es = Make(options);
    const double first = RunGeneration(*es, Space()).metrics.at("elite_validation");
    double last = first;
    for (int i = 0; i < 120; ++i) last = RunGeneration(*es, Space()).metrics.at("elite_validation");
    EXPECT_LT(first, -30);
    EXPECT_GT(last, -5) << optimizer.kind->name;
  }
}

TEST(Es, L2PullsTowardsZero) {
  EsOptions options = SmallOptions();
  options.ascent.optimizer = {kSgd, SgdOptions{.learning_rate = 1, .momentum = 0}};
  options.ascent.l2_coefficient = 0;
  const auto free = Make(options);
  options.ascent.l2_coefficient = 0.1f;
  const auto decayed = Make(options);
  RunGeneration(*free, Space());
  RunGeneration(*decayed, Space());
  const std::vector<float> before = *free->Ask().centres.at(0).parameters;
  const std::vector<float> a = *RunGeneration(*free, Space()).centres.at(0).parameters;
  const std::vector<float> b = *RunGeneration(*decayed, Space()).centres.at(0).parameters;
  for (size_t j = 0; j < kParameters; ++j) EXPECT_NEAR(b[j], a[j] - 0.1f * before[j], 1e-6);
}

TEST(Es, StepsAndSigmaFollowTheirSchedules) {
  EsOptions options = SmallOptions();
  const auto even = Make(options);
  options.ascent.optimizer = {
      kAdam, AdamOptions{.learning_rate = 0.05,
                         .learning_rate_schedule = {
                             .type = ScheduleType::kLinear, .end = 0.025f, .generations = 1}}};
  options.strategy.cloud.sigma_schedule = {
      .type = ScheduleType::kLinear, .end = 0.05f, .generations = 2};
  const auto changing = Make(options);
  RunGeneration(*even, Space());
  RunGeneration(*changing, Space());
  const auto sigma = [](Algorithm& es) { return es.Ask().items[0].genome.mutations.back().sigma; };
  EXPECT_FLOAT_EQ(sigma(*even), 0.1f);
  EXPECT_FLOAT_EQ(sigma(*changing), 0.075f);
  const double whole = RunGeneration(*even, Space()).metrics.at("update_ratio");
  EXPECT_NEAR(RunGeneration(*changing, Space()).metrics.at("update_ratio"), whole / 2,
              1e-2 * whole);
  EXPECT_FLOAT_EQ(sigma(*changing), 0.05f);
}

// Plays a generation whose centres are validated at `score`.
GenerationSummary ValidatedAt(double score, Algorithm& es, const PolicySpace& space,
                              EpisodeEnd end = EpisodeEnd::kTerminal) {
  while (true) {
    const Plan plan = es.Ask();
    std::vector<Result> results = Evaluate(plan, space);
    if (plan.round == "validate") {
      for (Episode& episode : results[0].episodes) {
        episode.score = score;
        episode.end = end;
      }
    }
    if (auto summary = es.Tell(plan, results)) return *summary;
  }
}

TEST(Es, TheEliteIsTheBestCentreSoFar) {
  const auto es = Make(SmallOptions());
  const std::vector<double> scores = {1, 5, 3, 5, 4, 6};
  const std::vector<double> best = {1, 5, 5, 5, 5, 6};
  const std::vector<uint32_t> generations = {0, 1, 1, 1, 1, 5};
  for (uint32_t i = 0; i < scores.size(); ++i) {
    const GenerationSummary summary = ValidatedAt(scores[i], *es, Space());
    EXPECT_EQ(summary.elite.birth(), (CentreBirth(generations[i], 0)));
    EXPECT_EQ(summary.metrics.at("elite_validation"), best[i]);
    EXPECT_EQ(summary.metrics.at("elite_age"), i - generations[i]);
    EXPECT_EQ(summary.metrics.at("centre_validation"), scores[i]);
  }
}

TEST(Es, GenerationsThatShareAValidationOnlyTrain) {
  EsOptions options = SmallOptions();
  options.strategy.rounds.validation_interval = 3;
  options.strategy.rounds.test_episodes = 1;
  const auto es = Make(options);
  const GenerationSummary first = RunGeneration(*es, Space());
  std::vector<bool> validated;
  for (int generation = 1; generation <= 6; ++generation) {
    const GenerationSummary summary = RunGeneration(*es, Space());
    validated.push_back(summary.metrics.contains("centre_validation"));
    EXPECT_EQ(summary.metrics.contains("elite_test"), validated.back());
    EXPECT_TRUE(summary.metrics.contains("fitness_mean"));
    if (generation < 3) {
      EXPECT_EQ(summary.metrics.at("elite_validation"), first.metrics.at("elite_validation"));
      EXPECT_EQ(summary.metrics.at("elite_age"), generation);
    }
  }
  EXPECT_EQ(validated, (std::vector{false, false, true, false, false, true}));
}

TEST(Es, TheMeanOfTheCentresIsValidatedInTheirPlace) {
  EsOptions options = SmallOptions();
  options.iterate_averaging = true;
  options.strategy.rounds.validation_interval = 2;
  const auto es = Make(options);
  const auto plain = Make(SmallOptions());
  RunGeneration(*es, Space());
  RunGeneration(*plain, Space());
  std::vector<float> mean;
  for (uint32_t generation = 1; generation <= 4; ++generation) {
    const std::vector<float> centre = *RunGeneration(*plain, Space()).centres.at(0).parameters;
    const float weight = 9.0f / (static_cast<float>(generation) + 8);
    if (mean.empty()) mean = centre;
    for (size_t i = 0; i < centre.size(); ++i) mean[i] += weight * (centre[i] - mean[i]);
    if (generation == 3) {  // saved and restored on the way
      const std::string state = es->SaveState();
      es->RestoreState(state);
    }
    const GenerationSummary summary = RunGeneration(*es, Space());
    EXPECT_EQ(*summary.centres.at(0).parameters, centre) << "learning does not follow the mean";
    if (generation % 2 != 0) {
      EXPECT_EQ(summary.centres.size(), 1u);
      continue;
    }
    ASSERT_EQ(summary.centres.size(), 2u);
    EXPECT_EQ(summary.centres[1].birth, CentreBirth(generation, 1));
    EXPECT_TRUE(summary.moves.at(1).recipe.empty()) << "it is kept whole";
    for (size_t i = 0; i < kParameters; ++i) {
      EXPECT_NEAR((*summary.centres[1].parameters)[i], mean[i], 1e-5);
    }
    EXPECT_EQ(es->UpdateState(summary.centres[1].birth), std::vector<uint8_t>());
  }
}

TEST(Es, AStateWithoutTheMeanIsDamaged) {
  EsOptions options = SmallOptions();
  options.iterate_averaging = true;
  const std::string without = Make(SmallOptions())->SaveState();
  EXPECT_THROW(Make(options)->RestoreState(without), Error);
}

TEST(Es, ACentreThatBrokeDownIsTheEliteOnlyUntilASoundOneComes) {
  const auto es = Make(SmallOptions());
  EXPECT_EQ(ValidatedAt(0, *es, Space(), EpisodeEnd::kInvalid).elite.birth().generation, 0u);
  EXPECT_EQ(ValidatedAt(-390, *es, Space()).elite.birth().generation, 1u);
  EXPECT_EQ(ValidatedAt(0, *es, Space(), EpisodeEnd::kInvalid).elite.birth().generation, 1u);
}

TEST(Es, TheBestCentreIsTestedWithItsOwnNumbersAlsoAfterARestart) {
  EsOptions options = SmallOptions();
  options.strategy.rounds.test_episodes = 1;
  auto es = Make(options);
  ValidatedAt(0, *es, Space());
  const std::vector<float> best = *ValidatedAt(9, *es, Space()).centres.at(0).parameters;
  for (int generation = 2; generation < 5; ++generation) {
    while (es->Ask().round != "test") {
      const Plan plan = es->Ask();
      es->Tell(plan, Evaluate(plan, Space()));
      const std::string state = es->SaveState();
      es = Make(options);
      es->RestoreState(state);
      EXPECT_EQ(es->SaveState(), state);
    }
    const Plan test = es->Ask();
    EXPECT_EQ(PolicyOf(test, 0, Space()), best);
    es->Tell(test, Evaluate(test, Space()));
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

TEST(Es, ThreadsAndCodePathsDoNotShowOfAnyPerturbation) {
  std::set<std::vector<float>> centres = {LastCentre(*Make(SmallOptions()), Space(), 4)};
  for (const PerturbationOptions& perturbation : kPerturbations) {
    EsOptions options = SmallOptions();
    options.perturbation = perturbation;
    const std::vector<float> expected = LastCentre(*Make(options), Space(), 4);
    for (const Isa isa : SupportedIsas()) {
      EXPECT_EQ(LastCentre(*Make(options, Space(), 3, isa), Space(), 4), expected);
    }
    EXPECT_TRUE(centres.insert(expected).second) << "as another's";
  }
}

TEST(Es, ClimbsAHillByAnyPerturbation) {
  for (const PerturbationOptions& perturbation : kPerturbations) {
    EsOptions options = SmallOptions();
    options.perturbation = perturbation;
    options.ascent.l2_coefficient = 0;
    const auto es = Make(options);
    double last = RunGeneration(*es, Space()).metrics.at("elite_validation");
    EXPECT_LT(last, -30);
    for (int i = 0; i < 200; ++i) last = RunGeneration(*es, Space()).metrics.at("elite_validation");
    EXPECT_GT(last, -5);
  }
}

TEST(Es, PlansSayWhatThePerturbationIs) {
  for (const PerturbationOptions& perturbation : kPerturbations) {
    EsOptions options = SmallOptions();
    options.perturbation = perturbation;
    EXPECT_EQ(Make(options)->Ask().perturbation, perturbation.Spec());
    EXPECT_EQ(kEs.perturbation(options), perturbation.Spec());
    const NsEsOptions ns_es{.perturbation = perturbation};
    EXPECT_EQ(kNsEs.perturbation(ns_es), perturbation.Spec());
    EXPECT_EQ(kNsrEs.perturbation(ns_es), perturbation.Spec());
    EXPECT_EQ(kNsraEs.perturbation(NsraEsOptions{ns_es, {}}), perturbation.Spec());
  }
}

TEST(Es, ObservationStatisticsReachThePolicy) {
  EsOptions options = SmallOptions();
  options.strategy.observations.share = 1;
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
  options.strategy.cloud.population_size = 4000;
  options.strategy.observations.share = 0.25;
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
  options.strategy.step_cap.type = StepCapType::kAdaptive;
  options.strategy.step_cap.first = 12;
  options.strategy.step_cap.growth = 1.5;
  options.strategy.step_cap.max_episode_steps = 60;
  const auto es = Make(options);
  RunGeneration(*es, Space());
  std::vector<double> caps;
  for (int i = 0; i < 6; ++i) caps.push_back(RunGeneration(*es, Space()).metrics.at("step_cap"));
  EXPECT_EQ(caps, (std::vector<double>{12, 18, 27, 40, 60, 60}));
}

TEST(Es, TheEnvironmentsLimitHoldsWhereNoneIsGiven) {
  EsOptions options = SmallOptions();
  options.strategy.step_cap.max_episode_steps = 0;
  EXPECT_EQ(Make(options)->Ask().items[0].how.max_steps, 1000u);
}

TEST(Es, SignShapingLooksAtSignsOnly) {
  EsOptions options = SmallOptions();
  options.ascent.shaping = FitnessShaping::kSign;
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
  options.ascent.l2_coefficient = 0;
  options.ascent.optimizer = {kSgd, SgdOptions{.learning_rate = 1}};
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

}  // namespace
}  // namespace dne
