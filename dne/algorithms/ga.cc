// SPDX-License-Identifier: MIT
#include "dne/algorithms/ga.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "dne/algorithms/rounds.h"
#include "dne/base/bytes.h"
#include "dne/base/error.h"

namespace dne {
namespace {

// Indices, best fitness first; equal ones in index order.
std::vector<size_t> BestFirst(std::span<const double> fitness) {
  std::vector<size_t> order(fitness.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [&](size_t a, size_t b) {
    return fitness[a] != fitness[b] ? fitness[a] > fitness[b] : a < b;
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

void AddGenomes(ByteWriter& out, std::span<const Genome> genomes) {
  out.Add(static_cast<uint64_t>(genomes.size()));
  for (const Genome& genome : genomes) out.AddBytes(EncodeGenome(genome));
}

std::vector<Genome> ReadGenomes(ByteReader& in) {
  std::vector<Genome> genomes(in.ReadCount());
  for (Genome& genome : genomes) genome = DecodeGenome(in.ReadBytes());
  return genomes;
}

class Ga final : public Algorithm {
 public:
  Ga(const GaOptions& options, uint64_t run_seed) : options_(options), run_seed_(run_seed) {}

  Plan Ask() const override {
    Plan plan{.generation = generation_,
              .round = RoundName(round_),
              .parents = options_.random_search ? elite_ : parents_,
              .items = {}};
    switch (round_) {
      case Round::kTrain:
        for (uint32_t i = 0; i < NumChildren(); ++i) plan.items.push_back(TrainItem(i));
        break;
      case Round::kValidate:
        for (uint32_t i = 0; i < candidates_.size(); ++i) plan.items.push_back(ValidateItem(i));
        break;
      case Round::kTest:
        plan.items.push_back({.genome = elite_.front(),
                              .episodes = Episodes(0, Purpose::kTestEpisode),
                              .num_episodes = Count(options_.test_episodes),
                              .how = {.max_steps = Count(options_.test_max_episode_steps)}});
        break;
    }
    return plan;
  }

  std::optional<GenerationSummary> Tell(const Plan& plan,
                                        std::span<const Result> results) override {
    DNE_CHECK(plan.generation == generation_ && plan.items.size() == results.size());
    DNE_CHECK(plan.round == RoundName(round_));
    CountCost(round_, results, metrics_);
    switch (round_) {
      case Round::kTrain:
        Select(plan, FitnessOf(results));
        round_ = Round::kValidate;
        return std::nullopt;
      case Round::kValidate:
        ChooseElite(FitnessOf(results));
        round_ = Round::kTest;
        if (options_.test_episodes > 0) return std::nullopt;
        return EndGeneration();
      case Round::kTest:
        metrics_["elite_test"] = results.front().MeanScore();
        return EndGeneration();
    }
    DNE_CHECK(false);
  }

  std::string SaveState() const override {
    ByteWriter out;
    out.Add(kStateVersion);
    out.Add(generation_);
    SaveRound(round_, out);
    AddGenomes(out, parents_);
    AddGenomes(out, next_parents_);
    AddGenomes(out, candidates_);
    AddGenomes(out, elite_);
    out.Add(elite_score_);
    SaveMetrics(metrics_, out);
    return out.Take();
  }

  void RestoreState(std::string_view state) override {
    ByteReader in(state);
    if (in.Read<uint32_t>() != kStateVersion) {
      throw Error(
          "the stored state of the genetic algorithm has another version: resume the run "
          "with the dne that made it");
    }
    generation_ = in.Read<uint32_t>();
    round_ = ReadRound(in);
    parents_ = ReadGenomes(in);
    next_parents_ = ReadGenomes(in);
    candidates_ = ReadGenomes(in);
    elite_ = ReadGenomes(in);
    elite_score_ = in.ReadDouble();
    metrics_ = ReadMetrics(in);
    in.ExpectEnd();
  }

 private:
  static constexpr uint32_t kStateVersion = 1;

  static uint32_t Count(int value) { return static_cast<uint32_t>(value); }
  uint32_t NumChildren() const { return Count(options_.population_size); }

  StreamId Episodes(uint32_t item, Purpose purpose) const {
    return {.seed = run_seed_, .generation = generation_, .item = item, .purpose = purpose};
  }

  Genome ChildGenome(uint32_t i) const {
    const Birth birth{.generation = generation_, .item = i};
    if (options_.random_search || parents_.empty()) {
      return {.run_seed = run_seed_, .founder = birth, .mutations = {}};
    }
    Stream choice({run_seed_, generation_, i, Purpose::kParentChoice});
    const Genome& parent = parents_[choice.Below(static_cast<uint32_t>(parents_.size()))];
    return Child(parent, birth, ScheduleValue(options_.sigma, generation_));
  }

  Item TrainItem(uint32_t i) const {
    return {.genome = ChildGenome(i),
            .episodes = Episodes(i, Purpose::kTrainEpisode),
            .num_episodes = Count(options_.episodes),
            .how = {.max_steps = Count(options_.max_episode_steps)}};
  }

  Item ValidateItem(uint32_t i) const {
    return {.genome = candidates_[i],
            .episodes = Episodes(i, Purpose::kValidationEpisode),
            .num_episodes = Count(options_.validation_episodes),
            .how = {.max_steps = Count(options_.max_episode_steps)}};
  }

  // Truncation: the best num_parents children are the next parents, the best of all are candidates.
  void Select(const Plan& plan, std::vector<double> fitness) {
    DescribeFitness(fitness, metrics_);
    std::vector<Genome> pool;
    for (const Item& item : plan.items) pool.push_back(item.genome);
    if (options_.elite_rule == EliteRule::kStale && !elite_.empty()) {
      pool.push_back(elite_.front());
      fitness.push_back(elite_score_);
    }
    const std::vector<size_t> order = BestFirst(fitness);
    const auto best = [&](size_t count) {
      std::vector<Genome> genomes;
      for (size_t i = 0; i < std::min(count, order.size()); ++i) genomes.push_back(pool[order[i]]);
      return genomes;
    };
    next_parents_ =
        options_.random_search ? std::vector<Genome>{} : best(Count(options_.num_parents));
    if (options_.elite_rule == EliteRule::kStale) {
      candidates_ = best(1);
      elite_score_ = fitness[order.front()];
      return;
    }
    candidates_ = best(Count(options_.num_candidates) - (elite_.empty() ? 0 : 1));
    candidates_.insert(candidates_.begin(), elite_.begin(), elite_.end());
  }

  // The elite is the candidate with the best validation mean (the old elite wins ties), and has a
  // place among the parents: unmodified, in the last slot where it did not earn one.
  void ChooseElite(std::span<const double> validation) {
    const size_t best = BestFirst(validation).front();
    const Genome elite = candidates_[best];
    metrics_["elite_validation"] = validation[best];
    metrics_["elite_age"] = generation_ - elite.birth().generation;
    elite_ = {elite};
    if (options_.random_search) return;
    if (std::ranges::find(next_parents_, elite) == next_parents_.end()) {
      next_parents_.back() = elite;
    }
  }

  GenerationSummary EndGeneration() {
    GenerationSummary summary{
        .generation = generation_, .elite = elite_.front(), .metrics = std::move(metrics_)};
    parents_ = std::move(next_parents_);
    next_parents_.clear();
    candidates_.clear();
    metrics_.clear();
    round_ = Round::kTrain;
    ++generation_;
    return summary;
  }

  GaOptions options_;
  uint64_t run_seed_;

  // The state.
  uint32_t generation_ = 0;
  Round round_ = Round::kTrain;
  std::vector<Genome> parents_;       // of this generation's children; none: founders
  std::vector<Genome> next_parents_;  // selected after the train round
  std::vector<Genome> candidates_;    // for elite, after the train round
  std::vector<Genome> elite_;         // one, or none before the first validation
  double elite_score_ = 0;            // EliteRule::kStale: the single score it was chosen by
  GenerationMetrics metrics_;
};

}  // namespace

std::unique_ptr<Algorithm> MakeGa(const GaOptions& options, uint64_t run_seed) {
  DNE_CHECK(options.population_size >= 1 && options.num_candidates >= 1);
  DNE_CHECK(options.random_search || options.num_parents >= 1);
  return std::make_unique<Ga>(options, run_seed);
}

}  // namespace dne
