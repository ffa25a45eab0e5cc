// SPDX-License-Identifier: MIT
// The one list of configuration fields: name, place in the structs, what it accepts, meaning.
// Reading, checking, writing and docs/configuration.md walk it. Inside the experiment module only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "dne/envs/classic/classic.h"
#include "dne/experiment/config.h"

namespace dne {

// What a field accepts: a number of a range, one of a few words (std::array of Choice), a name, or
// true and false.
template <class T>
struct Range {
  T min;  // both inclusive
  T max;
};
template <class T>
struct Choice {
  std::string_view word;
  T value;
};
struct Names {
  std::string_view kind;                          // of thing named
  std::vector<std::string> (*known)() = nullptr;  // asked only when a name is read; null: any text
};
struct YesNo {};

inline constexpr std::array<Choice<TaskType>, 3> kTaskTypes = {
    {{"atari", TaskType::kAtari}, {"mujoco", TaskType::kMujoco}, {"classic", TaskType::kClassic}}};
inline constexpr std::array<Choice<bool>, 2> kStacksAtReset = {
    {{"repeat", false}, {"zeros", true}}};
inline constexpr std::array<Choice<bool>, 2> kActionSets = {{{"minimal", false}, {"full", true}}};
inline constexpr std::array<Choice<LayerType>, 2> kLayerTypes = {
    {{"conv2d", LayerType::kConv2d}, {"dense", LayerType::kDense}}};
inline constexpr std::array<Choice<Padding>, 2> kPaddings = {
    {{"same", Padding::kSame}, {"valid", Padding::kValid}}};
inline constexpr std::array<Choice<Activation>, 3> kActivations = {
    {{"linear", Activation::kLinear}, {"relu", Activation::kRelu}, {"tanh", Activation::kTanh}}};
inline constexpr std::array<Choice<Initialisation>, 2> kInitialisations = {
    {{"fan_in", Initialisation::kFanIn},
     {"normalised_columns", Initialisation::kNormalisedColumns}}};
inline constexpr std::array<Choice<AlgorithmType>, 7> kAlgorithms = {
    {{"ga", AlgorithmType::kGa},
     {"random_search", AlgorithmType::kRandomSearch},
     {"es", AlgorithmType::kEs},
     {"pgpe", AlgorithmType::kPgpe},
     {"ns_es", AlgorithmType::kNsEs},
     {"nsr_es", AlgorithmType::kNsrEs},
     {"nsra_es", AlgorithmType::kNsraEs}}};
inline constexpr std::array<Choice<FitnessShaping>, 5> kShapings = {
    {{"centred_rank", FitnessShaping::kCentredRank},
     {"raw", FitnessShaping::kRaw},
     {"z_score", FitnessShaping::kZScore},
     {"sign", FitnessShaping::kSign},
     {"centred_sign_rank", FitnessShaping::kCentredSignRank}}};
inline constexpr std::array<Choice<OptimizerType>, 3> kOptimizers = {
    {{"adam", OptimizerType::kAdam},
     {"sgd", OptimizerType::kSgd},
     {"clipup", OptimizerType::kClipUp}}};
inline constexpr std::array<Choice<StepCap>, 2> kStepCaps = {
    {{"fixed", StepCap::kFixed}, {"adaptive", StepCap::kAdaptive}}};
inline constexpr std::array<Choice<CentreChoice>, 2> kCentreChoices = {
    {{"novelty", CentreChoice::kNovelty}, {"round_robin", CentreChoice::kRoundRobin}}};
inline constexpr std::array<Choice<BehaviourDistance>, 4> kDistances = {
    {{"euclidean", BehaviourDistance::kEuclidean},
     {"squared_euclidean", BehaviourDistance::kSquaredEuclidean},
     {"ram_steps", BehaviourDistance::kSumOfSteps},
     {"ram_frobenius", BehaviourDistance::kFrobenius}}};
inline constexpr std::array<Choice<MujocoReward>, 3> kRewards = {
    {{"standard", MujocoReward::kStandard},
     {"isotropic", MujocoReward::kIsotropic},
     {"forward_distance", MujocoReward::kForwardDistance}}};
inline constexpr std::array<Choice<ScheduleType>, 3> kSchedules = {
    {{"constant", ScheduleType::kConstant},
     {"linear", ScheduleType::kLinear},
     {"exponential", ScheduleType::kExponential}}};
inline constexpr std::array<Choice<EliteRule>, 2> kEliteRules = {
    {{"validated", EliteRule::kValidated}, {"stale", EliteRule::kStale}}};

inline constexpr int kMaxCount = 1'000'000;             // individuals, episodes, generations
inline constexpr int kMaxEpisodeSteps = 10'000'000;     // 100 times the papers' longest
inline constexpr uint64_t kMaxTomlInteger = INT64_MAX;  // TOML's integers are signed
// Up to where noise and weights are still sensible numbers.
inline constexpr Range<float> kSigmaRange = {1e-6f, 10};

// The games this build can play; any where it has none, so that files are checked all the same.
inline Names GameNames() {
#ifdef DNE_WITH_ATARI
  return {"game", AtariGameNames};
#else
  return {"game"};
#endif
}

// Likewise.
inline Names BodyNames() {
#ifdef DNE_WITH_MUJOCO
  return {"body", MujocoBodyNames};
#else
  return {"body"};
#endif
}

template <class T, class Config>
concept ConfigOf = std::is_same_v<std::remove_const_t<T>, Config>;

// visit(name, reference, what it accepts, meaning)
template <class Visitor, ConfigOf<ExperimentConfig> Config>
void VisitFields(Visitor&& visit, Config& c) {
  visit("name", c.name, Names{"name"},
        "names the run's folder: letters, digits, '_', '-' and '.', which is not the first");
  visit("seed", c.seed, Range<uint64_t>{0, kMaxTomlInteger},
        "every random number of the run follows from it");
}

template <class Visitor, ConfigOf<TaskConfig> Config>
void VisitAtariFields(Visitor&& visit, Config& c) {
  visit("game", c.game, GameNames(), "as ALE names its ROM file");
  visit("frame_skip", c.atari.frame_skip, Range<int>{1, 60}, "emulator frames per step");
  visit("frame_stack", c.atari.frame_stack, Range<int>{1, 16}, "pictures a policy sees at once");
  visit("max_noops", c.atari.max_noops, Range<int>{0, 1000},
        "an episode starts with 1 to max_noops frames without action; 0: none");
  visit("fire_start", c.atari.fire_start, YesNo{},
        "in games whose action 1 is FIRE: FIRE, then action 2, each for one step");
  visit("stack_at_reset", c.atari.zero_stack, kStacksAtReset,
        "what fills the stack before the first picture: repeats of it (the papers' CPU code) or "
        "zeros (their GPU code)");
  visit("sticky_probability", c.atari.sticky_probability, Range<float>{0, 1},
        "chance, each emulator frame, that the last action stays");
  visit("actions", c.atari.full_action_set, kActionSets,
        "the actions that do something in the game, or all 18");
}

// Of observations that are floats.
template <class Visitor, ConfigOf<TaskConfig> Config>
void VisitNormalisation(Visitor&& visit, Config& c) {
  visit("normalise_observations", c.play.normalise_observations, YesNo{},
        "(observation - mean) / standard deviation, as gathered during the run");
  visit("observation_clip", c.play.observation_clip, Range<float>{0, 1e9f},
        "normalised observations are cut to this on both sides; 0: not cut");
}

template <class Visitor, ConfigOf<TaskConfig> Config>
void VisitActionNoise(Visitor&& visit, Config& c) {
  visit("action_noise", c.play.action_noise, Range<float>{0, 1000},
        "standard deviation of normal noise on the actions of perturbed policies");
}

template <class Visitor, ConfigOf<TaskConfig> Config>
void VisitMujocoFields(Visitor&& visit, Config& c) {
  visit("body", c.body, BodyNames(), "as Gymnasium names it (docs/mujoco.md)");
  visit("reward", c.mujoco.reward, kRewards,
        "the body's own, its velocity term replaced by the distance from the origin, or the way "
        "forward alone");
  visit("trap", c.mujoco.trap, YesNo{}, "three walls ahead, open towards the start");
  visit("terminate_when_unhealthy", c.mujoco.terminate_when_unhealthy, YesNo{},
        "an episode ends where the body falls");
  VisitNormalisation(visit, c);
  visit(
      "train_with_bonus", c.play.train_with_bonus, YesNo{},
      "evolution strategies: false: members' fitness leaves out the bonus for not falling, as ARS "
      "does (1803.07055)");
  VisitActionNoise(visit, c);
}

template <class Visitor, ConfigOf<TaskConfig> Config>
void VisitClassicFields(Visitor&& visit, Config& c) {
  visit("environment", c.environment, Names{"environment", ClassicControlNames},
        "as Gymnasium names it (docs/classic-control.md)");
  VisitNormalisation(visit, c);
  VisitActionNoise(visit, c);
}

template <class Visitor, ConfigOf<TaskConfig> Config>
void VisitFields(Visitor&& visit, Config& c) {
  visit("type", c.type, kTaskTypes, "kind of task");
  if (c.type == TaskType::kAtari) {
    VisitAtariFields(visit, c);
  } else if (c.type == TaskType::kMujoco) {
    VisitMujocoFields(visit, c);
  } else {
    VisitClassicFields(visit, c);
  }
}

template <class Visitor, ConfigOf<LayerSpec> Config>
void VisitFields(Visitor&& visit, Config& c) {
  visit("type", c.type, kLayerTypes, "convolutions come before dense layers");
  visit("units", c.units, Range<int>{1, 65'536}, "filters of a conv2d, outputs of a dense layer");
  visit("kernel", c.kernel, Range<int>{1, 1024}, "conv2d only: height and width of the filters");
  visit("stride", c.stride, Range<int>{1, 1024}, "conv2d only");
  visit("padding", c.padding, kPaddings, "conv2d only; as TensorFlow defines them");
  visit("activation", c.activation, kActivations, "of each unit");
}

// The layers themselves are a list of sections, [[network.layers]].
template <class Visitor, ConfigOf<NetworkConfig> Config>
void VisitFields(Visitor&& visit, Config& c) {
  visit("preset", c.preset, Names{"network preset", NetworkPresetNames},
        "a named network, instead of `[[network.layers]]`");
  visit("initialisation", c.spec.initialisation, kInitialisations,
        "founders' weights: N(0, 1/fan-in), or each unit's incoming weights scaled to norm 1; "
        "left out: the preset's");
  visit("output_scale", c.spec.output_scale, Range<float>{0, 100},
        "factor on the output layer's initial weights; left out: the preset's");
  visit("virtual_batch_norm", c.spec.virtual_batch_norm, YesNo{},
        "Atari only: hidden layers are normalised by a reference batch of 128 observations from "
        "random play (1712.06560, 6.5)");
}

template <class Visitor, ConfigOf<GaOptions> Config>
void VisitFields(Visitor&& visit, Config& c) {
  constexpr Range<int> count = {1, kMaxCount};
  visit("population_size", c.population_size, count, "children a generation");
  visit("num_parents", c.num_parents, count,
        "ga only: truncation size T, the best T breed; at most population_size");
  visit("sigma", c.sigma.start, kSigmaRange, "ga only: mutation power");
  visit("sigma_schedule", c.sigma.type, kSchedules, "ga only: how sigma changes");
  visit("sigma_end", c.sigma.end, kSigmaRange, "linear and exponential only: sigma at the end");
  visit("sigma_generations", c.sigma.generations, count,
        "linear and exponential only: generations until sigma_end");
  visit("elite", c.elite_rule, kEliteRules,
        "the best mean of fresh validation episodes (1712.06567 v3), or the best single score so "
        "far, kept with that score (v1)");
  visit("episodes", c.episodes, count, "of each child; their mean is its fitness");
  visit("num_candidates", c.num_candidates, count,
        "validated a generation; at most population_size, and at least 2 where the elite is "
        "\"validated\"");
  visit("validation_episodes", c.validation_episodes, count, "of each candidate");
  visit("test_episodes", c.test_episodes, Range<int>{0, kMaxCount},
        "of the elite, every generation, not counted in the budget; 0: no test");
  visit("max_episode_steps", c.max_episode_steps, Range<int>{1, kMaxEpisodeSteps},
        "longest episode in training and validation");
  visit("test_max_episode_steps", c.test_max_episode_steps, Range<int>{1, kMaxEpisodeSteps},
        "longest episode in the test");
}

template <class Visitor, ConfigOf<NoveltyOptions> Config>
void VisitFields(Visitor&& visit, Config& c) {
  constexpr Range<int> count = {1, kMaxCount};
  visit("meta_population", c.meta_population, Range<int>{1, 1000}, "ns, nsr, nsra: centres, M");
  visit("centre_choice", c.choice, kCentreChoices,
        "ns, nsr, nsra: which centre a generation moves: with probability by its novelty, or in "
        "turn");
  visit("nearest", c.nearest, count, "ns, nsr, nsra: neighbours that novelty looks at, k");
  visit("distance", c.distance, kDistances,
        "ns, nsr, nsra: between behaviours; the papers: of final positions, or of the RAM at every "
        "step");
  visit("reward_weight", c.reward_weight, Range<double>{0, 1}, "nsra: at first");
  visit("weight_step", c.weight_step, Range<double>{0, 1}, "nsra: by which the weight changes");
  visit("patience", c.patience, count, "nsra: updates without a new best before the weight sinks");
}

template <class Visitor, ConfigOf<WidthOptions> Config>
void VisitFields(Visitor&& visit, Config& c) {
  visit("sigma_learning_rate", c.learning_rate, Range<double>{0, 1000},
        "pgpe only: how fast each parameter's sigma follows its gradient");
  visit("sigma_max_change", c.max_change, Range<double>{0, 0.999},
        "pgpe only: the largest change of a sigma in a generation, as a share of it");
}

template <class Visitor, ConfigOf<OptimizerOptions> Config>
void VisitFields(Visitor&& visit, Config& c) {
  visit("optimizer", c.type, kOptimizers, "how the centre follows the gradient");
  visit("learning_rate", c.learning_rate, Range<double>{1e-9, 1000}, "step size");
  visit("momentum", c.momentum, Range<double>{0, 0.9999}, "adam's beta 1 as well");
  visit("max_speed", c.max_speed, Range<double>{1e-9, 1e9},
        "clipup only: the longest step (2008.02387)");
}

template <class Visitor, ConfigOf<EsOptions> Config>
void VisitFields(Visitor&& visit, Config& c) {
  constexpr Range<int> count = {1, kMaxCount};
  visit("population_size", c.population_size, Range<int>{2, kMaxCount},
        "members of the cloud; even where antithetic");
  visit("sigma", c.sigma, kSigmaRange, "standard deviation of the noise; pgpe: at first");
  visit("antithetic", c.antithetic, YesNo{}, "members come in pairs: centre + noise, - noise");
  visit("fitness_shaping", c.shaping, kShapings, "what a member's fitness counts for");
  visit("top_directions", c.top_directions, Range<int>{0, kMaxCount},
        "the best pairs alone count, by raw fitness over its standard deviation (ARS, 1803.07055); "
        "0: all, by fitness_shaping");
  VisitFields(visit, c.optimizer);
  visit("l2_coefficient", c.l2_coefficient, Range<float>{0, 1000}, "weight decay in the gradient");
  visit("episodes", c.episodes, count, "of each member; their mean is its fitness");
  visit("max_episode_steps", c.max_episode_steps, Range<int>{0, kMaxEpisodeSteps},
        "longest episode in training and validation; 0: the environment's own limit");
  visit("step_cap", c.step_cap, kStepCaps,
        "of members' episodes: max_episode_steps, or growing towards it");
  visit("first_step_cap", c.first_step_cap, Range<int>{1, kMaxEpisodeSteps}, "adaptive only");
  visit("cap_share", c.cap_share, Range<double>{0, 1},
        "adaptive only: where so many episodes reach the cap ...");
  visit("cap_growth", c.cap_growth, Range<double>{1, 1000}, "... it is multiplied by this");
  visit("validation_episodes", c.validation_episodes, count,
        "of the centre, each generation that moved it");
  visit("test_episodes", c.test_episodes, Range<int>{0, kMaxCount},
        "of the best centre, every generation, not counted in the budget; 0: no test");
  visit("test_max_episode_steps", c.test_max_episode_steps, Range<int>{1, kMaxEpisodeSteps},
        "longest episode in the test");
  visit("observation_share", c.observation_share, Range<double>{0, 1},
        "observation normalisation: the chance that a member's observations are counted");
  visit("min_observation_std", c.min_observation_std, Range<double>{1e-9, 1e9},
        "observation normalisation: the least standard deviation");
  VisitFields(visit, c.width);
  VisitFields(visit, c.novelty);
}

template <class Visitor, ConfigOf<AlgorithmConfig> Config>
void VisitFields(Visitor&& visit, Config& c) {
  visit("type", c.type, kAlgorithms,
        "the Deep GA, fresh random networks every generation, or evolution strategies: by reward, "
        "likewise with a sigma for each parameter, by novelty, by both, by both with adapting "
        "weight");
  if (c.is_es()) {
    VisitFields(visit, c.es);
  } else {
    VisitFields(visit, c.ga);
  }
}

template <class Visitor, ConfigOf<BudgetConfig> Config>
void VisitFields(Visitor&& visit, Config& c) {
  constexpr Range<uint64_t> any = {1, kMaxTomlInteger};
  visit("generations", c.generations, any, "generations");
  visit("steps", c.steps, any, "decisions of policies, in training and validation");
  visit("frames", c.frames, any, "emulator frames, in training and validation");
  visit("target", c.target, Range<double>{-1e12, 1e12}, "mean validation score of the elite");
}

// visit(name, section, what it is about)
template <class Visitor, ConfigOf<ExperimentConfig> Config>
void VisitSections(Visitor&& visit, Config& c) {
  visit("task", c.task, "What a policy has to do.");
  visit("network", c.network,
        "The policy's network: a preset or layers of its own, never both. The linear output layer "
        "follows from the task.");
  visit("algorithm", c.algorithm, "How policies are found.");
  visit("budget", c.budget,
        "The run stops at the first limit it meets, between rounds. At least one is required.");
}

// Whether a field means something beside the others' values.
enum class Use { kOptional, kRequired, kUnused };
struct FieldUse {
  Use use = Use::kOptional;
  std::string_view why;         // where not optional
  std::string_view cause = {};  // the field whose value makes it so, if one does
  bool has_default = true;      // unused here: whether it may be left out where it is of use
};

template <class Config>
FieldUse UseOf(const Config&, std::string_view) {
  return {};
}
FieldUse UseOf(const LayerSpec& layer, std::string_view field);
FieldUse UseOf(const NetworkConfig& network, std::string_view field);
FieldUse UseOf(const AlgorithmConfig& algorithm, std::string_view field);

// Sections whose fields depend on `type`: one of each kind, with the words that choose it.
template <class Config>
struct Variant {
  std::string_view types;  // empty: the section has one kind only
  Config config;
};
template <class Config>
std::vector<Variant<Config>> VariantsOf(const Config& config) {
  return {{"", config}};
}
std::vector<Variant<TaskConfig>> VariantsOf(const TaskConfig& config);
std::vector<Variant<AlgorithmConfig>> VariantsOf(const AlgorithmConfig& config);

}  // namespace dne
