// SPDX-License-Identifier: MIT
#include "apps/dne/policy_words.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace dne::app {

PolicySource PolicyWords::Source() const {
  PolicySource source{.where = where, .config = config, .generation = generation, .individual = {}};
  source.allow_command = allow_command;
  if (!individual.empty()) source.individual = ParseBirth(individual);
  return source;
}

void AddPolicyWords(CLI::App& command, PolicyWords& words) {
  command
      .add_option("policy", words.where,
                  "Run directory, .dne-genome or .safetensors file, or a genome in text form")
      ->required();
  CLI::Option* generation = command.add_option(
      "--generation", words.generation,
      "Of a run: the elite of this generation (default: of the last finished one)");
  command
      .add_option("--individual", words.individual,
                  "Of a run: the individual born as GENERATION.ITEM, whether it did well or not")
      ->excludes(generation);
  command.add_option("--config", words.config,
                     "Of a genome in text form: the experiment file it comes from");
  AddAllowCommandOption(command, words.allow_command);
}

std::string PolicyTitle(const Policy& policy) {
  const NetworkOptions& network = policy.config.network;
  return fmt::format("{}\nplays {} with {} parameters ({})\n", policy.name,
                     policy.config.environment(),
                     Thousands(static_cast<double>(policy.parameters.size())),
                     network.preset.empty() ? "own network" : network.preset);
}

}  // namespace dne::app
