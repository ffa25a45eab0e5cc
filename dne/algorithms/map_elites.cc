// SPDX-License-Identifier: MIT
#include "dne/algorithms/map_elites.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <vector>

#include "dne/algorithms/elite_archive.h"
#include "dne/algorithms/limits.h"
#include "dne/algorithms/population.h"
#include "dne/algorithms/standing.h"
#include "dne/algorithms/stored_state.h"

namespace dne {
namespace {

// Of a cell.
struct CellElite {
  uint32_t cell = 0;
  double fitness = 0;
  Genome genome;
};

// Of the run.
struct Best {
  Genome genome;
  double standing = 0;
};

class MapElites final : public GenerationalAlgorithm {
 public:
  MapElites(const MapElitesOptions& options, const StrategyContext& context)
      : GenerationalAlgorithm("MAP-Elites", context.run_seed, options.rounds, Round::kTrain),
        options_(options),
        point_(context.space.point),
        grid_(options.archive.axes),
        archive_(grid_.num_cells()) {}

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
    if (archive_.elites().empty()) {
      return {.run_seed = run_seed(), .founder = birth, .mutations = {}};
    }
    return Child(
        archive_.elites()[ParentOf(i)].genome,
        {.birth = birth, .sigma = options_.sigma_schedule.ValueAt(options_.sigma, generation())});
  }

  size_t ParentOf(uint32_t i) const {
    Stream choice(StreamOf(i, Purpose::kParentChoice));
    return choice.Below(static_cast<uint32_t>(archive_.elites().size()));
  }

  void PlanValidation(Plan& plan) const override {
    plan.items.push_back({.genome = Elite(),
                          .episodes = StreamOf(0, Purpose::kValidationEpisode),
                          .num_episodes = Count(options_.rounds.validation_episodes),
                          .how = {.max_steps = Count(options_.max_episode_steps)}});
  }

  // Of the archive only those that have children now: it may be larger than memory holds decoded.
  void AddAncestors(Plan& plan) const override {
    plan.perturbation = options_.mutation.Spec(options_.max_episode_steps);
    if (round() != Round::kTrain) {
      plan.parents = {Elite()};
      return;
    }
    if (archive_.elites().empty()) return;
    std::set<size_t> parents;
    for (uint32_t i = 0; i < Count(options_.population_size); ++i) parents.insert(ParentOf(i));
    for (const size_t parent : parents) plan.parents.push_back(archive_.elites()[parent].genome);
  }

  // --- What is learned ---------------------------------------------------------------------------

  bool Train(const Plan& plan, std::span<const Result> results) override {
    DescribeFitness(FitnessOf(results), metrics());
    uint32_t entered = 0;
    for (uint32_t i = 0; i < results.size(); ++i) {
      const double standing = Standing(results[i]);
      if (!best_ || standing > best_->standing) best_ = {plan.items[i].genome, standing};
      if (IsBroken(results[i])) continue;
      const std::optional<uint32_t> cell = CellOf(results[i]);
      if (!cell) continue;
      entered += archive_.Offer({*cell, standing, plan.items[i].genome});
    }
    metrics()["archive_entered"] = entered;
    DescribeArchive();
    return true;
  }

  void DescribeArchive() {
    metrics()["archive_size"] = static_cast<double>(archive_.elites().size());
    metrics()["coverage"] = archive_.coverage();
    metrics()["qd_score"] = archive_.QdScore(options_.archive.qd_offset);
    if (archive_.elites().empty()) return;
    metrics()["archive_best"] =
        std::ranges::max(archive_.elites(), {}, &CellElite::fitness).fitness;
  }

  std::optional<uint32_t> CellOf(const Result& result) const {
    std::vector<std::vector<double>> behaviours;
    for (const Episode& episode : result.episodes) {
      behaviours.push_back(point_(episode.descriptor));
    }
    return grid_.CellOf(grid_.MeanOnAxes(behaviours));
  }

  void Judge(std::span<const Result> results) override {
    metrics()["elite_validation"] = results.front().MeanScore();
  }

  Genome Elite() const override { return best_->genome; }
  void EndGeneration(GenerationSummary&) override {}

  // --- The state ---------------------------------------------------------------------------------

  uint32_t state_version() const override { return 1; }

  void Save(ByteWriter& out) const override {
    std::vector<const Genome*> genomes;
    for (const CellElite& elite : archive_.elites()) genomes.push_back(&elite.genome);
    if (best_) genomes.push_back(&best_->genome);
    AddRelatives(out, genomes);
    out.Add(static_cast<uint8_t>(best_.has_value()));
    for (const CellElite& elite : archive_.elites()) {
      out.Add(elite.cell);
      out.Add(elite.fitness);
    }
    if (best_) out.Add(best_->standing);
  }

  void Restore(ByteReader& in, uint32_t) override {
    std::vector<Genome> genomes = ReadRelatives(in, run_seed());
    for (const Genome& genome : genomes) {
      ExpectSound(genome.birth().generation < generation() + (round() != Round::kTrain),
                  "it has individuals that are yet to be born");
    }
    const bool has_best = in.Read<uint8_t>() != 0;
    const bool is_new = generation() == 0 && round() == Round::kTrain;
    ExpectSound(has_best != is_new && (is_new ? genomes.empty() : !genomes.empty()),
                "it has no best individual, or individuals that nobody tried");
    best_.reset();
    if (has_best) {
      best_ = Best{std::move(genomes.back()), 0};
      genomes.pop_back();
    }
    RestoreArchive(std::move(genomes), in);
    if (!best_) return;
    best_->standing = in.ReadDouble();
    ExpectSound(!std::isnan(best_->standing), "a score is not a number");
  }

  void RestoreArchive(std::vector<Genome> genomes, ByteReader& in) {
    archive_ = EliteArchive<CellElite>(grid_.num_cells());
    for (Genome& genome : genomes) {
      const auto cell = in.Read<uint32_t>();
      const double fitness = in.ReadDouble();
      ExpectSound(cell < grid_.num_cells(), "a cell lies beyond those of its configuration");
      ExpectSound(std::isfinite(fitness), "a score is not a number");
      const size_t before = archive_.elites().size();
      archive_.Offer({cell, fitness, std::move(genome)});
      ExpectSound(archive_.elites().size() > before, "a cell holds two elites");
    }
  }

  MapElitesOptions options_;
  PointOf point_;
  BehaviourGrid grid_;

  // The state.
  EliteArchive<CellElite> archive_;
  std::optional<Best> best_;  // none before the first round
};

void Check(const MapElitesOptions& options, const TaskFacts& task, Mistakes& mistakes) {
  CheckRewardIsReached("max_episode_steps", options.max_episode_steps, task, mistakes);
  options.rounds.CheckTest(task, mistakes);
  options.archive.Check(mistakes);
}

}  // namespace

std::unique_ptr<Algorithm> MakeMapElites(const MapElitesOptions& options,
                                         const StrategyContext& context) {
  return std::make_unique<MapElites>(options, context);
}

void MapElitesOptions::Visit(Fields& fields) {
  fields.Add("population_size", population_size, kCounts,
             "children a generation, all of the same archive; of the first one founders");
  VisitMutationPower(fields, sigma);
  sigma_schedule.Visit(fields, "sigma", kSigmas);
  mutation.Visit(fields);
  fields.Add("episodes", episodes, kCounts, "of each child; their mean is its fitness");
  fields.Add("validation_episodes", rounds.validation_episodes, kCounts, "of the elite");
  rounds.VisitTest(fields, "of the elite, every generation, not counted in the budget; 0: no test");
  fields.Add("max_episode_steps", max_episode_steps, Range<int>{1, kMaxEpisodeSteps},
             "longest episode in training and validation");
}

const AlgorithmKind kMapElites = {
    .name = "map_elites",
    .title = "MAP-Elites",
    .defaults = DefaultsOf<MapElitesOptions>,
    .check = CheckAs<MapElitesOptions, Check>,
    .make = MakeAs<MapElitesOptions, MakeMapElites>,
    .rounds = [](const Options& options) { return options.As<MapElitesOptions>().rounds; },
    .archive = [](Options& options) -> ArchiveOptions& {
      return options.As<MapElitesOptions>().archive;
    },
    .perturbation =
        [](const Options& options) {
          const auto& of = options.As<MapElitesOptions>();
          return of.mutation.Spec(of.max_episode_steps);
        }};

}  // namespace dne
