// SPDX-License-Identifier: MIT
// The binary form of a genome, bit by bit in docs/formats-genome.md. Most children come from the
// previous generation and the mutation power rarely changes: both are nearly free.
#include <algorithm>
#include <bit>
#include <string>

#include "dne/base/digest.h"
#include "dne/base/error.h"
#include "dne/genome/bits.h"
#include "dne/genome/genome.h"

namespace dne {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kChecksumBytes = 4;
constexpr int kSeedWidthBits = 7;  // 0..64
constexpr int kItemWidthBits = 6;  // 0..32

struct SigmaRun {
  float signed_sigma;
  size_t length;
};

std::vector<SigmaRun> SigmaRuns(const std::vector<Mutation>& mutations) {
  std::vector<SigmaRun> runs;
  for (const Mutation& mutation : mutations) {
    DNE_CHECK(mutation.IsValid());
    const float sigma = mutation.signed_sigma();
    if (runs.empty() || runs.back().signed_sigma != sigma) runs.push_back({sigma, 0});
    ++runs.back().length;
  }
  return runs;
}

uint32_t Checksum(std::span<const uint8_t> bytes) {
  Digest digest;
  digest.AddBytes(bytes);
  return static_cast<uint32_t>(digest.value() ^ digest.value() >> 32);
}

int ItemWidth(const Genome& genome) {
  uint32_t largest = genome.founder.code();
  for (const Mutation& mutation : genome.mutations) {
    largest = std::max(largest, mutation.birth.code());
  }
  return static_cast<int>(std::bit_width(largest));
}

// The last run's length follows from the number of mutations.
void WriteSigmas(const std::vector<Mutation>& mutations, BitWriter& bits) {
  const std::vector<SigmaRun> runs = SigmaRuns(mutations);
  if (runs.empty()) return;
  bits.WriteGamma(runs.size());
  for (size_t i = 0; i < runs.size(); ++i) {
    bits.Write(std::bit_cast<uint32_t>(runs[i].signed_sigma), 32);
    if (i + 1 < runs.size()) bits.WriteGamma(runs[i].length);
  }
}

void WriteMutations(const Genome& genome, int item_width, BitWriter& bits) {
  uint32_t generation = genome.founder.generation;
  for (const Mutation& mutation : genome.mutations) {
    DNE_CHECK(mutation.birth.generation > generation);
    const uint32_t delta = mutation.birth.generation - generation;
    bits.Write(delta > 1, 1);
    if (delta > 1) bits.WriteGamma(delta - 1);
    bits.Write(mutation.birth.code(), item_width);
    generation = mutation.birth.generation;
  }
}

float ReadSigma(BitReader& bits) {
  const auto sigma = std::bit_cast<float>(static_cast<uint32_t>(bits.Read(32)));
  if (!ValidSignedSigma(sigma)) {
    throw Error("genome bytes are damaged: sigma is " + std::to_string(sigma) +
                " but must be a finite number");
  }
  return sigma;
}

// Sets the sigma of every mutation.
void ReadSigmas(BitReader& bits, std::vector<Mutation>& mutations) {
  if (mutations.empty()) return;
  const uint64_t runs = bits.ReadGamma();
  size_t next = 0;
  for (uint64_t run = 1; run <= runs; ++run) {
    const float sigma = ReadSigma(bits);
    const size_t left = mutations.size() - next;
    const uint64_t length = run < runs ? bits.ReadGamma() : left;
    if (length == 0 || length > left) {
      throw Error("genome bytes are damaged: sigma is given for more mutations than the " +
                  std::to_string(mutations.size()) + " there are");
    }
    for (uint64_t i = 0; i < length; ++i) mutations[next++] = Mutation::FromSigned({}, sigma);
  }
}

void ReadMutations(BitReader& bits, int item_width, Genome& genome) {
  uint64_t generation = genome.founder.generation;
  for (Mutation& mutation : genome.mutations) {
    generation += bits.Read(1) == 0 ? 1 : 1 + bits.ReadGamma();
    if (generation > UINT32_MAX) {
      throw Error("genome bytes are damaged: generation " + std::to_string(generation) +
                  " is above the largest, 4294967295");
    }
    mutation.birth = Birth::FromCode(static_cast<uint32_t>(generation),
                                     static_cast<uint32_t>(bits.Read(item_width)));
    if (!mutation.IsValid()) {
      throw Error("genome bytes are damaged: no mutation of sigma " +
                  std::to_string(mutation.signed_sigma()) + " makes individual " +
                  BirthName(mutation.birth));
    }
  }
}

// A damaged count must not allocate: each mutation takes its item and one bit at least.
size_t ReadCount(BitReader& bits, int item_width) {
  const uint64_t count = bits.ReadGamma() - 1;
  const uint64_t room = bits.left() / static_cast<size_t>(item_width + 1);
  if (count > room) {
    throw Error("genome bytes are damaged: they claim " + std::to_string(count) +
                " mutations but have room for " + std::to_string(room));
  }
  return count;
}

int ReadWidth(BitReader& bits, int width_bits, int largest, const char* what) {
  const auto width = static_cast<int>(bits.Read(width_bits));
  if (width > largest) {
    throw Error("genome bytes are damaged: the " + std::string(what) + " has " +
                std::to_string(width) + " bits but " + std::to_string(largest) + " at most");
  }
  return width;
}

Genome ReadGenome(BitReader& bits) {
  Genome genome;
  genome.run_seed = bits.Read(ReadWidth(bits, kSeedWidthBits, 64, "seed"));
  const int item_width = ReadWidth(bits, kItemWidthBits, 32, "item number");
  const uint64_t founder_generation = bits.ReadGamma() - 1;
  if (founder_generation > UINT32_MAX) {
    throw Error("genome bytes are damaged: the founder's generation is " +
                std::to_string(founder_generation) + " but at most 4294967295");
  }
  genome.founder = Birth::FromCode(static_cast<uint32_t>(founder_generation),
                                   static_cast<uint32_t>(bits.Read(item_width)));
  genome.mutations.resize(ReadCount(bits, item_width));
  ReadSigmas(bits, genome.mutations);
  ReadMutations(bits, item_width, genome);
  if (bits.left() >= 8 || bits.Read(static_cast<int>(bits.left())) != 0) {
    throw Error("genome bytes go on behind the genome's end: they are not a genome, or damaged");
  }
  return genome;
}

// What lies between the version and the checksum, both found to be right.
std::span<const uint8_t> CheckedBody(std::span<const uint8_t> bytes) {
  if (bytes.size() <= 1 + kChecksumBytes) {
    throw Error("genome bytes end early, at byte " + std::to_string(bytes.size()) +
                ": copy all of them");
  }
  if (bytes[0] != kVersion) {
    throw Error("genome bytes are of version " + std::to_string(bytes[0]) +
                " but this dne reads version " + std::to_string(kVersion) +
                ": use a newer dne, or they are not a genome");
  }
  const auto checked = bytes.first(bytes.size() - kChecksumBytes);
  uint32_t stored = 0;
  for (size_t i = 0; i < kChecksumBytes; ++i) {
    stored |= uint32_t{bytes[checked.size() + i]} << (8 * i);
  }
  if (stored != Checksum(checked)) {
    throw Error("genome bytes are damaged, cut off or too many: their checksum is " +
                std::to_string(Checksum(checked)) + " but should be " + std::to_string(stored));
  }
  return checked.subspan(1);
}

}  // namespace

std::vector<uint8_t> EncodeGenome(const Genome& genome) {
  DNE_CHECK(genome.mutations.size() <= UINT32_MAX);
  const int seed_width = static_cast<int>(std::bit_width(genome.run_seed));
  const int item_width = ItemWidth(genome);
  BitWriter bits;
  bits.Write(kVersion, 8);
  bits.Write(static_cast<uint64_t>(seed_width), kSeedWidthBits);
  bits.Write(genome.run_seed, seed_width);
  bits.Write(static_cast<uint64_t>(item_width), kItemWidthBits);
  bits.WriteGamma(uint64_t{genome.founder.generation} + 1);
  bits.Write(genome.founder.code(), item_width);
  bits.WriteGamma(genome.mutations.size() + 1);
  WriteSigmas(genome.mutations, bits);
  WriteMutations(genome, item_width, bits);
  std::vector<uint8_t> bytes = bits.Take();
  const uint32_t checksum = Checksum(bytes);
  for (size_t i = 0; i < kChecksumBytes; ++i) {
    bytes.push_back(static_cast<uint8_t>(checksum >> (8 * i)));
  }
  return bytes;
}

Genome DecodeGenome(std::span<const uint8_t> bytes) {
  BitReader bits(CheckedBody(bytes));
  return ReadGenome(bits);
}

}  // namespace dne
