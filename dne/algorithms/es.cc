// SPDX-License-Identifier: MIT
#include "dne/algorithms/es.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "dne/algorithms/es_gradient.h"
#include "dne/algorithms/observation_statistics.h"
#include "dne/algorithms/rounds.h"
#include "dne/base/bytes.h"
#include "dne/base/error.h"
#include "dne/base/statistics.h"
#include "dne/novelty/archive.h"

namespace dne {
namespace {

uint32_t Count(int value) { return static_cast<uint32_t>(value); }

double Norm(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += double{value} * double{value};
  return std::sqrt(sum);
}

// A member of the meta-population.
struct Member {
  Birth birth;                                       // of the centre as it is now
  std::shared_ptr<const std::vector<float>> policy;  // parameters, normaliser, PGPE: spreads
  Optimizer optimizer;
  ObservationStatistics observations;
  Behaviour behaviour;    // at its last validation
  double validation = 0;  // mean score of it
};

class Es final : public Algorithm {
 public:
  Es(const EsOptions& options, uint64_t run_seed, const PolicySpace& space, ParallelFor parallel,
     Isa isa)
      : options_(options),
        run_seed_(run_seed),
        space_(space),
        parallel_(std::move(parallel)),
        isa_(isa),
        archive_(options.novelty.distance),
        step_cap_(options.step_cap == StepCap::kAdaptive ? Count(options.first_step_cap)
                                                         : LargestStepCap()),
        weight_(options.novelty.reward_weight) {
    for (uint32_t m = 0; m < Count(options.novelty.meta_population); ++m) AddMember(m);
  }

  Plan Ask() const override {
    Plan plan{.generation = generation_,
              .round = RoundName(round_),
              .parents = {},
              .centres = {},
              .items = {}};
    switch (round_) {
      case Round::kTrain:
        AddTrainItems(Chosen(), plan);
        break;
      case Round::kValidate:
        for (const uint32_t m : Moved()) {
          AddCentre(m, plan);
          plan.items.push_back(ValidateItem(m));
        }
        break;
      case Round::kTest:
        AddCentre(Best(), plan);
        plan.items.push_back({.genome = CentreGenome(Best()),
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
    CountInvalid(results);
    switch (round_) {
      case Round::kTrain:
        Learn(results);
        round_ = Round::kValidate;
        return std::nullopt;
      case Round::kValidate:
        Judge(results);
        round_ = Round::kTest;
        if (options_.test_episodes > 0) return std::nullopt;
        return EndGeneration();
      case Round::kTest:
        metrics_["elite_test"] = results.front().MeanScore();
        return EndGeneration();
    }
    DNE_CHECK(false);
  }

  std::string SaveState() const override;
  void RestoreState(std::string_view state) override;

 private:
  static constexpr uint32_t kStateVersion = 1;

  // --- Asking ------------------------------------------------------------------------------------

  void AddMember(uint32_t m) {
    std::vector<float> policy(PolicySize());
    const Birth birth{.generation = 0, .item = CentreItem(m)};
    space_.initialise({.seed = run_seed_,
                       .generation = birth.generation,
                       .item = birth.item,
                       .purpose = Purpose::kFounder},
                      policy);
    if (options_.width.adapts) policy.resize(PolicySize() + space_.num_parameters, 1.0f);
    members_.push_back({.birth = birth,
                        .policy = std::make_shared<const std::vector<float>>(std::move(policy)),
                        .optimizer = Optimizer(options_.optimizer, space_.num_parameters),
                        .observations = ObservationStatistics(space_.num_normalised),
                        .behaviour = {}});
  }

  size_t PolicySize() const { return space_.num_parameters + 2 * space_.num_normalised; }

  Genome CentreGenome(uint32_t m) const {
    return {.run_seed = run_seed_, .founder = members_[m].birth, .mutations = {}};
  }

  void AddCentre(uint32_t m, Plan& plan) const {
    plan.centres.push_back({members_[m].birth, members_[m].policy});
  }

  StreamId Episodes(uint32_t item, Purpose purpose) const {
    return {.seed = run_seed_, .generation = generation_, .item = item, .purpose = purpose};
  }

  // The member that this generation perturbs and moves.
  uint32_t Chosen() const {
    const auto size = static_cast<uint32_t>(members_.size());
    if (options_.novelty.choice == CentreChoice::kRoundRobin) return (generation_ - 1) % size;
    if (size == 1) return 0;
    const std::vector<double> novelty = CentreNovelty();
    const double total = std::accumulate(novelty.begin(), novelty.end(), 0.0);
    Stream stream(Episodes(0, Purpose::kCentreChoice));
    // Without any novelty all are alike.
    if (!(total > 0)) return stream.Below(size);
    double left = double{stream.NextFloat()} * total;
    for (uint32_t m = 0; m + 1 < size; ++m) {
      if (left < novelty[m]) return m;
      left -= novelty[m];
    }
    return size - 1;
  }

  std::vector<uint32_t> Moved() const {
    if (generation_ > 0) return {Chosen()};
    std::vector<uint32_t> all(members_.size());
    std::iota(all.begin(), all.end(), 0u);
    return all;
  }

  // The member with the best last validation; the first of equals.
  uint32_t Best() const {
    const auto best = std::ranges::max_element(members_, {}, &Member::validation);
    return static_cast<uint32_t>(best - members_.begin());
  }

  uint32_t LargestStepCap() const {
    return options_.max_episode_steps > 0 ? Count(options_.max_episode_steps) : space_.step_limit;
  }

  bool WantsTrajectories() const {
    return options_.seeks_novelty() && IsOfTrajectories(options_.novelty.distance);
  }

  void AddTrainItems(uint32_t chosen, Plan& plan) const {
    AddCentre(chosen, plan);
    for (uint32_t i = 0; i < Count(options_.population_size); ++i) {
      plan.items.push_back(TrainItem(chosen, i));
    }
  }

  Item TrainItem(uint32_t chosen, uint32_t i) const {
    const bool mirrored = options_.antithetic && i % 2 == 1;
    const Mutation mutation{.birth = {.generation = generation_, .item = i},
                            .sigma = mirrored ? -options_.sigma : options_.sigma};
    Genome genome = CentreGenome(chosen);
    genome.mutations.push_back(mutation);
    Stream share(Episodes(i, Purpose::kObservationShare));
    return {.genome = std::move(genome),
            .episodes = Episodes(i, Purpose::kTrainEpisode),
            .num_episodes = Count(options_.episodes),
            .how = {.max_steps = step_cap_,
                    .perturbed = true,
                    .notes = {.sign_sum = ReadsRewardSigns(options_.shaping),
                              .trajectory = WantsTrajectories(),
                              .observation_sums = space_.num_normalised > 0 &&
                                                  share.NextFloat() < options_.observation_share}}};
  }

  Item ValidateItem(uint32_t m) const {
    return {.genome = CentreGenome(m),
            .episodes = Episodes(m, Purpose::kValidationEpisode),
            .num_episodes = Count(options_.validation_episodes),
            .how = {.max_steps = LargestStepCap(), .notes = {.trajectory = WantsTrajectories()}}};
  }

  // --- Learning ----------------------------------------------------------------------------------

  void CountInvalid(std::span<const Result> results) {
    for (const Result& result : results) {
      for (const Episode& episode : result.episodes) {
        metrics_["invalid_episodes"] += episode.end == EpisodeEnd::kInvalid;
      }
    }
  }

  void Learn(std::span<const Result> results) {
    Member& member = members_[Chosen()];
    const std::vector<double> weights = Weights(results);
    std::vector<float> gradient =
        EsGradient(NoiseTerms(run_seed_, generation_, options_.antithetic, weights),
                   space_.num_parameters, parallel_, isa_);
    std::vector<float> policy = *member.policy;
    const auto parameters = std::span(policy).first(space_.num_parameters);
    // Empty where all widths are sigma.
    const std::span<float> spreads = std::span(policy).subspan(PolicySize());
    for (size_t i = 0; i < spreads.size(); ++i) gradient[i] *= spreads[i];
    metrics_["gradient_norm"] = Norm(gradient);
    for (size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] = std::fma(-options_.l2_coefficient, parameters[i], gradient[i]);
    }
    const StepNorms norms = member.optimizer.Step(gradient, parameters, parallel_);
    metrics_["parameter_norm"] = norms.parameters;
    metrics_["update_ratio"] = norms.parameters > 0 ? norms.step / norms.parameters : 0;

    if (options_.width.adapts) AdaptWidths(weights, spreads);

    for (const Result& result : results) {
      for (const EpisodeNotes& notes : result.notes) {
        member.observations.Add(notes.observation_sums);
      }
    }
    member.observations.Write(
        options_.min_observation_std,
        std::span(policy).subspan(space_.num_parameters, 2 * space_.num_normalised));
    member.policy = std::make_shared<const std::vector<float>>(std::move(policy));
    // Chosen() must not change before the generation ends: it looks at behaviours, not births.
    member.birth = {.generation = generation_, .item = member.birth.item};
    AdaptStepCap(results);
  }

  // PGPE.
  void AdaptWidths(std::span<const double> weights, std::span<float> spreads) {
    const std::vector<float> gradient =
        WidthGradient(run_seed_, generation_, weights, spreads.size(), parallel_, isa_);
    const auto rate = static_cast<float>(options_.width.learning_rate);
    const auto most = static_cast<float>(options_.width.max_change);
    for (size_t i = 0; i < spreads.size(); ++i) {
      spreads[i] += spreads[i] * std::clamp(rate * gradient[i], -most, most);
    }
    const double sum = std::accumulate(spreads.begin(), spreads.end(), 0.0);
    metrics_["sigma_mean"] = double{options_.sigma} * sum / static_cast<double>(spreads.size());
  }

  // How much each member's noise counts.
  std::vector<double> Weights(std::span<const Result> results) {
    std::vector<double> fitness;
    std::vector<double> sign_sums;
    for (const Result& result : results) {
      fitness.push_back(result.MeanScore());
      double signs = 0;
      for (const EpisodeNotes& notes : result.notes) signs += notes.sign_sum;
      sign_sums.push_back(signs);
    }
    DescribeFitness(fitness, metrics_);
    const auto best = static_cast<size_t>(options_.top_directions);
    std::vector<double> scores = best > 0 ? TopDirections(fitness, best)
                                          : ShapeFitness(options_.shaping, fitness, sign_sums);
    if (options_.seeks_novelty()) MixNovelty(results, scores);
    const size_t counted = best > 0 ? best : scores.size();
    for (double& score : scores) score /= static_cast<double>(counted);
    return scores;
  }

  void MixNovelty(std::span<const Result> results, std::span<double> scores) {
    std::vector<Behaviour> behaviours;
    for (const Result& result : results) behaviours.push_back(BehaviourOf(result));
    const std::vector<double> novelty =
        archive_.NoveltyOfAll(behaviours, Nearest(), parallel_, isa_);
    metrics_["novelty_max"] = *std::ranges::max_element(novelty);
    metrics_["novelty_mean"] = Mean(novelty);
    const std::vector<double> ranks = CentredRanks(novelty);
    for (size_t i = 0; i < scores.size(); ++i) {
      scores[i] = weight_ * scores[i] + (1 - weight_) * ranks[i];
    }
  }

  // Points are averaged over a result's episodes; of trajectories the first stands for all.
  Behaviour BehaviourOf(const Result& result) const {
    if (WantsTrajectories()) return {.point = {}, .trajectory = result.notes[0].trajectory};
    Behaviour mean;
    for (const Episode& episode : result.episodes) {
      const std::vector<double> point = space_.point(episode.descriptor);
      mean.point.resize(point.size(), 0.0);
      for (size_t i = 0; i < point.size(); ++i) {
        mean.point[i] += point[i] / static_cast<double>(result.episodes.size());
      }
    }
    return mean;
  }

  size_t Nearest() const { return static_cast<size_t>(options_.novelty.nearest); }

  std::vector<double> CentreNovelty() const {
    std::vector<Behaviour> behaviours;
    for (const Member& member : members_) behaviours.push_back(member.behaviour);
    return archive_.NoveltyOfAll(behaviours, Nearest(), parallel_, isa_);
  }

  void AdaptStepCap(std::span<const Result> results) {
    metrics_["step_cap"] = step_cap_;
    if (options_.step_cap != StepCap::kAdaptive) return;
    double capped = 0;
    double episodes = 0;
    for (const Result& result : results) {
      for (const Episode& episode : result.episodes) {
        capped += episode.end == EpisodeEnd::kStepLimit;
        ++episodes;
      }
    }
    if (capped < options_.cap_share * episodes) return;
    const double grown = std::floor(options_.cap_growth * step_cap_);
    step_cap_ = static_cast<uint32_t>(std::min<double>(grown, LargestStepCap()));
  }

  // The moved centres' validation: their behaviours enter the archive.
  void Judge(std::span<const Result> results) {
    const std::vector<uint32_t> moved = Moved();
    for (size_t i = 0; i < moved.size(); ++i) {
      Member& member = members_[moved[i]];
      member.validation = results[i].MeanScore();
      metrics_["centre_validation"] = member.validation;
      if (!options_.seeks_novelty()) continue;
      metrics_["centre"] = moved[i];
      member.behaviour = BehaviourOf(results[i]);
    }
    if (options_.seeks_novelty()) {
      for (const uint32_t m : moved) archive_.Add(members_[m].behaviour);
      metrics_["archive_size"] = static_cast<double>(archive_.size());
      metrics_["reward_weight"] = weight_;
    }
    metrics_["elite_validation"] = members_[Best()].validation;
    metrics_["elite_age"] = generation_ - members_[Best()].birth.generation;
    AdaptWeight(metrics_["elite_validation"]);
  }

  // NSRA-ES: more reward after a new best, more novelty after `patience` updates without one.
  void AdaptWeight(double validation) {
    if (!options_.novelty.adapts_weight) return;
    const bool first = generation_ == 0;
    const bool better = first || validation > best_validation_;
    if (better) best_validation_ = validation;
    if (first) return;
    ++updates_since_best_;
    if (better) {
      weight_ = std::min(1.0, weight_ + options_.novelty.weight_step);
    } else if (updates_since_best_ >= Count(options_.novelty.patience)) {
      weight_ = std::max(0.0, weight_ - options_.novelty.weight_step);
    } else {
      return;
    }
    updates_since_best_ = 0;
  }

  GenerationSummary EndGeneration() {
    GenerationSummary summary{.generation = generation_,
                              .elite = CentreGenome(Best()),
                              .centres = {},
                              .metrics = std::exchange(metrics_, {})};
    if (generation_ > 0) {
      for (const Member& member : members_) {
        if (member.birth.generation == generation_) {
          summary.centres.push_back({member.birth, member.policy});
        }
      }
    }
    ++generation_;
    round_ = Round::kTrain;
    return summary;
  }

  EsOptions options_;
  uint64_t run_seed_;
  PolicySpace space_;
  ParallelFor parallel_;
  Isa isa_;

  // The state.
  uint32_t generation_ = 0;
  Round round_ = Round::kValidate;  // generation 0 only validates the first centres
  std::vector<Member> members_;
  Archive archive_;
  uint32_t step_cap_;
  double weight_;  // of reward against novelty
  double best_validation_ = 0;
  uint32_t updates_since_best_ = 0;
  GenerationMetrics metrics_;
};

std::string Es::SaveState() const {
  ByteWriter out;
  out.Add(kStateVersion);
  out.Add(generation_);
  SaveRound(round_, out);
  out.Add(static_cast<uint64_t>(members_.size()));
  for (const Member& member : members_) {
    out.Add(member.birth.generation);
    out.AddFloats(*member.policy);
    member.optimizer.Save(out);
    member.observations.Save(out);
    out.Add(static_cast<uint64_t>(member.behaviour.point.size()));
    for (const double coordinate : member.behaviour.point) out.Add(coordinate);
    out.AddBytes(member.behaviour.trajectory);
    out.Add(member.validation);
  }
  archive_.Save(out);
  out.Add(step_cap_);
  out.Add(weight_);
  out.Add(best_validation_);
  out.Add(updates_since_best_);
  SaveMetrics(metrics_, out);
  return out.Take();
}

void Es::RestoreState(std::string_view state) {
  ByteReader in(state);
  if (in.Read<uint32_t>() != kStateVersion) {
    throw Error(
        "the stored state of the evolution strategy has another version: resume the run with the "
        "dne that made it");
  }
  generation_ = in.Read<uint32_t>();
  round_ = ReadRound(in);
  if (in.ReadCount() != members_.size()) {
    throw Error("stored state is damaged: it has another meta-population than its configuration");
  }
  for (Member& member : members_) {
    member.birth.generation = in.Read<uint32_t>();
    std::vector<float> policy = in.ReadFloats();
    if (policy.size() != member.policy->size()) {
      throw Error("stored state is damaged: a centre has the wrong number of parameters");
    }
    member.policy = std::make_shared<const std::vector<float>>(std::move(policy));
    member.optimizer.Restore(in);
    member.observations = ObservationStatistics::Read(in);
    member.behaviour.point.resize(in.ReadCount());
    for (double& coordinate : member.behaviour.point) coordinate = in.ReadDouble();
    member.behaviour.trajectory = in.ReadBytes();
    member.validation = in.ReadDouble();
  }
  archive_.Restore(in);
  step_cap_ = in.Read<uint32_t>();
  weight_ = in.ReadDouble();
  best_validation_ = in.ReadDouble();
  updates_since_best_ = in.Read<uint32_t>();
  metrics_ = ReadMetrics(in);
  in.ExpectEnd();
}

}  // namespace

std::unique_ptr<Algorithm> MakeEs(const EsOptions& options, uint64_t run_seed,
                                  const PolicySpace& space, ParallelFor parallel, Isa isa) {
  DNE_CHECK(options.population_size >= 1 && options.novelty.meta_population >= 1);
  DNE_CHECK(!options.antithetic || options.population_size % 2 == 0);
  DNE_CHECK(!options.width.adapts || (options.antithetic && options.top_directions == 0));
  return std::make_unique<Es>(options, run_seed, space, std::move(parallel), isa);
}

}  // namespace dne
