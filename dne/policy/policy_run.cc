// SPDX-License-Identifier: MIT
#include "dne/policy/policy_run.h"

#include <algorithm>
#include <string>

#include "dne/base/error.h"
#include "dne/policy/policy.h"

namespace dne {
namespace {

constexpr const char* kTrainRound = "train";
constexpr const char* kValidationRound = "validate";

// In which an individual is first tried; a centre once it has moved.
const char* BirthRound(Birth individual) {
  return individual.is_centre ? kValidationRound : kTrainRound;
}

}  // namespace

std::optional<TrialRecord> FindBirth(const RunStore& run, Birth individual) {
  return run.FindTrial(individual.generation, BirthRound(individual), individual);
}

namespace {

// The trial of an individual's first generation, which is known to the run or to blame.
TrialRecord BirthTrial(const RunStore& run, Birth individual) {
  if (auto trial = FindBirth(run, individual)) return *std::move(trial);
  const std::string generation = std::to_string(individual.generation);
  std::vector<TrialRecord> born = run.Trials(individual.generation, BirthRound(individual));
  // Generation 0 of an evolution strategy has nothing but centres.
  if (born.empty()) born = run.Trials(individual.generation);
  // Copies of older individuals may be among them.
  std::erase_if(born, [&](const TrialRecord& trial) {
    return trial.individual.generation != individual.generation;
  });
  if (!born.empty()) {
    throw Error("individual " + BirthName(individual) + " was never tried: generation " +
                generation + " has " + BirthName(born.front().individual) + " to " +
                BirthName(born.back().individual));
  }
  const auto last = run.LastGeneration();
  throw Error("individual " + BirthName(individual) + " was never tried: generation " + generation +
              " is not in the run, " +
              (last ? "whose last finished one is " + std::to_string(last->generation)
                    : std::string("of which no generation has finished yet")));
}

}  // namespace

GenerationRecord FinishedGeneration(const RunStore& run, std::optional<uint32_t> generation) {
  auto last = run.LastGeneration();
  if (!last) throw Error("no generation has finished yet: let it run longer");
  if (!generation || *generation == last->generation) return *std::move(last);
  for (GenerationRecord& record : run.Generations()) {
    if (record.generation == *generation) return std::move(record);
  }
  throw Error("generation " + std::to_string(*generation) + " has not finished: the last is " +
              std::to_string(last->generation));
}

Genome IndividualGenome(const RunStore& run, Birth individual) {
  Genome genome{.run_seed = run.info().seed, .founder = individual, .mutations = {}};
  // Not every generation validates its centre.
  if (individual.is_centre && run.HistoryOf(individual)) return genome;
  TrialRecord trial = BirthTrial(run, individual);
  genome.founder = trial.individual;
  while (trial.parent) {
    const Mutation mutation{
        .birth = trial.individual, .sigma = trial.sigma, .mirrored = trial.mirrored};
    if (trial.parent->generation >= trial.individual.generation || !mutation.IsValid()) {
      throw Error("the run is damaged: individual " + BirthName(trial.individual) +
                  " cannot be a child of " + BirthName(*trial.parent) + " with sigma " +
                  std::to_string(mutation.signed_sigma()));
    }
    genome.mutations.push_back(mutation);
    genome.founder = *trial.parent;
    if (genome.founder.is_centre) break;
    trial = BirthTrial(run, genome.founder);
  }
  std::ranges::reverse(genome.mutations);
  return genome;
}

std::vector<Ancestor> Lineage(const Genome& genome, const RunStore* run) {
  std::vector<Ancestor> lineage = {{.mutation = {.birth = genome.founder}, .fitness = {}}};
  for (const Mutation& mutation : genome.mutations) {
    lineage.push_back({.mutation = mutation, .fitness = {}});
  }
  if (run == nullptr) return lineage;
  for (Ancestor& ancestor : lineage) {
    const auto trial = FindBirth(*run, ancestor.mutation.birth);
    if (trial) ancestor.fitness = trial->fitness;
  }
  return lineage;
}

std::vector<Episode> RecordedEpisodes(const RunStore& run, uint32_t generation, Birth individual) {
  const std::vector<TrialRecord> trials = run.Trials(generation);
  std::vector<Episode> episodes;
  for (const char* round : {"test", kValidationRound, kTrainRound}) {
    for (const TrialRecord& trial : trials) {
      if (trial.round != round || trial.individual != individual) continue;
      episodes.insert(episodes.end(), trial.episodes.begin(), trial.episodes.end());
    }
  }
  return episodes;
}

const Episode* TypicalEpisode(std::span<const Episode> recorded) {
  std::vector<const Episode*> order;
  for (const Episode& episode : recorded) order.push_back(&episode);
  std::ranges::stable_sort(order, {}, &Episode::score);
  return order.empty() ? nullptr : order[order.size() / 2];
}

}  // namespace dne
