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
    EpisodeOptions how;  // it was played
  };

  // The episode as it would be played under these options, where it is known; else null. Its
  // experience is no part of that.
  const Entry* Find(Birth individual, const EpisodeStart& start, const EpisodeOptions& how) const;
  // The episode as it was played under these options, with what was seen in it; else null.
  const Entry* FindExperienced(Birth individual, const EpisodeStart& start,
                               const EpisodeOptions& how) const;
  // Of the individual's episodes that are known; 0: none is.
  double MeanSteps(Birth individual) const;
  void Add(Birth individual, const Entry& entry);
  // Forgets all others.
  void KeepOnly(const std::set<Birth>& individuals);

 private:
  template <class Suits>
  const Entry* FindIf(Birth individual, const EpisodeStart& start, const Suits& suits) const;

  // Of one start there may be several: under other caps, with other notes.
  std::map<Birth, std::multimap<EpisodeStart, Entry>> episodes_;
};

}  // namespace dne
