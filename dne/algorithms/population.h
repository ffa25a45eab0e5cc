// SPDX-License-Identifier: MIT
// What genetic algorithms do alike with individuals and their scores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dne/base/bytes.h"
#include "dne/genome/genome.h"
#include "dne/plan/plan.h"

namespace dne {

inline uint32_t Count(int value) { return static_cast<uint32_t>(value); }

// Indices, best standing first; equal ones in index order.
std::vector<size_t> BestFirst(std::span<const double> standings);

// Mean scores.
std::vector<double> FitnessOf(std::span<const Result> results);
// What individuals are ranked by (dne/algorithms/standing.h).
std::vector<double> StandingsOf(std::span<const Result> results);

// As states hold them. Reading throws Error for damaged bytes.
void AddGenomes(ByteWriter& out, std::span<const Genome> genomes);
std::vector<Genome> ReadGenomes(ByteReader& in);

// Likewise of many that descend from each other or from common ancestors, each of which is held
// once: 16 bytes an individual. All are of the run `run_seed`, and begin with founders.
void AddRelatives(ByteWriter& out, std::span<const Genome* const> genomes);
std::vector<Genome> ReadRelatives(ByteReader& in, uint64_t run_seed);

}  // namespace dne
