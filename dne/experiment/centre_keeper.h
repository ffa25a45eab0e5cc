// SPDX-License-Identifier: MIT
// Which centres a run keeps whole. Each could be; a run of 300 generations of 4 million parameters
// would take 5 GB.
#pragma once

#include <cstdint>
#include <map>

#include "dne/algorithms/algorithm.h"
#include "dne/store/run_writer.h"

namespace dne {

// A centre is kept whole, with what its update remembers, where it is the first that this process
// made; where the ones since the last whole one are twenty and more and took more than twenty
// seconds to learn, which is how long it takes to make them again; and where its recipe is not much
// smaller. Of all others the recipe is kept.
class CentreKeeper {
 public:
  // Adds what the generation made to `commit`. `algorithm` has just been told; that took `seconds`,
  // over the generation's rounds.
  void Keep(const GenerationSummary& summary, const Algorithm& algorithm, double seconds,
            Commit& commit);

 private:
  struct Since {
    size_t bytes = 0;  // that the last whole one took
    uint32_t moves = 0;
    double seconds = 0;
  };
  bool IsKeptWhole(const Centre& centre, const CentreMove& move) const;

  std::map<uint32_t, Since> since_whole_;  // by member of the meta-population
};

}  // namespace dne
