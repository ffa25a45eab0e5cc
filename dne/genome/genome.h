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
#include <utility>
#include <vector>

#include "dne/base/isa.h"
#include "dne/genome/perturbation.h"
#include "dne/genome/policy_layout.h"
#include "dne/random/stream.h"

namespace dne {

// The address of an individual within a run: child `item` of `generation`, which names its noise.
// Or of the centre of a search distribution: member `item` of the meta-population, as of that
// generation. Results went into centres, so no noise rebuilds them: they lie in the run.
struct Birth {
  uint32_t generation = 0;
  uint32_t item = 0;  // below 2^31
  bool is_centre = false;

  // `item` and `is_centre` in one number, as encodings, stores and streams hold them: from 2^31 on
  // it is a centre.
  constexpr uint32_t code() const { return is_centre ? kFirstCentreCode + item : item; }
  static constexpr Birth FromCode(uint32_t generation, uint32_t code) {
    const bool is_centre = code >= kFirstCentreCode;
    return {generation, is_centre ? code - kFirstCentreCode : code, is_centre};
  }

  // Of a generation, children before centres.
  constexpr auto operator<=>(const Birth& other) const {
    return std::pair(generation, code()) <=> std::pair(other.generation, other.code());
  }
  bool operator==(const Birth&) const = default;

 private:
  static constexpr uint32_t kFirstCentreCode = 0x80000000;
};

constexpr Birth CentreBirth(uint32_t generation, uint32_t member) {
  return {generation, member, true};
}

// "11.304", for a centre "11.c0": how texts, messages and options write an address.
std::string BirthName(Birth birth);
// Throws Error where the text is no such address. Centres may be written by their item number too,
// as the first genomes in text form were.
Birth ParseBirth(std::string_view text);

struct Mutation {
  Birth birth;
  float sigma = 0;  // mutation power: standard deviation of the added noise; finite, not negative
  // The second half of an antithetic pair: item i takes the noise of item i - 1, turned round. Its
  // sigma is not 0.
  bool mirrored = false;

  // The item whose stream is the noise.
  uint32_t noise_item() const { return mirrored ? birth.item - 1 : birth.item; }

  // Sigma and `mirrored` in one number, as encodings and stores hold them: negative where mirrored.
  float signed_sigma() const { return mirrored ? -sigma : sigma; }
  static Mutation FromSigned(Birth birth, float signed_sigma);

  // Whether it is as described here.
  bool IsValid() const;
  bool operator==(const Mutation&) const = default;
};

// Finite, and not -0.
bool ValidSignedSigma(float signed_sigma);

// A genome that breaks the rules below, or has an invalid mutation, is a bug where it is encoded.
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
Genome Child(const Genome& parent, const Mutation& mutation);

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

// What the mutation adds.
Noise NoiseOf(uint64_t run_seed, const Mutation& mutation);

// The stream that draws the starts of the episodes in which a run first tries an individual.
StreamId BirthEpisodes(uint64_t run_seed, Birth individual);

// Whether both are children of one parent.
bool AreSiblings(const Genome& first, const Genome& second);

// Whether the second one is the mirror image of the first: the other half of its antithetic pair.
bool AreMirrored(const Genome& first, const Genome& second);

}  // namespace dne
