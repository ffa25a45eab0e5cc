// SPDX-License-Identifier: MIT
// What a run's store knows about one individual: its ancestry, its ancestors' fitness, its
// episodes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dne/genome/genome.h"
#include "dne/plan/plan.h"
#include "dne/store/store.h"

namespace dne {

// A finished generation; without a number the last one. Throws Error where it is not there.
GenerationRecord FinishedGeneration(const RunStore& run, std::optional<uint32_t> generation);

// The genome of any individual ever tried, rebuilt from the parent links of the trials. Throws
// Error where it was never tried.
Genome IndividualGenome(const RunStore& run, Birth individual);

// A genome's way from its founder, or the centre it begins with, to itself.
struct Ancestor {
  Mutation mutation;              // that made it; of the first only its birth
  std::optional<double> fitness;  // when it was born; none: the run does not know it
};

// The trial in which an individual was first tried; of a centre the first after it moved. None: the
// run does not know it.
std::optional<TrialRecord> FindBirth(const RunStore& run, Birth individual);

// Oldest first, the individual itself last. Without a run no fitness is known.
std::vector<Ancestor> Lineage(const Genome& genome, const RunStore* run);

// The different episodes of an individual that a generation's trials recorded: the test's first,
// then validation's, then training's; each start once a round.
std::vector<Episode> RecordedEpisodes(const RunStore& run, uint32_t generation, Birth individual);
// The one of median score, neither the luckiest nor the worst; null: there are none.
const Episode* TypicalEpisode(std::span<const Episode> recorded);

}  // namespace dne
