// SPDX-License-Identifier: MIT
#include "dne/algorithms/steady_state_ga.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "dne/algorithms/limits.h"
#include "dne/algorithms/population.h"
#include "dne/algorithms/standing.h"
#include "dne/algorithms/stored_state.h"
#include "dne/base/error.h"

namespace dne {
namespace {

struct Individual {
  Genome genome;
  double standing = 0;

  bool operator==(const Individual&) const = default;
};

class SteadyStateGa final : public GenerationalAlgorithm {
 public:
  SteadyStateGa(const SteadyStateGaOptions& options, uint64_t run_seed)
      : GenerationalAlgorithm("steady-state GA", run_seed, options.rounds, Round::kTrain),
        options_(options) {}

 private:
  // --- Who is tried ------------------------------------------------------------------------------

  void PlanTraining(Plan& plan) const override {
    const int count = population_.empty() ? options_.population_size : options_.num_children;
    for (uint32_t i = 0; i < Count(count); ++i) {
      plan.items.push_back({.genome = ChildGenome(i),
                            .episodes = StreamOf(i, Purpose::kTrainEpisode),
                            .num_episodes = Count(options_.episodes),
                            .how = {.max_steps = Count(options_.max_episode_steps)}});
    }
  }

  Genome ChildGenome(uint32_t i) const {
    const Birth birth{.generation = generation(), .item = i};
    if (population_.empty()) return {.run_seed = run_seed(), .founder = birth, .mutations = {}};
    const size_t parent = Tournament(StreamOf(i, Purpose::kParentChoice), std::greater<>());
    return Child(population_[parent].genome, {.birth = birth, .sigma = options_.sigma});
  }

  // The index of the contestant that is `better` than all drawn before it.
  template <class Better>
  size_t Tournament(const StreamId& id, const Better& better) const {
    Stream stream(id);
    std::vector<size_t> left(population_.size());
    std::iota(left.begin(), left.end(), size_t{0});
    const size_t size = std::min<size_t>(Count(options_.tournament_size), left.size());
    size_t winner = 0;
    for (size_t drawn = 0; drawn < size; ++drawn) {
      std::swap(left[drawn],
                left[drawn + stream.Below(static_cast<uint32_t>(left.size() - drawn))]);
      const size_t contestant = left[drawn];
      if (drawn == 0 || better(population_[contestant].standing, population_[winner].standing)) {
        winner = contestant;
      }
    }
    return winner;
  }

  void PlanValidation(Plan& plan) const override {
    plan.items.push_back({.genome = Elite(),
                          .episodes = StreamOf(0, Purpose::kValidationEpisode),
                          .num_episodes = Count(options_.rounds.validation_episodes),
                          .how = {.max_steps = Count(options_.max_episode_steps)}});
  }

  void AddAncestors(Plan& plan) const override {
    for (const Individual& individual : population_) plan.parents.push_back(individual.genome);
    plan.perturbation = options_.mutation.Spec(options_.max_episode_steps);
  }

  // --- What is learned ---------------------------------------------------------------------------

  bool Train(const Plan& plan, std::span<const Result> results) override {
    DescribeFitness(FitnessOf(results), metrics());
    const bool founds = population_.empty();
    for (uint32_t i = 0; i < results.size(); ++i) {
      const Individual child{.genome = plan.items[i].genome, .standing = Standing(results[i])};
      if (elite_.empty() || child.standing > elite_.front().standing) elite_ = {child};
      population_.push_back(child);
      if (!founds) RemoveOne(i);
    }
    return true;
  }

  void RemoveOne(uint32_t child) {
    const size_t loser = Tournament(StreamOf(child, Purpose::kRemovalChoice), std::less<>());
    population_.erase(population_.begin() + static_cast<ptrdiff_t>(loser));
  }

  void Judge(std::span<const Result> results) override {
    metrics()["elite_validation"] = results.front().MeanScore();
  }

  Genome Elite() const override { return elite_.front().genome; }
  void EndGeneration(GenerationSummary&) override {}

  // --- The state ---------------------------------------------------------------------------------

  uint32_t state_version() const override { return 1; }

  void Save(ByteWriter& out) const override {
    SaveIndividuals(population_, out);
    SaveIndividuals(elite_, out);
  }

  void Restore(ByteReader& in, uint32_t) override {
    population_ = ReadIndividuals(in);
    elite_ = ReadIndividuals(in);
    const bool is_new = generation() == 0 && round() == Round::kTrain;
    ExpectSound(population_.size() == (is_new ? 0 : Count(options_.population_size)),
                "it has another number of individuals than its configuration says");
    ExpectSound(elite_.size() == (is_new ? 0 : 1), "it has no elite, or several");
    for (const Individual& individual : population_) {
      ExpectSound(individual.genome.birth().generation < generation() + (round() != Round::kTrain),
                  "it has individuals that are yet to be born");
    }
  }

  static void SaveIndividuals(std::span<const Individual> individuals, ByteWriter& out) {
    std::vector<Genome> genomes;
    for (const Individual& individual : individuals) genomes.push_back(individual.genome);
    AddGenomes(out, genomes);
    for (const Individual& individual : individuals) out.Add(individual.standing);
  }

  static std::vector<Individual> ReadIndividuals(ByteReader& in) {
    std::vector<Individual> individuals;
    for (Genome& genome : ReadGenomes(in)) individuals.push_back({std::move(genome), 0});
    for (Individual& individual : individuals) {
      individual.standing = in.ReadDouble();
      ExpectSound(!std::isnan(individual.standing), "a score is not a number");
    }
    return individuals;
  }

  SteadyStateGaOptions options_;

  // The state.
  std::vector<Individual> population_;  // in the order of their births
  std::vector<Individual> elite_;       // the first one is; none before the first round
};

void Check(const SteadyStateGaOptions& options, const TaskFacts& task, Mistakes& mistakes) {
  CheckRewardIsReached("max_episode_steps", options.max_episode_steps, task, mistakes);
  options.rounds.CheckTest(task, mistakes);
}

}  // namespace

std::unique_ptr<Algorithm> MakeSteadyStateGa(const SteadyStateGaOptions& options,
                                             uint64_t run_seed) {
  return std::make_unique<SteadyStateGa>(options, run_seed);
}

void SteadyStateGaOptions::Visit(Fields& fields) {
  fields.Add("population_size", population_size, kCounts, "individuals");
  fields.Add("num_children", num_children, kCounts,
             "a generation, all of the same population; the paper's is 1, more keep threads busy");
  fields.Add("tournament_size", tournament_size, kCounts,
             "contestants of the tournament for a child's parent, and of that for who is removed");
  VisitMutationPower(fields, sigma);
  mutation.Visit(fields);
  fields.Add("episodes", episodes, kCounts, "of each child; their mean is its fitness");
  fields.Add("validation_episodes", rounds.validation_episodes, kCounts, "of the elite");
  rounds.VisitTest(fields, "of the elite, every generation, not counted in the budget; 0: no test");
  fields.Add("max_episode_steps", max_episode_steps, Range<int>{1, kMaxEpisodeSteps},
             "longest episode in training and validation");
}

const AlgorithmKind kSteadyStateGa = {
    .name = "steady_state_ga",
    .title = "steady-state GA",
    .defaults = DefaultsOf<SteadyStateGaOptions>,
    .check = CheckAs<SteadyStateGaOptions, Check>,
    .make =
        [](const Options& options, const StrategyContext& context) {
          return MakeSteadyStateGa(options.As<SteadyStateGaOptions>(), context.run_seed);
        },
    .rounds = [](const Options& options) { return options.As<SteadyStateGaOptions>().rounds; },
    .perturbation =
        [](const Options& options) {
          const auto& of = options.As<SteadyStateGaOptions>();
          return of.mutation.Spec(of.max_episode_steps);
        }};

}  // namespace dne
