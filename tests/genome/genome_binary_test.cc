// SPDX-License-Identifier: MIT
// The binary form: round trips, size, committed bytes, and refusal of everything else.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <functional>
#include <limits>

#include "dne/base/digest.h"
#include "dne/genome/bits.h"
#include "tests/genome/lineages.h"

namespace dne {
namespace {

using Bytes = std::vector<uint8_t>;

// With the checksum that belongs to `body`, version byte included.
Bytes Sealed(Bytes body) {
  Digest digest;
  digest.AddBytes(body);
  const auto checksum = static_cast<uint32_t>(digest.value() ^ digest.value() >> 32);
  for (int i = 0; i < 4; ++i) body.push_back(static_cast<uint8_t>(checksum >> (8 * i)));
  return body;
}

// A header (seed 0, founder 0.0) as `item_width` and `count` say, and what `rest` writes.
std::string ErrorOfBits(uint64_t item_width, uint64_t count,
                        const std::function<void(BitWriter&)>& rest) {
  BitWriter bits;
  bits.Write(1, 8);
  bits.Write(0, 7);
  bits.Write(item_width, 6);
  bits.WriteGamma(1);
  bits.Write(0, static_cast<int>(item_width));
  bits.WriteGamma(count + 1);
  rest(bits);
  return ErrorOf([&] { DecodeGenome(Sealed(bits.Take())); });
}

void WriteFloat(BitWriter& bits, float value) { bits.Write(std::bit_cast<uint32_t>(value), 32); }

TEST(GenomeBytes, DecodeToWhatWasEncoded) {
  for (const Genome& genome : OddGenomes()) {
    EXPECT_EQ(DecodeGenome(EncodeGenome(genome)), genome) << GenomeToText(genome);
  }
}

TEST(GenomeBytes, OfTwoHundredSixtySixMutationsTakeAtMostFourHundred) {
  for (uint64_t seed : {UINT64_MAX, UINT64_MAX / 3 * 2, UINT64_MAX - 12345}) {
    const Genome genome = Lineage(seed, 266, 1000, 16);
    ASSERT_GE(genome.birth().generation, 300u);
    EXPECT_LE(EncodeGenome(genome).size(), 400u);
  }
}

TEST(GenomeBytes, AreTheCommittedOnes) {
  const Genome genome = GenomeFromText("dne1:seed=7:founder=0.17:sigma=0.002:1.4:2.655:5.1");
  EXPECT_EQ(EncodeGenome(genome), (Bytes{0x01, 0x07, 0xca, 0x82, 0x24, 0x9d, 0x81, 0x89, 0x37, 0x80,
                                         0x45, 0x1f, 0x40, 0x08, 0xdf, 0x02, 0x69, 0x23}));
}

TEST(GenomeBytes, BreakingTheRulesOfAGenomeIsABug) {
  Genome genome{.founder = {3, 0}, .mutations = {{{3, 1}, 0.1f}}};
  EXPECT_THROW(EncodeGenome(genome), BugError);
  genome.mutations[0] = {{4, 1}, std::numeric_limits<float>::infinity()};
  EXPECT_THROW(EncodeGenome(genome), BugError);
}

TEST(GenomeBytes, OfANewerVersionAreRefused) {
  Bytes bytes = EncodeGenome(Lineage(1, 5, 10, 3));
  bytes[0] = 2;
  EXPECT_EQ(ErrorOf([&] { DecodeGenome(bytes); }),
            "genome bytes are of version 2 but this dne reads version 1: use a newer dne, or they "
            "are not a genome");
}

TEST(GenomeBytes, WithAWrongChecksumAreRefused) {
  Bytes bytes = EncodeGenome(Lineage(1, 5, 10, 3));
  const uint32_t checksum = bytes[bytes.size() - 4] | uint32_t{bytes[bytes.size() - 3]} << 8 |
                            uint32_t{bytes[bytes.size() - 2]} << 16 | uint32_t{bytes.back()} << 24;
  bytes.back() ^= 1;
  EXPECT_EQ(ErrorOf([&] { DecodeGenome(bytes); }),
            "genome bytes are damaged, cut off or too many: their checksum is " +
                std::to_string(checksum) + " but should be " +
                std::to_string(checksum ^ (1u << 24)));
}

TEST(GenomeBytes, CutOffAnywhereAreRefused) {
  const Bytes bytes = EncodeGenome(Lineage(1, 30, 1000, 3));
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string error = ErrorOf([&] { DecodeGenome(std::span(bytes).first(size)); });
    if (size <= 5) {
      EXPECT_EQ(error,
                "genome bytes end early, at byte " + std::to_string(size) + ": copy all of them");
    } else {
      EXPECT_NE(error.find("cut off"), std::string::npos) << error;
    }
  }
}

TEST(GenomeBytes, CutOffUnderARightChecksumAreRefused) {
  const Bytes bytes = EncodeGenome(Lineage(1, 30, 1000, 3));
  for (size_t size = 1; size + 4 < bytes.size(); ++size) {
    const auto body = std::span(bytes).first(size);
    const std::string error = ErrorOf([&] { DecodeGenome(Sealed({body.begin(), body.end()})); });
    EXPECT_TRUE(error.find("end early") != std::string::npos ||
                error.find("but have room for") != std::string::npos)
        << error;
  }
}

TEST(GenomeBytes, BehindTheEndAreRefused) {
  Bytes bytes = EncodeGenome(Lineage(1, 5, 10, 3));
  Bytes body(bytes.begin(), bytes.end() - 4);
  bytes.push_back(0);
  EXPECT_NE(ErrorOf([&] { DecodeGenome(bytes); }).find("too many"), std::string::npos);
  body.push_back(0);
  EXPECT_EQ(ErrorOf([&] { DecodeGenome(Sealed(body)); }),
            "genome bytes go on behind the genome's end: they are not a genome, or damaged");
  EXPECT_EQ(ErrorOfBits(0, 0, [](BitWriter& bits) { bits.Write(1, 1); }),
            "genome bytes go on behind the genome's end: they are not a genome, or damaged");
}

TEST(GenomeBytes, ClaimingMoreMutationsThanTheyHoldAreRefusedBeforeAllocating) {
  EXPECT_EQ(ErrorOfBits(10, 4000000000,
                        [](BitWriter& bits) {
                          bits.Write(0, 55);
                          bits.Write(0, 55);
                        }),
            "genome bytes are damaged: they claim 4000000000 mutations but have room for 10");
}

TEST(GenomeBytes, WithOversizedNumbersAreRefused) {
  EXPECT_EQ(ErrorOfBits(0, 1, [](BitWriter& bits) { bits.Write(0, 64); }),
            "genome bytes are damaged: a number has more than 33 bits");
  EXPECT_EQ(ErrorOfBits(33, 0, [](BitWriter&) {}),
            "genome bytes are damaged: the item number has 33 bits but 32 at most");
  EXPECT_EQ(ErrorOf([] {
              DecodeGenome(Sealed({1, 65 << 1, 0, 0}));
            }),
            "genome bytes are damaged: the seed has 65 bits but 64 at most");
}

TEST(GenomeBytes, WithAGenerationBehindTheLastAreRefused) {
  EXPECT_EQ(ErrorOfBits(0, 1,
                        [](BitWriter& bits) {
                          bits.WriteGamma(1);
                          WriteFloat(bits, 0.1f);
                          bits.Write(1, 1);
                          bits.WriteGamma(UINT32_MAX);
                        }),
            "genome bytes are damaged: generation 4294967296 is above the largest, 4294967295");
  BitWriter bits;
  bits.Write(1, 8);
  bits.Write(0, 7 + 6);
  bits.WriteGamma(uint64_t{UINT32_MAX} + 2);
  bits.WriteGamma(1);
  EXPECT_EQ(ErrorOf([&] { DecodeGenome(Sealed(bits.Take())); }),
            "genome bytes are damaged: the founder's generation is 4294967296 but at most "
            "4294967295");
}

// Of one mutation, which makes individual 1.0.
std::string ErrorOfSigma(float sigma) {
  return ErrorOfBits(0, 1, [&](BitWriter& bits) {
    bits.WriteGamma(1);
    WriteFloat(bits, sigma);
    bits.Write(0, 1);
  });
}

TEST(GenomeBytes, WithABadSigmaAreRefused) {
  EXPECT_EQ(ErrorOfSigma(-0.0f),
            "genome bytes are damaged: sigma is -0.000000 but must be a finite number");
}

TEST(GenomeBytes, WithAMutationThatMirrorsNothingAreRefused) {
  EXPECT_EQ(ErrorOfSigma(-0.5f),
            "genome bytes are damaged: no mutation of sigma -0.500000 makes individual 1.0");
}

TEST(GenomeBytes, WithMoreSigmasThanMutationsAreRefused) {
  const std::string expected =
      "genome bytes are damaged: sigma is given for more mutations than the 2 there are";
  EXPECT_EQ(ErrorOfBits(0, 2,
                        [](BitWriter& bits) {
                          bits.WriteGamma(2);
                          WriteFloat(bits, 0.5f);
                          bits.WriteGamma(3);
                        }),
            expected);
  EXPECT_EQ(ErrorOfBits(0, 2,
                        [](BitWriter& bits) {
                          bits.WriteGamma(2);
                          WriteFloat(bits, 0.5f);
                          bits.WriteGamma(2);
                          WriteFloat(bits, 0.25f);
                        }),
            expected);
}

// Decodes, or throws Error; anything else fails the test.
void ExpectRefusedOr(const Genome& original, const Bytes& damaged) {
  try {
    EXPECT_EQ(DecodeGenome(damaged), original);
  } catch (const Error&) {
  }
}

TEST(GenomeBytes, DamagedAtRandomAreRefusedOrUnharmed) {
  Stream random({.seed = 2, .purpose = Purpose::kBenchmark});
  for (const Genome& genome : OddGenomes()) {
    const Bytes bytes = EncodeGenome(genome);
    const auto size = static_cast<uint32_t>(bytes.size());
    for (int round = 0; round < 2000; ++round) {
      Bytes damaged = bytes;
      for (uint32_t flips = 1 + random.Below(4); flips > 0; --flips) {
        damaged[random.Below(size)] ^= static_cast<uint8_t>(1u << random.Below(8));
      }
      if (random.Below(4) == 0) damaged.resize(random.Below(2 * size));
      ExpectRefusedOr(genome, damaged);
    }
  }
}

TEST(GenomeBytes, DamagedUnderARightChecksumNeverCrash) {
  Stream random({.seed = 3, .purpose = Purpose::kBenchmark});
  int refused = 0;
  for (const Genome& genome : OddGenomes()) {
    Bytes body = EncodeGenome(genome);
    body.resize(body.size() - 4);
    for (int round = 0; round < 2000; ++round) {
      Bytes damaged = body;
      damaged[1 + random.Below(static_cast<uint32_t>(body.size() - 1))] ^=
          static_cast<uint8_t>(1u << random.Below(8));
      try {
        EncodeGenome(DecodeGenome(Sealed(damaged)));  // a genome, if another one
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace dne
