// SPDX-License-Identifier: MIT
#include "dne/ask_tell/ask_tell.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "dne/base/bytes.h"
#include "dne/base/error.h"
#include "dne/base/finite.h"
#include "dne/base/parallel.h"
#include "dne/episode/descriptor.h"
#include "dne/experiment/trials.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

constexpr std::string_view kStateHead = "dne ask and tell";
constexpr uint32_t kStateVersion = 1;

// Nothing is known of what members are tried on.
constexpr TaskFacts kFacts = {};

PolicyLayout LayoutOf(const SearchStart& start) { return {.num_parameters = start.initial.size()}; }

Initialiser InitialiserOf(const SearchStart& start, Isa isa) {
  return [initial = start.initial, std = start.initial_std, isa](
             const StreamId& id, std::span<float> out) { AddNormal(id, std, initial, out, isa); };
}

std::unique_ptr<Algorithm> MakeAlgorithm(const ExperimentConfig& config, const SearchStart& start,
                                         const EvaluatorOptions& options) {
  const PolicySpace space{.layout = LayoutOf(start),
                          .initialise = InitialiserOf(start, options.isa),
                          .step_limit = 0,
                          .point = PointFromDescriptor};
  return config.algorithm.kind->make(config.algorithm.options,
                                     {.run_seed = config.seed,
                                      .space = space,
                                      .parallel = ThreadsFor(options.threads),
                                      .isa = options.isa});
}

void CheckStart(const SearchStart& start, const ExperimentConfig& config) {
  const std::string name(config.algorithm.kind->name);
  if (start.initial.empty()) throw Error("there are no parameters: give at least one");
  if (!AreFinite(start.initial)) throw Error("an initial parameter is not finite: give numbers");
  if (!(start.initial_std >= 0) || std::isinf(start.initial_std)) {
    throw Error("initial_std must be a number that is not negative");
  }
  if (!config.algorithm.kind->perturbs && start.initial_std == 0) {
    throw Error(name + " begins with random policies: give initial_std above 0");
  }
  if (IsSafe(config.perturbation().kind)) {
    throw Error(
        "safe mutations look at a network's outputs, which are not known here: give "
        "mutation = \"gaussian\"");
  }
}

}  // namespace

AskTell::AskTell(std::string_view toml, std::string_view origin, SearchStart start,
                 const EvaluatorOptions& options)
    : AskTell(ParseSearch(toml, origin, Written::kByUser, kFacts), std::move(start), options) {}

AskTell::AskTell(ExperimentConfig config, SearchStart start, const EvaluatorOptions& options)
    : config_((CheckStart(start, config), std::move(config))),
      start_(std::move(start)),
      options_(options),
      algorithm_(MakeAlgorithm(config_, start_, options)),
      cache_(LayoutOf(start_), InitialiserOf(start_, options.isa), options.isa) {
  PlanRound();
}

void AskTell::PlanRound() {
  plan_ = algorithm_->Ask();
  is_decoded_ = false;
}

void AskTell::Decode() {
  if (std::exchange(is_decoded_, true)) return;
  cache_.Hold(plan_.parents, plan_.centres, plan_.perturbation);
}

void AskTell::Ask(std::span<float> members) {
  DNE_CHECK(members.size() == num_members() * num_parameters());
  Decode();
  const auto genome = [this](size_t i) -> const Genome& { return plan_.items[i].genome; };
  const auto row = [&](size_t i) {
    return members.subspan(i * num_parameters(), num_parameters());
  };
  ThreadsFor(options_.threads)((num_members() + 1) / 2, [&](size_t pair) {
    const size_t i = 2 * pair;
    if (i + 1 < num_members() && AreMirrored(genome(i), genome(i + 1))) {
      return cache_.ExpressPair(genome(i), row(i), row(i + 1));
    }
    cache_.Express(genome(i), row(i));
    if (i + 1 < num_members()) cache_.Express(genome(i + 1), row(i + 1));
  });
}

void AskTell::Ask(size_t member, std::span<float> parameters) {
  if (member >= num_members()) {
    throw Error("there is no member " + std::to_string(member) + ": this round has " +
                std::to_string(num_members()));
  }
  DNE_CHECK(parameters.size() == num_parameters());
  Decode();
  cache_.Express(plan_.items[member].genome, parameters);
}

void AskTell::CheckTold(const Told& told) const {
  const auto expect = [this](size_t size, const char* what) {
    if (size == num_members()) return;
    throw Error(std::to_string(num_members()) + " members were asked for, but there are " +
                std::to_string(size) + " values of " + what + ": tell one of each member");
  };
  expect(told.fitness.size(), "fitness");
  for (size_t i = 0; i < told.fitness.size(); ++i) {
    if (!std::isinf(told.fitness[i])) continue;
    throw Error("the fitness of member " + std::to_string(i) +
                " is infinite: tell finite numbers, or nan where its simulation broke down");
  }
  if (!told.steps.empty()) expect(told.steps.size(), "steps");
  if (told.behaviours.empty() && config_.algorithm.kind->uses_behaviours()) {
    throw Error(algorithm() + " learns from behaviours: tell them too");
  }
  if (told.behaviours.size() % num_members() != 0) {
    throw Error("behaviours have no equal number of coordinates: tell [members][coordinates]");
  }
  if (!std::ranges::all_of(told.behaviours, [](double x) { return std::isfinite(x); })) {
    throw Error("a behaviour is not finite: tell numbers");
  }
}

Result AskTell::ResultOf(const Told& told, size_t member) const {
  const double fitness = told.fitness[member];
  const bool broke_down = std::isnan(fitness);
  Episode episode{.score = broke_down ? 0 : fitness,
                  .steps = 1,
                  .end = broke_down ? EpisodeEnd::kInvalid : EpisodeEnd::kTerminal};
  if (!told.steps.empty()) {
    episode.steps = static_cast<uint32_t>(std::min<uint64_t>(told.steps[member], UINT32_MAX));
  }
  episode.frames = episode.steps;
  const size_t coordinates = told.behaviours.size() / num_members();
  episode.descriptor =
      DescriptorFromPoint(told.behaviours.subspan(member * coordinates, coordinates));
  Result result;
  result.episodes = {std::move(episode)};
  if (plan_.items[member].how.notes.any()) result.notes.emplace_back();
  return result;
}

std::optional<GenerationOutcome> AskTell::Tell(const Told& told) {
  CheckTold(told);
  std::vector<Result> results;
  for (size_t i = 0; i < num_members(); ++i) results.push_back(ResultOf(told, i));
  const auto summary = algorithm_->Tell(plan_, results);
  digest_ = DigestRound(digest_, plan_, TrialsOf(plan_, results));
  std::optional<GenerationOutcome> outcome;
  if (summary) {
    KeepElite(*summary);
    outcome = {.generation = summary->generation,
               .digest = DigestCentres(std::exchange(digest_, 0), summary->centres),
               .metrics = summary->metrics};
  }
  PlanRound();
  return outcome;
}

// Results went into a centre: it is kept while it is known.
void AskTell::KeepElite(const GenerationSummary& summary) {
  if (elite_ == summary.elite) return;
  elite_ = summary.elite;
  elite_centre_.clear();
  if (!summary.elite.founder.is_centre) return;
  const auto is_elite = [&](const Centre& centre) { return centre.birth == elite_->founder; };
  for (const auto& centres : {std::span<const Centre>(summary.centres), {plan_.centres}}) {
    const auto found = std::ranges::find_if(centres, is_elite);
    if (found == centres.end()) continue;
    elite_centre_ = *found->parameters;
    elite_centre_.resize(num_parameters());  // without spreads
    return;
  }
}

// A centre's numbers are here, a genome's follow from it.
void AskTell::CheckElite() const {
  const bool is_centre = elite_ && elite_->founder.is_centre;
  const size_t expected = is_centre ? num_parameters() : 0;
  if (elite_centre_.size() == expected && !(is_centre && !elite_->mutations.empty())) return;
  throw Error("stored state is damaged: the best has other numbers");
}

std::vector<float> AskTell::CentreNow() {
  const Genome& tried = plan_.items.front().genome;
  if (!tried.founder.is_centre) {
    throw Error(algorithm() + " has no centre: ask for the best");
  }
  Decode();
  std::vector<float> numbers(num_parameters());
  cache_.Express({.run_seed = tried.run_seed, .founder = tried.founder, .mutations = {}}, numbers);
  return numbers;
}

std::vector<float> AskTell::Best() {
  if (!elite_) throw Error("no generation has ended yet: there is no best");
  if (!elite_centre_.empty()) return elite_centre_;
  Decode();
  std::vector<float> numbers(num_parameters());
  cache_.Express(*elite_, numbers);
  return numbers;
}

std::string AskTell::Save() const {
  ByteWriter out;
  out.AddText(kStateHead);
  out.Add(kStateVersion);
  out.AddText(SearchToToml(config_));
  out.AddFloats(start_.initial);
  out.Add(double{start_.initial_std});
  out.Add(digest_);
  out.AddBytes(elite_ ? EncodeGenome(*elite_) : std::vector<uint8_t>{});
  out.AddFloats(elite_centre_);
  out.AddText(algorithm_->SaveState());
  return out.Take();
}

AskTell AskTell::Restore(std::string_view state, const EvaluatorOptions& options) {
  if (state.size() < sizeof(uint64_t) || !state.substr(sizeof(uint64_t)).starts_with(kStateHead)) {
    throw Error("these bytes are no state of an algorithm: give what to_bytes returned");
  }
  ByteReader in(state);
  in.ReadText();
  if (in.Read<uint32_t>() != kStateVersion) {
    throw Error("this state is of another version of dne: use the one that made it");
  }
  const std::string toml(in.ReadText());
  SearchStart start{.initial = in.ReadFloats()};
  start.initial_std = static_cast<float>(in.ReadDouble());
  AskTell restored(ParseSearch(toml, "state", Written::kByProgram, kFacts), std::move(start),
                   options);
  restored.digest_ = in.Read<uint64_t>();
  if (const auto elite = in.ReadBytes(); !elite.empty()) restored.elite_ = DecodeGenome(elite);
  restored.elite_centre_ = in.ReadFloats();
  restored.CheckElite();
  restored.algorithm_->RestoreState(in.ReadText());
  in.ExpectEnd();
  restored.PlanRound();
  return restored;
}

}  // namespace dne
