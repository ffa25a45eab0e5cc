// SPDX-License-Identifier: MIT
// Plans on several ranks: the same results as on one thread, whatever becomes of the ranks.
#include "dne/cluster/cluster.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <thread>

#include "dne/algorithms/es.h"
#include "dne/cluster/serve.h"
#include "tests/cluster/local_ranks.h"
#include "tests/evaluate/toy_plan.h"
#include "tests/expect_error.h"
#include "tests/tasks/toy_task.h"

namespace dne {
namespace {

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

PolicySpace SpaceOf(const Task& task) {
  return {.layout = task.layout(),
          .initialise = task.initialiser(BestIsa()),
          .step_limit = 100,
          .point = [](std::span<const uint8_t> bytes) {
            return std::vector<double>(bytes.begin(), bytes.end());
          }};
}

using AlgorithmMaker = std::function<std::unique_ptr<Algorithm>(const PolicySpace&)>;

std::unique_ptr<Algorithm> MakeSmallEs(const PolicySpace& space) {
  return MakeEs({.strategy = {.cloud = {.population_size = 20, .sigma = 0.1f},
                              .step_cap = {.max_episode_steps = 50},
                              .rounds = {.validation_episodes = 2}}},
                {.run_seed = 3, .space = space, .isa = BestIsa()});
}

// A job: rank 0 is the test's thread, each other one a thread that serves it.
class Job {
 public:
  explicit Job(int ranks, int threads = 1, AlgorithmMaker maker = nullptr)
      : hub(ranks), make_algorithm(std::move(maker)), threads_(threads) {}
  ~Job() {
    evaluator.reset();
    cluster.reset();
    for (int i = 1; i < ranks(); ++i) hub.Thaw(i);
  }

  int ranks() { return hub.of(0).size(); }

  // As a killed process leaves it: without a last word.
  void AbandonCluster() {
    evaluator.reset();
    cluster.release();
  }

  void Start(Watch& watch) {
    tasks = std::vector<ToyTask>(static_cast<size_t>(ranks()));
    for (auto& task : tasks) task.before_episode = before_episode;
    for (int i = 1; i < ranks(); ++i) servers_.emplace_back([this, i] { ServeRank(i); });
    cluster = std::make_unique<Cluster>(
        hub.of(0), ClusterOptions{.program = "test",
                                  .patience = patience,
                                  .clock = Seconds,
                                  .warn = [this](const auto& text) { warnings.push_back(text); }});
    cluster->SetCompute(threads_, "");
    if (make_algorithm) algorithm = make_algorithm(SpaceOf(tasks[0]));
    evaluator = std::make_unique<ClusterEvaluator>(
        *cluster, std::vector<uint8_t>{}, tasks[0],
        EvaluatorOptions{.threads = threads_, .clock = Seconds}, watch, algorithm.get());
    if (algorithm) {
      algorithm->OnMove([this](const CentreMove& move) { evaluator->Announce(move); });
    }
  }

  Hub hub;
  AlgorithmMaker make_algorithm;
  std::function<void(std::span<const float>, const EpisodeStart&)> before_episode;
  std::function<std::string(int rank)> program = [](int) { return "test"; };
  std::function<void(int rank)> on_setup = [](int) {};
  double patience = 60;
  std::vector<ToyTask> tasks;
  std::vector<std::string> warnings;
  std::unique_ptr<Cluster> cluster;
  std::unique_ptr<Algorithm> algorithm;
  std::unique_ptr<ClusterEvaluator> evaluator;

 private:
  class Setup final : public RankSetup {
   public:
    Setup(const Task& task, const AlgorithmMaker& make) : task_(task) {
      if (make) algorithm_ = make(SpaceOf(task));
    }
    const Task& task() const override { return task_; }
    const CentreSource* source() const override { return algorithm_.get(); }
    std::vector<Centre> FirstCentres() const override {
      return algorithm_ ? algorithm_->Ask().centres : std::vector<Centre>{};
    }

   private:
    const Task& task_;
    std::unique_ptr<Algorithm> algorithm_;
  };

  void ServeRank(int rank) {
    try {
      Serve(hub.of(rank), {.program = program(rank),
                           .make_setup =
                               [this, rank](std::span<const uint8_t>, const EvaluatorOptions&) {
                                 on_setup(rank);
                                 return std::make_unique<Setup>(tasks[static_cast<size_t>(rank)],
                                                                make_algorithm);
                               },
                           .clock = Seconds});
    } catch (const Hub::Killed&) {
    }
  }

  int threads_;
  std::vector<std::jthread> servers_;
};

std::vector<Result> Alone(const Plan& plan) {
  const ToyTask task;
  Watch watch;
  return MakeThreadEvaluator(task, {.threads = 1, .clock = Seconds}, watch)->Run(plan).results;
}

void Sleep(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

TEST(Cluster, ResultsAreTheSameForAnyRanksAndThreads) {
  const Plan plan = MakePlan(23, 9);
  const std::vector<Result> expected = Alone(plan);
  for (const auto& [ranks, threads] : {std::pair(1, 2), {2, 1}, {5, 1}, {2, 2}}) {
    Job job(ranks, threads);
    Watch watch;
    job.Start(watch);
    EXPECT_EQ(job.evaluator->num_workers(), static_cast<size_t>(ranks * threads));
    for (int again = 0; again < 2; ++again) {
      EXPECT_EQ(job.evaluator->Run(plan).results, expected) << ranks << " x " << threads;
    }
    EXPECT_EQ(watch.jobs_done, watch.jobs_total);
  }
}

TEST(Cluster, AllRanksTakePart) {
  Job job(3);
  job.before_episode = [](auto, auto&) { Sleep(2); };
  Watch watch;
  job.Start(watch);
  const Evaluation evaluation = job.evaluator->Run(MakePlan(60, 1));
  uint64_t played = 0;
  for (const ToyTask& task : job.tasks) {
    EXPECT_GT(task.episodes_played, 5u);
    played += task.episodes_played;
  }
  EXPECT_GE(played, 60u);
  EXPECT_EQ(evaluation.episodes_run, 60u);
  const std::vector<RankReport> report = job.cluster->Report();
  ASSERT_EQ(report.size(), 3u);
  uint64_t shares = 0;
  for (const RankReport& rank : report) {
    EXPECT_GT(rank.busy_seconds, 0);
    EXPECT_EQ(rank.threads, 1u);
    shares += rank.shares;
  }
  EXPECT_EQ(shares, 60u);
}

TEST(Cluster, EqualEpisodesAreRunOnceByAllRanksTogether) {
  Job job(3);
  Watch watch;
  job.Start(watch);
  const Plan plan = MakePlan(2, 50);
  EXPECT_EQ(job.evaluator->Run(plan).episodes_run, 2 * ToyTask::kNumStarts);
  EXPECT_EQ(job.evaluator->Run(plan).episodes_run, 0u);
}

// --- Ranks that are lost -------------------------------------------------------------------------

TEST(Cluster, ALostRanksWorkGoesToTheOthers) {
  const Plan plan = MakePlan(60, 2);
  const std::vector<Result> expected = Alone(plan);
  for (int moment = 0; moment < 20; ++moment) {
    Job job(3);
    job.before_episode = [](auto, auto&) { Sleep(1); };
    Watch watch;
    job.Start(watch);
    std::jthread killer([&] {
      Sleep(3 * moment);
      job.hub.Kill(1);
    });
    EXPECT_EQ(job.evaluator->Run(plan).results, expected) << moment;
    killer.join();
    EXPECT_EQ(job.evaluator->Run(MakePlan(70, 2)).results, Alone(MakePlan(70, 2)));
    EXPECT_EQ(job.evaluator->num_workers(), 2u);
    EXPECT_EQ(job.warnings,
              std::vector<std::string>{"rank 1 was lost: what it had in work goes to the others"});
    EXPECT_TRUE(job.cluster->Report()[1].is_lost);
  }
}

TEST(Cluster, RankZeroGoesOnAlone) {
  const Plan plan = MakePlan(40, 2);
  Job job(3);
  job.before_episode = [](auto, auto&) { Sleep(1); };
  Watch watch;
  job.Start(watch);
  std::jthread killer([&] {
    Sleep(10);
    job.hub.Kill(1);
    job.hub.Kill(2);
  });
  EXPECT_EQ(job.evaluator->Run(plan).results, Alone(plan));
}

TEST(Cluster, ASilentRankHoldsUpNobody) {
  const Plan plan = MakePlan(30, 1);
  Job job(3);
  job.before_episode = [](auto, auto&) { Sleep(2); };
  Watch watch;
  job.Start(watch);
  std::jthread stopper([&] {
    Sleep(10);
    job.hub.Freeze(1);
  });
  EXPECT_EQ(job.evaluator->Run(plan).results, Alone(plan));
  EXPECT_EQ(job.evaluator->num_workers(), 3u) << "it is not lost";
  EXPECT_TRUE(job.warnings.empty());
  job.hub.Thaw(1);
  EXPECT_EQ(job.evaluator->Run(MakePlan(50, 2)).results, Alone(MakePlan(50, 2)));
}

TEST(Cluster, TheOthersEndWhenRankZeroDoes) {
  Job job(3);
  Watch watch;
  job.Start(watch);
  job.evaluator->Run(MakePlan(20, 1));
}  // or the job would never end

TEST(Cluster, TheOthersEndWhenRankZeroIsLost) {
  Job job(3);
  Watch watch;
  job.Start(watch);
  job.evaluator->Run(MakePlan(20, 1));
  job.hub.Kill(0);
  EXPECT_THROW(job.evaluator->Run(MakePlan(20, 1)), Hub::Killed);
  job.AbandonCluster();
}

// --- Evolution strategies ------------------------------------------------------------------------

struct Generations {
  std::vector<std::vector<float>> centres;
  std::vector<std::vector<Result>> results;
};

Generations Evolve(Algorithm& algorithm, Evaluator& evaluator, int rounds) {
  Generations generations;
  for (int i = 0; i < rounds; ++i) {
    const Plan plan = algorithm.Ask();
    generations.results.push_back(evaluator.Run(plan).results);
    const auto summary = algorithm.Tell(plan, generations.results.back());
    if (!summary) continue;
    for (const Centre& centre : summary->centres) generations.centres.push_back(*centre.parameters);
  }
  return generations;
}

Generations EvolveAlone(const AlgorithmMaker& make, int rounds) {
  const ToyTask task;
  Watch watch;
  const auto algorithm = make(SpaceOf(task));
  const auto evaluator = MakeThreadEvaluator(task, {.threads = 1, .clock = Seconds}, watch);
  return Evolve(*algorithm, *evaluator, rounds);
}

TEST(Cluster, RanksMakeTheCentresThemselves) {
  const Generations expected = EvolveAlone(MakeSmallEs, 11);
  Job job(3, 1, MakeSmallEs);
  Watch watch;
  job.Start(watch);
  const Generations found = Evolve(*job.algorithm, *job.evaluator, 11);
  EXPECT_EQ(found.centres, expected.centres);
  EXPECT_EQ(found.results, expected.results);
  EXPECT_EQ(job.hub.Count<MoveMessage>(), 5 * 2) << "five updates, two ranks";
  EXPECT_EQ(job.hub.Count<CentreMessage>(), 0) << "no weights were sent";
}

// As after `dne resume`: the ranks know the beginning of the run, rank 0 is further.
TEST(Cluster, ARankThatLacksACentreGetsItOnceAndMovesItFromThen) {
  const Generations expected = EvolveAlone(MakeSmallEs, 11);
  const ToyTask task;
  Watch watch;
  const auto before = MakeSmallEs(SpaceOf(task));
  const auto evaluator = MakeThreadEvaluator(task, {.threads = 1, .clock = Seconds}, watch);
  Evolve(*before, *evaluator, 5);

  Job job(3, 1, MakeSmallEs);
  job.Start(watch);
  job.algorithm->RestoreState(before->SaveState());
  const Generations found = Evolve(*job.algorithm, *job.evaluator, 6);
  EXPECT_EQ(found.results.back(), expected.results.back());
  EXPECT_EQ(found.centres.back(), expected.centres.back());
  EXPECT_EQ(job.hub.Count<CentreMessage>(), 2) << "one each";
}

// --- What goes wrong -----------------------------------------------------------------------------

TEST(Cluster, AnotherProgramIsRefusedWithBothNamed) {
  Job job(3);
  job.program = [](int rank) { return rank == 2 ? "dne 0.9" : "test"; };
  Watch watch;
  const std::string text = ErrorOf([&] { job.Start(watch); });
  EXPECT_EQ(text,
            "rank 2 is another program:\n  rank 0: test\n  rank 2: dne 0.9\nstart the same build "
            "of dne on every machine");
}

TEST(Cluster, ARankThatSaysNothingIsNamed) {
  Job job(3);
  job.hub.Freeze(2);
  job.patience = 0.2;
  Watch watch;
  EXPECT_ERROR(job.Start(watch), "rank 2 did not answer within 0 seconds");
  job.hub.Thaw(2);
}

TEST(Cluster, ARankThatCannotEvaluateItSaysWhy) {
  Job job(3);
  job.on_setup = [](int rank) {
    if (rank == 1) throw Error("no such game here");
  };
  Watch watch;
  EXPECT_ERROR(job.Start(watch), "rank 1: no such game here");
}

TEST(Cluster, WhatARankThrowsIsToldOfWithTheItem) {
  for (const bool is_bug : {false, true}) {
    Job job(3);
    std::atomic<int> played = 0;
    job.before_episode = [&](auto, auto&) {
      Sleep(1);
      if (++played != 50) return;
      if (is_bug) throw std::runtime_error("broken");
      throw Error("broken");
    };
    Watch watch;
    job.Start(watch);
    try {
      job.evaluator->Run(MakePlan(90, 1));
      ADD_FAILURE();
    } catch (const BugError& error) {
      EXPECT_TRUE(is_bug);
      EXPECT_NE(std::string(error.what()).find("generation 3, round train, item "),
                std::string::npos);
    } catch (const Error& error) {
      EXPECT_FALSE(is_bug);
      EXPECT_NE(std::string(error.what()).find("broken"), std::string::npos);
    }
    EXPECT_EQ(job.evaluator->Run(MakePlan(9, 1)).results, Alone(MakePlan(9, 1))) << "all go on";
  }
}

TEST(Cluster, CancellingStopsAllRanks) {
  Job job(3);
  job.before_episode = [](auto, auto&) { Sleep(5); };
  Watch watch;
  job.Start(watch);
  std::jthread canceller([&] {
    Sleep(30);
    watch.cancel = true;
  });
  EXPECT_THROW(job.evaluator->Run(MakePlan(1000, 3)), Cancelled);
  canceller.join();
  watch.cancel = false;
  EXPECT_EQ(job.evaluator->Run(MakePlan(9, 1)).results, Alone(MakePlan(9, 1)));
}

class Notes final : public Journal {
 public:
  std::vector<JobResult> Kept(const Plan&) override { return kept; }
  void Keep(std::vector<JobResult> results) override {
    kept.insert(kept.end(), results.begin(), results.end());
  }
  std::vector<JobResult> kept;
};

TEST(Cluster, WhatWasJournaledIsNotPlayedAgain) {
  const Plan plan = MakePlan(40, 2);
  Notes journal;
  {
    Job job(3);
    job.before_episode = [](auto, auto&) { Sleep(2); };
    Watch watch;
    job.Start(watch);
    std::jthread canceller([&] {
      Sleep(30);
      watch.cancel = true;
    });
    EXPECT_THROW(job.evaluator->Run(plan, journal), Cancelled);
  }
  const size_t first = journal.kept.size();
  EXPECT_GT(first, 0u);
  Job job(2);
  Watch watch;
  job.Start(watch);
  EXPECT_EQ(job.evaluator->Run(plan, journal).results, Alone(plan));
  EXPECT_LT(watch.jobs_total + first, 81u);
}

}  // namespace
}  // namespace dne
