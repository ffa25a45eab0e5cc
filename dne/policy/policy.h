// SPDX-License-Identifier: MIT
// One policy to look at and take away: what it plays, its weights, and where it comes from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dne/experiment/config.h"
#include "dne/experiment/setup.h"
#include "dne/genome/genome.h"
#include "dne/store/store.h"

namespace dne {

// What is played, and by which network.
struct PolicyConfig {
  uint64_t seed = 0;  // the reference batch of virtual batch normalisation follows from it
  Chosen<TaskKind> task;
  NetworkOptions network;
  int test_max_episode_steps = 0;

  std::string environment() const { return task.kind->environment(task.options); }
  bool operator==(const PolicyConfig&) const = default;
};

// A member that is played by its factors (IsPlayedByFactors).
struct FactoredMember {
  std::vector<float> parent;  // its numbers
  LowRankChange change;
};

struct Policy {
  std::string name;  // "runs/frostbite, elite of generation 12 (individual 11.304)"
  PolicyConfig config;
  std::string experiment;  // TOML: the configuration that it comes with, which policy files keep
  Setup setup;             // what the configuration names, made
  std::vector<float> parameters;
  // Then `parameters` are the weights that it stands for, which differ from it by rounding.
  std::optional<FactoredMember> member;
  std::optional<Genome> genome;  // none: a weight file that came without one
  bool perturbed = false;        // a member of an evolution strategy's cloud: its run played it so

  // Where it comes from a run: the run, and the generation whose trials played it.
  std::shared_ptr<const RunStore> run;
  uint32_t generation = 0;

  // As it is played. Valid as long as the policy stays as it is.
  PolicyView view() const {
    if (member) return {.numbers = member->parent, .change = &member->change};
    return {.numbers = parameters};
  }
};

// Where a policy is.
struct PolicySource {
  std::string where;             // a run directory, a policy file, or a genome in text form
  std::filesystem::path config;  // with a genome in text form only: what it plays
  // Of a run directory only, at most one of them; neither: the last generation's elite.
  std::optional<uint32_t> generation;  // the elite of this one
  std::optional<Birth> individual;     // any one that was ever tried
  bool allow_command = false;          // it may start the programs that it names
};

// Loads the environment and decodes the weights; a file's kind is told from its content. Throws
// Error, beginning with the place, for: no such file, neither a run nor a policy file, damaged,
// written by a newer dne, a generation or individual that is not there, weights that do not fit the
// network.
Policy LoadPolicy(const PolicySource& source, Isa isa);

// Whether a genome begins with a centre that results went into: it is complete only together with
// its run, which holds the centre's numbers.
bool NeedsRun(const Genome& genome);

// How long its test episodes may be: as configured, within the environment's own limit.
uint32_t TestStepCap(const Policy& policy);
// With which a recorded episode is played again: one that was cut off is cut off there.
uint32_t RecordedStepCap(const Policy& policy, const Episode& recorded);

// The policy a genome stands for. What depends on a run's seed (the reference batch of virtual
// batch normalisation) follows from the genome's; `config` may name another.
Policy PolicyFromGenome(const ExperimentConfig& config, const Genome& genome, Isa isa);

// The genome with its configuration: a few kilobytes (dne/policy/policy_file.h). The policy
// must have a genome. Like the next ones atomic: readers see the old file or the new one. All
// throw Error where the file cannot be written, this one also for a genome that needs its run, the
// others for a task without a network.
void SaveGenomeFile(const Policy& policy, const std::filesystem::path& path);
// The weights as tensors, with configuration and genome as metadata
// (dne/policy/safetensors.h). Of a member that is played by its factors the weights that it stands
// for: whoever plays the file rounds otherwise, and may play another episode.
void SaveWeightFile(const Policy& policy, const std::filesystem::path& path);
// The same weights as a network that others run, with the same metadata (dne/policy/onnx.h).
void SaveOnnxFile(const Policy& policy, const std::filesystem::path& path);

}  // namespace dne
