// SPDX-License-Identifier: MIT
#include "dne/envs/atari/console/scan_line.h"

#include <gtest/gtest.h>

namespace dne {
namespace {

bool IsOn(const ScanLine& line, int x) {
  return (line.words[static_cast<size_t>(x / 64)] >> x % 64 & 1) != 0;
}

// The hardware's rule, pixel by pixel: which bit of a player's graphics shows at x.
bool PlayerShows(uint8_t graphics, const Copies& copies, int position, bool first_copy, int x) {
  const int late = copies.player_scale > 1 ? 1 : 0;
  for (int copy = first_copy ? 0 : 1; copy < copies.count; ++copy) {
    const int into = (x - position - copy * copies.distance - late + 2 * kLinePixels) % kLinePixels;
    if (into < 8 * copies.player_scale) return (graphics >> into / copies.player_scale & 1) != 0;
  }
  return false;
}

TEST(ScanLine, HoldsThePixelsOfAPlayerRoundTheEndOfTheLine) {
  constexpr uint8_t kGraphics = 0b10110001;
  for (uint8_t nusiz = 0; nusiz < 8; ++nusiz) {
    for (int position = 0; position < kLinePixels; ++position) {
      for (const bool first_copy : {true, false}) {
        const ScanLine line = PlayerLine(kGraphics, nusiz, position, first_copy);
        for (int x = 0; x < kLinePixels; ++x) {
          ASSERT_EQ(IsOn(line, x), PlayerShows(kGraphics, kCopies[nusiz], position, first_copy, x))
              << "nusiz " << int{nusiz} << " position " << position << " x " << x;
        }
      }
    }
  }
}

TEST(ScanLine, MirrorsOrRepeatsThePlayfield) {
  constexpr uint32_t kLeft = 0b1010'11001110'0001'1011;
  for (int x = 0; x < kLinePixels; ++x) {
    const int column = x / 4;
    const int repeated = column % 20;
    const int mirrored = column < 20 ? column : 39 - column;
    EXPECT_EQ(IsOn(PlayfieldLine(kLeft, false), x), (kLeft >> repeated & 1) != 0) << x;
    EXPECT_EQ(IsOn(PlayfieldLine(kLeft, true), x), (kLeft >> mirrored & 1) != 0) << x;
  }
}

TEST(ScanLine, SaysWhetherAPartHoldsAnything) {
  const ScanLine line = BallLine(/*log2_width=*/1, /*position=*/159);  // and at 0
  EXPECT_TRUE(line.Any(159, 160));
  EXPECT_TRUE(line.Any(0, 1));
  EXPECT_FALSE(line.Any(1, 159));
}

}  // namespace
}  // namespace dne
