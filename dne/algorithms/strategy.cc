// SPDX-License-Identifier: MIT
#include "dne/algorithms/strategy.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "dne/algorithms/best_centre.h"
#include "dne/algorithms/centre_recipe.h"
#include "dne/algorithms/iterate_mean.h"
#include "dne/algorithms/limits.h"
#include "dne/algorithms/standing.h"
#include "dne/algorithms/stored_state.h"
#include "dne/base/error.h"
#include "dne/base/finite.h"

namespace dne {
namespace {

uint32_t Count(int value) { return static_cast<uint32_t>(value); }

// The number of the mean of the centres among them: the next one's.
constexpr uint32_t kMeanMember = 1;

class Strategy final : public GenerationalAlgorithm {
 public:
  Strategy(const StrategyOptions& options, const StrategyContext& context, StrategyParts parts)
      : GenerationalAlgorithm("evolution strategy", context.run_seed, options.rounds,
                              Round::kValidate),  // generation 0 only validates the first centres
        options_(options),
        context_(context),
        growth_(parts.growth),
        make_update_(parts.update),
        novelty_(std::move(parts.novelty)),
        agents_(novelty_ ? novelty_->meta_population : MetaPopulationOptions{}, context.run_seed,
                context_.space, parts.update),
        step_cap_(options.step_cap, context_.space.step_limit) {
    DNE_CHECK(!parts.averages || agents_.size() == 1);
    if (parts.averages) mean_.emplace(ParametersOf(agents_[0]));
  }

 private:
  // --- Who is tried ------------------------------------------------------------------------------

  void PlanTraining(Plan& plan) const override {
    const uint32_t chosen = Chosen();
    const Genome centre = agents_.CentreGenome(chosen);
    const bool wants_signs = agents_[chosen].update->reads_reward_signs();
    plan.first_item = static_cast<uint32_t>(members_.size());
    const uint32_t end = std::min(plan.first_item + Count(options_.cloud.population_size), Most());
    for (uint32_t i = plan.first_item; i < end; ++i) {
      plan.items.push_back(TrainItem(centre, i, wants_signs));
    }
  }

  // Members of a generation.
  uint32_t Most() const {
    return growth_.generation_steps > 0 ? Count(growth_.max_population_size)
                                        : Count(options_.cloud.population_size);
  }

  Item TrainItem(const Genome& centre, uint32_t i, bool wants_signs) const {
    Stream share(StreamOf(i, Purpose::kObservationShare));
    const bool is_counted =
        context_.space.layout.num_normalised > 0 && share.NextFloat() < options_.observations.share;
    return {.genome = CloudMember(options_.cloud, centre, generation(), i),
            .episodes = StreamOf(options_.cloud.EpisodesOf(i), Purpose::kTrainEpisode),
            .num_episodes = Count(options_.cloud.episodes),
            .how = {.max_steps = step_cap_.steps(),
                    .perturbed = true,
                    .notes = {.sign_sum = wants_signs,
                              .trajectory = WantsTrajectories(),
                              .observation_sums = is_counted}}};
  }

  void PlanValidation(Plan& plan) const override {
    for (const uint32_t m : Moved()) {
      plan.items.push_back(
          {.genome = {.run_seed = run_seed(), .founder = JudgedBirth(m), .mutations = {}},
           .episodes = StreamOf(m, Purpose::kValidationEpisode),
           .num_episodes = Count(options_.rounds.validation_episodes),
           .how = {.max_steps = step_cap_.longest(),
                   .notes = {.trajectory = WantsTrajectories()}}});
    }
  }

  bool WantsTrajectories() const { return novelty_ && novelty_->scorer.needs_trajectories(); }

  void AddAncestors(Plan& plan) const override {
    plan.perturbation = agents_[0].update->perturbation();
    const auto is_mentioned = [&](Birth birth) {
      return std::ranges::any_of(plan.items,
                                 [&](const Item& item) { return item.genome.founder == birth; });
    };
    for (const Agent& agent : agents_.agents()) {
      if (is_mentioned(agent.birth)) plan.centres.push_back({agent.birth, agent.centre});
    }
    if (JudgesMean() && round() == Round::kValidate) plan.centres.push_back(JudgedCentre(0));
    const bool is_test = round() == Round::kTest;
    if (is_test && !agents_.Find(best_.centre().birth)) plan.centres.push_back(best_.centre());
  }

  // The agent that this generation perturbs and moves.
  uint32_t Chosen() const {
    return agents_.Chosen(generation(), novelty_ ? &novelty_->scorer : nullptr);
  }

  std::vector<uint32_t> Moved() const {
    if (generation() > 0) return {Chosen()};
    std::vector<uint32_t> all(agents_.size());
    std::iota(all.begin(), all.end(), 0u);
    return all;
  }

  // Whether the mean of the centres is validated in place of the last one.
  bool JudgesMean() const { return mean_ && generation() > 0; }
  Birth JudgedBirth(uint32_t m) const {
    return JudgesMean() ? CentreBirth(generation(), kMeanMember) : agents_[m].birth;
  }
  // The mean with the last centre's normaliser.
  Centre JudgedCentre(uint32_t m) const {
    const Agent& agent = agents_[m];
    if (!JudgesMean()) return {agent.birth, agent.centre};
    std::vector<float> centre = *agent.centre;
    std::ranges::copy(mean_->value(),
                      context_.space.layout.PartsOf(std::span(centre)).parameters.begin());
    return {JudgedBirth(m), std::make_shared<const std::vector<float>>(std::move(centre))};
  }
  std::span<const float> ParametersOf(const Agent& agent) const {
    return context_.space.layout.PartsOf(std::span<const float>(*agent.centre)).parameters;
  }

  // --- What is learned ---------------------------------------------------------------------------

  bool Train(const Plan&, std::span<const Result> results) override {
    members_.Add(results);
    if (novelty_) novelty_->scorer.AddBehaviours(results, members_.behaviours);
    Agent& agent = agents_[Chosen()];
    for (const Result& result : results) {
      for (const EpisodeNotes& notes : result.notes) {
        agent.observations.Add(notes.observation_sums);
      }
    }
    if (members_.size() < Most() && members_.steps < growth_.generation_steps) return false;
    Learn(agent, std::exchange(members_, {}));
    return true;
  }

  void Learn(Agent& agent, CloudResults members) {
    DescribeFitness(members.fitness, metrics());
    if (growth_.generation_steps > 0) {
      metrics()["population_size"] = static_cast<double>(members.size());
    }
    members.PutBrokenLast();
    Move(agent, Scores(*agent.update, members));
    metrics()["elite_validation"] = best_.score();
    metrics()["step_cap"] = step_cap_.steps();
    step_cap_.Adapt(members.episodes, members.cut_off);
  }

  // Throws Error, and leaves the agent where it is, where its centre would not be finite.
  void Move(Agent& agent, std::span<const double> scores) {
    std::vector<float> centre = *agent.centre;
    const PolicyParts<float> parts = context_.space.layout.PartsOf(std::span(centre));
    agent.observations.Write(options_.observations.min_std, parts.normaliser);
    const CentreMove move = MoveOf(agent.birth, scores, parts.normaliser);
    if (on_move()) on_move()(move);
    agent.update->Move(NoiseOf(generation(), *agent.update), scores, parts, metrics());
    ExpectFinite(*agent.update, parts);
    agent.centre = std::make_shared<const std::vector<float>>(std::move(centre));
    // Chosen() must not change before the generation ends: it looks at behaviours, not births.
    agent.birth = move.centre;
    if (mean_) mean_->Add(generation(), ParametersOf(agent));
    last_move_ = move;
  }

  CentreMove MoveOf(Birth from, std::span<const double> scores,
                    std::span<const float> normaliser) const {
    const CentreRecipe recipe{.scores = {scores.begin(), scores.end()},
                              .normaliser = {normaliser.begin(), normaliser.end()}};
    return {
        .centre = CentreBirth(generation(), from.item), .from = from, .recipe = recipe.Encode()};
  }

  CloudNoise NoiseOf(uint32_t generation, const Update& update) const {
    return {.run_seed = run_seed(),
            .generation = generation,
            .antithetic = options_.cloud.antithetic,
            .sigma = options_.cloud.SigmaOf(generation),
            .perturbation = update.perturbation(),
            .layout = context_.space.layout,
            .parallel = context_.parallel,
            .isa = context_.isa,
            .sums = context_.sums.get()};
  }

  void ExpectFinite(const Update& update, const PolicyParts<float>& parts) const {
    const std::string beginning = "generation " + std::to_string(generation()) + ": ";
    if (!AreFinite(parts.parameters) || !AreFinite(parts.spreads) || !update.IsFinite()) {
      throw Error(beginning + "the update leads to parameters that are not finite: begin a run " +
                  "with a lower " + std::string(update.step_options()));
    }
    if (!AreFinite(parts.normaliser)) {
      throw Error(beginning + "the means of the observations are not finite: begin a run with " +
                  "normalise_observations = false");
    }
  }

  std::vector<double> Scores(const Update& update, const CloudResults& members) {
    std::vector<double> scores = update.Score(members);
    if (!novelty_) return scores;
    std::vector<double> novelty = novelty_->scorer.Novelty(members.behaviours);
    DescribeNovelty(novelty, metrics());
    return MixWithNovelty(novelty_->weight.value(), scores, std::move(novelty), members.is_broken);
  }

  // --- How it is judged --------------------------------------------------------------------------

  void Judge(std::span<const Result> results) override {
    const std::vector<uint32_t> moved = Moved();
    for (size_t i = 0; i < moved.size(); ++i) {
      metrics()["centre_validation"] = results[i].MeanScore();
      best_.Offer(JudgedCentre(moved[i]), Standing(results[i]), results[i].MeanScore());
    }
    metrics()["elite_validation"] = best_.score();
    if (novelty_) JudgeNovelty(moved, results);
  }

  // The moved centres' behaviours enter the archive.
  void JudgeNovelty(std::span<const uint32_t> moved, std::span<const Result> results) {
    for (size_t i = 0; i < moved.size(); ++i) {
      agents_[moved[i]].behaviour = novelty_->scorer.BehaviourOf(results[i]);
      metrics()["centre"] = moved[i];
    }
    for (const uint32_t m : moved) novelty_->scorer.AddToArchive(agents_[m].behaviour);
    metrics()["archive_size"] = static_cast<double>(novelty_->scorer.archive_size());
    metrics()["reward_weight"] = novelty_->weight.value();
    if (generation() == 0) {
      novelty_->weight.Begin(best_.standing());
    } else {
      novelty_->weight.Adapt(best_.standing());
    }
  }

  Genome Elite() const override {
    return {.run_seed = run_seed(), .founder = best_.centre().birth, .mutations = {}};
  }

  void EndGeneration(GenerationSummary& summary) override {
    if (generation() == 0) return;  // the run seed alone gives the first centres
    for (const Agent& agent : agents_.agents()) {
      if (agent.birth.generation == generation()) {
        summary.centres.push_back({agent.birth, agent.centre});
        // Another process may have made it.
        summary.moves.push_back(last_move_.centre == agent.birth
                                    ? last_move_
                                    : CentreMove{.centre = agent.birth, .from = {}, .recipe = {}});
      }
    }
    if (!JudgesMean() || !IsValidated()) return;
    summary.centres.push_back(JudgedCentre(0));
    summary.moves.push_back({.centre = JudgedBirth(0), .from = {}, .recipe = {}});
  }

  // --- Centres that were kept --------------------------------------------------------------------

  std::vector<uint8_t> UpdateState(Birth centre) const override {
    const Agent* agent = agents_.Find(centre);
    return agent == nullptr ? std::vector<uint8_t>{} : StateOf(*agent->update);
  }

  static std::vector<uint8_t> StateOf(const Update& update) {
    ByteWriter out;
    update.Save(out);
    return out.TakeBytes();
  }

  WholeCentre Rebuild(const CentreHistory& history) const override {
    if (history.moves.empty()) return history.whole;
    std::vector<float> centre = *history.whole.centre.parameters;
    if (centre.size() != agents_[0].centre->size()) FailDamaged("a centre has the wrong size");
    const std::unique_ptr<Update> update = make_update_(context_.space.layout.num_parameters);
    const std::vector<uint8_t>& state = history.whole.update;
    ByteReader in({reinterpret_cast<const char*>(state.data()), state.size()});
    update->Restore(in);
    for (const CentreMove& move : history.moves) Redo(move, *update, centre);
    return {.centre = {history.moves.back().centre,
                       std::make_shared<const std::vector<float>>(std::move(centre))},
            .update = StateOf(*update)};
  }

  void Redo(const CentreMove& move, Update& update, std::span<float> centre) const {
    const CentreRecipe recipe = CentreRecipe::Decode(move.recipe);
    const PolicyParts<float> parts = context_.space.layout.PartsOf(centre);
    const bool has_halves = options_.cloud.antithetic && recipe.scores.size() % 2 != 0;
    if (recipe.scores.empty() || has_halves ||
        recipe.normaliser.size() != parts.normaliser.size()) {
      FailDamaged("the recipe of a centre has the wrong size");
    }
    Metrics known;
    update.Move(NoiseOf(move.centre.generation, update), recipe.scores, parts, known);
    std::ranges::copy(recipe.normaliser, parts.normaliser.begin());
  }

  [[noreturn]] static void FailDamaged(const std::string& why) {
    throw Error("the run is damaged: " + why);
  }

  // --- The state ---------------------------------------------------------------------------------

  uint32_t state_version() const override { return 2; }

  void Save(ByteWriter& out) const override {
    agents_.Save(out);
    best_.Save(agents_, out);
    step_cap_.Save(out);
    members_.Save(out);
    if (mean_) mean_->Save(out);
    if (!novelty_) return;
    novelty_->scorer.Save(out);
    novelty_->weight.Save(out);
  }

  void Restore(ByteReader& in, uint32_t version) override {
    if (version == 1) {
      RestoreVersion1(in);
    } else {
      RestoreNewest(in);
    }
    ExpectSoundWhole();
  }

  void RestoreNewest(ByteReader& in) {
    agents_.Restore(in);
    best_.Restore(agents_, in);
    step_cap_.Restore(in);
    members_ = CloudResults::Read(in);
    if (mean_) mean_->Restore(in);
    if (!novelty_) return;
    novelty_->scorer.Restore(in);
    novelty_->weight.Restore(in);
  }

  // The best was that of the agents' last validations. The cap stood between archive and weight,
  // which every strategy had.
  void RestoreVersion1(ByteReader& in) {
    const std::vector<double> validations = agents_.RestoreVersion1(in);
    best_ = {};
    members_ = {};
    if (HasValidated()) {
      for (uint32_t m = 0; m < agents_.size(); ++m) {
        best_.Offer({agents_[m].birth, agents_[m].centre}, validations[m], validations[m]);
      }
    }
    NoveltyScorer none({}, nullptr, SerialFor, Isa::kScalar);
    RewardWeight full(1);
    NoveltyScorer& scorer = novelty_ ? novelty_->scorer : none;
    RewardWeight& weight = novelty_ ? novelty_->weight : full;
    scorer.Restore(in);
    step_cap_.Restore(in);
    weight.Restore(in);
  }

  // Whether the first centres have been judged.
  bool HasValidated() const { return generation() > 0 || round() == Round::kTest; }

  // What its parts cannot know of each other.
  void ExpectSoundWhole() const {
    ExpectSound(HasValidated() || round() == Round::kValidate, "its generation 0 trains");
    ExpectSound(best_.has_centre() == HasValidated(),
                "it has a best centre before the first was judged, or none afterwards");
    const uint32_t moved = round() == Round::kTrain ? generation() - 1 : generation();
    for (const Agent& agent : agents_.agents()) {
      ExpectSound(agent.birth.generation <= moved, "a centre is younger than its generation");
    }
    const bool is_part = members_.size() % Count(options_.cloud.population_size) == 0;
    ExpectSound(is_part && members_.size() < Most(),
                "its cloud has another size than its configuration says");
    if (novelty_) ExpectSoundNovelty(novelty_->scorer);
  }

  void ExpectSoundNovelty(const NoveltyScorer& scorer) const {
    ExpectSound(HasValidated() || scorer.archive_size() == 0, "its generation 0 has an archive");
    if (!HasValidated()) return;
    for (const Agent& agent : agents_.agents()) {
      ExpectSound(scorer.IsArchived(agent.behaviour), "its archive lacks a centre's behaviour");
    }
  }

  StrategyOptions options_;
  StrategyContext context_;
  GrowthOptions growth_;
  UpdateMaker make_update_;
  CentreMove last_move_;  // of this process

  // The state.
  std::optional<NoveltySearch> novelty_;
  MetaPopulation agents_;
  BestCentre best_;
  StepCap step_cap_;
  CloudResults members_;  // of this generation, where it will try more
  std::optional<IterateMean> mean_;
};

}  // namespace

void ObservationOptions::Visit(Fields& fields) {
  fields.Add("observation_share", share, Range<double>{0, 1},
             "observation normalisation: the chance that a member's observations are counted");
  fields.Add("min_observation_std", min_std, Range<double>{1e-9, 1e9},
             "observation normalisation: the least standard deviation");
}

void StrategyOptions::Visit(Fields& fields) {
  cloud.Visit(fields);
  step_cap.Visit(fields);
  fields.Add("validation_episodes", rounds.validation_episodes, kCounts,
             "of the centre, each generation that moved it");
  rounds.VisitTest(fields,
                   "of the best centre, every generation, not counted in the budget; 0: no "
                   "test");
  observations.Visit(fields);
}

void StrategyOptions::Check(const TaskFacts& task, Mistakes& mistakes) const {
  cloud.Check(mistakes);
  step_cap.Check(task, mistakes);
  rounds.CheckTest(task, mistakes);
}

std::unique_ptr<Algorithm> MakeStrategy(const StrategyOptions& options,
                                        const StrategyContext& context, StrategyParts parts) {
  const int members = options.cloud.population_size;
  const GrowthOptions& growth = parts.growth;
  DNE_CHECK(members >= 1);
  DNE_CHECK(growth.generation_steps == 0 || growth.max_population_size >= members);
  DNE_CHECK(!options.cloud.antithetic || (members % 2 == 0 && growth.max_population_size % 2 == 0));
  return std::make_unique<Strategy>(options, context, std::move(parts));
}

}  // namespace dne
