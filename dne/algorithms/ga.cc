// SPDX-License-Identifier: MIT
#include "dne/algorithms/ga.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "dne/algorithms/generation.h"
#include "dne/algorithms/standing.h"
#include "dne/base/bytes.h"
#include "dne/base/error.h"

namespace dne {
namespace {

uint32_t Count(int value) { return static_cast<uint32_t>(value); }

// Indices, best standing first; equal ones in index order.
std::vector<size_t> BestFirst(std::span<const double> standings) {
  std::vector<size_t> order(standings.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [&](size_t a, size_t b) {
    return standings[a] != standings[b] ? standings[a] > standings[b] : a < b;
  });
  return order;
}

std::vector<double> FitnessOf(std::span<const Result> results) {
  std::vector<double> fitness;
  for (const Result& result : results) {
    fitness.push_back(result.MeanScore());
    DNE_CHECK(!std::isnan(fitness.back()));
  }
  return fitness;
}

// What they are ranked by.
std::vector<double> StandingsOf(std::span<const Result> results) {
  std::vector<double> standings;
  for (const Result& result : results) standings.push_back(Standing(result));
  return standings;
}

void AddGenomes(ByteWriter& out, std::span<const Genome> genomes) {
  out.Add(static_cast<uint64_t>(genomes.size()));
  for (const Genome& genome : genomes) out.AddBytes(EncodeGenome(genome));
}

std::vector<Genome> ReadGenomes(ByteReader& in) {
  std::vector<Genome> genomes(in.ReadCount());
  for (Genome& genome : genomes) genome = DecodeGenome(in.ReadBytes());
  return genomes;
}

class Ga final : public GenerationalAlgorithm {
 public:
  Ga(const GaOptions& options, uint64_t run_seed)
      : GenerationalAlgorithm("genetic algorithm", run_seed, options.rounds, Round::kTrain),
        options_(options) {}

 private:
  // --- Who is tried ------------------------------------------------------------------------------

  void PlanTraining(Plan& plan) const override {
    for (uint32_t i = 0; i < Count(options_.population_size); ++i) {
      plan.items.push_back({.genome = ChildGenome(i),
                            .episodes = StreamOf(i, Purpose::kTrainEpisode),
                            .num_episodes = Count(options_.episodes),
                            .how = {.max_steps = Count(options_.max_episode_steps)}});
    }
  }

  Genome ChildGenome(uint32_t i) const {
    const Birth birth{.generation = generation(), .item = i};
    if (options_.random_search || parents_.empty()) {
      return {.run_seed = run_seed(), .founder = birth, .mutations = {}};
    }
    Stream choice(StreamOf(i, Purpose::kParentChoice));
    const Genome& parent = parents_[choice.Below(static_cast<uint32_t>(parents_.size()))];
    return Child(parent, birth, ScheduleValue(options_.sigma, generation()));
  }

  void PlanValidation(Plan& plan) const override {
    for (uint32_t i = 0; i < candidates_.size(); ++i) {
      plan.items.push_back({.genome = candidates_[i],
                            .episodes = StreamOf(i, Purpose::kValidationEpisode),
                            .num_episodes = Count(options_.rounds.validation_episodes),
                            .how = {.max_steps = Count(options_.max_episode_steps)}});
    }
  }

  void AddAncestors(Plan& plan) const override {
    plan.parents = options_.random_search ? elite_ : parents_;
  }

  // --- What is learned ---------------------------------------------------------------------------

  bool Train(const Plan& plan, std::span<const Result> results) override {
    DescribeFitness(FitnessOf(results), metrics());
    Select(plan, StandingsOf(results));
    return true;
  }

  // Truncation: the best num_parents children are the next parents, the best of all are candidates.
  void Select(const Plan& plan, std::vector<double> standings) {
    std::vector<Genome> pool;
    for (const Item& item : plan.items) pool.push_back(item.genome);
    if (options_.elite_rule == EliteRule::kStale && !elite_.empty()) {
      pool.push_back(elite_.front());
      standings.push_back(elite_score_);
    }
    const std::vector<size_t> order = BestFirst(standings);
    const auto best = [&](size_t count) {
      std::vector<Genome> genomes;
      for (size_t i = 0; i < std::min(count, order.size()); ++i) genomes.push_back(pool[order[i]]);
      return genomes;
    };
    next_parents_ =
        options_.random_search ? std::vector<Genome>{} : best(Count(options_.num_parents));
    if (options_.elite_rule == EliteRule::kStale) {
      candidates_ = best(1);
      elite_score_ = standings[order.front()];
      return;
    }
    candidates_ = best(Count(options_.num_candidates) - (elite_.empty() ? 0 : 1));
    candidates_.insert(candidates_.begin(), elite_.begin(), elite_.end());
  }

  // --- How it is judged --------------------------------------------------------------------------

  // The elite is the candidate with the best validation mean (the old elite wins ties), and has a
  // place among the parents: unmodified, in the last slot where it did not earn one.
  void Judge(std::span<const Result> results) override {
    const size_t best = BestFirst(StandingsOf(results)).front();
    const Genome elite = candidates_[best];
    metrics()["elite_validation"] = FitnessOf(results)[best];
    metrics()["elite_age"] = generation() - elite.birth().generation;
    elite_ = {elite};
    if (options_.random_search) return;
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
  }

  void Restore(ByteReader& in, uint32_t) override {
    parents_ = ReadGenomes(in);
    next_parents_ = ReadGenomes(in);
    candidates_ = ReadGenomes(in);
    elite_ = ReadGenomes(in);
    elite_score_ = in.ReadDouble();
  }

  GaOptions options_;

  std::vector<Genome> parents_;       // of this generation's children; none: founders
  std::vector<Genome> next_parents_;  // selected after the train round
  std::vector<Genome> candidates_;    // for elite, after the train round
  std::vector<Genome> elite_;         // one, or none before the first validation
  double elite_score_ = 0;            // EliteRule::kStale: what it stood at when it was chosen
};

}  // namespace

std::unique_ptr<Algorithm> MakeGa(const GaOptions& options, uint64_t run_seed) {
  DNE_CHECK(options.population_size >= 1 && options.num_candidates >= 1);
  DNE_CHECK(options.random_search || options.num_parents >= 1);
  return std::make_unique<Ga>(options, run_seed);
}

}  // namespace dne
