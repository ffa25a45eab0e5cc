// SPDX-License-Identifier: MIT
// The sections of an experiment file, and what several of them say together.
#include "dne/experiment/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "dne/base/error.h"
#include "dne/experiment/builtins.h"

namespace dne {
namespace {

constexpr size_t kMaxNameLength = 100;  // file systems end at 255
static_assert(kMaxParameters == 67'108'864 && kMaxLayerInput == kMaxParameters, "the text below");

void CheckName(const std::string& name, Mistakes& mistakes) {
  const bool is_plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  if (is_plain && !name.empty() && name.size() <= kMaxNameLength && name.front() != '.') return;
  mistakes.Contradiction(
      fmt::format("name must be 1 to {} letters, digits, '_', '-' and '.', which is not the first, "
                  "got {}: it names the run's folder",
                  kMaxNameLength, ToToml(name)),
      name);
}

TaskFacts FactsOf(const ExperimentConfig& c) { return c.task.kind->facts(c.task.options); }

// What plays.
void CheckPolicy(const ExperimentConfig& c, Mistakes& mistakes) {
  if (c.network.spec.virtual_batch_norm && !FactsOf(c).has_images) {
    mistakes.Contradiction(
        "virtual_batch_norm needs an environment with images, as Atari is: leave it out",
        c.network.spec.virtual_batch_norm);
  }
  if (c.network.spec.weights == WeightType::kFloat16 && !FactsOf(c).is_environment) {
    mistakes.Contradiction(
        "weights = \"float16\" is for policies that play in an environment: leave it out",
        c.network.spec.weights);
  }
}

// How it is evolved.
void CheckRun(const ExperimentConfig& c, Mistakes& mistakes) {
  if (c.network.spec.virtual_batch_norm && IsSafe(c.perturbation().kind)) {
    mistakes.Contradiction(
        "virtual_batch_norm has no sensitivities that safe mutations could use: leave it out, or "
        "give mutation = \"gaussian\"",
        c.network.spec.virtual_batch_norm);
  }
  c.task.kind->check(c.task.options, c.algorithm.kind->perturbs, mistakes);
  c.algorithm.kind->check(c.algorithm.options, FactsOf(c), mistakes);
}

NetworkOptions DefaultNetwork(const TaskKind& task) {
  return task.network_preset.empty() ? NetworkOptions{}
                                     : NetworkOptions::Preset(task.network_preset);
}

std::string WhyWithoutNetwork(const TaskKind& task) {
  if (!task.network_preset.empty()) return "";
  return fmt::format("task.type is {}, which has no network", ToToml(task.name));
}

// Where an algorithm's options hold those of a section of their own (AlgorithmKind); null: it has
// no such section.
template <class T>
using PartOf = T& (*AlgorithmKind::*)(Options&);

// The kinds that have the section, as a list of words.
template <class T>
std::string KindsWith(PartOf<T> part) {
  std::vector<std::string> types;
  for (const AlgorithmKind* kind : AlgorithmKinds()) {
    if (kind->*part != nullptr) types.emplace_back(kind->name);
  }
  return WordsText(types);
}

// Of an algorithm that has none: the fields that there are.
template <class T>
void VisitPart(PartOf<T> part, Chosen<AlgorithmKind>& algorithm, Fields& fields) {
  if (algorithm.kind->*part != nullptr) {
    return (algorithm.kind->*part)(algorithm.options).Visit(fields);
  }
  const auto defaults = std::make_shared<T>();
  fields.Keep(defaults);
  defaults->Visit(fields);
}

// `lacks`: what is true of an algorithm that has none.
template <class T>
std::string WhyWithout(PartOf<T> part, const AlgorithmKind& kind, std::string_view lacks) {
  if (kind.*part != nullptr) return "";
  return fmt::format("algorithm.type is {}, which {}", ToToml(kind.name), lacks);
}

// When it ends.
void CheckBudget(const BudgetConfig& budget, const TaskFacts& task, Mistakes& mistakes) {
  if (budget.until_solved && !task.can_be_solved) {
    mistakes.Contradiction(
        "until_solved is for tasks with a goal to be reached, as mazes are: leave it out",
        budget.until_solved);
  }
  if (budget.generations || budget.steps || budget.frames || budget.target || budget.until_solved) {
    return;
  }
  mistakes.Contradiction(
      "no budget, the run would never stop: give generations, steps, frames or target in [budget]",
      budget.generations, budget.steps, budget.frames, budget.target);
}

enum class Use { kRun, kPlay };

ExperimentConfig Parse(std::string_view toml, std::string_view origin, Overrides overrides,
                       Written written, Use use = Use::kRun, std::span<const Section> more = {}) {
  Mistakes mistakes(origin);
  ExperimentConfig config;
  std::vector<Section> sections = SectionsOf(config);
  sections.insert(sections.end(), more.begin(), more.end());
  ReadSections(toml, origin, overrides, written, sections, mistakes);
  CheckName(config.name, mistakes);
  CheckPolicy(config, mistakes);
  // What was written was checked by the version that wrote it: runs stay readable.
  if (use == Use::kRun && written == Written::kByUser) CheckRun(config, mistakes);
  if (use == Use::kRun) CheckBudget(config.budget, FactsOf(config), mistakes);
  mistakes.ThrowIfAny();
  config.trust.may_start_programs = written == Written::kByUser;
  return config;
}

constexpr std::string_view kReferenceHead = R"(# Configuration

Generated: `dne list --configuration-reference > docs/configuration.md`.

An experiment is a TOML file. Every key can be replaced on the command line, as in
`--set algorithm.sigma=0.005` or `--set task.environment=venture`; the checks see the result. All
mistakes are reported at once, each with its line. Keys of the file that lose their use by a choice
on the command line are left out. Where a key is there with some kinds only, the
column "with" names them.
)";

}  // namespace

std::vector<Section> SectionsOf(ExperimentConfig& c) {
  return {
      {"", "",
       [&c](Fields& fields) {
         fields.Add(
             "name", c.name, Names{"name"},
             "names the run's folder: letters, digits, '_', '-' and '.', which is not the first");
         fields.Add("seed", c.seed, Range<uint64_t>{0, kLargestSeed},
                    "every random number of the run follows from it");
       }},
      {"task", "What a policy has to do.",
       [&c](Fields& fields) { c.task.Visit(fields, "type", TaskKinds(), "kind of task"); }},
      {"network",
       "The policy's network: a preset or layers of its own, never both. The linear output layer "
       "follows from the task. Where the section names neither, the task's preset holds: "
       "\"uber_large\" for games, \"parity_rnn\" for parity, \"mlp\" for all else. A network has "
       "at most 67,108,864 "
       "parameters, and so many values at most go into a layer, padding included.",
       [&c](Fields& fields) { c.network.Visit(fields); },
       [&c] { c.network = DefaultNetwork(*c.task.kind); },
       [&c] { return WhyWithoutNetwork(*c.task.kind); }, "task.type"},
      {"algorithm", "How policies are found.",
       [&c](Fields& fields) {
         c.algorithm.Visit(
             fields, "type", AlgorithmKinds(),
             "the Deep GA; fresh random networks every generation; evolution "
             "strategies by reward, likewise with a sigma for each parameter (two "
             "ways), by novelty, by both, by both with adapting weight; the Deep GA by "
             "novelty; a GA whose children take others' places at once; MAP-Elites");
       }},
      {"novelty",
       "What is new, where algorithm.type is " + KindsWith(&AlgorithmKind::novelty) +
           ". Files and overrides may "
           "still give these keys in [algorithm].",
       [&c](Fields& fields) { VisitPart(&AlgorithmKind::novelty, c.algorithm, fields); }, nullptr,
       [&c] { return WhyWithout(&AlgorithmKind::novelty, *c.algorithm.kind, "seeks no novelty"); },
       "algorithm.type", "algorithm"},
      {"archive",
       "The grid over behaviours whose cells keep the best that came there, where algorithm.type "
       "is " +
           KindsWith(&AlgorithmKind::archive) + ".",
       [&c](Fields& fields) { VisitPart(&AlgorithmKind::archive, c.algorithm, fields); }, nullptr,
       [&c] { return WhyWithout(&AlgorithmKind::archive, *c.algorithm.kind, "has no archive"); },
       "algorithm.type"},
      {"budget",
       "The run stops at the first limit it meets, between generations: the last one is played to "
       "its end. At least one is required.",
       [&c](Fields& fields) { c.budget.Visit(fields); }}};
}

ExperimentConfig::ExperimentConfig()
    : task(*TaskKinds().front()),
      network(DefaultNetwork(*task.kind)),
      algorithm(*AlgorithmKinds().front()) {}

std::optional<ArchiveOptions> ExperimentConfig::archive() const {
  if (algorithm.kind->archive == nullptr) return {};
  Options options = algorithm.options;
  return algorithm.kind->archive(options);
}

void BudgetConfig::Visit(Fields& fields) {
  constexpr Range<uint64_t> kAny = {1, INT64_MAX};
  fields.Add("generations", generations, kAny, "generations");
  fields.Add("steps", steps, kAny, "decisions of policies, in training and validation");
  fields.Add("frames", frames, kAny,
             "frames of the emulator or simulator, in training and validation");
  fields.Add("target", target, Range<double>{-1e12, 1e12}, "mean validation score of the elite");
  fields.Add("until_solved", until_solved, YesNo{},
             "tasks with a goal: stop after the first generation in which a training trial reached "
             "it");
}

ExperimentConfig ParseConfig(std::string_view toml, std::string_view origin, Overrides overrides) {
  return Parse(toml, origin, overrides, Written::kByUser);
}

ExperimentConfig ParseStoredConfig(std::string_view toml, std::string_view origin,
                                   Overrides overrides) {
  return Parse(toml, origin, overrides, Written::kByProgram);
}

ExperimentConfig ParsePlayedConfig(std::string_view toml, std::string_view origin) {
  return Parse(toml, origin, {}, Written::kByProgram, Use::kPlay);
}

namespace {

std::vector<Section> SearchSectionsOf(ExperimentConfig& config) {
  std::vector<Section> sections = SectionsOf(config);
  std::erase_if(sections, [](const Section& section) {
    return section.name == "task" || section.name == "network" || section.name == "budget";
  });
  return sections;
}

}  // namespace

ExperimentConfig ParseSearch(std::string_view toml, std::string_view origin, Written written,
                             const TaskFacts& facts) {
  Mistakes mistakes(origin);
  ExperimentConfig config;
  ReadSections(toml, origin, {}, written, SearchSectionsOf(config), mistakes);
  if (written == Written::kByUser) {
    config.algorithm.kind->check(config.algorithm.options, facts, mistakes);
  }
  mistakes.ThrowIfAny();
  return config;
}

std::string SearchToToml(const ExperimentConfig& config) {
  ExperimentConfig copy = config;
  return WriteSections(SearchSectionsOf(copy));
}

ExperimentConfig LoadConfig(const std::filesystem::path& path, Overrides overrides,
                            std::span<const Section> more) {
  std::error_code ignored;  // where even that cannot be told, opening fails as well
  if (std::filesystem::is_directory(path, ignored)) {
    throw Error(path.string() + ": is a folder: name a .toml file in it");
  }
  if (!std::filesystem::exists(path, ignored)) {
    throw Error(path.string() + ": no such file: check the path");
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()).good()) {
    throw Error(path.string() + ": cannot be read, or is empty: check its content and permissions");
  }
  return Parse(text.str(), path.string(), overrides, Written::kByUser, Use::kRun, more);
}

std::string ConfigToToml(const ExperimentConfig& config) {
  ExperimentConfig copy = config;
  return WriteSections(SectionsOf(copy));
}

std::string ConfigReference() {
  ExperimentConfig defaults;
  return std::string(kReferenceHead) + SectionsReference(SectionsOf(defaults));
}

}  // namespace dne
