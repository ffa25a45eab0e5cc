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

inline constexpr std::array<Choice<TaskType>, 1> kTaskTypes = {{{"atari", TaskType::kAtari}}};
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
inline constexpr std::array<Choice<bool>, 2> kAlgorithms = {
    {{"ga", false}, {"random_search", true}}};
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
void VisitFields(Visitor&& visit, Config& c) {
  visit("type", c.type, kTaskTypes, "kind of task");
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
}

template <class Visitor, ConfigOf<GaOptions> Config>
void VisitFields(Visitor&& visit, Config& c) {
  constexpr Range<int> count = {1, kMaxCount};
  visit("type", c.random_search, kAlgorithms,
        "the Deep GA, or fresh random networks every generation");
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
        "validated a generation; at most population_size");
  visit("validation_episodes", c.validation_episodes, count, "of each candidate");
  visit("test_episodes", c.test_episodes, Range<int>{0, kMaxCount},
        "of the elite, every generation, not counted in the budget; 0: no test");
  visit("max_episode_steps", c.max_episode_steps, Range<int>{1, kMaxEpisodeSteps},
        "longest episode in training and validation");
  visit("test_max_episode_steps", c.test_max_episode_steps, Range<int>{1, kMaxEpisodeSteps},
        "longest episode in the test");
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
};

template <class Config>
FieldUse UseOf(const Config&, std::string_view) {
  return {};
}
FieldUse UseOf(const LayerSpec& layer, std::string_view field);
FieldUse UseOf(const NetworkConfig& network, std::string_view field);
FieldUse UseOf(const GaOptions& options, std::string_view field);

}  // namespace dne
