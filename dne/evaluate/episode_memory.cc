// SPDX-License-Identifier: MIT
#include "dne/evaluate/episode_memory.h"

namespace dne {

const EpisodeMemory::Entry* EpisodeMemory::Find(Birth individual, const EpisodeStart& start,
                                                uint32_t max_episode_steps) const {
  const auto of_individual = episodes_.find(individual);
  if (of_individual == episodes_.end()) return nullptr;
  const auto found = of_individual->second.find(start);
  if (found == of_individual->second.end()) return nullptr;
  const Episode& episode = found->second.episode;
  // A terminal end within the cap is that end under any such cap; a cut-off one only under its own.
  const bool holds = episode.end == EpisodeEnd::kTerminal ? episode.steps <= max_episode_steps
                                                          : episode.steps == max_episode_steps;
  return holds ? &found->second : nullptr;
}

void EpisodeMemory::Add(Birth individual, const Entry& entry) {
  episodes_[individual].insert_or_assign(entry.episode.start, entry);
}

void EpisodeMemory::KeepOnly(const std::set<Birth>& individuals) {
  std::erase_if(episodes_, [&](const auto& entry) { return !individuals.contains(entry.first); });
}

}  // namespace dne
