// SPDX-License-Identifier: MIT
#include "dne/evaluate/episode_memory.h"

#include <algorithm>

namespace dne {
namespace {

bool Includes(const WantedNotes& taken, const WantedNotes& wanted) {
  return taken.sign_sum >= wanted.sign_sum && taken.trajectory >= wanted.trajectory &&
         taken.observation_sums >= wanted.observation_sums;
}

// An end of the episode's own is its end under every cap that it lies within, whether the task was
// over or broke down; one by the step cap holds for that cap alone.
bool EndsAlike(const EpisodeMemory::Entry& entry, uint32_t max_steps) {
  if (entry.episode.end == EpisodeEnd::kStepLimit) return entry.how.max_steps == max_steps;
  return entry.episode.steps <= max_steps;
}

}  // namespace

const EpisodeMemory::Entry* EpisodeMemory::Find(Birth individual, const EpisodeStart& start,
                                                const EpisodeOptions& how) const {
  return FindIf(individual, start, [&](const Entry& entry) {
    return entry.how.perturbed == how.perturbed && Includes(entry.how.notes, how.notes) &&
           EndsAlike(entry, how.max_steps);
  });
}

const EpisodeMemory::Entry* EpisodeMemory::FindExperienced(Birth individual,
                                                           const EpisodeStart& start,
                                                           const EpisodeOptions& how) const {
  return FindIf(individual, start, [&](const Entry& entry) {
    return entry.how.perturbed == how.perturbed && entry.how.max_steps == how.max_steps &&
           entry.how.notes.experience == how.notes.experience && !entry.notes.experience.empty();
  });
}

template <class Suits>
const EpisodeMemory::Entry* EpisodeMemory::FindIf(Birth individual, const EpisodeStart& start,
                                                  const Suits& suits) const {
  const auto of_individual = episodes_.find(individual);
  if (of_individual == episodes_.end()) return nullptr;
  const auto [first, last] = of_individual->second.equal_range(start);
  const auto known = std::find_if(first, last, [&](const auto& e) { return suits(e.second); });
  return known == last ? nullptr : &known->second;
}

double EpisodeMemory::MeanSteps(Birth individual) const {
  const auto found = episodes_.find(individual);
  if (found == episodes_.end() || found->second.empty()) return 0;
  double sum = 0;
  for (const auto& [start, entry] : found->second) sum += entry.episode.steps;
  return sum / static_cast<double>(found->second.size());
}

void EpisodeMemory::Add(Birth individual, const Entry& entry) {
  episodes_[individual].emplace(entry.episode.start, entry);
}

void EpisodeMemory::KeepOnly(const std::set<Birth>& individuals) {
  std::erase_if(episodes_, [&](const auto& entry) { return !individuals.contains(entry.first); });
}

}  // namespace dne
