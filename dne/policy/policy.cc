// SPDX-License-Identifier: MIT
#include "dne/policy/policy.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/file.h"
#include "dne/genome/parent_cache.h"
#include "dne/nn/half.h"
#include "dne/nn/reference.h"
#include "dne/policy/onnx.h"
#include "dne/policy/policy_file.h"
#include "dne/policy/policy_run.h"
#include "dne/policy/safetensors.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormatKey = "dne_format";  // metadata of files of tensors
constexpr const char* kFormatVersion = "1";
constexpr const char* kConfigKey = "config";
constexpr const char* kGenomeKey = "genome";

Policy MakePolicy(const ExperimentConfig& config,
                  std::shared_ptr<const std::vector<uint8_t>> reference_batch = nullptr) {
  return {.name = "",
          .config = {.seed = config.seed,
                     .task = config.task,
                     .network = config.network,
                     .test_max_episode_steps = config.rounds().test_max_episode_steps},
          .experiment = ConfigToToml(config),
          .setup = MakeSetup(config, std::move(reference_batch)),
          .parameters = {},
          .member = {},
          .genome = std::nullopt};
}

// The configuration of the genome's own run, whichever seed the experiment file names: the
// reference batch follows from the seed.
ExperimentConfig ConfigOfRun(ExperimentConfig config, const Genome& genome) {
  if (genome.run_seed > kLargestSeed) {
    throw Error("the genome's run seed is " + std::to_string(genome.run_seed) +
                ", but no run has " + "one above " + std::to_string(kLargestSeed) +
                ": copy the genome again");
  }
  config.seed = genome.run_seed;
  return config;
}

// A run that holds the centres of genomes.
struct Origin {
  const RunStore& run;
  const ExperimentConfig& config;
};

// The numbers of a centre, which where the run kept only recipes takes as long as learning them.
std::vector<float> NumbersOf(const CentreHistory& history, const Task& task, Isa isa,
                             const ExperimentConfig& config) {
  if (history.moves.empty()) return *history.whole.centre.parameters;
  const int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return *MakeAlgorithm(config, task, {.threads = threads, .isa = isa})
              ->Rebuild(history)
              .centre.parameters;
}

// The centre that a genome which needs its run begins with.
std::vector<float> ReadCentre(Birth centre, const Task& task, Isa isa, const Origin* origin) {
  const std::string name = "centre " + BirthName(centre);
  if (origin == nullptr) {
    throw Error("the genome begins with " + name +
                " of an evolution strategy, which only its run holds: name the run's folder, or "
                "take the weights away with dne genome --weights");
  }
  const std::optional<CentreHistory> history = origin->run.HistoryOf(centre);
  if (!history) {
    throw Error(name + " is not in the run: generation " + std::to_string(centre.generation) +
                " has not finished");
  }
  std::vector<float> numbers = NumbersOf(*history, task, isa, origin->config);
  const bool has_spreads = MakePerturbation(origin->config.perturbation())->has_spreads();
  const size_t size = task.layout().centre_size(has_spreads);
  if (numbers.size() != size) {
    throw Error("the run is damaged: " + name + " has " + std::to_string(numbers.size()) +
                " numbers, its algorithm and network need " + std::to_string(size));
  }
  return numbers;
}

// What a genome stands for.
struct Expressed {
  std::vector<float> parameters;
  std::optional<FactoredMember> member;
};

FactoredMember Factor(const Genome& genome, const ParentCache& cache, size_t policy_size) {
  FactoredMember member{.parent = std::vector<float>(policy_size), .change = {}};
  Genome parent = genome;
  parent.mutations.pop_back();
  cache.Express(parent, member.parent);
  cache.DrawChange(genome, member.parent, member.change);
  return member;
}

// `origin`: of a genome that needs its run.
Expressed Express(const Genome& genome, const Task& task, Isa isa,
                  const PerturbationSpec& perturbation, const Origin* origin = nullptr) {
  const PolicyLayout& layout = task.layout();
  std::vector<Centre> centres;
  if (NeedsRun(genome)) {
    centres.push_back({genome.founder, std::make_shared<const std::vector<float>>(
                                           ReadCentre(genome.founder, task, isa, origin))});
  }
  const auto model = IsSafe(perturbation.kind) ? task.MakeOutputModel(isa) : nullptr;
  ParentCache cache(layout, task.initialiser(isa), isa);
  cache.Hold({}, centres, perturbation, model.get());
  Expressed expressed{.parameters = std::vector<float>(layout.policy_size()), .member = {}};
  cache.Express(genome, expressed.parameters, model.get());
  if (IsPlayedByFactors(task, perturbation, genome)) {
    expressed.member = Factor(genome, cache, layout.policy_size());
  }
  return expressed;
}

void SetExpressed(Expressed expressed, Policy& policy) {
  policy.parameters = std::move(expressed.parameters);
  policy.member = std::move(expressed.member);
}

// "dne1:...", whatever the version.
bool LooksLikeGenomeText(std::string_view text) {
  if (!text.starts_with("dne")) return false;
  const std::string_view rest = text.substr(3);
  const size_t digits = rest.find_first_not_of("0123456789");
  return digits != 0 && digits != std::string_view::npos && rest[digits] == ':';
}

Policy FromRun(std::shared_ptr<const RunStore> run, const PolicySource& source, Isa isa) {
  ExperimentConfig config = ParseStoredConfig(run->info().config, "its configuration");
  config.trust.may_start_programs = source.allow_command;
  Genome genome;
  uint32_t generation = 0;
  std::string which;
  if (source.individual) {
    genome = IndividualGenome(*run, *source.individual);
    generation = source.individual->generation;
    which = "individual " + BirthName(genome.birth());
  } else {
    const GenerationRecord record = FinishedGeneration(*run, source.generation);
    genome = DecodeGenome(record.elite);
    generation = record.generation;
    which = "elite of generation " + std::to_string(generation) + " (individual " +
            BirthName(genome.birth()) + ")";
  }
  Policy policy = MakePolicy(config, ReferenceBatchOf(run->info()));
  ExpectSameData(policy.setup, run->info());
  policy.genome = genome;
  policy.perturbed = genome.founder.is_centre && !genome.mutations.empty();
  const Origin origin{*run, config};
  SetExpressed(Express(genome, *policy.setup.task, isa, config.perturbation(), &origin), policy);
  policy.name = which;
  policy.run = std::move(run);
  policy.generation = generation;
  return policy;
}

Policy FromGenomeFile(std::string_view bytes, bool allow_command, Isa isa) {
  const GenomeFile file = DecodeGenomeFile(bytes);
  ExperimentConfig config = ParsePlayedConfig(file.experiment, "its configuration");
  config.trust.may_start_programs = allow_command;
  return PolicyFromGenome(config, file.genome, isa);
}

const std::string& Metadata(const Safetensors& file, const char* key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) {
    throw Error("the safetensors file has no metadata \"" + std::string(key) +
                "\", so what it plays is unknown: use one that dne genome --weights wrote, or "
                "give it what docs/formats-policy.md asks for");
  }
  return found->second;
}

Policy FromWeightFile(std::string_view bytes, bool allow_command, Isa isa) {
  const Safetensors file(bytes);
  const std::string& version = Metadata(file, kFormatKey);
  if (version != kFormatVersion) {
    throw Error("the weight file has version " + version + ", this dne reads " + kFormatVersion +
                ": use a newer dne");
  }
  const std::string& experiment = Metadata(file, kConfigKey);
  ExperimentConfig config = ParsePlayedConfig(experiment, "its configuration");
  config.trust.may_start_programs = allow_command;
  std::optional<Genome> genome;
  if (const auto text = file.metadata().find(kGenomeKey); text != file.metadata().end()) {
    genome = GenomeFromText(text->second);
    config = ConfigOfRun(std::move(config), *genome);
  }
  Policy policy = MakePolicy(config);
  policy.experiment = experiment;
  if (!policy.setup.network) {
    throw Error(policy.config.environment() +
                " has no network, so no tensors are its policy: use the genome's file");
  }
  policy.parameters = file.Policy(*policy.setup.network, policy.setup.task->layout());
  policy.name = "weights";
  if (!genome) return policy;
  policy.genome = std::move(genome);
  policy.name += " of individual " + BirthName(policy.genome->birth());
  if (NeedsRun(*policy.genome)) return policy;  // nothing here to compare with
  if (Express(*policy.genome, *policy.setup.task, isa, config.perturbation()).parameters !=
      policy.parameters) {
    throw Error("the weights are not those of the genome in the file's metadata: if they were " +
                std::string("changed on purpose, remove its metadata \"") + kGenomeKey + "\"");
  }
  return policy;
}

Policy FromFile(const PolicySource& source, Isa isa) {
  const std::string bytes = ReadFile(source.where);
  if (LooksLikeGenomeFile(bytes)) return FromGenomeFile(bytes, source.allow_command, isa);
  if (LooksLikeSafetensors(bytes)) return FromWeightFile(bytes, source.allow_command, isa);
  throw Error(
      "neither a run directory nor a policy file: give the directory that dne run wrote, or a "
      ".dne-genome or .safetensors file that dne genome wrote");
}

Policy FromText(const PolicySource& source, Isa isa) {
  if (source.config.empty()) {
    throw Error(
        "a genome in text form does not say what it plays: give its experiment's configuration "
        "too (--config FILE)");
  }
  return PolicyFromGenome(LoadConfig(source.config), GenomeFromText(source.where), isa);
}

enum class Kind { kRun, kFile, kText };

// A genome in text form may be longer than any file's name.
Kind KindOf(const std::string& where) {
  std::error_code failure;
  const fs::file_status status = fs::status(where, failure);
  if (fs::exists(status)) return fs::is_directory(status) ? Kind::kRun : Kind::kFile;
  if (LooksLikeGenomeText(where)) return Kind::kText;
  if (status.type() == fs::file_type::not_found) throw Error("no such file or directory");
  throw Error("cannot read it: " + failure.message());
}

void CheckChoice(const PolicySource& source, Kind kind) {
  DNE_CHECK(!source.generation || !source.individual);
  if (kind != Kind::kRun && (source.generation || source.individual)) {
    throw Error(
        "it holds one policy: leave out the generation or individual, which only a run directory "
        "has to choose from");
  }
  if (kind != Kind::kText && !source.config.empty()) {
    throw Error("it says itself what it plays: leave the configuration out");
  }
}

void RequireNetwork(const Policy& policy, const fs::path& path) {
  if (policy.setup.network) return;
  throw Error("cannot write " + path.string() + ": " + policy.config.environment() +
              " has no network, so there are no tensors: write the genome instead (--out FILE)");
}

TensorMetadata MetadataOf(const Policy& policy) {
  TensorMetadata metadata = {{kFormatKey, kFormatVersion}, {kConfigKey, policy.experiment}};
  if (policy.genome) metadata[kGenomeKey] = GenomeToText(*policy.genome);
  return metadata;
}

// Text forms of long ancestries would fill the screen.
std::string ShortName(const std::string& where) {
  constexpr size_t kLongest = 100;
  return where.size() <= kLongest ? where : where.substr(0, kLongest) + "...";
}

// What `load` does, with the name before its errors.
template <class Load>
auto Named(const std::string& name, const Load& load) {
  try {
    return load();
  } catch (const Error& error) {
    throw Error(name + ": " + error.what());
  }
}

}  // namespace

Policy PolicyFromGenome(const ExperimentConfig& config, const Genome& genome, Isa isa) {
  Policy policy = MakePolicy(ConfigOfRun(config, genome));
  policy.name = "individual " + BirthName(genome.birth());
  SetExpressed(Express(genome, *policy.setup.task, isa, config.perturbation()), policy);
  policy.genome = genome;
  return policy;
}

bool NeedsRun(const Genome& genome) {
  return genome.founder.is_centre && genome.founder.generation > 0;
}

uint32_t TestStepCap(const Policy& policy) {
  return policy.setup.task->CapSteps(static_cast<uint32_t>(policy.config.test_max_episode_steps));
}

uint32_t RecordedStepCap(const Policy& policy, const Episode& recorded) {
  return recorded.end == EpisodeEnd::kStepLimit ? recorded.steps : TestStepCap(policy);
}

Policy LoadPolicy(const PolicySource& source, Isa isa) {
  const std::string name = ShortName(source.where);
  const Kind kind = Named(name, [&] {
    const Kind found = KindOf(source.where);
    CheckChoice(source, found);
    return found;
  });
  // The store's own errors name it already.
  std::shared_ptr<const RunStore> run;
  if (kind == Kind::kRun) run = RunStore::OpenReadOnly(source.where);
  Policy policy = Named(name, [&] {
    if (kind == Kind::kRun) return FromRun(run, source, isa);
    return kind == Kind::kFile ? FromFile(source, isa) : FromText(source, isa);
  });
  policy.name = kind == Kind::kRun ? name + ", " + policy.name : name + " (" + policy.name + ")";
  return policy;
}

void SaveGenomeFile(const Policy& policy, const std::filesystem::path& path) {
  DNE_CHECK(policy.genome.has_value());
  if (NeedsRun(*policy.genome)) {
    throw Error("cannot write " + path.string() + ": the genome begins with centre " +
                BirthName(policy.genome->founder) +
                " of an evolution strategy, which only its run holds: write the weights instead "
                "(--weights FILE)");
  }
  WriteFileAtomically(
      path, EncodeGenomeFile({.experiment = policy.experiment, .genome = *policy.genome}));
}

void SaveWeightFile(const Policy& policy, const std::filesystem::path& path) {
  RequireNetwork(policy, path);
  WriteFileAtomically(path, EncodeSafetensors(*policy.setup.network, policy.setup.task->layout(),
                                              policy.parameters, MetadataOf(policy)));
}

void SaveOnnxFile(const Policy& policy, const std::filesystem::path& path) {
  RequireNetwork(policy, path);
  const Network& network = *policy.setup.network;
  PolicyParts<const float> parts =
      policy.setup.task->layout().PartsOf(std::span<const float>(policy.parameters));
  std::vector<float> played;
  if (network.weights() == WeightType::kFloat16) {
    parts.parameters = played = RoundedToHalf(parts.parameters);
  }
  if (policy.setup.reference_batch) {
    parts.parameters = played =
        FoldReferenceBatch(network, parts.parameters, *policy.setup.reference_batch);
  }
  WriteFileAtomically(
      path, EncodeOnnx(network, parts, policy.setup.options.observation_clip, MetadataOf(policy)));
}

}  // namespace dne
