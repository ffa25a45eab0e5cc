// SPDX-License-Identifier: MIT
// Members of low rank, which a worker plays side by side by their factors, and policies of any kind
// where a task mixes them: results are the same whoever is played beside whom.
#include <gtest/gtest.h>

#include <algorithm>

#include "dne/base/error.h"
#include "dne/evaluate/evaluator.h"
#include "dne/genome/parent_cache.h"
#include "dne/tasks/episode_task.h"
#include "dne/tasks/supervised_task.h"
#include "tests/expect_error.h"
#include "tests/tasks/toy_world.h"

namespace dne {
namespace {

constexpr PerturbationSpec kLowRank{.kind = PerturbationKind::kLowRank, .rank = 2};

// Episodes last 4 to 10 steps, as the plan asks.
class Members : public testing::Test {
 protected:
  explicit Members(ToyCourse course = {.lanes = 3}) : task_(TaskOf(course)) {}

  static std::unique_ptr<Task> TaskOf(const ToyCourse& course) {
    const auto world = std::make_shared<const ToyWorld>(course);
    return MakeEpisodeTask(
        {.world = world, .network = MakeNetwork(world->spec(), {.hidden = {{.units = 7}}})});
  }

  // Pairs around two centres, of one to five episodes each.
  Plan MakePlan(const Task& task) const {
    Plan plan{.generation = 3, .round = "train", .perturbation = perturbation_};
    for (const uint32_t agent : {0u, 1u}) {
      auto numbers = std::make_shared<std::vector<float>>(task.layout().policy_size());
      task.initialiser(BestIsa())({.seed = 4, .item = agent}, *numbers);
      plan.centres.push_back({CentreBirth(2, agent), numbers});
    }
    for (uint32_t i = 0; i < 31; ++i) {
      const Birth centre = plan.centres[i / 20].birth;
      const Genome genome{
          .run_seed = 5, .founder = centre, .mutations = {{{3, i}, 0.1f, i % 2 == 1}}};
      plan.items.push_back({.genome = genome,
                            .episodes = {5, 3, i / 2, Purpose::kTrainEpisode},
                            .num_episodes = 1 + i % 5,
                            .how = {.max_steps = 4 + i % 7, .perturbed = true}});
    }
    return plan;
  }

  std::vector<Result> Evaluate(const Plan& plan, int threads, Isa isa) const {
    Watch watch;
    const EvaluatorOptions options{.threads = threads, .isa = isa, .clock = [] { return 0.0; }};
    return MakeThreadEvaluator(*task_, options, watch)->Run(plan).results;
  }

  // As a policy of its own; of the member's own weights where `decodes`.
  Result PlayAlone(const Plan& plan, size_t i, bool decodes) const {
    const Item& item = plan.items[i];
    ParentCache cache(task_->layout(), task_->initialiser(BestIsa()), BestIsa());
    cache.Hold({}, plan.centres, perturbation_);
    std::vector<float> weights(task_->layout().policy_size());
    cache.Express(item.genome, weights);
    LowRankChange change;
    const auto parent = decodes ? std::span<const float>() : cache.ParentOf(item.genome);
    if (!decodes) cache.DrawChange(item.genome, parent, change);
    Stream stream(item.episodes);
    std::vector<EpisodeStart> starts;
    while (starts.size() < item.num_episodes) starts.push_back(task_->DrawStart(stream));
    std::atomic<uint64_t> steps = 0;
    const std::atomic<bool> cancel = false;
    const PolicyView view = decodes ? PolicyView{weights} : PolicyView{parent, &change};
    return task_->MakeWorker(BestIsa())->Run(view, starts, item.how, steps, cancel);
  }

  PerturbationSpec perturbation_ = kLowRank;
  std::unique_ptr<Task> task_;
};

TEST_F(Members, ScoreAsEachAloneByItsFactorsWhateverTheThreadsLanesAndCodePath) {
  const Plan plan = MakePlan(*task_);
  std::vector<Result> alone;
  int differ = 0;
  for (size_t i = 0; i < plan.items.size(); ++i) {
    alone.push_back(PlayAlone(plan, i, false));
    differ += alone.back().episodes != PlayAlone(plan, i, /*decodes=*/true).episodes;
  }
  EXPECT_GT(differ, 20) << "decoded weights round otherwise";
  for (const int lanes : {1, 3, 16}) {
    task_ = TaskOf({.lanes = lanes});
    for (const int threads : {1, 2, 5}) {
      for (const Isa isa : SupportedIsas()) {
        const std::vector<Result> together = Evaluate(plan, threads, isa);
        for (size_t i = 0; i < alone.size(); ++i) {
          EXPECT_EQ(together[i].episodes, alone[i].episodes)
              << i << " of " << lanes << " lanes, " << threads << " threads";
        }
      }
    }
  }
}

// Several of them at a time, where their mini-batches are small, plain and whole.
TEST_F(Members, OfMiniBatchesScoreAsEachAlone) {
  const auto data = std::make_shared<const ImageData>(MakePatches());
  const auto network = std::make_shared<const Network>(
      NetworkSpec{.hidden = {{.type = LayerType::kConv2d, .units = 5, .kernel = 3, .stride = 2},
                             {.units = 7}}},
      Shape{12, 12, 1}, 9);
  for (const int batch_size : {5, 16, 31, 40}) {
    task_ = MakeSupervisedTask(network, data, batch_size);
    Plan plan = MakePlan(*task_);
    for (Item& item : plan.items) {
      item.num_episodes = 1;
      item.how.max_steps = 1000;
    }
    Plan mixed = plan;
    mixed.items[3].num_episodes = 2;
    mixed.items[11].how.max_steps = 3;
    mixed.items[25].how.notes.experience = 2;
    for (const Plan& each : {plan, mixed}) {
      for (const Isa isa : SupportedIsas()) {
        const std::vector<Result> together = Evaluate(each, 2, isa);
        for (size_t i = 0; i < each.items.size(); ++i) {
          EXPECT_EQ(together[i].episodes, PlayAlone(each, i, false).episodes)
              << i << ", mini-batches of " << batch_size;
        }
      }
    }
  }
}

// Of full rank, with parents' own episodes among theirs.
class Mixed : public Members {
 protected:
  Mixed() : Members({.lanes = 3, .steps_together = true}) {
    perturbation_ = {};
    plan_ = MakePlan(*task_);
    for (size_t i = 3; i < plan_.items.size(); i += 7) plan_.items[i].genome.mutations.clear();
  }

  Plan plan_;
};

TEST_F(Mixed, PoliciesScoreAsEachAloneWhateverTheThreadsLanesAndCodePath) {
  std::vector<Result> alone;
  for (size_t i = 0; i < plan_.items.size(); ++i) {
    alone.push_back(PlayAlone(plan_, i, /*decodes=*/true));
  }
  for (const int lanes : {2, 3, 16}) {
    task_ = TaskOf({.lanes = lanes, .steps_together = true});
    EXPECT_TRUE(task_->mixes_policies());
    for (const int threads : {1, 2, 5}) {
      for (const Isa isa : SupportedIsas()) {
        const std::vector<Result> together = Evaluate(plan_, threads, isa);
        for (size_t i = 0; i < alone.size(); ++i) {
          EXPECT_EQ(together[i].episodes, alone[i].episodes)
              << i << " of " << lanes << " lanes, " << threads << " threads";
        }
      }
    }
  }
}

TEST_F(Mixed, AnErrorNamesThePolicyItHappenedTo) {
  Stream stream(plan_.items[22].episodes);  // which only its other half shares
  task_ = TaskOf(
      {.lanes = 3, .steps_together = true, .burns_at = task_->DrawStart(stream).seed.value()});
  EXPECT_ERROR(Evaluate(plan_, 1, BestIsa()),
               "generation 3, round train, item 22, individual 3.22: the toy is on fire");
}

class KeepingJournal final : public Journal {
 public:
  std::vector<JobResult> Kept(const Plan&) override { return kept; }
  void Keep(std::vector<JobResult> results) override {
    kept.insert(kept.end(), results.begin(), results.end());
  }
  std::vector<JobResult> kept;
};

TEST_F(Members, AreTheSameWhenSomeAreKnownAlready) {
  const Plan plan = MakePlan(*task_);
  const std::vector<Result> expected = Evaluate(plan, 2, BestIsa());
  KeepingJournal whole;
  Watch watch;
  double now = 0;
  const EvaluatorOptions options{.threads = 1, .clock = [&] { return now += 1; }};
  const Evaluation first = MakeThreadEvaluator(*task_, options, watch)->Run(plan, whole);
  EXPECT_EQ(first.results, expected);
  // Times since the job before, so that they add up: a look at the clock for each job.
  EXPECT_EQ(first.episode_seconds, static_cast<double>(whole.kept.size()));
  for (size_t step = 2; step < 5; ++step) {
    KeepingJournal some;
    for (size_t i = 0; i < whole.kept.size(); i += step) some.kept.push_back(whole.kept[i]);
    EXPECT_EQ(MakeThreadEvaluator(*task_, options, watch)->Run(plan, some).results, expected);
  }
}

TEST_F(Members, AnErrorNamesTheMemberItHappenedTo) {
  const Plan plan = MakePlan(*task_);
  Stream stream(plan.items[22].episodes);  // which only its other half shares
  task_ = TaskOf({.lanes = 3, .burns_at = task_->DrawStart(stream).seed.value()});
  try {
    Evaluate(plan, 1, BestIsa());
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "generation 3, round train, item 22, individual 3.22: the toy is on fire");
  }
}

TEST_F(Members, ThatAreCancelledKeepWhatEnded) {
  const Plan plan = MakePlan(*task_);
  KeepingJournal journal;
  Watch watch;
  double looks = 0;
  const EvaluatorOptions options{.threads = 1, .clock = [&] {
                                   if (++looks == 8) watch.cancel = true;
                                   return looks;
                                 }};
  EXPECT_THROW(MakeThreadEvaluator(*task_, options, watch)->Run(plan, journal), Cancelled);
  EXPECT_GE(journal.kept.size(), 6u);
  EXPECT_LT(journal.kept.size(), 12u);
  const std::vector<Result> expected = Evaluate(plan, 2, BestIsa());
  Watch again;
  EXPECT_EQ(MakeThreadEvaluator(*task_, {.threads = 2, .clock = [] { return 0.0; }}, again)
                ->Run(plan, journal)
                .results,
            expected);
}

}  // namespace
}  // namespace dne
