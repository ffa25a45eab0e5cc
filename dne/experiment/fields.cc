// SPDX-License-Identifier: MIT
#include "dne/experiment/fields.h"

#include <algorithm>
#include <initializer_list>

namespace dne {

FieldUse UseOf(const LayerSpec& layer, std::string_view field) {
  if (field == "type" || field == "units") return {Use::kRequired, "each layer needs it"};
  const bool conv2d = layer.type == LayerType::kConv2d;
  if (field == "kernel" || field == "stride") {
    return conv2d ? FieldUse{Use::kRequired, "a conv2d layer needs it", "type"}
                  : FieldUse{Use::kUnused, "a dense layer has none", "type", false};
  }
  if (field == "padding" && !conv2d) return {Use::kUnused, "a dense layer has none", "type"};
  return {};
}

FieldUse UseOf(const NetworkConfig& network, std::string_view field) {
  if (field == "preset" && network.preset.empty()) {
    return {Use::kUnused, "the layers are given one by one", "layers"};
  }
  return {};
}

namespace {

FieldUse UseOfGa(const AlgorithmConfig& algorithm, std::string_view field) {
  const bool schedule_end = field == "sigma_end" || field == "sigma_generations";
  const bool breeding = field == "num_parents" || field == "sigma" || field == "sigma_schedule";
  if (algorithm.type == AlgorithmType::kRandomSearch) {
    if (!breeding && !schedule_end) return {};
    return {Use::kUnused, "random_search breeds nothing", "type", !schedule_end};
  }
  if (!schedule_end) return {};
  if (algorithm.ga.sigma.type == ScheduleType::kConstant) {
    return {Use::kUnused, "sigma_schedule is \"constant\"", "sigma_schedule", false};
  }
  return {Use::kRequired, "a sigma_schedule that is not \"constant\" needs it", "sigma_schedule"};
}

bool IsOneOf(std::string_view field, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, field) != names.end();
}

FieldUse UseOfEs(const AlgorithmConfig& algorithm, std::string_view field) {
  const bool of_population =
      IsOneOf(field, {"meta_population", "centre_choice", "nearest", "distance"});
  if (of_population && !algorithm.seeks_novelty()) {
    return {Use::kUnused, "types \"es\" and \"pgpe\" seek no novelty", "type"};
  }
  const bool of_weight = IsOneOf(field, {"reward_weight", "weight_step", "patience"});
  if (of_weight && algorithm.type != AlgorithmType::kNsraEs) {
    return {Use::kUnused, "only type \"nsra_es\" adapts a weight", "type"};
  }
  const bool of_width = IsOneOf(field, {"sigma_learning_rate", "sigma_max_change"});
  if (of_width && algorithm.type != AlgorithmType::kPgpe) {
    return {Use::kUnused, "only type \"pgpe\" adapts sigma", "type"};
  }
  const bool of_cap = IsOneOf(field, {"first_step_cap", "cap_share", "cap_growth"});
  if (of_cap && algorithm.es.step_cap == StepCap::kFixed) {
    return {Use::kUnused, "step_cap is \"fixed\"", "step_cap"};
  }
  if (field == "max_speed" && algorithm.es.optimizer.type != OptimizerType::kClipUp) {
    return {Use::kUnused, "only optimizer \"clipup\" has one", "optimizer"};
  }
  if (field == "fitness_shaping" && algorithm.es.top_directions > 0) {
    return {Use::kUnused, "top_directions counts raw fitness", "top_directions"};
  }
  return {};
}

}  // namespace

FieldUse UseOf(const AlgorithmConfig& algorithm, std::string_view field) {
  return algorithm.is_es() ? UseOfEs(algorithm, field) : UseOfGa(algorithm, field);
}

std::vector<Variant<TaskConfig>> VariantsOf(const TaskConfig& config) {
  std::vector<Variant<TaskConfig>> variants = {
      {"\"atari\"", config}, {"\"mujoco\"", config}, {"\"classic\"", config}};
  variants[0].config.type = TaskType::kAtari;
  variants[1].config.type = TaskType::kMujoco;
  variants[2].config.type = TaskType::kClassic;
  return variants;
}

std::vector<Variant<AlgorithmConfig>> VariantsOf(const AlgorithmConfig& config) {
  std::vector<Variant<AlgorithmConfig>> variants = {
      {"\"ga\" or \"random_search\"", config},
      {"\"es\", \"pgpe\", \"ns_es\", \"nsr_es\" or \"nsra_es\"", config}};
  variants[0].config.type = AlgorithmType::kGa;
  variants[1].config.type = AlgorithmType::kNsraEs;
  return variants;
}

}  // namespace dne
