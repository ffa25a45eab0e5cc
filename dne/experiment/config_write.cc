// SPDX-License-Identifier: MIT
// The list of fields as a file, and as docs/configuration.md.
#include <fmt/format.h>

#include "dne/experiment/config.h"
#include "dne/experiment/config_text.h"
#include "dne/experiment/fields.h"

namespace dne {
namespace {

template <class Config>
std::string FieldLines(const Config& config) {
  std::string lines;
  VisitFields(
      [&](std::string_view name, const auto& value, const auto& limits, std::string_view) {
        const std::string text = ValueText(value, limits);
        const bool is_used = UseOf(config, name).use != Use::kUnused;
        if (is_used && !text.empty()) lines += fmt::format("{} = {}\n", name, text);
      },
      config);
  return lines;
}

// Layers are written only where no preset stands for them.
std::string LayerLines(const NetworkConfig& network) {
  if (!network.preset.empty()) return "";
  if (network.spec.hidden.empty()) return "layers = []\n";
  std::string lines;
  for (const LayerSpec& layer : network.spec.hidden) {
    lines += "\n[[network.layers]]\n" + FieldLines(layer);
  }
  return lines;
}

std::string LimitsCell(const YesNo&) { return ""; }
// Games depend on the build, and names of experiments are free.
std::string LimitsCell(const Names& names) {
  return names.kind == "network preset" ? WordsText(names.known()) : "";
}
template <class Limits>
std::string LimitsCell(const Limits& limits) {
  return LimitsText(limits);
}

template <class Config>
std::string FieldTable(const Config& defaults) {
  std::string rows =
      "\n| key | type | default | allowed | meaning |\n| --- | --- | --- | --- | --- |\n";
  VisitFields(
      [&](std::string_view name, const auto& value, const auto& limits, std::string_view meaning) {
        const FieldUse use = UseOf(defaults, name);
        const bool is_left_out = use.use == Use::kUnused && !use.has_default;
        const std::string standard =
            use.use == Use::kRequired ? "required" : ValueText(value, limits);
        rows += fmt::format("| `{}` | {} | {} | {} | {} |\n", name, TypeText(limits),
                            is_left_out ? "" : standard, LimitsCell(limits), meaning);
      },
      defaults);
  return rows;
}

constexpr std::string_view kReferenceHead = R"(# Configuration

Generated: `dne list --configuration-reference > docs/configuration.md`.

An experiment is a TOML file. Every key can be replaced on the command line, as in
`--set algorithm.sigma=0.005` or `--set task.game=venture`; the checks see the result. All mistakes
are reported at once, each with its line.
)";

}  // namespace

std::string ConfigToToml(const ExperimentConfig& config) {
  std::string text = FieldLines(config);
  VisitSections(
      [&]<class Section>(std::string_view name, const Section& section, std::string_view) {
        text += fmt::format("\n[{}]\n", name) + FieldLines(section);
        if constexpr (std::is_same_v<Section, NetworkConfig>) text += LayerLines(section);
      },
      config);
  return text;
}

std::vector<std::string> AlgorithmNames() { return Words(kAlgorithms); }

std::string ConfigReference() {
  const ExperimentConfig defaults;
  std::string text(kReferenceHead);
  text += "\n## At the top\n" + FieldTable(defaults);
  VisitSections(
      [&]<class Section>(std::string_view name, const Section& section, std::string_view about) {
        text += fmt::format("\n## [{}]\n\n{}\n", name, about);
        for (const auto& variant : VariantsOf(section)) {
          if (!variant.types.empty()) text += fmt::format("\nWith type {}:\n", variant.types);
          text += FieldTable(variant.config);
        }
        if constexpr (std::is_same_v<Section, NetworkConfig>) {
          text += "\n## [[network.layers]]\n\nOne section a hidden layer, in order.\n" +
                  FieldTable(LayerSpec{});
        }
      },
      defaults);
  return text;
}

}  // namespace dne
