// SPDX-License-Identifier: MIT
#include "dne/experiment/run.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "dne/algorithms/ga.h"
#include "dne/base/error.h"
#include "dne/experiment/builtins.h"
#include "dne/experiment/setup.h"
#include "dne/store/store.h"
#include "tests/tasks/toy_task.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

class Run : public testing::Test {
 protected:
  Run() {
    config_.algorithm.options = GaOptions{.trials = {.population_size = 10,
                                                     .num_candidates = 3,
                                                     .max_episode_steps = 100,
                                                     .rounds = {.validation_episodes = 4,
                                                                .test_episodes = 5,
                                                                .test_max_episode_steps = 100}},
                                          .num_parents = 3,
                                          .sigma = 0.05f};
    config_.budget.generations = 6;
  }

  EvaluatorOptions Options(int threads) {
    return {
        .threads = threads, .isa = BestIsa(), .clock = [this] { return ++half_seconds_ * 0.5; }};
  }

  StopReason Go(RunWriter& writer, const EvaluatorOptions& options, Watch& watch,
                RunObserver& observer) {
    const auto algorithm = MakeAlgorithm(config_, task_, options);
    Reporting evaluator(MakeThreadEvaluator(task_, options, watch), ranks_);
    return RunExperiment(config_.budget, *algorithm, evaluator, writer,
                         {task_.layout().num_parameters, options, watch, accuracy_}, observer);
  }

  std::unique_ptr<RunStore> NewStore(const std::string& name) {
    return RunStore::Create(folder_.path() / name,
                            {.config = ConfigToToml(config_), .seed = config_.seed});
  }

  std::vector<uint64_t> Digests(const RunStore& store) {
    std::vector<uint64_t> digests;
    for (const GenerationRecord& record : store.Generations()) digests.push_back(record.digest);
    return digests;
  }

  std::vector<uint64_t> WholeRun(int threads, Isa isa = BestIsa()) {
    const auto store = NewStore("whole-" + std::to_string(threads) + std::string(IsaName(isa)));
    EvaluatorOptions options = Options(threads);
    options.isa = isa;
    Watch watch;
    RunObserver observer;
    EXPECT_EQ(Go(*store, options, watch, observer), StopReason::kGenerations);
    return Digests(*store);
  }

  // An evaluator that says it were several processes.
  class Reporting final : public Evaluator {
   public:
    Reporting(std::unique_ptr<Evaluator> inner, const std::vector<RankReport>& ranks)
        : inner_(std::move(inner)), ranks_(ranks) {}
    size_t num_workers() const override { return inner_->num_workers(); }
    std::vector<RankReport> Report() const override { return ranks_; }

   private:
    Evaluation Evaluate(const Plan& plan, Journal* journal) override {
      return journal == nullptr ? inner_->Run(plan) : inner_->Run(plan, *journal);
    }
    std::unique_ptr<Evaluator> inner_;
    const std::vector<RankReport>& ranks_;
  };

  TempFolder folder_;
  ExperimentConfig config_;
  std::vector<RankReport> ranks_;
  ToyTask task_;
  std::function<double(std::span<const uint8_t>)> accuracy_;
  std::atomic<int> half_seconds_ = 0;
};

// Cancels at a given round, counted from its start.
class CancelAt final : public RunObserver {
 public:
  CancelAt(Watch& watch, int round) : watch_(watch), left_(round) {}
  void OnPlan(const Plan&) override {
    if (left_-- == 0) watch_.cancel = true;
  }

 private:
  Watch& watch_;
  int left_;
};

TEST_F(Run, ThreadsAndCodePathsDoNotShowInTheDigests) {
  const std::vector<uint64_t> one = WholeRun(1);
  ASSERT_EQ(one.size(), 6u);
  EXPECT_EQ(WholeRun(2), one);
  EXPECT_EQ(WholeRun(5), one);
  for (Isa isa : SupportedIsas()) EXPECT_EQ(WholeRun(3, isa), one) << IsaName(isa);
}

TEST_F(Run, AnotherSeedIsAnotherRun) {
  const std::vector<uint64_t> one = WholeRun(1);
  config_.seed = 2;
  EXPECT_NE(WholeRun(2).front(), one.front());
}

TEST_F(Run, CancelledAtAnyRoundAndResumedItIsTheSameRun) {
  const std::vector<uint64_t> whole = WholeRun(1);
  for (int rounds_before_cancel : {0, 1, 2, 3, 5}) {
    const std::string name = "cut-" + std::to_string(rounds_before_cancel);
    NewStore(name).reset();
    StopReason reason = StopReason::kCancelled;
    int starts = 0;
    while (reason == StopReason::kCancelled && starts < 40) {
      const auto store = RunStore::Open(folder_.path() / name);
      Watch watch;
      // Sooner or later it must get past the round it is cancelled in.
      CancelAt observer(watch, rounds_before_cancel + (starts++ % 2));
      reason = Go(*store, Options(2), watch, observer);
    }
    EXPECT_EQ(Digests(*RunStore::OpenReadOnly(folder_.path() / name)), whole)
        << rounds_before_cancel;
  }
}

TEST_F(Run, FinishedRunGoesOnWithALargerBudget) {
  config_.budget.generations = 8;
  const std::vector<uint64_t> whole = WholeRun(1);
  config_.budget.generations = 3;
  NewStore("extended").reset();
  RunObserver observer;
  for (uint64_t generations : {3, 8}) {
    config_.budget.generations = generations;
    const auto store = RunStore::Open(folder_.path() / "extended");
    Watch watch;
    Go(*store, Options(1), watch, observer);
    EXPECT_EQ(store->Generations().size(), generations);
  }
  EXPECT_EQ(Digests(*RunStore::OpenReadOnly(folder_.path() / "extended")), whole);
}

TEST_F(Run, StopsAtTheBudgetItMeetsFirstBetweenGenerations) {
  config_.budget = {.steps = 100};
  RunObserver observer;
  Watch watch;
  const auto by_steps = NewStore("steps");
  EXPECT_EQ(Go(*by_steps, Options(1), watch, observer), StopReason::kSteps);
  EXPECT_EQ(by_steps->Generations().size(), 1u);

  config_.budget = {.generations = 50, .frames = 1000};
  const auto by_frames = NewStore("frames");
  EXPECT_EQ(Go(*by_frames, Options(1), watch, observer), StopReason::kFrames);
  const auto last = by_frames->LastGeneration();
  EXPECT_GE(last->metrics.at("frames_total"), 1000);

  config_.budget = {.generations = 50, .target = -1e9};
  const auto by_target = NewStore("target");
  EXPECT_EQ(Go(*by_target, Options(1), watch, observer), StopReason::kTarget);
  EXPECT_EQ(by_target->Generations().size(), 1u);
}

// The toy's episodes with one no-op are its shortest: a trial that has one reaches the goal.
TEST_F(Run, CountsTheTrialsUntilTheGoalIsReached) {
  config_.budget = {.generations = 50, .until_solved = true};
  config_.algorithm.options.As<GaOptions>().trials.population_size = 4;
  task_.solved_noops = 1;
  RunObserver observer;
  Watch watch;
  const auto store = NewStore("solved");
  EXPECT_EQ(Go(*store, Options(2), watch, observer), StopReason::kSolved);
  uint32_t before = 0;
  for (const GenerationRecord& record : store->Generations()) {
    const auto trials = store->Trials(record.generation, "train");
    const auto first = std::ranges::find_if(trials, &TrialRecord::solved);
    if (first == trials.end()) {
      EXPECT_FALSE(record.metrics.contains("solved"));
      EXPECT_FALSE(record.metrics.contains("evaluations_until_solved"));
      before += 4;
      continue;
    }
    EXPECT_EQ(record.metrics.at("solved"), std::ranges::count_if(trials, &TrialRecord::solved));
    EXPECT_EQ(record.metrics.at("evaluations_until_solved"), before + first->index + 1);
    EXPECT_EQ(record.generation, store->LastGeneration()->generation) << "it is the last one";
  }
  EXPECT_TRUE(store->LastGeneration()->metrics.contains("solved"));
  EXPECT_GT(before, 0u) << "the first generation solves it: another seed shows more";
}

// Whatever happens later, and however often the run is cut.
TEST_F(Run, TheTrialsUntilTheGoalAreTheFirstOnes) {
  task_.solved_noops = 2;
  const auto metrics_of = [&](const std::string& name, int cut_at) {
    NewStore(name).reset();
    StopReason reason = StopReason::kCancelled;
    for (int starts = 0; reason == StopReason::kCancelled && starts < 40; ++starts) {
      const auto store = RunStore::Open(folder_.path() / name);
      Watch watch;
      CancelAt observer(watch, cut_at + starts % 2);
      reason = Go(*store, Options(2), watch, observer);
    }
    std::vector<std::pair<double, double>> metrics;
    for (const GenerationRecord& record :
         RunStore::OpenReadOnly(folder_.path() / name)->Generations()) {
      const auto of = [&](const char* metric) {
        const auto found = record.metrics.find(metric);
        return found == record.metrics.end() ? -1 : found->second;
      };
      metrics.emplace_back(of("solved"), of("evaluations_until_solved"));
    }
    return metrics;
  };
  const auto whole = metrics_of("whole", 1000);
  ASSERT_EQ(whole.size(), 6u);
  EXPECT_GT(whole.back().second, 0);
  EXPECT_EQ(metrics_of("cut", 0), whole);
  EXPECT_EQ(metrics_of("cut-again", 2), whole);
}

TEST_F(Run, StoresEveryTrialWithItsParentAndItsDifferentEpisodes) {
  config_.budget.generations = 2;
  const auto store = NewStore("trials");
  Watch watch;
  RunObserver observer;
  Go(*store, Options(2), watch, observer);
  EXPECT_EQ(store->Trials(0, "train").size(), 10u);
  const auto validation = store->Trials(1, "validate");
  ASSERT_EQ(validation.size(), 3u);
  for (const TrialRecord& trial : validation) {
    uint32_t draws = 0;
    for (uint32_t n : trial.draws) draws += n;
    EXPECT_EQ(draws, 4u);
    EXPECT_EQ(trial.draws.size(), trial.episodes.size());
  }
  const auto children = store->Trials(1, "train");
  ASSERT_EQ(children.size(), 10u);
  for (const TrialRecord& child : children) {
    ASSERT_TRUE(child.parent);
    EXPECT_EQ(child.parent->generation, 0u);
    EXPECT_EQ(child.sigma, 0.05f);
    EXPECT_EQ(child.episodes[0].descriptor.size(), 1u);
  }
}

TEST_F(Run, TheEliteOfEachGenerationRebuildsFromItsGenome) {
  const auto store = NewStore("elite");
  Watch watch;
  RunObserver observer;
  Go(*store, Options(2), watch, observer);
  for (const GenerationRecord& record : store->Generations()) {
    const Genome elite = DecodeGenome(record.elite);
    EXPECT_EQ(elite.run_seed, config_.seed);
    EXPECT_LE(elite.birth().generation, record.generation);
    EXPECT_EQ(record.metrics.at("genome_bytes"), static_cast<double>(record.elite.size()));
  }
}

// The names that begin the rows of docs/metrics.md.
std::set<std::string> DocumentedMetrics() {
  std::ifstream page(fs::path(DNE_SOURCE_DIR) / "docs/metrics.md");
  std::set<std::string> names;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("| `")) names.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return names;
}

// And whatever is documented is a metric of some algorithm.
TEST_F(Run, EveryMetricIsDocumented) {
  std::set<std::string> found;
  task_.own_end = EpisodeEnd::kSolved;
  accuracy_ = [](std::span<const uint8_t>) { return 0.5; };
  ranks_ = {{.rank = 0}, {.rank = 1, .is_lost = true}};
  constexpr const char* kArchive =
      "[[archive.axes]]\nname = \"x\"\ncoordinate = 0\nlower = 0\nupper = 256\ncells = 4\n";
  // Each with its other sections.
  std::vector<std::pair<std::string, std::string>> kinds = {
      {"pgpe\"\ngeneration_steps = 99\nmax_population_size = 160\n#", ""}};
  for (const AlgorithmKind* kind : AlgorithmKinds()) {
    kinds.emplace_back(kind->name, kind->archive ? kArchive : "");
  }
  for (size_t i = 0; i < kinds.size(); ++i) {
    config_ = ParseConfig("[algorithm]\ntype = \"" + kinds[i].first +
                              "\"\npopulation_size = 80\nvalidation_episodes = 2\n"
                              "test_episodes = 2\nmax_episode_steps = 100\n" +
                              kinds[i].second + "[budget]\ngenerations = 2\n",
                          kinds[i].first);
    const auto store = NewStore("kind-" + std::to_string(i));
    Watch watch;
    RunObserver observer;
    Go(*store, Options(1), watch, observer);
    for (const GenerationRecord& record : store->Generations()) {
      for (const auto& [name, value] : record.metrics) found.insert(name);
    }
  }
  EXPECT_EQ(found, DocumentedMetrics());
}

TEST_F(Run, CountsAndStoresItsRanks) {
  ranks_ = {{.rank = 0, .host = "a"}, {.rank = 1, .is_lost = true}, {.rank = 2}};
  const auto store = NewStore("ranks");
  Watch watch;
  RunObserver observer;
  Go(*store, Options(1), watch, observer);
  EXPECT_EQ(store->Generations().back().metrics.at("ranks"), 2);
  EXPECT_EQ(store->Generations().back().metrics.at("ranks_lost"), 1);
  EXPECT_EQ(store->Ranks(), ranks_);
}

TEST_F(Run, EvolvesTheToyTask) {
  config_.budget.generations = 30;
  const auto store = NewStore("learns");
  Watch watch;
  RunObserver observer;
  Go(*store, Options(2), watch, observer);
  const auto generations = store->Generations();
  EXPECT_GT(generations.back().metrics.at("elite_validation"),
            generations.front().metrics.at("elite_validation") + 1);
}

// Its state ended its own numbers where the count of evaluations begins.
TEST_F(Run, GoesOnWithRunsOfOlderVersions) {
  // Where the counts of version 2 begin, and the accuracy of version 3.
  constexpr size_t kCounts = 4 + 3 * 8 + 4 + 5 * 8 + 1 + 8 + 4;
  constexpr size_t kAccuracy = kCounts + 8 + 8 + 4;
  constexpr size_t kEnd = kAccuracy + 1 + 8 + 8;
  const std::vector<uint64_t> whole = WholeRun(1);
  for (const char version : {'\1', '\2'}) {
    config_.budget.generations = 3;
    Watch watch;
    RunObserver observer;
    const auto store = NewStore("old-" + std::to_string(int{version}));
    Go(*store, Options(1), watch, observer);
    std::string state = store->LastCheckpoint()->state;
    const size_t from = version == '\1' ? kCounts : kAccuracy;
    state.erase(from, kEnd - from);
    state[0] = version;
    store->Write({.next_generation = 3, .state = state});
    config_.budget.generations = 6;
    EXPECT_EQ(Go(*store, Options(1), watch, observer), StopReason::kGenerations);
    EXPECT_EQ(Digests(*store), whole);
  }
}

TEST_F(Run, StateOfAnotherVersionIsRefused) {
  NewStore("foreign")->Write({.state = std::string("\x63\0\0\0 and more", 13)});
  const auto store = RunStore::Open(folder_.path() / "foreign");
  Watch watch;
  RunObserver observer;
  try {
    Go(*store, Options(1), watch, observer);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("another version"), std::string::npos);
  }
}

}  // namespace
}  // namespace dne
