// SPDX-License-Identifier: MIT
// A genome is its ancestry (1712.06567, section 3.1 and v3 7.3): the run seed, the founder and
// the mutations since. Nothing else is needed to rebuild the weights.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dne/base/isa.h"
#include "dne/genome/perturbation.h"
#include "dne/genome/policy_layout.h"
#include "dne/random/stream.h"

namespace dne {

// The address of an individual within a run: child `item` of `generation`. Names its noise.
struct Birth {
  uint32_t generation = 0;
  uint32_t item = 0;

  auto operator<=>(const Birth&) const = default;
};

// Items from here on are centres of search distributions: CentreItem(m) is member m of the
// meta-population. Results went into them, so no noise rebuilds them: they lie in the run.
inline constexpr uint32_t kFirstCentreItem = 0x80000000;
constexpr uint32_t CentreItem(uint32_t member) { return kFirstCentreItem + member; }
constexpr bool IsCentre(Birth birth) { return birth.item >= kFirstCentreItem; }

// "11.304", for a centre "11.c0": how texts, messages and options write an address.
std::string BirthName(Birth birth);
// Throws Error where the text is no such address. Centres may be written by their item number too,
// as the first genomes in text form were.
Birth ParseBirth(std::string_view text);

struct Mutation {
  Birth birth;
  // Mutation power: standard deviation of the added noise; see ValidSigma. A negative one mirrors
  // the individual before: item i takes the noise of item i - 1 (antithetic pairs of ES).
  float sigma = 0;

  // The item whose stream is the noise.
  uint32_t noise_item() const { return sigma < 0 ? birth.item - 1 : birth.item; }
  bool operator==(const Mutation&) const = default;
};

// Finite, and not -0.
bool ValidSigma(float sigma);

// A genome that breaks the rules below, or has an invalid sigma, is a bug where it is encoded.
struct Genome {
  uint64_t run_seed = 0;
  Birth founder;  // or a centre
  // Oldest first; generations strictly increase, from the founder's on.
  std::vector<Mutation> mutations;

  // The address of this individual: unique within its run.
  Birth birth() const { return mutations.empty() ? founder : mutations.back().birth; }
  bool operator==(const Genome&) const = default;
};

// A centre with its numbers: a policy and, where the search distribution has them, spreads
// (dne/genome/policy_layout.h).
struct Centre {
  Birth birth;
  std::shared_ptr<const std::vector<float>> parameters;
};

// `parent` with one more mutation.
Genome Child(const Genome& parent, Birth birth, float sigma);

// --- Encodings (docs/formats-genome.md) ---------------------------------------------------------
// Binary: a version byte, the run seed, the founder and, for each mutation, the bits of the item
// and the generation delta; a checksum last. 266 mutations over 300 generations of a population of
// 1000 take at most 400 bytes.
std::vector<uint8_t> EncodeGenome(const Genome& genome);
// Throws Error for damaged, truncated or foreign bytes, and for a newer version.
Genome DecodeGenome(std::span<const uint8_t> bytes);

// One line a person can read and paste; GenomeFromText(GenomeToText(g)) == g, sigma included.
std::string GenomeToText(const Genome& genome);
Genome GenomeFromText(std::string_view text);

// --- Decoding to parameters --------------------------------------------------------------------
// Writes a founder's policy; given by the task (its network knows fan-ins), pure and thread-safe.
using Initialiser = std::function<void(const StreamId&, std::span<float>)>;

// From scratch, into a policy: the founder, then one perturbation a mutation. Of a genome that
// begins with a founder.
void ExpressGenome(const Genome& genome, const Initialiser& initialise, const PolicyLayout& layout,
                   const Perturbation& perturbation, std::span<float> policy, Isa isa);

// What the last mutation adds. The genome has one.
Noise LastNoise(const Genome& genome);

// Whether the second one is the mirror image of the first: the other half of its antithetic pair.
bool AreMirrored(const Genome& first, const Genome& second);

}  // namespace dne
