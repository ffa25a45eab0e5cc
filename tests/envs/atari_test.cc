// SPDX-License-Identifier: MIT
// What atari.h says beside the contract of all environments (world_contract_test.cc), on games that
// differ: joystick and paddle, with and without FIRE, with negative rewards.
#include "dne/envs/atari/atari.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "dne/base/error.h"
#include "play.h"

namespace dne {
namespace {

constexpr int kSteps = 150;

class AtariGames : public testing::TestWithParam<const char*> {
 protected:
  std::shared_ptr<const AtariGame> game_ = AtariGame::Load(GetParam(), {.max_noops = 4});
};

INSTANTIATE_TEST_SUITE_P(Games, AtariGames,
                         testing::Values("frostbite", "seaquest", "venture", "breakout", "skiing",
                                         "pong"),
                         [](const auto& param_info) { return std::string(param_info.param); });

// Breakout serves the same ball after some of them.
TEST_P(AtariGames, TheNumberOfNoopsChangesTheEpisode) {
  std::set<std::pair<uint64_t, uint64_t>> episodes;
  for (uint32_t noops = 0; noops <= 4; ++noops) {
    const Played played = Play(*game_, {.noops = noops}, kSteps);
    episodes.insert({played.observations, played.behaviour});
  }
  EXPECT_GE(episodes.size(), 4u);
}

TEST_P(AtariGames, TheSpecDescribesWhatThePapersSee) {
  const EnvironmentSpec& spec = game_->spec();
  EXPECT_EQ(spec.observation.type, ObservationType::kBytes);
  EXPECT_EQ(spec.observation.height, 84);
  EXPECT_EQ(spec.observation.width, 84);
  EXPECT_EQ(spec.observation.channels, 4);
  EXPECT_EQ(spec.frames_per_step, 4);
  EXPECT_EQ(spec.behaviour.type, BehaviourType::kBytes);
  EXPECT_EQ(spec.behaviour.size, 128);
}

TEST_P(AtariGames, AStepMovesTheStackByOne) {
  const auto environment = game_->MakeEnvironment();
  RandomPlayer player(5);
  environment->Reset({.noops = 1});
  for (int step = 0; step < 20; ++step) {
    const auto span = environment->observation().bytes;
    const std::vector<uint8_t> before(span.begin(), span.end());
    environment->Step(player.Next(game_->spec().action));
    const auto after = environment->observation().bytes;
    for (size_t i = 0; i < before.size(); i += 4) {
      ASSERT_TRUE(std::equal(after.begin() + static_cast<std::ptrdiff_t>(i),
                             after.begin() + static_cast<std::ptrdiff_t>(i + 3),
                             before.begin() + static_cast<std::ptrdiff_t>(i + 1)));
    }
  }
}

TEST(Atari, MinimalActionSetsHaveTheSizesOfThePapers) {
  const std::pair<const char*, int> sizes[] = {
      {"frostbite", 18}, {"skiing", 3},     {"amidar", 10},  {"assault", 7},   {"asterix", 9},
      {"enduro", 9},     {"asteroids", 14}, {"atlantis", 4}, {"gravitar", 18}, {"kangaroo", 18},
      {"seaquest", 18},  {"venture", 18},   {"zaxxon", 18}};
  for (const auto& [name, size] : sizes) {
    EXPECT_EQ(AtariGame::Load(name, {.max_noops = 0})->spec().action.size, size) << name;
  }
}

TEST(Atari, ActionsHaveTheNamesOfAle) {
  const auto game = AtariGame::Load("breakout", {.max_noops = 0});
  EXPECT_EQ(game->spec().action.names, (std::vector<std::string>{"NOOP", "FIRE", "RIGHT", "LEFT"}));
  EXPECT_EQ(game->name(), "breakout");
}

TEST(Atari, TheFullActionSetHasEighteenActions) {
  const auto game = AtariGame::Load("pong", {.max_noops = 0, .full_action_set = true});
  EXPECT_EQ(game->spec().action.size, 18);
}

TEST(Atari, AnEpisodeEndsWithTheGame) {
  const auto game = AtariGame::Load("seaquest", {.max_noops = 1});
  const Played played = Play(*game, {.noops = 1}, 5000);
  EXPECT_TRUE(played.terminal);
  EXPECT_GT(played.frames, 4 * (played.steps - 1));
  EXPECT_LE(played.frames, 4 * played.steps);
}

TEST(Atari, RewardsAreNeitherClippedNorPositiveOnly) {
  const auto skiing = AtariGame::Load("skiing", {.max_noops = 1});
  EXPECT_LT(Play(*skiing, {.noops = 1}, kSteps).score, -kSteps);
  const auto frostbite = AtariGame::Load("frostbite", {.max_noops = 1});
  EXPECT_GE(Play(*frostbite, {.noops = 1}, kSteps).score, 10);
}

// Breakout's ball is served by FIRE and by nothing else: without it nothing moves.
TEST(Atari, TheFireStartServesTheBall) {
  for (bool fire : {false, true}) {
    const auto game = AtariGame::Load("breakout", {.max_noops = 1, .fire_start = fire});
    const auto environment = game->MakeEnvironment();
    environment->Reset({.noops = 1});
    bool moved = false;
    for (int step = 0; step < 50; ++step) {
      environment->Step({.choice = 0});
      const auto stack = environment->observation().bytes;
      for (size_t i = 0; i < stack.size(); i += 4) moved |= stack[i + 2] != stack[i + 3];
    }
    EXPECT_EQ(moved, fire);
  }
}

TEST(Atari, AFreshStackRepeatsTheFirstFrameOrIsZeroBeforeIt) {
  for (bool zero : {false, true}) {
    const auto game = AtariGame::Load("frostbite", {.max_noops = 1, .zero_stack = zero});
    const auto environment = game->MakeEnvironment();
    Play(*game, *environment, {.noops = 1}, 10);
    environment->Reset({.noops = 1});
    const auto observation = environment->observation().bytes;
    int lit = 0;
    for (size_t i = 0; i < observation.size(); i += 4) {
      lit += observation[i + 3] > 0 ? 1 : 0;
      for (size_t channel = 0; channel < 3; ++channel) {
        ASSERT_EQ(observation[i + channel], zero ? 0 : observation[i + 3]);
      }
    }
    EXPECT_GT(lit, 1000);
  }
}

TEST(Atari, StickyActionsComeFromTheSeed) {
  const auto game = AtariGame::Load("seaquest", {.max_noops = 1, .sticky_probability = 0.25f});
  const Played played = Play(*game, {.noops = 1, .seed = 5}, kSteps);
  EXPECT_EQ(Play(*game, {.noops = 1, .seed = 5}, kSteps), played);
  EXPECT_NE(Play(*game, {.noops = 1, .seed = 6}, kSteps), played);
  const auto plain = AtariGame::Load("seaquest", {.max_noops = 1});
  EXPECT_NE(Play(*plain, {.noops = 1, .seed = 5}, kSteps), played);
}

TEST(Atari, WithoutStickyActionsTheSeedChangesNothing) {
  const auto game = AtariGame::Load("seaquest", {.max_noops = 1});
  EXPECT_EQ(Play(*game, {.noops = 1, .seed = 5}, kSteps),
            Play(*game, {.noops = 1, .seed = 6}, kSteps));
}

TEST(Atari, AStartIsANumberOfNoopsAndWhereActionsStickASeed) {
  Stream stream({.seed = 1});
  const auto plain = AtariGame::Load("pong", {.max_noops = 3});
  const auto sticky = AtariGame::Load("pong", {.max_noops = 0, .sticky_probability = 0.25f});
  std::set<uint32_t> noops;
  for (int i = 0; i < 30; ++i) {
    const EpisodeStart start = plain->DrawStart(stream);
    EXPECT_EQ(start.seed, std::nullopt);
    noops.insert(start.noops);
    EXPECT_EQ(sticky->DrawStart(stream).noops, 0u);
    EXPECT_TRUE(sticky->DrawStart(stream).seed.has_value());
  }
  EXPECT_EQ(noops, (std::set<uint32_t>{1, 2, 3}));
}

// With the probability 1 the last action of the start, a no-op, goes on for ever.
TEST(Atari, ActionsThatAlwaysStickAreNeverReplaced) {
  const auto game =
      AtariGame::Load("seaquest", {.max_noops = 1, .fire_start = false, .sticky_probability = 1});
  const auto plain = AtariGame::Load("seaquest", {.max_noops = 1, .fire_start = false});
  const auto sticky = game->MakeEnvironment();
  const auto idle = plain->MakeEnvironment();
  sticky->Reset({.noops = 1, .seed = 3});
  idle->Reset({.noops = 1, .seed = 3});
  for (int step = 0; step < 100; ++step) {
    sticky->Step({.choice = 5});
    idle->Step({.choice = 0});
    ASSERT_EQ(sticky->descriptor(), idle->descriptor());
  }
}

TEST(Atari, OtherFrameSkipsAndStacksArePlayed) {
  const auto game = AtariGame::Load("pong", {.frame_skip = 1, .frame_stack = 1, .max_noops = 1});
  const auto environment = game->MakeEnvironment();
  EXPECT_EQ(Play(*game, *environment, {.noops = 1}, 50).frames, 50);
  EXPECT_EQ(environment->observation().bytes.size(), 84u * 84u);
}

std::string LoadError(const std::string& game, const AtariOptions& options) {
  try {
    AtariGame::Load(game, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Atari, AnUnknownGameIsAnsweredWithTheNearestKnown) {
  EXPECT_EQ(LoadError("frostbyte", {}),
            "unknown Atari game 'frostbyte': did you mean 'frostbite'?");
}

TEST(Atari, OptionsOutOfRangeAreNamedWithTheirLimits) {
  EXPECT_EQ(LoadError("pong", {.frame_skip = 0}), "frame_skip is 0: set it to 1 to 60");
  EXPECT_EQ(LoadError("pong", {.frame_stack = 17}), "frame_stack is 17: set it to 1 to 16");
  EXPECT_EQ(LoadError("pong", {.max_noops = -1}), "max_noops is -1: set it to 0 to 1000");
  EXPECT_EQ(LoadError("pong", {.sticky_probability = 1.5f}),
            "sticky_probability is 1.500000: set it to 0 to 1");
  EXPECT_EQ(LoadError("pong", {.sticky_probability = std::nanf("")}),
            "sticky_probability is nan: set it to 0 to 1");
}

TEST(Atari, MoreNoopsThanTheGameWasLoadedForAreRefused) {
  const auto environment = AtariGame::Load("pong", {.max_noops = 3})->MakeEnvironment();
  environment->Reset({.noops = 3});
  try {
    environment->Reset({.noops = 4});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "an episode of pong cannot start with 4 no-ops: max_noops is 3");
  }
}

}  // namespace
}  // namespace dne
