// SPDX-License-Identifier: MIT
#include "dne/algorithms/ga.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "dne/algorithms/generation.h"
#include "dne/algorithms/limits.h"
#include "dne/algorithms/population.h"
#include "dne/algorithms/reward_weight.h"
#include "dne/algorithms/shaping.h"
#include "dne/algorithms/standing.h"
#include "dne/algorithms/stored_state.h"
#include "dne/base/error.h"

namespace dne {
namespace {

std::vector<const Genome*> GenomesOf(const Plan& plan) {
  std::vector<const Genome*> genomes;
  for (const Item& item : plan.items) genomes.push_back(&item.genome);
  return genomes;
}

// Individuals, which outlive it, and what each is ranked by.
struct Ranking {
  std::vector<const Genome*> genomes;
  std::vector<double> standings;

  std::vector<Genome> Best(int count) const {
    const std::vector<size_t> order = BestFirst(standings);
    std::vector<Genome> best;
    for (size_t i = 0; i < std::min<size_t>(Count(count), order.size()); ++i) {
      best.push_back(*genomes[order[i]]);
    }
    return best;
  }
};

struct Breeding {
  int num_parents = 0;
  float sigma = 0;
  Schedule sigma_schedule;
  PerturbationSpec perturbation;
  std::optional<NoveltySelection> novelty;  // none: parents are chosen by reward
};

// Without breeding it is random search.
class Ga final : public GenerationalAlgorithm {
 public:
  Ga(const TrialOptions& trials, std::optional<Breeding> breeding, uint64_t run_seed)
      : GenerationalAlgorithm("genetic algorithm", run_seed, trials.rounds, Round::kTrain),
        trials_(trials),
        breeding_(std::move(breeding)) {}

 private:
  // --- Who is tried ------------------------------------------------------------------------------

  void PlanTraining(Plan& plan) const override {
    const bool wants_trajectories = novelty() && novelty()->scorer.needs_trajectories();
    for (uint32_t i = 0; i < Count(trials_.population_size); ++i) {
      plan.items.push_back({.genome = IndividualGenome(i),
                            .episodes = StreamOf(i, Purpose::kTrainEpisode),
                            .num_episodes = Count(trials_.episodes),
                            .how = {.max_steps = Count(trials_.max_episode_steps),
                                    .notes = {.trajectory = wants_trajectories}}});
    }
  }

  Genome IndividualGenome(uint32_t i) const {
    const Birth birth{.generation = generation(), .item = i};
    if (!breeding_ || parents_.empty()) {
      return {.run_seed = run_seed(), .founder = birth, .mutations = {}};
    }
    if (IsCopy(i)) return parents_.front();
    Stream choice(StreamOf(i, Purpose::kParentChoice));
    const Genome& parent = parents_[choice.Below(static_cast<uint32_t>(parents_.size()))];
    return Child(parent,
                 {.birth = birth,
                  .sigma = breeding_->sigma_schedule.ValueAt(breeding_->sigma, generation())});
  }

  // Of the most novel individual of the generation before.
  bool IsCopy(uint32_t i) const { return novelty() && !parents_.empty() && i == 0; }

  void PlanValidation(Plan& plan) const override {
    for (uint32_t i = 0; i < candidates_.size(); ++i) {
      plan.items.push_back({.genome = candidates_[i],
                            .episodes = StreamOf(i, Purpose::kValidationEpisode),
                            .num_episodes = Count(trials_.rounds.validation_episodes),
                            .how = {.max_steps = Count(trials_.max_episode_steps)}});
    }
  }

  // An elite that does not breed is held as well: to decode all its ancestry would take long.
  void AddAncestors(Plan& plan) const override {
    plan.parents = parents_;
    if (breeding_) plan.perturbation = breeding_->perturbation;
    if (breeding_ && !novelty()) return;
    for (const Genome& elite : elite_) {
      if (std::ranges::find(parents_, elite) == parents_.end()) plan.parents.push_back(elite);
    }
  }

  // --- What is learned ---------------------------------------------------------------------------

  // The best num_parents become the next parents: by novelty where it is sought, else by reward.
  bool Train(const Plan& plan, std::span<const Result> results) override {
    DescribeFitness(FitnessOf(results), metrics());
    const Ranking by_reward = RankByReward(plan, results);
    SelectCandidates(by_reward);
    if (breeding_) {
      const Ranking ranking = novelty() ? RankByNovelty(plan, results) : by_reward;
      next_parents_ = ranking.Best(breeding_->num_parents);
    }
    return true;
  }

  Ranking RankByReward(const Plan& plan, std::span<const Result> results) const {
    Ranking ranking{GenomesOf(plan), StandingsOf(results)};
    if (trials_.elite_rule == EliteRule::kStale && !elite_.empty()) {
      ranking.genomes.push_back(&elite_.front());
      ranking.standings.push_back(elite_score_);
    }
    return ranking;
  }

  // 1712.06567, algorithm 2. The archive stays as it was until the novelty of all is known.
  Ranking RankByNovelty(const Plan& plan, std::span<const Result> results) {
    NoveltySelection& selection = *breeding_->novelty;
    std::vector<Behaviour> behaviours;
    selection.scorer.AddBehaviours(results, behaviours);
    std::vector<double> novelty = selection.scorer.NoveltyOfPopulation(behaviours);
    DescribeNovelty(novelty, metrics());
    AddToArchive(behaviours);
    std::vector<uint8_t> is_broken;
    for (const Result& result : results) is_broken.push_back(IsBroken(result));
    return {GenomesOf(plan),
            MixWithNovelty(selection.reward_weight, CentredRanks(StandingsOf(results)),
                           std::move(novelty), is_broken)};
  }

  // All but the copy, each with the same probability.
  void AddToArchive(std::span<const Behaviour> behaviours) {
    NoveltySelection& selection = *breeding_->novelty;
    for (uint32_t i = 0; i < behaviours.size(); ++i) {
      Stream entry(StreamOf(i, Purpose::kArchiveEntry));
      const bool enters = entry.NextFloat() < selection.archive_probability;
      if (enters && !IsCopy(i)) selection.scorer.AddToArchive(behaviours[i]);
    }
    metrics()["archive_size"] = static_cast<double>(selection.scorer.archive_size());
  }

  void SelectCandidates(const Ranking& by_reward) {
    if (trials_.elite_rule == EliteRule::kStale) {
      candidates_ = by_reward.Best(1);
      elite_score_ = std::ranges::max(by_reward.standings);
      return;
    }
    candidates_ = by_reward.Best(trials_.num_candidates - (elite_.empty() ? 0 : 1));
    candidates_.insert(candidates_.begin(), elite_.begin(), elite_.end());
  }

  // --- How it is judged --------------------------------------------------------------------------

  // The elite is the candidate with the best validation mean (the old elite wins ties). Where
  // reward chooses the parents it has a place among them: unmodified, in the last slot where it did
  // not earn one.
  void Judge(std::span<const Result> results) override {
    const size_t best = BestFirst(StandingsOf(results)).front();
    const Genome elite = candidates_[best];
    metrics()["elite_validation"] = FitnessOf(results)[best];
    elite_ = {elite};
    if (!breeding_ || novelty()) return;
    if (std::ranges::find(next_parents_, elite) == next_parents_.end()) {
      next_parents_.back() = elite;
    }
  }

  Genome Elite() const override { return elite_.front(); }

  void EndGeneration(GenerationSummary&) override {
    parents_ = std::exchange(next_parents_, {});
    candidates_.clear();
  }

  // --- The state ---------------------------------------------------------------------------------

  uint32_t state_version() const override { return 1; }

  void Save(ByteWriter& out) const override {
    AddGenomes(out, parents_);
    AddGenomes(out, next_parents_);
    AddGenomes(out, candidates_);
    AddGenomes(out, elite_);
    out.Add(elite_score_);
    if (novelty()) novelty()->scorer.Save(out);
  }

  void Restore(ByteReader& in, uint32_t) override {
    parents_ = ReadGenomes(in);
    next_parents_ = ReadGenomes(in);
    candidates_ = ReadGenomes(in);
    elite_ = ReadGenomes(in);
    elite_score_ = in.ReadDouble();
    if (novelty()) breeding_->novelty->scorer.Restore(in);
    ExpectSoundWhole();
  }

  // As generations leave them.
  void ExpectSoundWhole() const {
    const bool is_first = generation() == 0;
    const bool has_trained = round() != Round::kTrain;
    const size_t parents = breeding_ ? Count(breeding_->num_parents) : 0;
    const size_t candidates =
        trials_.elite_rule == EliteRule::kStale ? 1 : Count(trials_.num_candidates);
    ExpectSound(parents_.size() == (is_first ? 0 : parents) &&
                    next_parents_.size() == (has_trained ? parents : 0),
                "it has another number of parents than its configuration says");
    ExpectSound(candidates_.size() == (has_trained ? candidates : 0),
                "it has another number of candidates than its configuration says");
    ExpectSound(elite_.size() == (is_first && round() != Round::kTest ? 0 : 1),
                "it has another number of elites than one");
    ExpectSound(std::ranges::all_of(
                    parents_,
                    [&](const Genome& parent) { return parent.birth().generation < generation(); }),
                "a parent is not older than its children");
    if (novelty()) ExpectSoundArchive(has_trained);
  }

  void ExpectSoundArchive(bool has_trained) const {
    const uint64_t tried =
        (uint64_t{generation()} + (has_trained ? 1 : 0)) * Count(trials_.population_size);
    ExpectSound(novelty()->scorer.archive_size() <= tried,
                "its archive has more entries than individuals were tried");
  }

  // Null where it is not sought.
  const NoveltySelection* novelty() const {
    return breeding_ && breeding_->novelty ? &*breeding_->novelty : nullptr;
  }

  TrialOptions trials_;
  std::optional<Breeding> breeding_;

  std::vector<Genome> parents_;       // of this generation's children; none: founders
  std::vector<Genome> next_parents_;  // selected after the train round
  std::vector<Genome> candidates_;    // for elite, after the train round
  std::vector<Genome> elite_;         // one, or none before the first validation
  double elite_score_ = 0;            // EliteRule::kStale: what it stood at when it was chosen
};

}  // namespace

std::unique_ptr<Algorithm> MakeGa(const GaOptions& options, uint64_t run_seed,
                                  std::optional<NoveltySelection> novelty) {
  DNE_CHECK(options.num_parents >= 1);
  return std::make_unique<Ga>(options.trials,
                              Breeding{options.num_parents, options.sigma, options.sigma_schedule,
                                       options.Perturbation(), std::move(novelty)},
                              run_seed);
}

std::unique_ptr<Algorithm> MakeRandomSearch(const TrialOptions& options, uint64_t run_seed) {
  return std::make_unique<Ga>(options, std::nullopt, run_seed);
}

// --- As configurations have them ----------------------------------------------------------------

namespace {

constexpr std::array<Choice<EliteRule>, 2> kEliteRules = {
    {{"validated", EliteRule::kValidated}, {"stale", EliteRule::kStale}}};

}  // namespace

void TrialOptions::Visit(Fields& fields, std::string_view population_is) {
  fields.Add("population_size", population_size, kCounts, population_is);
  fields.Add("elite", elite_rule, kEliteRules,
             "the best mean of fresh validation episodes (1712.06567 v3), or the best single score "
             "so far, kept with that score (v1)");
  fields.Add("episodes", episodes, kCounts, "of each child; their mean is its fitness");
  fields.Add("num_candidates", num_candidates, kCounts,
             "validated a generation; at most population_size, and at least 2 where the elite is "
             "\"validated\"");
  fields.Add("validation_episodes", rounds.validation_episodes, kCounts, "of each candidate");
  rounds.VisitTest(fields, "of the elite, every generation, not counted in the budget; 0: no test");
  fields.Add("max_episode_steps", max_episode_steps, Range<int>{1, kMaxEpisodeSteps},
             "longest episode in training and validation");
}

void GaOptions::Visit(Fields& fields, std::string_view population_is) {
  trials.Visit(fields, population_is);
  fields.Add("num_parents", num_parents, kCounts,
             "truncation size T, the best T breed; at most population_size");
  VisitMutationPower(fields, sigma);
  sigma_schedule.Visit(fields, "sigma", kSigmas);
  mutation.Visit(fields);
}

namespace {

// `part` individuals are taken out of a population: there cannot be more of them.
void CheckPart(std::string_view name, const int& part, const int& population_size,
               Mistakes& mistakes) {
  if (part <= population_size) return;
  mistakes.Contradiction(
      fmt::format("{0} is {1}{2}, but population_size is {3}{4}: give {0} = {3} or less", name,
                  part, mistakes.DefaultNote(part), population_size,
                  mistakes.DefaultNote(population_size)),
      part, population_size);
}

template <class T>
void Check(const T& options, const TaskFacts& task, Mistakes& mistakes) {
  options.Check(task, mistakes);
}

}  // namespace

void GaOptions::Check(const TaskFacts& task, Mistakes& mistakes) const {
  CheckPart("num_parents", num_parents, trials.population_size, mistakes);
  trials.Check(task, mistakes);
}

void TrialOptions::Check(const TaskFacts& task, Mistakes& mistakes) const {
  CheckRewardIsReached("max_episode_steps", max_episode_steps, task, mistakes);
  rounds.CheckTest(task, mistakes);
  CheckPart("num_candidates", num_candidates, population_size, mistakes);
  if (elite_rule == EliteRule::kStale || num_candidates > 1) return;
  mistakes.Contradiction(
      "num_candidates is 1, which the old elite takes for ever: give 2 or more, or elite = "
      "\"stale\"",
      num_candidates);
}

const AlgorithmKind kGa = {
    .name = "ga",
    .title = "deep GA",
    .defaults = DefaultsOf<GaOptions>,
    .check = CheckAs<GaOptions, Check<GaOptions>>,
    .make =
        [](const Options& options, const StrategyContext& context) {
          return MakeGa(options.As<GaOptions>(), context.run_seed);
        },
    .rounds = [](const Options& options) { return options.As<GaOptions>().trials.rounds; },
    .perturbation = [](const Options& options) { return options.As<GaOptions>().Perturbation(); }};

const AlgorithmKind kRandomSearch = {
    .name = "random_search",
    .title = "random search",
    .defaults = DefaultsOf<TrialOptions>,
    .check = CheckAs<TrialOptions, Check<TrialOptions>>,
    .make =
        [](const Options& options, const StrategyContext& context) {
          return MakeRandomSearch(options.As<TrialOptions>(), context.run_seed);
        },
    .rounds = [](const Options& options) { return options.As<TrialOptions>().rounds; }};

}  // namespace dne
