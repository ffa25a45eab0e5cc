// SPDX-License-Identifier: MIT
#include "dne/experiment/fields.h"

namespace dne {

FieldUse UseOf(const LayerSpec& layer, std::string_view field) {
  if (field == "type" || field == "units") return {Use::kRequired, "each layer needs it"};
  const bool conv2d = layer.type == LayerType::kConv2d;
  if (field == "kernel" || field == "stride") {
    return conv2d ? FieldUse{Use::kRequired, "a conv2d layer needs it", "type"}
                  : FieldUse{Use::kUnused, "a dense layer has none", "type"};
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

FieldUse UseOf(const GaOptions& options, std::string_view field) {
  const bool schedule_end = field == "sigma_end" || field == "sigma_generations";
  const bool breeding = field == "num_parents" || field == "sigma" || field == "sigma_schedule";
  if (options.random_search) {
    return breeding || schedule_end ? FieldUse{Use::kUnused, "random_search breeds nothing", "type"}
                                    : FieldUse{};
  }
  if (!schedule_end) return {};
  if (options.sigma.type == ScheduleType::kConstant) {
    return {Use::kUnused, "sigma_schedule is \"constant\"", "sigma_schedule"};
  }
  return {Use::kRequired, "a sigma_schedule that is not \"constant\" needs it", "sigma_schedule"};
}

}  // namespace dne
