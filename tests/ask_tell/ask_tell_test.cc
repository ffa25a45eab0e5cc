// SPDX-License-Identifier: MIT
#include "dne/ask_tell/ask_tell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dne/episode/descriptor.h"
#include "dne/experiment/builtins.h"
#include "dne/experiment/run.h"
#include "dne/experiment/setup.h"
#include "dne/random/normal.h"
#include "dne/store/store.h"
#include "tests/expect_error.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

using testing::HasSubstr;

constexpr size_t kParameters = 30;
constexpr float kStd = 0.5f;

std::vector<float> Initial() {
  std::vector<float> initial(kParameters);
  for (size_t i = 0; i < kParameters; ++i) initial[i] = 0.125f * static_cast<float>(i % 5);
  return initial;
}

// What both try policies on: the nearer to 1 the better.
double FitnessOf(std::span<const float> policy) {
  double fitness = 0;
  for (const float x : policy) fitness -= std::abs(x - 1.0);
  return fitness;
}
std::vector<double> BehaviourOf(std::span<const float> policy) { return {policy[0], policy[1]}; }

class NearOneWorker final : public TaskWorker {
 public:
  Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts,
             const EpisodeOptions& how, std::atomic<uint64_t>&, const std::atomic<bool>&) override {
    Result result;
    for (const EpisodeStart& start : starts) {
      result.episodes.push_back({.start = start,
                                 .score = FitnessOf(policy.numbers),
                                 .steps = 1,
                                 .frames = 1,
                                 .descriptor = DescriptorFromPoint(BehaviourOf(policy.numbers))});
      if (how.notes.any()) result.notes.emplace_back();
    }
    return result;
  }
};

class NearOne final : public Task {
 public:
  const PolicyLayout& layout() const override { return layout_; }
  Initialiser initialiser(Isa isa) const override {
    return [isa](const StreamId& id, std::span<float> out) {
      AddNormal(id, kStd, Initial(), out, isa);
    };
  }
  EpisodeStart DrawStart(Stream&) const override { return {}; }
  std::vector<double> Point(std::span<const uint8_t> descriptor) const override {
    return PointFromDescriptor(descriptor);
  }
  int lanes() const override { return 1; }
  std::unique_ptr<TaskWorker> MakeWorker(Isa) const override {
    return std::make_unique<NearOneWorker>();
  }

 private:
  PolicyLayout layout_ = {.num_parameters = kParameters};
};

std::string Toml(const std::string& type, const std::string& more = "") {
  return "seed = 5\n[algorithm]\ntype = \"" + type +
         "\"\npopulation_size = 80\nvalidation_episodes = 1\ntest_episodes = 1\n" + more;
}

// Of the generation loop.
std::vector<uint64_t> DigestsOfRun(const std::string& toml, uint32_t generations) {
  const ExperimentConfig config =
      ParseConfig(toml + "\n[budget]\ngenerations = " + std::to_string(generations), "test");
  const NearOne task;
  const EvaluatorOptions options{.threads = 2};
  Watch watch;
  const auto algorithm = MakeAlgorithm(config, task, options);
  const auto evaluator = MakeThreadEvaluator(task, options, watch);
  const TempFolder temp;
  const auto store = RunStore::Create(temp.path() / "run", {});
  RunObserver observer;
  RunExperiment(config.budget, *algorithm, *evaluator, *store,
                ContextOf(config, task, options, watch), observer);
  std::vector<uint64_t> digests;
  for (const GenerationRecord& record : store->Generations()) digests.push_back(record.digest);
  return digests;
}

AskTell Begin(const std::string& toml, int threads = 1) {
  return AskTell(toml, "test", {.initial = Initial(), .initial_std = kStd},
                 {.threads = threads, .isa = threads == 1 ? Isa::kScalar : BestIsa()});
}

std::optional<GenerationOutcome> Round(AskTell& search) {
  std::vector<float> members(search.num_members() * kParameters);
  search.Ask(members);
  std::vector<double> fitness, behaviours;
  for (size_t i = 0; i < search.num_members(); ++i) {
    const auto policy = std::span<const float>(members).subspan(i * kParameters, kParameters);
    std::vector<float> alone(kParameters);
    search.Ask(i, alone);
    EXPECT_TRUE(std::ranges::equal(policy, alone));
    fitness.push_back(FitnessOf(policy));
    for (const double x : BehaviourOf(policy)) behaviours.push_back(x);
  }
  return search.Tell({.fitness = fitness, .behaviours = behaviours});
}

std::vector<uint64_t> DigestsOf(AskTell search, uint32_t generations, bool moves = false) {
  std::vector<uint64_t> digests;
  while (digests.size() < generations) {
    if (const auto outcome = Round(search)) digests.push_back(outcome->digest);
    if (moves) search = AskTell::Restore(search.Save(), {.threads = 2});
  }
  return digests;
}

constexpr const char* kAxes =
    "[[archive.axes]]\nname = \"x\"\ncoordinate = 0\nlower = -1\nupper = 2\ncells = 50\n";

std::vector<std::string> EveryAlgorithm() {
  std::vector<std::string> tomls;
  for (const AlgorithmKind* kind : AlgorithmKinds()) {
    tomls.push_back(Toml(std::string(kind->name), kind->archive != nullptr ? kAxes : ""));
  }
  for (const char* more :
       {"perturbation = \"rademacher\"", "perturbation = \"bucket\"\nbucket_size = 8",
        "iterate_averaging = true", "validation_interval = 3"}) {
    tomls.push_back(Toml("es", more));
  }
  return tomls;
}

TEST(AskTell, ToldTheSameNumbersItComputesWhatARunDoes) {
  for (const std::string& toml : EveryAlgorithm()) {
    EXPECT_EQ(DigestsOf(Begin(toml), 4), DigestsOfRun(toml, 4)) << toml;
  }
}

TEST(AskTell, GoesOnFromBytesAtAnyMoment) {
  for (const std::string& toml : EveryAlgorithm()) {
    EXPECT_EQ(DigestsOf(Begin(toml, 2), 4, true), DigestsOf(Begin(toml), 4)) << toml;
  }
}

TEST(AskTell, KnowsItsCentreAndItsBest) {
  for (const std::string type : {"es", "pgpe", "snes", "ns_es", "ga", "ga_ns"}) {
    AskTell search = Begin(Toml(type));
    EXPECT_THAT(ErrorOf([&] { search.Best(); }), HasSubstr("there is no best"));
    double best = 0;
    for (uint32_t generations = 0; generations < 20;) {
      const auto outcome = Round(search);
      if (!outcome) continue;
      ++generations;
      best = outcome->metrics.at("elite_validation");
      EXPECT_EQ(FitnessOf(search.Best()), best) << type;
      AskTell restored = AskTell::Restore(search.Save(), {});
      EXPECT_EQ(restored.Best(), search.Best()) << type;
    }
    EXPECT_GT(best, FitnessOf(Initial())) << type << " learns";
    if (type == "es") {
      EXPECT_EQ(search.round(), "train");
      EXPECT_EQ(search.generation(), 20u);
      EXPECT_EQ(search.CentreNow().size(), kParameters);
    }
  }
  AskTell ga = Begin(Toml("ga"));
  EXPECT_THAT(ErrorOf([&] { ga.CentreNow(); }), HasSubstr("ga has no centre: ask for the best"));
}

// Whatever the others are.
TEST(AskTell, AMemberThatBrokeDownRanksLast) {
  AskTell search = Begin(
      "[algorithm]\ntype = \"ga\"\npopulation_size = 4\nnum_parents = 1\n"
      "num_candidates = 2\nvalidation_episodes = 1\ntest_episodes = 0\n");
  std::vector<float> third(kParameters);
  search.Ask(2, third);
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  search.Tell({.fitness = std::vector<double>{kNan, kNan, -1e9, kNan}});
  EXPECT_EQ(search.round(), "validate");
  std::vector<float> candidate(kParameters);
  search.Ask(0, candidate);
  EXPECT_EQ(candidate, third);
}

TEST(AskTell, StepsAreCounted) {
  AskTell search = Begin(Toml("ga", "num_candidates = 3"));
  const std::vector<uint64_t> steps(search.num_members(), 7);
  search.Tell({.fitness = std::vector<double>(search.num_members(), 1), .steps = steps});
  search.Tell({.fitness = std::vector<double>(search.num_members(), 1)});
  const auto outcome = search.Tell({.fitness = std::vector<double>(search.num_members(), 1)});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->metrics.at("steps"), 80 * 7 + 3);
  EXPECT_EQ(outcome->metrics.at("test_steps"), 1);
}

TEST(AskTell, ACallersMistakesAreToldAndChangeNothing) {
  AskTell search = Begin(Toml("ga_ns"));
  const std::string before = search.Save();
  const std::vector<double> all(80, 1), short_by_one(79, 1), points(160, 1);
  const auto error = [&](const Told& told) { return ErrorOf([&] { search.Tell(told); }); };
  EXPECT_EQ(error({.fitness = short_by_one}),
            "80 members were asked for, but there are 79 values of fitness: tell one of each "
            "member");
  std::vector<double> infinite = all;
  infinite[3] = -INFINITY;
  EXPECT_EQ(error({.fitness = infinite}),
            "the fitness of member 3 is infinite: tell finite numbers, or nan where its simulation "
            "broke down");
  EXPECT_EQ(error({.fitness = all, .steps = std::vector<uint64_t>(3)}),
            "80 members were asked for, but there are 3 values of steps: tell one of each member");
  EXPECT_EQ(error({.fitness = all}), "ga_ns learns from behaviours: tell them too");
  EXPECT_EQ(error({.fitness = all, .behaviours = std::span(points).first(159)}),
            "behaviours have no equal number of coordinates: tell [members][coordinates]");
  EXPECT_EQ(error({.fitness = all, .behaviours = std::vector<double>(80, NAN)}),
            "a behaviour is not finite: tell numbers");
  std::vector<float> numbers(kParameters);
  EXPECT_EQ(ErrorOf([&] { search.Ask(80, numbers); }), "there is no member 80: this round has 80");
  EXPECT_EQ(search.Save(), before);
}

TEST(AskTell, AStartThatIsNoneIsTold) {
  const auto error = [](const std::string& toml, SearchStart start) {
    return ErrorOf([&] { AskTell(toml, "options", std::move(start), {}); });
  };
  EXPECT_EQ(error(Toml("es"), {}), "there are no parameters: give at least one");
  EXPECT_EQ(error(Toml("es"), {.initial = {1, NAN}}),
            "an initial parameter is not finite: give numbers");
  EXPECT_EQ(error(Toml("es"), {.initial = {1}, .initial_std = -1}),
            "initial_std must be a number that is not negative");
  EXPECT_EQ(error(Toml("ga"), {.initial = {1}}),
            "ga begins with random policies: give initial_std above 0");
  EXPECT_THAT(error(Toml("ga", "mutation = \"sm_r\""), {.initial = {1}, .initial_std = 1}),
              HasSubstr("safe mutations look at a network's outputs"));
  EXPECT_THAT(error(Toml("es", "sigma = -1"), {.initial = {1}}),
              HasSubstr("options:7: sigma must be"));
  EXPECT_THAT(error("[budget]\ngenerations = 3\n", {.initial = {1}}), HasSubstr("budget"));
}

TEST(AskTell, BytesThatAreNoStateAreRefused) {
  const std::string state = Begin(Toml("es")).Save();
  const auto error = [](const std::string& bytes) {
    return ErrorOf([&] { AskTell::Restore(bytes, {}); });
  };
  EXPECT_EQ(error("something else that is long enough"),
            "these bytes are no state of an algorithm: give what to_bytes returned");
  EXPECT_EQ(error(""), "these bytes are no state of an algorithm: give what to_bytes returned");
  std::string newer = state;
  ++newer[24];
  EXPECT_EQ(error(newer), "this state is of another version of dne: use the one that made it");
  for (size_t size = 0; size < state.size(); size += 5) {
    EXPECT_NE(error(state.substr(0, size)), "") << size;
  }
  EXPECT_NE(error(state + "x"), "");
  AskTell search = Begin(Toml("es"));
  while (!Round(search)) {
  }
  std::string other = search.Save();
  const std::string thirty_floats("\x78\0\0\0\0\0\0\0", 8);  // their length in bytes
  const size_t initial = other.find(thirty_floats);
  const size_t numbers = other.find(thirty_floats, initial + 8);
  ASSERT_NE(numbers, std::string::npos);
  other.erase(numbers + 8, 4);
  other[numbers] = '\x74';
  EXPECT_EQ(error(other), "stored state is damaged: the best has other numbers");
}

}  // namespace
}  // namespace dne
