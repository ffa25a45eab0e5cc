// SPDX-License-Identifier: MIT
// Stored states that are damaged, or of other options: refused when they are restored, with an
// Error that says why, never met by a check later on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "dne/algorithms/best_centre.h"
#include "dne/algorithms/cloud.h"
#include "dne/algorithms/ga.h"
#include "dne/algorithms/ga_ns.h"
#include "dne/algorithms/ns_es.h"
#include "dne/algorithms/pgpe.h"
#include "dne/algorithms/step_cap.h"
#include "dne/base/error.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string ErrorOfRestoring(Algorithm& algorithm, const std::string& state) {
  return ErrorOf([&] { algorithm.RestoreState(state); });
}

void PlayRounds(Algorithm& algorithm, const PolicySpace& space, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const Plan plan = algorithm.Ask();
    algorithm.Tell(plan, Evaluate(plan, space));
  }
}

template <class Part>
std::string Saved(const Part& part) {
  ByteWriter out;
  part.Save(out);
  return out.Take();
}

// A state begins with its version, generation and round, four bytes each.
std::string WithGeneration(std::string state, char generation) {
  state.at(4) = generation;
  return state;
}
std::string WithRound(std::string state, Round round) {
  state.at(8) = static_cast<char>(round);
  return state;
}

std::string Replaced(std::string state, const std::string& from, const std::string& to, int times) {
  size_t place = 0;
  for (int i = 0; i < times; ++i) {
    place = state.find(from, place);
    EXPECT_NE(place, std::string::npos) << i;
    state.replace(place, from.size(), to);
    place += to.size();
  }
  return state;
}

TEST(DamagedState, ObservationsOfAnotherSizeAreRefused) {
  const std::string bytes = Saved(ObservationStatistics(2));
  for (const size_t size : {0, 1, 3}) {
    ByteReader in(bytes);
    ObservationStatistics statistics(size);
    EXPECT_THAT(ErrorOf([&] { statistics.Restore(in); }),
                HasSubstr("its observations have another size than the task's"))
        << size;
  }
  ByteReader in(bytes);
  ObservationStatistics statistics(2);
  statistics.Restore(in);
  EXPECT_EQ(statistics, ObservationStatistics(2));
}

TEST(DamagedState, AStepCapOfZeroIsRefused) {
  ByteWriter out;
  out.Add(uint32_t{0});
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  StepCap cap({}, 0);
  EXPECT_THAT(ErrorOf([&] { cap.Restore(in); }), HasSubstr("its step cap is 0"));
}

TEST(DamagedState, ResultsOfACloudMustAllBeThere) {
  const CloudResults sound{.fitness = {1, 2}, .sign_sums = {0, 0}, .is_broken = {0, 1}};
  CloudResults no_signs = sound, one_broken = sound, three_behaviours = sound;
  no_signs.sign_sums.clear();
  one_broken.is_broken.pop_back();
  three_behaviours.behaviours.resize(3);
  for (const CloudResults& damaged : {no_signs, one_broken, three_behaviours}) {
    const std::string bytes = Saved(damaged);
    ByteReader in(bytes);
    EXPECT_THAT(ErrorOf([&] { CloudResults::Read(in); }),
                HasSubstr("it has more of some of a cloud's results than of others"));
  }
}

TEST(DamagedState, AMemberIsNoBestCentre) {
  const MetaPopulation agents({}, /*run_seed=*/3, Space(), EsUpdate({}, {}));
  BestCentre best;
  best.Offer({.birth = {.generation = 2, .item = 5}, .parameters = agents[0].centre}, 1, 1);
  ByteWriter out;
  best.Save(agents, out);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  EXPECT_THAT(ErrorOf([&] { best.Restore(agents, in); }),
              HasSubstr("the best centre has the address of a member"));
}

// --- Whole strategies ----------------------------------------------------------------------------

std::unique_ptr<Algorithm> SmallNsEs(BehaviourDistance distance) {
  return MakeNsEs({.strategy = SmallStrategy(),
                   .meta_population = {.size = 2},
                   .novelty = {.nearest = 2, .distance = distance}},
                  ContextOf(Space()));
}

std::string SavedBehaviour(const Behaviour& behaviour) {
  ByteWriter out;
  SaveBehaviour(behaviour, out);
  return out.Take();
}

// After generation 0, and the behaviour of the first centre: it stands there twice, with the
// centre and in the archive.
struct JudgedCentres {
  std::string state;
  Behaviour first;
};
JudgedCentres Judged() {
  const auto es = SmallNsEs(BehaviourDistance::kEuclidean);
  const Plan plan = es->Ask();
  const std::vector<Result> results = Evaluate(plan, Space());
  es->Tell(plan, results);
  const auto place = static_cast<double>(results[0].episodes[0].descriptor[0]);
  return {.state = es->SaveState(), .first = {.point = {place}, .trajectory = {}}};
}

TEST(DamagedState, ACentresBehaviourMustBeTheArchives) {
  const JudgedCentres judged = Judged();
  const Behaviour another{.point = {judged.first.point[0] + 0.5}, .trajectory = {}};
  const Behaviour of_another_kind{.point = {}, .trajectory = {1, 2, 3}};
  const Behaviour none;
  for (const Behaviour& wrong : {another, of_another_kind, none}) {
    const std::string state =
        Replaced(judged.state, SavedBehaviour(judged.first), SavedBehaviour(wrong), 1);
    EXPECT_THAT(ErrorOfRestoring(*SmallNsEs(BehaviourDistance::kEuclidean), state),
                HasSubstr("stored state is damaged: its archive lacks a centre's behaviour"));
  }
  const auto restored = SmallNsEs(BehaviourDistance::kEuclidean);
  restored->RestoreState(judged.state);
  PlayRounds(*restored, Space(), 3);
}

TEST(DamagedState, NoCentreIsYoungerThanItsGeneration) {
  const auto es = SmallNsEs(BehaviourDistance::kEuclidean);
  for (int i = 0; i < 3; ++i) RunGeneration(*es, Space());
  const std::string state = es->SaveState();
  EXPECT_EQ(ErrorOfRestoring(*es, state), "no error");
  EXPECT_THAT(ErrorOfRestoring(*es, WithGeneration(state, 1)),
              HasSubstr("a centre is younger than its generation"));
}

TEST(DamagedState, AnArchiveOfAnotherDistanceIsRefused) {
  EXPECT_THAT(ErrorOfRestoring(*SmallNsEs(BehaviourDistance::kSumOfSteps), Judged().state),
              HasSubstr("behaviours of another kind"));
}

TEST(DamagedState, NoGenerationBeginsWhereItCannot) {
  const auto es = SmallNsEs(BehaviourDistance::kEuclidean);
  const std::string fresh = es->SaveState();
  EXPECT_THAT(ErrorOfRestoring(*es, WithRound(fresh, Round::kTrain)),
              HasSubstr("its generation 0 trains"));
  for (const std::string& later : {WithGeneration(fresh, 1), WithRound(fresh, Round::kTest)}) {
    EXPECT_THAT(ErrorOfRestoring(*es, later),
                HasSubstr("it has a best centre before the first was judged, or none afterwards"));
  }
  const std::string early = WithRound(WithGeneration(Judged().state, 0), Round::kValidate);
  EXPECT_THAT(ErrorOfRestoring(*es, early), HasSubstr("it has a best centre before"));
}

TEST(DamagedState, ACloudThatGrowsByOtherStepsIsRefused) {
  PgpeOptions options{.strategy = SmallStrategy(),
                      .growth = {.generation_steps = 1'000'000, .max_population_size = 60}};
  const auto pgpe = MakePgpe(options, ContextOf(Space()));
  PlayRounds(*pgpe, Space(), 2);  // 20 members are gathered
  const std::string state = pgpe->SaveState();
  pgpe->RestoreState(state);
  PgpeOptions larger_steps = options, no_growth = options;
  larger_steps.strategy.cloud.population_size = 30;
  no_growth.growth = {};
  for (const PgpeOptions& other : {larger_steps, no_growth}) {
    EXPECT_THAT(ErrorOfRestoring(*MakePgpe(other, ContextOf(Space())), state),
                HasSubstr("its cloud has another size than its configuration says"));
  }
}

// --- The GA --------------------------------------------------------------------------------------

GaOptions SmallGa() {
  return {.trials = {.population_size = 8,
                     .num_candidates = 4,
                     .rounds = {.validation_episodes = 1, .test_episodes = 1}},
          .num_parents = 3};
}

TEST(DamagedState, AGaHasAsManyGenomesAsItsOptionsSay) {
  const auto ga = MakeGa(SmallGa(), 7);
  for (int round = 0; round < 5; ++round) {
    const std::string state = ga->SaveState();
    ga->RestoreState(state);
    GaOptions more_parents = SmallGa(), more_candidates = SmallGa();
    more_parents.num_parents = 4;
    more_candidates.trials.num_candidates = 5;
    if (round > 0) {
      EXPECT_THAT(ErrorOfRestoring(*MakeGa(more_parents, 7), state),
                  HasSubstr("it has another number of parents than its configuration says"));
      EXPECT_THAT(ErrorOfRestoring(*MakeRandomSearch(SmallGa().trials, 7), state),
                  HasSubstr("it has another number of parents"));
    }
    if (round % 3 != 0) {
      EXPECT_THAT(ErrorOfRestoring(*MakeGa(more_candidates, 7), state),
                  HasSubstr("it has another number of candidates than its configuration says"));
    }
    PlayRounds(*ga, Space(), 1);
  }
}

TEST(DamagedState, NoRoundOfAGaBeginsWhereItCannot) {
  const auto ga = MakeGa(SmallGa(), 7);
  const std::string fresh = ga->SaveState();
  EXPECT_THAT(ErrorOfRestoring(*ga, WithGeneration(fresh, 1)), HasSubstr("number of parents"));
  EXPECT_THAT(ErrorOfRestoring(*ga, WithRound(fresh, Round::kValidate)),
              HasSubstr("number of parents"));
  const auto search = MakeRandomSearch(SmallGa().trials, 7);
  EXPECT_THAT(ErrorOfRestoring(*search, WithRound(fresh, Round::kValidate)),
              HasSubstr("number of candidates"));
  EXPECT_THAT(ErrorOfRestoring(*search, WithGeneration(fresh, 1)),
              HasSubstr("it has another number of elites than one"));
}

GaNsOptions SmallGaNs(double archive_probability) {
  return {.ga = SmallGa(),
          .archive_probability = archive_probability,
          .novelty = {.nearest = 2, .distance = BehaviourDistance::kEuclidean}};
}

TEST(DamagedState, ANoveltySeekingGaHasAnArchiveOfWhatItTried) {
  const auto make = [](const GaNsOptions& options) {
    return MakeGaNs(options, ContextOf(Space()));
  };
  const auto ga = make(SmallGaNs(1));
  const std::string fresh = ga->SaveState();
  PlayRounds(*ga, Space(), 1);
  const std::string trained = ga->SaveState();
  ga->RestoreState(trained);
  GaNsOptions fewer = SmallGaNs(1);
  fewer.ga.trials.population_size = 7;
  EXPECT_THAT(ErrorOfRestoring(*make(fewer), trained),
              HasSubstr("its archive has more entries than individuals were tried"));
  for (size_t size = 0; size < trained.size(); ++size) {
    EXPECT_NE(ErrorOfRestoring(*ga, trained.substr(0, size)), "no error") << size;
  }
  EXPECT_NE(ErrorOfRestoring(*MakeGa(SmallGa(), 3), trained), "no error");
  EXPECT_NE(ErrorOfRestoring(*ga, MakeGa(SmallGa(), 3)->SaveState()), "no error");
  GaNsOptions other = SmallGaNs(1);
  other.novelty.distance = BehaviourDistance::kSumOfSteps;
  EXPECT_THAT(ErrorOfRestoring(*make(other), trained), HasSubstr("behaviours of another kind"));
  ga->RestoreState(fresh);
  PlayRounds(*ga, Space(), 3);
}

TEST(DamagedState, AParentIsOlderThanItsChildren) {
  const auto ga = MakeGa(SmallGa(), 7);
  PlayRounds(*ga, Space(), 6);
  const std::string state = ga->SaveState();
  ga->RestoreState(state);
  EXPECT_THAT(ErrorOfRestoring(*ga, WithGeneration(state, 1)),
              HasSubstr("a parent is not older than its children"));
}

}  // namespace
}  // namespace dne
