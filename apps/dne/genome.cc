// SPDX-License-Identifier: MIT
// `dne genome`: a policy's ancestry, and files to take it away.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/dne/command.h"
#include "apps/dne/policy_words.h"
#include "dne/base/error.h"
#include "dne/base/json_text.h"
#include "dne/policy/policy_run.h"

namespace dne::app {
namespace {

struct GenomeWords {
  PolicyWords policy;
  bool text = false;
  bool json = false;
  std::string out;
  std::string weights;
  std::string onnx;
  IsaOption isa;
};

// What is known of a genome, gathered once for both forms of output.
struct Facts {
  const Policy& policy;
  const Genome& genome;
  size_t genome_bytes;
  size_t weight_bytes;
  std::vector<Ancestor> lineage;
};

Facts Gather(const Policy& policy) {
  if (!policy.genome) {
    throw Error(policy.name +
                ": the file has weights but no genome, so its ancestry is unknown; only "
                "--weights and --onnx can be written from it");
  }
  return {.policy = policy,
          .genome = *policy.genome,
          .genome_bytes = EncodeGenome(*policy.genome).size(),
          .weight_bytes = policy.parameters.size() * sizeof(float),
          .lineage = Lineage(*policy.genome, policy.run.get())};
}

std::string AncestorLine(const Ancestor& ancestor) {
  const Mutation& mutation = ancestor.mutation;
  std::string text = fmt::format("  {:<15}", BirthName(mutation.birth));
  const char* first = mutation.birth.is_centre ? "centre" : "founder";
  text += mutation.sigma == 0 ? fmt::format("{:<16}", first)
                              : fmt::format("sigma {:<10}", mutation.signed_sigma());
  if (ancestor.fitness) text += "fitness " + ScoreText(*ancestor.fitness);
  return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
}

std::string SizeText(const Facts& facts) {
  const std::string genome = Thousands(static_cast<double>(facts.genome_bytes));
  const std::string weights = Thousands(static_cast<double>(facts.weight_bytes));
  if (NeedsRun(facts.genome)) {
    return fmt::format("{} bytes beside the centre it begins with, whose {} bytes the run holds",
                       genome, weights);
  }
  return fmt::format("{} bytes for {} bytes of weights ({}x smaller)", genome, weights,
                     Thousands(static_cast<double>(facts.weight_bytes / facts.genome_bytes)));
}

std::string Text(const Facts& facts) {
  std::string text = PolicyTitle(facts.policy);
  text += fmt::format("  run seed   {}\n", facts.genome.run_seed);
  text += fmt::format("  mutations  {}\n", facts.genome.mutations.size());
  text += fmt::format("  size       {}\n", SizeText(facts));
  text += "\nAncestry, oldest first, as generation.item:\n";
  for (const Ancestor& ancestor : facts.lineage) text += AncestorLine(ancestor);
  return text + "\n" + GenomeToText(facts.genome) + "\n";
}

std::string Json(const Facts& facts) {
  nlohmann::ordered_json json = {{"policy", facts.policy.name},
                                 {"environment", facts.policy.config.environment()},
                                 {"run_seed", facts.genome.run_seed},
                                 {"mutations", facts.genome.mutations.size()},
                                 {"genome_bytes", facts.genome_bytes},
                                 {"weight_bytes", facts.weight_bytes},
                                 {"needs_run", NeedsRun(facts.genome)},
                                 {"text", GenomeToText(facts.genome)},
                                 {"lineage", nlohmann::ordered_json::array()}};
  for (const Ancestor& ancestor : facts.lineage) {
    const Mutation& mutation = ancestor.mutation;
    nlohmann::ordered_json entry = {{"individual", BirthName(mutation.birth)},
                                    {"generation", mutation.birth.generation},
                                    {"item", mutation.birth.item},
                                    {"centre", mutation.birth.is_centre},
                                    {"sigma", mutation.sigma},
                                    {"mirrored", mutation.mirrored}};
    if (ancestor.fitness) entry["fitness"] = *ancestor.fitness;
    json["lineage"].push_back(std::move(entry));
  }
  return JsonText(json) + "\n";
}

void ShowGenome(const GenomeWords& words) {
  const Policy policy = LoadPolicy(words.policy.Source(), words.isa.Resolve());
  if (!words.weights.empty()) SaveWeightFile(policy, words.weights);
  if (!words.onnx.empty()) SaveOnnxFile(policy, words.onnx);
  const bool has_written = !words.weights.empty() || !words.onnx.empty();
  if (has_written && !policy.genome && words.out.empty()) return;
  const Facts facts = Gather(policy);
  if (!words.out.empty()) SaveGenomeFile(policy, words.out);
  if (words.text) {
    fmt::print("{}\n", GenomeToText(facts.genome));
  } else {
    fmt::print("{}", words.json ? Json(facts) : Text(facts));
  }
}

}  // namespace

void AddGenomeCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("genome", "Show a policy's ancestry, write it or its weights to a file");
  auto words = std::make_shared<GenomeWords>();
  AddPolicyWords(*command, words->policy);
  CLI::Option* text = command->add_flag("--text", words->text, "The genome in text form alone");
  command->add_flag("--json", words->json, "One JSON object")->excludes(text);
  command->add_option("--out", words->out, "Write the genome to this file (*.dne-genome)");
  command->add_option("--weights", words->weights,
                      "Write the weights to this file (*.safetensors)");
  command->add_option("--onnx", words->onnx,
                      "Write the network to this file (*.onnx), for other programs to run");
  AddIsaOption(*command, words->isa);
  command->footer(
      "Example: dne genome runs/frostbite --out champion.dne-genome --weights "
      "champion.safetensors");
  command->callback([words] { ShowGenome(*words); });
}

}  // namespace dne::app
