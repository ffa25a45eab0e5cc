// SPDX-License-Identifier: MIT
// Whole episodes against the digests in tests/golden/atari, one file a game. Where a change of
// them is meant, run the tests once with DNE_UPDATE_GOLDEN=1 set and look at the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "dne/envs/atari/atari.h"
#include "play.h"

namespace dne {
namespace {

constexpr int kMaxSteps = 5000;

class AtariGolden : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Games, AtariGolden,
                         testing::Values("frostbite", "seaquest", "venture", "breakout", "skiing",
                                         "pong", "kangaroo", "asteroids"),
                         [](const auto& param_info) { return std::string(param_info.param); });

std::string Describe(uint32_t noops, const Played& played) {
  std::ostringstream line;
  line << "noops " << noops << " steps " << played.steps << " frames " << played.frames << " score "
       << played.score << (played.terminal ? " game over" : " step limit") << std::hex
       << std::setfill('0') << " observations " << std::setw(16) << played.observations << " ram "
       << std::setw(16) << played.behaviour << "\n";
  return line.str();
}

TEST_P(AtariGolden, EpisodesAreThoseOnRecord) {
  const auto game = AtariGame::Load(GetParam(), {.max_noops = 30});
  std::string played;
  for (uint32_t noops : {1u, 30u}) {
    played += Describe(noops, Play(*game, {.noops = noops}, kMaxSteps, /*player_seed=*/noops));
  }
  const std::string path =
      std::string(DNE_SOURCE_DIR) + "/tests/golden/atari/" + GetParam() + ".txt";
  if (std::getenv("DNE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << played;
  std::ifstream file(path);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(played, golden) << path;
}

}  // namespace
}  // namespace dne
