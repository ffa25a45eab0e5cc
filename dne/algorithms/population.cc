// SPDX-License-Identifier: MIT
#include "dne/algorithms/population.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

#include "dne/algorithms/standing.h"
#include "dne/algorithms/stored_state.h"
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

namespace {

constexpr uint32_t kNobody = std::numeric_limits<uint32_t>::max();

struct Relative {
  std::optional<Birth> parent;  // none: a founder
  float sigma = 0;              // Mutation::signed_sigma
};
using Family = std::map<Birth, Relative>;

// From the youngest on, up to the first that the family has: it has that one's ancestors too.
void AddLineage(const Genome& genome, Family& family) {
  for (size_t i = genome.mutations.size(); i-- > 0;) {
    const Mutation& mutation = genome.mutations[i];
    const Birth parent = i > 0 ? genome.mutations[i - 1].birth : genome.founder;
    if (!family.try_emplace(mutation.birth, parent, mutation.signed_sigma()).second) return;
  }
  family.try_emplace(genome.founder);
}

// As states hold them: each behind its parent.
struct Member {
  Birth birth;
  uint32_t parent = kNobody;  // its place among the members
  float sigma = 0;
};

Member ReadMember(ByteReader& in, std::span<const Member> before) {
  const auto generation = in.Read<uint32_t>();
  const Member member{.birth = Birth::FromCode(generation, in.Read<uint32_t>()),
                      .parent = in.Read<uint32_t>(),
                      .sigma = std::bit_cast<float>(in.Read<uint32_t>())};
  ExpectSound(!member.birth.is_centre, "a centre stands among individuals");
  if (member.parent == kNobody) return member;
  ExpectSound(member.parent < before.size() &&
                  before[member.parent].birth.generation < member.birth.generation,
              "a parent is not older than its children");
  ExpectSound(
      ValidSignedSigma(member.sigma) && Mutation::FromSigned(member.birth, member.sigma).IsValid(),
      "a sigma is not a number, or mirrors nothing");
  return member;
}

Genome GenomeOf(uint32_t place, std::span<const Member> members, uint64_t run_seed) {
  Genome genome{.run_seed = run_seed, .founder = {}, .mutations = {}};
  for (; members[place].parent != kNobody; place = members[place].parent) {
    genome.mutations.push_back(Mutation::FromSigned(members[place].birth, members[place].sigma));
  }
  genome.founder = members[place].birth;
  std::ranges::reverse(genome.mutations);
  return genome;
}

}  // namespace

void AddRelatives(ByteWriter& out, std::span<const Genome* const> genomes) {
  Family family;
  for (const Genome* genome : genomes) AddLineage(*genome, family);
  std::map<Birth, uint32_t> places;
  for (const auto& [birth, relative] : family) {
    places.emplace_hint(places.end(), birth, static_cast<uint32_t>(places.size()));
  }
  out.Add(static_cast<uint64_t>(family.size()));
  for (const auto& [birth, relative] : family) {
    out.Add(birth.generation);
    out.Add(birth.code());
    out.Add(relative.parent ? places.at(*relative.parent) : kNobody);
    out.Add(std::bit_cast<uint32_t>(relative.sigma));
  }
  out.Add(static_cast<uint64_t>(genomes.size()));
  for (const Genome* genome : genomes) out.Add(places.at(genome->birth()));
}

std::vector<Genome> ReadRelatives(ByteReader& in, uint64_t run_seed) {
  std::vector<Member> members;
  for (uint64_t left = in.ReadCount(); left > 0; --left) {
    members.push_back(ReadMember(in, members));
  }
  std::vector<Genome> genomes(in.ReadCount());
  for (Genome& genome : genomes) {
    const auto place = in.Read<uint32_t>();
    ExpectSound(place < members.size(), "an individual is missing");
    genome = GenomeOf(place, members, run_seed);
  }
  return genomes;
}

}  // namespace dne
