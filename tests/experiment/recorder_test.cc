// SPDX-License-Identifier: MIT
// What is written when, and that nothing is lost between: runs that die at any writing, or in the
// middle of a round, and go on.
#include "dne/experiment/recorder.h"

#include <gtest/gtest.h>

#include <map>

#include "dne/algorithms/es.h"
#include "dne/algorithms/ga.h"
#include "dne/algorithms/ns_es.h"
#include "dne/algorithms/pgpe.h"
#include "dne/base/error.h"
#include "dne/experiment/run.h"
#include "dne/experiment/setup.h"
#include "dne/plan/wire.h"
#include "tests/tasks/toy_task.h"

namespace dne {
namespace {

TEST(WritingPace, RestsAHundredTimesAsLongAsItWrote) {
  WritingPace pace(/*least=*/1, /*most=*/60, /*now=*/10);
  EXPECT_FALSE(pace.IsDue(10.9));
  EXPECT_TRUE(pace.IsDue(11));
  pace.Wrote(11, 11.001);
  EXPECT_FALSE(pace.IsDue(11.9));
  EXPECT_TRUE(pace.IsDue(12.01)) << "never less than a second";
  pace.Wrote(20, 20.25);
  EXPECT_FALSE(pace.IsDue(45.2));
  EXPECT_TRUE(pace.IsDue(45.3));
  pace.Wrote(50, 55);
  EXPECT_TRUE(pace.IsDue(115)) << "never more than a minute";
}

struct Killed {};

// A store in memory, whose process dies at a writing: that one and all that follow do nothing.
class MortalWriter final : public RunWriter {
 public:
  void Write(const Commit& commit) override {
    Live();
    for (const GenerationRecord& record : commit.generations) {
      EXPECT_EQ(digests.count(record.generation), 0u) << "twice";
      digests[record.generation] = record.digest;
      steps_run[record.generation] = record.metrics.at("steps_run");
    }
    trials += commit.trials.size();
    checkpoint = Checkpoint{commit.next_generation, commit.state};
    std::erase_if(log, [&](const LogEntry& entry) {
      return std::pair(entry.generation, entry.round) <
             std::pair(commit.next_generation, commit.next_round);
    });
  }
  void Log(const LogEntry& entry) override {
    Live();
    log.push_back(entry);
  }
  std::optional<Checkpoint> LastCheckpoint() const override { return checkpoint; }
  std::vector<LogEntry> Logged() const override { return log; }

  int writings_left = -1;  // before it dies; negative: it lives
  int writings = 0;
  std::map<uint32_t, uint64_t> digests;
  std::map<uint32_t, double> steps_run;
  uint64_t trials = 0;
  std::optional<Checkpoint> checkpoint;
  std::vector<LogEntry> log;

 private:
  void Live() {
    if (writings_left == 0) throw Killed();
    --writings_left;
    ++writings;
  }
};

std::vector<Chosen<AlgorithmKind>> SmallAlgorithms() {
  StrategyOptions strategy;
  strategy.cloud.population_size = 8;
  strategy.rounds.validation_episodes = 4;
  strategy.step_cap.max_episode_steps = 100;
  const auto with = [](const AlgorithmKind& kind, Options options) {
    Chosen<AlgorithmKind> chosen(kind);
    chosen.options = std::move(options);
    return chosen;
  };
  return {with(kGa, GaOptions{.trials = {.population_size = 10,
                                         .num_candidates = 3,
                                         .max_episode_steps = 100,
                                         .rounds = {.validation_episodes = 4,
                                                    .test_episodes = 5,
                                                    .test_max_episode_steps = 100}},
                              .num_parents = 3,
                              .sigma = 0.05f}),
          with(kEs, EsOptions{.strategy = strategy}),
          // Two clouds a generation.
          with(kPgpe, PgpeOptions{.strategy = strategy,
                                  .growth = {.generation_steps = 100, .max_population_size = 16}}),
          with(kNsraEs, NsraEsOptions{.ns_es = {.strategy = strategy}})};
}

class Recording : public testing::TestWithParam<size_t> {
 protected:
  Recording() {
    config_.algorithm = SmallAlgorithms()[GetParam()];
    config_.budget.generations = 6;
  }

  // Each look at the clock takes so many seconds.
  StopReason Go(MortalWriter& writer, double tick) {
    const EvaluatorOptions options{
        .threads = 1, .isa = BestIsa(), .clock = [this, tick] { return now_ = now_ + tick; }};
    Watch watch;
    RunObserver observer;
    const auto algorithm = MakeAlgorithm(config_, task_, options);
    const auto evaluator = MakeThreadEvaluator(task_, options, watch);
    return RunExperiment(config_.budget, *algorithm, *evaluator, writer,
                         {task_.layout().num_parameters, options, watch}, observer);
  }

  ExperimentConfig config_;
  ToyTask task_;
  std::atomic<double> now_ = 0;
};

TEST_P(Recording, QuickRoundsAreOneCommitAndSlowOnesAreOneEach) {
  MortalWriter still;
  Go(still, 0);
  EXPECT_EQ(still.writings, 1);
  MortalWriter slow;
  Go(slow, 100);
  EXPECT_GT(slow.writings, 12);
  EXPECT_EQ(slow.digests, still.digests);
  EXPECT_EQ(slow.trials, still.trials);
  EXPECT_TRUE(slow.log.empty()) << "a commit empties the log";
}

TEST_P(Recording, ARunThatDiesAtAnyWritingLosesNothingThatWasWritten) {
  for (const double tick : {0.02, 0.3, 100.0}) {
    MortalWriter whole;
    task_.episodes_played = 0;
    Go(whole, tick);
    const uint64_t played = task_.episodes_played;
    for (int life = 0; life < 8; ++life) {
      MortalWriter mortal;
      task_.episodes_played = 0;
      int deaths = 0;
      StopReason end = StopReason::kCancelled;
      while (end != StopReason::kGenerations) {
        mortal.writings_left = deaths < 10 ? life : -1;
        try {
          end = Go(mortal, tick);
        } catch (const Killed&) {
          ++deaths;
        }
      }
      EXPECT_EQ(mortal.digests, whole.digests);
      EXPECT_EQ(mortal.trials, whole.trials);
      // Each death costs what was not written; without writings, all.
      if (tick == 100.0 && life > 0) {
        EXPECT_LE(task_.episodes_played, played + 60u * static_cast<unsigned>(deaths));
      }
    }
  }
}

TEST_P(Recording, ARoundThatFailsGoesOnFromItsFinishedJobs) {
  MortalWriter whole;
  Go(whole, 0);
  const uint64_t played = task_.episodes_played.exchange(0);
  MortalWriter mortal;
  uint64_t next_failure = 3;
  uint64_t failures = 0;
  task_.before_episode = [&](std::span<const float>, const EpisodeStart&) {
    if (task_.episodes_played < next_failure) return;
    next_failure += 7;
    ++failures;
    throw Error("the power flickers");
  };
  while (mortal.digests.size() < 6) {
    try {
      Go(mortal, 0);
    } catch (const Error&) {
    }
  }
  EXPECT_EQ(mortal.digests, whole.digests);
  EXPECT_GT(failures, 5u);
  // What the dying job had played, and what the evaluator remembered of rounds before, is lost.
  EXPECT_LT(task_.episodes_played, 2 * played);
}

TEST_P(Recording, ResultsOfAnotherPlanAreNotTaken) {
  MortalWriter mortal;
  mortal.writings_left = 1;
  EXPECT_THROW(Go(mortal, 100), Killed);
  ASSERT_EQ(mortal.log.size(), 1u);
  mortal.log[0].plan ^= 1;
  MortalWriter whole;
  Go(whole, 100);
  mortal.writings_left = -1;
  task_.episodes_played = 0;
  Go(mortal, 100);
  EXPECT_EQ(mortal.digests, whole.digests);
}

TEST_P(Recording, DamagedResultsAreToldOf) {
  MortalWriter mortal;
  mortal.writings_left = 1;
  EXPECT_THROW(Go(mortal, 100), Killed);
  ASSERT_EQ(mortal.log.size(), 1u);
  mortal.log[0].results[9] ^= 1;
  mortal.writings_left = -1;
  EXPECT_THROW(Go(mortal, 100), Error);
}

TEST_P(Recording, TimeOfLoggedResultsCounts) {
  MortalWriter mortal;
  mortal.writings_left = 1;
  EXPECT_THROW(Go(mortal, 100), Killed);
  const double logged = mortal.log.at(0).seconds;
  EXPECT_GE(logged, 100);
  Recorder recorder(mortal, [] { return 5.0; });
  EXPECT_EQ(recorder.Seconds(), 0);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, Recording, testing::Range<size_t>(0, 4));

TEST(Recorder, KeepsResultsUntilTheyAreInTheLogOrInACommit) {
  MortalWriter writer;
  double now = 0;
  const Clock clock = [&] { return now; };
  Recorder recorder(writer, clock);
  const Plan plan{.generation = 4, .round = "train"};
  recorder.Begin(plan, 0);
  EXPECT_TRUE(recorder.Kept(plan).empty());
  recorder.Keep({{.item = 1}});
  now = 1.5;
  recorder.Keep({{.item = 2}});
  EXPECT_TRUE(writer.log.empty());
  now = 2.5;
  recorder.Keep({{.item = 3}});
  ASSERT_EQ(writer.log.size(), 1u);
  EXPECT_EQ(writer.log[0].generation, 4u);
  EXPECT_EQ(writer.log[0].seconds, 2.5);
  EXPECT_EQ(DecodeJobResults(writer.log[0].results).size(), 3u);

  Recorder next(writer, clock);
  next.Begin(plan, 0);
  now = 4;
  EXPECT_EQ(next.Seconds(), 2.5 + 1.5);
  EXPECT_EQ(next.Kept(plan).size(), 3u);

  next.Add({.next_generation = 4, .next_round = 1});
  EXPECT_TRUE(next.IsCommitDue());
  next.Write("state");
  EXPECT_TRUE(writer.log.empty());
  EXPECT_EQ(writer.checkpoint, (Checkpoint{4, "state"}));
}

TEST(Recorder, CommitsBeforeTheLastLoggedRoundIsToldAgain) {
  MortalWriter writer;
  writer.log = {{.generation = 0, .round = 1}, {.generation = 1, .round = 0}};
  const Clock clock = [] { return 0.0; };
  Recorder recorder(writer, clock);
  recorder.Begin({.generation = 0}, 0);
  recorder.Add({.next_generation = 0, .next_round = 1});
  EXPECT_FALSE(recorder.IsCommitDue());
  recorder.Begin({.generation = 0}, 1);
  recorder.Add({.next_generation = 1, .next_round = 0});
  EXPECT_TRUE(recorder.IsCommitDue());
}

}  // namespace
}  // namespace dne
