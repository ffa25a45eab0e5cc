// SPDX-License-Identifier: MIT
// Episodes that were played: equal starts of one genome give equal episodes, so each is run once.
#pragma once

#include <map>
#include <set>

#include "dne/plan/plan.h"

namespace dne {

class EpisodeMemory {
 public:
  struct Entry {
    Episode episode;
    EpisodeNotes notes;  // empty where none were asked for when it was played
  };

  // The episode as it would end under this cap, where it is known; else null.
  const Entry* Find(Birth individual, const EpisodeStart& start, uint32_t max_episode_steps) const;
  void Add(Birth individual, const Entry& entry);
  // Forgets all others.
  void KeepOnly(const std::set<Birth>& individuals);

 private:
  std::map<Birth, std::map<EpisodeStart, Entry>> episodes_;
};

}  // namespace dne
