// SPDX-License-Identifier: MIT
#include "dne/algorithms/population.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "dne/algorithms/standing.h"
#include "dne/base/error.h"

namespace dne {

std::vector<size_t> BestFirst(std::span<const double> standings) {
  std::vector<size_t> order(standings.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [&](size_t a, size_t b) {
    return standings[a] != standings[b] ? standings[a] > standings[b] : a < b;
  });
  return order;
}

std::vector<double> FitnessOf(std::span<const Result> results) {
  std::vector<double> fitness;
  for (const Result& result : results) {
    fitness.push_back(result.MeanScore());
    DNE_CHECK(!std::isnan(fitness.back()));
  }
  return fitness;
}

std::vector<double> StandingsOf(std::span<const Result> results) {
  std::vector<double> standings;
  for (const Result& result : results) standings.push_back(Standing(result));
  return standings;
}

void AddGenomes(ByteWriter& out, std::span<const Genome> genomes) {
  out.Add(static_cast<uint64_t>(genomes.size()));
  for (const Genome& genome : genomes) out.AddBytes(EncodeGenome(genome));
}

std::vector<Genome> ReadGenomes(ByteReader& in) {
  std::vector<Genome> genomes(in.ReadCount());
  for (Genome& genome : genomes) genome = DecodeGenome(in.ReadBytes());
  return genomes;
}

}  // namespace dne
