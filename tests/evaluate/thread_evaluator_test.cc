// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "dne/base/error.h"
#include "dne/envs/classic/classic.h"
#include "dne/evaluate/evaluator.h"
#include "dne/tasks/episode_task.h"
#include "tests/evaluate/toy_plan.h"
#include "tests/tasks/toy_task.h"

namespace dne {
namespace {

EvaluatorOptions Threads(int threads) {
  return {.threads = threads, .isa = BestIsa(), .clock = [] { return 0.0; }};
}

TEST(ThreadEvaluator, ResultsAreTheSameForAnyNumberOfThreads) {
  const Plan plan = MakePlan(23, 9);
  std::vector<Evaluation> evaluations;
  for (int threads : {1, 2, 5}) {
    const ToyTask task;
    Watch watch;
    evaluations.push_back(MakeThreadEvaluator(task, Threads(threads), watch)->Run(plan));
  }
  for (const Evaluation& evaluation : evaluations) {
    ASSERT_EQ(evaluation.results.size(), 23u);
    for (size_t i = 0; i < 23; ++i) {
      EXPECT_EQ(evaluation.results[i].episodes, evaluations[0].results[i].episodes);
    }
    EXPECT_EQ(evaluation.steps_run, evaluations[0].steps_run);
  }
}

TEST(ThreadEvaluator, EpisodesStandInDrawOrder) {
  const Plan plan = MakePlan(4, 30);
  const ToyTask task;
  Watch watch;
  const Evaluation evaluation = MakeThreadEvaluator(task, Threads(2), watch)->Run(plan);
  for (uint32_t i = 0; i < 4; ++i) {
    Stream stream(plan.items[i].episodes);
    ASSERT_EQ(evaluation.results[i].episodes.size(), 30u);
    for (const Episode& episode : evaluation.results[i].episodes) {
      EXPECT_EQ(episode.start, task.DrawStart(stream));
    }
  }
}

TEST(ThreadEvaluator, EqualEpisodesAreRunOnceAndRememberedWhileTheirGenomeIsPlanned) {
  const ToyTask task;
  Watch watch;
  const auto evaluator = MakeThreadEvaluator(task, Threads(2), watch);
  const Plan plan = MakePlan(2, 50);
  const Evaluation first = evaluator->Run(plan);
  EXPECT_EQ(first.episodes_run, 2 * ToyTask::kNumStarts);
  EXPECT_EQ(task.episodes_played, 2 * ToyTask::kNumStarts);
  EXPECT_EQ(first.results[0].episodes.size(), 50u);

  const Evaluation again = evaluator->Run(plan);
  EXPECT_EQ(again.episodes_run, 0u);
  EXPECT_EQ(again.results[1].episodes, first.results[1].episodes);

  evaluator->Run(MakePlan(1, 1));  // item 1 is not in this plan: forgotten
  EXPECT_EQ(evaluator->Run(plan).episodes_run, ToyTask::kNumStarts);
}

TEST(ThreadEvaluator, AntitheticPairsScoreAsEachMemberAlone) {
  const ToyTask task;
  Watch watch;
  const auto numbers = std::make_shared<std::vector<float>>(ToyTask::kNumParameters, 0.5f);
  const Centre centre{CentreBirth(2, 0), numbers};
  Plan plan{.generation = 3, .round = "train", .centres = {centre}};
  for (uint32_t i = 0; i < 7; ++i) {  // the last one has no other half
    const Mutation mutation{{3, i}, 0.1f, i % 2 == 1};
    plan.items.push_back(
        {.genome = {.run_seed = 5, .founder = centre.birth, .mutations = {mutation}},
         .episodes = {5, 3, i, Purpose::kTrainEpisode},
         .num_episodes = 1 + 7 * (i % 3),  // of one job and of several
         .how = {.max_steps = 100}});
  }
  const std::vector<Result> together =
      MakeThreadEvaluator(task, Threads(2), watch)->Run(plan).results;
  for (size_t i = 0; i < plan.items.size(); ++i) {
    Plan alone = plan;
    alone.items = {plan.items[i]};
    const Evaluation evaluation = MakeThreadEvaluator(task, Threads(1), watch)->Run(alone);
    EXPECT_EQ(evaluation.results[0].episodes, together[i].episodes) << i;
  }
}

TEST(ThreadEvaluator, TheEnvironmentsOwnLimitHoldsWhateverIsAskedFor) {
  ToyTask task;
  task.limit = 7;
  Watch watch;
  const auto evaluator = MakeThreadEvaluator(task, Threads(2), watch);
  const Plan plan = MakePlan(2, 20);  // of up to 100 steps
  const Evaluation evaluation = evaluator->Run(plan);
  for (const Episode& episode : evaluation.results[0].episodes) EXPECT_LE(episode.steps, 7u);
  EXPECT_EQ(evaluator->Run(plan).episodes_run, 0u) << "what was cut off there is remembered";
}

// Every end under every cap: also where an episode is known from another round.
TEST(ThreadEvaluator, EpisodesOfEveryEndAreFoundAgainUnderEveryCap) {
  for (const EpisodeEnd end :
       {EpisodeEnd::kTerminal, EpisodeEnd::kStepLimit, EpisodeEnd::kInvalid, EpisodeEnd::kSolved}) {
    ToyTask task;
    task.own_end = end;
    Watch watch;
    const auto evaluator = MakeThreadEvaluator(task, Threads(2), watch);
    for (const uint32_t cap : {100u, 1u, 7u, 11u, 8u, 100u}) {
      Plan plan = MakePlan(3, 20);
      for (Item& item : plan.items) item.how.max_steps = cap;
      const Evaluation evaluation = evaluator->Run(plan);
      for (const Result& result : evaluation.results) {
        ASSERT_EQ(result.episodes.size(), 20u);
        for (const Episode& episode : result.episodes) {
          // The toy's episodes take 5 steps more than they have no-ops.
          const uint32_t own = 5 + episode.start.noops;
          EXPECT_EQ(episode.steps, std::min(cap, own));
          EXPECT_EQ(episode.end, own <= cap ? end : EpisodeEnd::kStepLimit);
        }
      }
    }
  }
}

TEST(ThreadEvaluator, OneIndividualUnderTwoCapsAtOnce) {
  const ToyTask task;
  Watch watch;
  Plan plan = MakePlan(1, 20);
  plan.items.push_back(plan.items[0]);
  plan.items[0].how.max_steps = 6;
  plan.items[1].how.max_steps = 8;
  const Evaluation evaluation = MakeThreadEvaluator(task, Threads(2), watch)->Run(plan);
  for (const Episode& episode : evaluation.results[0].episodes) EXPECT_EQ(episode.steps, 6u);
  for (const Episode& episode : evaluation.results[1].episodes) EXPECT_LE(episode.steps, 8u);
}

TEST(ThreadEvaluator, NotesAreThoseThatWereAskedFor) {
  const ToyTask task;
  Watch watch;
  const auto evaluator = MakeThreadEvaluator(task, Threads(2), watch);
  Plan plan = MakePlan(2, 20);
  EXPECT_TRUE(evaluator->Run(plan).results[1].notes.empty());
  // First more than before, then less.
  for (const WantedNotes& wanted : {WantedNotes{.sign_sum = true, .trajectory = true},
                                    WantedNotes{.trajectory = true}, WantedNotes{}}) {
    plan.items[1].how.notes = wanted;
    const Result result = evaluator->Run(plan).results[1];
    ASSERT_EQ(result.notes.size(), wanted.any() ? 20u : 0u);
    for (size_t i = 0; i < result.notes.size(); ++i) {
      EXPECT_EQ(result.notes[i].sign_sum, wanted.sign_sum ? result.episodes[i].score - 1 : 0);
      EXPECT_EQ(result.notes[i].trajectory[0], result.episodes[i].start.noops);
      EXPECT_TRUE(result.notes[i].observation_sums.empty());
    }
  }
}

// --- The journal ---------------------------------------------------------------------------------

class TestJournal final : public Journal {
 public:
  std::vector<JobResult> Kept(const Plan&) override { return kept; }
  void Keep(std::vector<JobResult> results) override {
    EXPECT_EQ(std::this_thread::get_id(), caller_);
    kept.insert(kept.end(), results.begin(), results.end());
    if (fails) throw Error("no room");
  }

  std::vector<JobResult> kept;
  bool fails = false;

 private:
  std::thread::id caller_ = std::this_thread::get_id();
};

TEST(ThreadEvaluator, WhatTheJournalKeptIsNotPlayedAgain) {
  const ToyTask task;
  Watch watch;
  Plan plan = MakePlan(4, 30);
  plan.items[2].how.notes = {.sign_sum = true, .observation_sums = true};
  TestJournal whole;
  const Evaluation undisturbed = MakeThreadEvaluator(task, Threads(2), watch)->Run(plan, whole);
  const uint64_t played = task.episodes_played;
  EXPECT_EQ(played, 4 * ToyTask::kNumStarts);

  for (size_t known = 0; known <= whole.kept.size(); ++known) {
    TestJournal journal;
    journal.kept.assign(whole.kept.begin(), whole.kept.begin() + static_cast<ptrdiff_t>(known));
    uint64_t episodes_known = 0;
    for (const JobResult& result : journal.kept) episodes_known += result.played.episodes.size();
    task.episodes_played = 0;
    const Evaluation resumed = MakeThreadEvaluator(task, Threads(3), watch)->Run(plan, journal);
    EXPECT_EQ(task.episodes_played, played - episodes_known);
    EXPECT_EQ(resumed.results, undisturbed.results);
    EXPECT_EQ(resumed.episodes_run, undisturbed.episodes_run);
    EXPECT_EQ(resumed.steps_run, undisturbed.steps_run);
  }
}

TEST(ThreadEvaluator, CancelledAndFailedPlansKeepWhatWasFinished) {
  for (const bool fails : {false, true}) {
    ToyTask task;
    Watch watch;
    task.before_episode = [&](std::span<const float>, const EpisodeStart&) {
      if (task.episodes_played < 20) return;
      if (fails) throw Error("on fire");
      watch.cancel = true;
    };
    TestJournal journal;
    EXPECT_ANY_THROW(MakeThreadEvaluator(task, Threads(1), watch)->Run(MakePlan(50, 1), journal));
    // The job in which it happened is lost.
    EXPECT_EQ(journal.kept.size(), 20u);
  }
}

TEST(ThreadEvaluator, AJournalThatFailsEndsThePlan) {
  const ToyTask task;
  Watch watch;
  TestJournal journal;
  journal.fails = true;
  EXPECT_THROW(MakeThreadEvaluator(task, Threads(2), watch)->Run(MakePlan(50, 1), journal), Error);
}

TEST(ThreadEvaluator, ACentreIsCalledByItsName) {
  ToyTask task;
  task.before_episode = [](std::span<const float>, const EpisodeStart&) { throw Error("no"); };
  Watch watch;
  const auto numbers = std::make_shared<std::vector<float>>(ToyTask::kNumParameters, 0.5f);
  const Centre centre{CentreBirth(12, 1), numbers};
  Plan plan{.generation = 12, .round = "validate", .centres = {centre}};
  plan.items.push_back({.genome = {.founder = centre.birth}, .how = {.max_steps = 10}});
  try {
    MakeThreadEvaluator(task, Threads(1), watch)->Run(plan);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "generation 12, round validate, item 0, individual 12.c1: no");
  }
}

TEST(ThreadEvaluator, AWorkersErrorReachesTheCallerWithItsItem) {
  ToyTask task;
  task.before_episode = [](std::span<const float>, const EpisodeStart& start) {
    if (start.noops == 4) throw Error("the emulator is on fire");
  };
  Watch watch;
  const auto evaluator = MakeThreadEvaluator(task, Threads(2), watch);
  try {
    evaluator->Run(MakePlan(1, 50));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "generation 3, round train, item 0, individual 3.0: the emulator is on fire");
  }
}

TEST(ThreadEvaluator, AnythingElseThrownInAWorkerIsABugWithItsItem) {
  ToyTask task;
  task.before_episode = [](std::span<const float>, const EpisodeStart&) {
    throw std::out_of_range("index 7");
  };
  Watch watch;
  try {
    MakeThreadEvaluator(task, Threads(1), watch)->Run(MakePlan(2, 1));
    FAIL();
  } catch (const BugError& error) {
    EXPECT_STREQ(error.what(), "generation 3, round train, item 0, individual 3.0: index 7");
  }
}

TEST(ThreadEvaluator, NanScoreIsAnError) {
  ToyTask task;
  task.before_episode = [](std::span<const float> parameters, const EpisodeStart&) {
    for (float& value : std::span(const_cast<float*>(parameters.data()), parameters.size())) {
      value = std::numeric_limits<float>::quiet_NaN();
    }
  };
  Watch watch;
  EXPECT_THROW(MakeThreadEvaluator(task, Threads(1), watch)->Run(MakePlan(1, 1)), Error);
}

TEST(ThreadEvaluator, CancelledPlanIsDropped) {
  ToyTask task;
  Watch watch;
  task.before_episode = [&](std::span<const float>, const EpisodeStart&) { watch.cancel = true; };
  EXPECT_THROW(MakeThreadEvaluator(task, Threads(2), watch)->Run(MakePlan(50, 3)), Cancelled);
  EXPECT_LT(task.episodes_played, 50u);
}

TEST(ThreadEvaluator, WatchCountsJobsAndSteps) {
  const ToyTask task;
  Watch watch;
  const Evaluation evaluation = MakeThreadEvaluator(task, Threads(1), watch)->Run(MakePlan(5, 1));
  EXPECT_EQ(watch.jobs_done, 5u);
  EXPECT_EQ(watch.jobs_total, 5u);
  EXPECT_EQ(watch.steps_run, evaluation.steps_run);
}

// --- Mutations that look at parents --------------------------------------------------------------

// Plans of a population that plays pendulums: a generation of founders, then their children.
class SafeMutations : public testing::TestWithParam<PerturbationKind> {
 protected:
  SafeMutations() {
    setup_.world = LoadClassicControl("Pendulum-v1");
    setup_.network = MakeNetwork(setup_.world->spec(), {.hidden = {{.units = 4}}});
    task_ = MakeEpisodeTask(setup_);
  }

  Plan MakePlan(uint32_t generation) const {
    Plan plan{.generation = generation, .round = "train", .parents = {}, .items = {}};
    plan.perturbation = {.kind = GetParam(), .clip = 0.2f, .experience = 10, .max_steps = 20};
    for (uint32_t i = 0; i < 6; ++i) {
      Genome genome{.run_seed = 9, .founder = {0, i}, .mutations = {}};
      if (generation > 0) {
        plan.parents.push_back(genome);
        genome = Child(genome, {{generation, i}, 0.1f});
      }
      plan.items.push_back({.genome = genome,
                            .episodes = BirthEpisodes(9, genome.birth()),
                            .num_episodes = 2,
                            .how = {.max_steps = 20}});
    }
    return plan;
  }

  EpisodeSetup setup_;
  std::unique_ptr<Task> task_;
};

TEST_P(SafeMutations, GiveTheSameBitsForAnyThreadsAndWhetherParentsAreRemembered) {
  std::vector<std::vector<Result>> results;
  for (const int threads : {1, 2}) {
    for (const bool remembers : {true, false}) {
      for (const Isa isa : {Isa::kScalar, BestIsa()}) {
        Watch watch;
        EvaluatorOptions options = Threads(threads);
        options.isa = isa;
        const auto evaluator = MakeThreadEvaluator(*task_, options, watch);
        if (remembers) evaluator->Run(MakePlan(0));
        results.push_back(evaluator->Run(MakePlan(1)).results);
      }
    }
  }
  for (const std::vector<Result>& each : results) {
    for (size_t i = 0; i < each.size(); ++i) {
      EXPECT_EQ(each[i].episodes, results[0][i].episodes) << i;
    }
  }
  Plan plain = MakePlan(1);
  plain.perturbation = {};
  Watch watch;
  EXPECT_NE(MakeThreadEvaluator(*task_, Threads(1), watch)->Run(plain).results[0].episodes,
            results[0][0].episodes);
}

// A task that counts the episodes its workers play.
TEST_P(SafeMutations, CostNoEpisodeMoreWhereParentsWerePlayed) {
  class Counting final : public Task {
   public:
    explicit Counting(const Task& task) : task_(task) {}
    const PolicyLayout& layout() const override { return task_.layout(); }
    Initialiser initialiser(Isa isa) const override { return task_.initialiser(isa); }
    EpisodeStart DrawStart(Stream& stream) const override { return task_.DrawStart(stream); }
    uint32_t step_limit() const override { return task_.step_limit(); }
    int lanes() const override { return task_.lanes(); }
    std::unique_ptr<TaskWorker> MakeWorker(Isa isa) const override { return task_.MakeWorker(isa); }
    std::unique_ptr<OutputModel> MakeOutputModel(Isa isa) const override {
      return std::make_unique<Model>(task_.MakeOutputModel(isa), played);
    }
    mutable std::atomic<int> played = 0;

   private:
    struct Model final : OutputModel {
      Model(std::unique_ptr<OutputModel> real, std::atomic<int>& count)
          : model(std::move(real)), played(count) {}
      Experience Play(std::span<const float> policy, const StreamId& episodes,
                      const EpisodeOptions& how) override {
        ++played;
        return model->Play(policy, episodes, how);
      }
      void SetParent(std::span<const float> policy, const Experience& seen) override {
        model->SetParent(policy, seen);
      }
      void SumSensitivity(std::span<float> out) override { model->SumSensitivity(out); }
      void AbsSensitivity(std::span<float> out) override { model->AbsSensitivity(out); }
      void SecondOrderSensitivity(std::span<const float> direction, std::span<float> out) override {
        model->SecondOrderSensitivity(direction, out);
      }
      double Divergence(std::span<const float> child) override { return model->Divergence(child); }

      std::unique_ptr<OutputModel> model;
      std::atomic<int>& played;
    };
    const Task& task_;
  };
  const Counting task(*task_);
  Watch watch;
  const auto evaluator = MakeThreadEvaluator(task, Threads(2), watch);
  evaluator->Run(MakePlan(0));
  evaluator->Run(MakePlan(1));
  EXPECT_EQ(task.played, 0);
  MakeThreadEvaluator(task, Threads(2), watch)->Run(MakePlan(1));
  EXPECT_EQ(task.played, 6) << "each parent once, by whoever needs it first";
}

INSTANTIATE_TEST_SUITE_P(Kinds, SafeMutations,
                         testing::Values(PerturbationKind::kSafeRescaled,
                                         PerturbationKind::kSafeSum, PerturbationKind::kSafeAbs,
                                         PerturbationKind::kSafeSecondOrder));

}  // namespace
}  // namespace dne
