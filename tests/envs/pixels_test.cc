// SPDX-License-Identifier: MIT
#include "dne/envs/atari/pixels.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dne/envs/atari/emulator.h"
#include "play.h"

namespace dne {
namespace {

std::vector<uint8_t> RandomScreen(int height, RandomPlayer& random) {
  std::vector<uint8_t> screen(static_cast<size_t>(kScreenWidth * height));
  for (uint8_t& pixel : screen) pixel = static_cast<uint8_t>(random.Next(256));
  return screen;
}

std::array<uint8_t, 256> RandomPalette(RandomPlayer& random) {
  std::array<uint8_t, 256> grey;
  for (uint8_t& value : grey) value = static_cast<uint8_t>(random.Next(256));
  return grey;
}

// The formula of the header, written down as it stands.
std::vector<uint8_t> FrameByFormula(const std::vector<uint8_t>& current,
                                    const std::vector<uint8_t>& previous, int height,
                                    const std::array<uint8_t, 256>& grey) {
  auto g = [&](int y, int x) {
    if (y >= height || x >= kScreenWidth) return 0;
    const auto at = static_cast<size_t>(y * kScreenWidth + x);
    return static_cast<int>(std::max(grey[current[at]], grey[previous[at]]));
  };
  std::vector<uint8_t> frame;
  for (int i = 0; i < 84; ++i) {
    for (int j = 0; j < 84; ++j) {
      const int y = i * (height - 1) / 83, v = i * (height - 1) % 83;
      const int x = j * (kScreenWidth - 1) / 83, u = j * (kScreenWidth - 1) % 83;
      const int sum = (83 - v) * ((83 - u) * g(y, x) + u * g(y, x + 1)) +
                      v * ((83 - u) * g(y + 1, x) + u * g(y + 1, x + 1));
      frame.push_back(static_cast<uint8_t>((sum + 3444) / 6889));
    }
  }
  return frame;
}

std::vector<uint8_t> ToVector(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(Pixels, EveryHeightFollowsTheFormulaOnRandomScreens) {
  RandomPlayer random(1);
  for (int height : {1, 2, 84, 167, 200, 210, 214, 250, 256}) {
    const auto grey = RandomPalette(random);
    FramePass pass(height, grey);
    for (int round = 0; round < 3; ++round) {
      const auto current = RandomScreen(height, random);
      const auto previous = RandomScreen(height, random);
      EXPECT_EQ(ToVector(pass.Run(current.data(), previous.data())),
                FrameByFormula(current, previous, height, grey))
          << height;
    }
  }
}

TEST(Pixels, RowsThatStandStillAreKeptAndTheOthersRenewed) {
  constexpr int kHeight = 210;
  RandomPlayer random(2);
  const auto grey = RandomPalette(random);
  FramePass pass(kHeight, grey);
  auto current = RandomScreen(kHeight, random);
  auto previous = current;
  for (int round = 0; round < 200; ++round) {
    EXPECT_EQ(ToVector(pass.Run(current.data(), previous.data())),
              FrameByFormula(current, previous, kHeight, grey));
    auto& changed = round % 3 == 0 ? previous : current;
    changed[static_cast<size_t>(random.Next(kScreenWidth * kHeight))] ^= 1;
  }
}

TEST(Pixels, AFlatScreenStaysFlat) {
  std::array<uint8_t, 256> grey{};
  for (size_t i = 0; i < grey.size(); ++i) grey[i] = static_cast<uint8_t>(i);
  FramePass pass(210, grey);
  for (int value : {0, 1, 127, 254, 255}) {
    const std::vector<uint8_t> screen(210 * kScreenWidth, static_cast<uint8_t>(value));
    const auto frame = pass.Run(screen.data(), screen.data());
    EXPECT_TRUE(std::ranges::all_of(frame, [&](uint8_t pixel) { return pixel == value; }));
  }
}

TEST(Pixels, TheStackHoldsTheOldestFrameFirst) {
  std::vector<uint8_t> observation(2 * 4, 0);
  for (uint8_t value = 1; value <= 5; ++value) {
    const std::vector<uint8_t> frame = {value, static_cast<uint8_t>(10 * value)};
    PushFrame(frame, 4, observation);
  }
  EXPECT_EQ(observation, (std::vector<uint8_t>{2, 3, 4, 5, 20, 30, 40, 50}));
}

TEST(Pixels, AStackOfOneIsTheFrame) {
  std::vector<uint8_t> observation(3, 9);
  PushFrame(std::vector<uint8_t>{1, 2, 3}, 1, observation);
  EXPECT_EQ(observation, (std::vector<uint8_t>{1, 2, 3}));
}

}  // namespace
}  // namespace dne
