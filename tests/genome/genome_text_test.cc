// SPDX-License-Identifier: MIT
// The text form: round trips, what it looks like, and errors that name the offending part.
#include <gtest/gtest.h>

#include "tests/genome/lineages.h"

namespace dne {
namespace {

std::string ErrorOfText(std::string_view text) {
  return ErrorOf([&] { GenomeFromText(text); });
}

TEST(GenomeText, ReadsBackAsWhatWasWritten) {
  for (const Genome& genome : OddGenomes()) {
    EXPECT_EQ(GenomeFromText(GenomeToText(genome)), genome) << GenomeToText(genome);
  }
}

TEST(GenomeText, EverySigmaReadsBackExactly) {
  Stream random({.seed = 8, .purpose = Purpose::kBenchmark});
  for (int i = 0; i < 10000; ++i) {
    const auto sigma = std::bit_cast<float>(random.Next32() >> 1);
    const Mutation mutation = Mutation::FromSigned({1, 2}, random.Below(2) == 0 ? sigma : -sigma);
    if (!mutation.IsValid()) continue;
    const Genome genome = Child(Genome{}, mutation);
    ASSERT_EQ(GenomeFromText(GenomeToText(genome)), genome) << GenomeToText(genome);
  }
}

TEST(GenomeText, IsOneReadableLine) {
  Genome genome{.run_seed = 7, .founder = {0, 17}};
  EXPECT_EQ(GenomeToText(genome), "dne1:seed=7:founder=0.17");
  genome = Child(Child(genome, {{1, 4}, 0.002f}), {{2, 655}, 0.002f});
  EXPECT_EQ(GenomeToText(genome), "dne1:seed=7:founder=0.17:sigma=0.002:1.4:2.655");
  genome = Child(genome, {{9, 1}, 0.01f});
  EXPECT_EQ(GenomeToText(genome), "dne1:seed=7:founder=0.17:sigma=0.002:1.4:2.655:sigma=0.01:9.1");
}

TEST(GenomeText, WritesCentresByTheirNumberAndReadsThemByTheirItemToo) {
  const Genome genome = Child({.run_seed = 7, .founder = CentreBirth(4, 2)}, {{5, 1}, 0.5f, true});
  EXPECT_EQ(GenomeToText(genome), "dne1:seed=7:founder=4.c2:sigma=-0.5:5.1");
  EXPECT_EQ(GenomeFromText("dne1:seed=7:founder=4.c2:sigma=-0.5:5.1"), genome);
  EXPECT_EQ(GenomeFromText("dne1:seed=7:founder=4.2147483650:sigma=-0.5:5.1"), genome);
}

TEST(Birth, IsReadAsItIsWritten) {
  EXPECT_EQ(ParseBirth("11.304"), (Birth{.generation = 11, .item = 304}));
  EXPECT_EQ(BirthName({.generation = 11, .item = 304}), "11.304");
  EXPECT_EQ(ParseBirth("11.c3"), (CentreBirth(11, 3)));
  EXPECT_EQ(BirthName(CentreBirth(11, 3)), "11.c3");
  const Birth last = CentreBirth(UINT32_MAX, UINT32_MAX / 2);
  EXPECT_EQ(BirthName(last), "4294967295.c2147483647");
  EXPECT_EQ(ParseBirth(BirthName(last)), last);
  for (const char* text : {"", "1", "1.", ".1", "1.2.3", "1,2", "-1.2", "1.2 ", "4294967296.0",
                           "1.c", "1.c2147483648", "1.d0", "1.cc0", "1.c-1"}) {
    EXPECT_NE(ErrorOf([&] { ParseBirth(text); }).find("names no individual"), std::string::npos)
        << text;
  }
}

TEST(GenomeText, HoldsNoCharacterThatAShellTakesForItsOwn) {
  for (const Genome& genome : OddGenomes()) {
    EXPECT_EQ(GenomeToText(genome).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                     "abcdefghijklmnopqrstuvwxyz0123456789:+./_-="),
              std::string::npos);
  }
}

TEST(GenomeText, ErrorsNameTheOffendingPart) {
  EXPECT_EQ(ErrorOfText(""),
            "genome text: part 1, '', should be dne1, as every genome text begins");
  EXPECT_EQ(ErrorOfText("7:founder=0.1"),
            "genome text: part 1, '7', should be dne1, as every genome text begins");
  EXPECT_EQ(ErrorOfText("dne2:seed=7"),
            "genome text: part 1, 'dne2', is another version than dne1: use a newer dne");
  EXPECT_EQ(ErrorOfText("dne1"), "genome text ends early, after 'dne1'");
  EXPECT_EQ(ErrorOfText("dne1:founder=0.1"),
            "genome text: part 2, 'founder=0.1', should begin with seed=");
  for (const char* seed : {"seed=-1", "seed=", "seed=1x", "seed=18446744073709551616"}) {
    EXPECT_EQ(ErrorOfText("dne1:" + std::string(seed) + ":founder=0.1"),
              "genome text: part 2, '" + std::string(seed) +
                  "', is not a seed: write seed=N with N from 0 to 18446744073709551615");
  }
  EXPECT_EQ(ErrorOfText("dne1:seed=7"), "genome text ends early, after 'seed=7'");
  for (const char* birth : {"1", "1.", ".1", "1.-1", "1.4294967296", "1.2.3", "1,2", ""}) {
    EXPECT_EQ(ErrorOfText("dne1:seed=7:founder=0.1:sigma=1:" + std::string(birth)),
              "genome text: part 5, '" + std::string(birth) +
                  "', should be GENERATION.ITEM, as 12.655, each from 0 to 4294967295");
  }
  for (const char* sigma : {"-0", "nan", "inf", "", "0.1x", "1e99"}) {
    EXPECT_EQ(ErrorOfText("dne1:seed=7:founder=0.1:sigma=" + std::string(sigma)),
              "genome text: part 4, 'sigma=" + std::string(sigma) +
                  "', is not a sigma: write sigma=X with X a finite number");
  }
}

TEST(GenomeText, MutationsNeedASigmaBefore) {
  EXPECT_EQ(ErrorOfText("dne1:seed=7:founder=0.1:1.2"),
            "genome text: part 4, '1.2', comes before the first sigma=");
}

TEST(GenomeText, MutationsMakeNoCentreAndMirrorOnlyAnItemBefore) {
  EXPECT_EQ(
      ErrorOfText("dne1:seed=7:founder=0.1:sigma=1:1.c0"),
      "genome text: part 5, '1.c0', is a centre: a genome can begin with one, but no mutation "
      "makes one");
  EXPECT_EQ(
      ErrorOfText("dne1:seed=7:founder=0.1:sigma=-1:1.0"),
      "genome text: part 5, '1.0', mirrors the item before it, as its sigma is negative: there "
      "is none");
}

TEST(GenomeText, GenerationsMustIncrease) {
  EXPECT_EQ(ErrorOfText("dne1:seed=7:founder=3.1:sigma=1:3.2"),
            "genome text: part 5, '3.2', is not after its parent's generation, 3");
  EXPECT_EQ(ErrorOfText("dne1:seed=7:founder=3.1:sigma=1:5.2:4.1"),
            "genome text: part 6, '4.1', is not after its parent's generation, 5");
}

TEST(GenomeText, EndingInASigmaIsCutOff) {
  EXPECT_EQ(ErrorOfText("dne1:seed=7:founder=0.1:sigma=1"),
            "genome text: part 4, 'sigma=1', comes last, without a mutation: is the text cut off?");
}

TEST(GenomeText, DamagedAtRandomNeverCrashes) {
  Stream random({.seed = 2, .purpose = Purpose::kBenchmark});
  int refused = 0;
  for (const Genome& genome : OddGenomes()) {
    const std::string text = GenomeToText(genome);
    const auto size = static_cast<uint32_t>(text.size());
    for (int round = 0; round < 500; ++round) {
      std::string damaged = text;
      damaged[random.Below(size)] = static_cast<char>(random.Below(256));
      if (random.Below(4) == 0) damaged.resize(random.Below(size));
      try {
        GenomeFromText(damaged);
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace dne
