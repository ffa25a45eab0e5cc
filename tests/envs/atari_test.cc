// SPDX-License-Identifier: MIT
// The contract of environment.h and atari.h, on games that differ: joystick and paddle, with and
// without FIRE, with negative rewards.
#include "dne/envs/atari/atari.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <thread>
#include <utility>

#include "dne/base/error.h"
#include "play.h"

namespace dne {
namespace {

constexpr int kSteps = 150;

class AtariContract : public testing::TestWithParam<const char*> {
 protected:
  static std::shared_ptr<const AtariGame> Game() {
    return AtariGame::Load(GetParam(), {.max_noops = 4});
  }
  std::shared_ptr<const AtariGame> game_ = Game();
};

INSTANTIATE_TEST_SUITE_P(Games, AtariContract,
                         testing::Values("frostbite", "seaquest", "venture", "breakout", "skiing",
                                         "pong"),
                         [](const auto& param_info) { return std::string(param_info.param); });

TEST_P(AtariContract, TheSameStartAndActionsGiveTheSameEpisode) {
  const auto environment = game_->MakeEnvironment();
  const Played played = Play(*environment, 2, kSteps);
  EXPECT_EQ(Play(*game_->MakeEnvironment(), 2, kSteps), played);
  EXPECT_EQ(Play(*Game()->MakeEnvironment(), 2, kSteps), played);
}

TEST_P(AtariContract, ResetForgetsEverything) {
  const auto environment = game_->MakeEnvironment();
  const Played played = Play(*environment, 3, kSteps);
  EXPECT_NE(Play(*environment, 1, kSteps / 2, /*player_seed=*/7), played);
  EXPECT_EQ(Play(*environment, 3, kSteps), played);
}

TEST_P(AtariContract, TwoEnvironmentsInTurnsDoNotDisturbEachOther) {
  const auto left = game_->MakeEnvironment();
  const auto right = game_->MakeEnvironment();
  RandomPlayer left_player(1), right_player(2);
  left->Reset(1, 0);
  right->Reset(4, 0);
  Digest left_digest, right_digest;
  left_digest.AddBytes(left->observation());
  right_digest.AddBytes(right->observation());
  Played left_played, right_played;
  for (int step = 0; step < kSteps / 3; ++step) {
    if (!left_played.terminal) PlayStep(*left, left_player, left_digest, left_played);
    if (!right_played.terminal) PlayStep(*right, right_player, right_digest, right_played);
  }
  const auto alone = game_->MakeEnvironment();
  EXPECT_EQ(left_digest.value(), Play(*alone, 1, kSteps / 3, 1).observations);
  EXPECT_EQ(right_digest.value(), Play(*alone, 4, kSteps / 3, 2).observations);
}

TEST_P(AtariContract, TwoThreadsDoNotDisturbEachOther) {
  Played left, right;
  auto play = [&](uint32_t noops, Played& played) {
    played = Play(*game_->MakeEnvironment(), noops, kSteps);
  };
  std::thread left_thread(play, 1, std::ref(left));
  std::thread right_thread(play, 4, std::ref(right));
  left_thread.join();
  right_thread.join();
  EXPECT_EQ(left, Play(*game_->MakeEnvironment(), 1, kSteps));
  EXPECT_EQ(right, Play(*game_->MakeEnvironment(), 4, kSteps));
}

// Breakout serves the same ball after some of them.
TEST_P(AtariContract, TheNumberOfNoopsChangesTheEpisode) {
  const auto environment = game_->MakeEnvironment();
  std::set<std::pair<uint64_t, uint64_t>> episodes;
  for (uint32_t noops = 0; noops <= 4; ++noops) {
    const Played played = Play(*environment, noops, kSteps);
    episodes.insert({played.observations, played.ram});
  }
  EXPECT_GE(episodes.size(), 4u);
}

TEST_P(AtariContract, TheSpecDescribesWhatIsObserved) {
  const auto environment = game_->MakeEnvironment();
  environment->Reset(1, 0);
  const EnvironmentSpec& spec = environment->spec();
  EXPECT_EQ(spec.height, 84);
  EXPECT_EQ(spec.width, 84);
  EXPECT_EQ(spec.channels, 4);
  EXPECT_EQ(spec.num_actions, static_cast<int>(game_->action_names().size()));
  EXPECT_EQ(environment->observation().size(), 84u * 84u * 4u);
  EXPECT_EQ(environment->descriptor().size(), 128u);
  EXPECT_EQ(environment->Step(0).frames, 4);
}

TEST_P(AtariContract, AStepMovesTheStackByOne) {
  const auto environment = game_->MakeEnvironment();
  RandomPlayer player(5);
  environment->Reset(1, 0);
  for (int step = 0; step < 20; ++step) {
    const auto span = environment->observation();
    const std::vector<uint8_t> before(span.begin(), span.end());
    environment->Step(player.Next(environment->spec().num_actions));
    const auto after = environment->observation();
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
    EXPECT_EQ(AtariGame::Load(name, {.max_noops = 0})->spec().num_actions, size) << name;
  }
}

TEST(Atari, ActionsHaveTheNamesOfAle) {
  const auto game = AtariGame::Load("breakout", {.max_noops = 0});
  EXPECT_EQ(game->action_names(), (std::vector<std::string>{"NOOP", "FIRE", "RIGHT", "LEFT"}));
  EXPECT_EQ(game->name(), "breakout");
}

TEST(Atari, TheFullActionSetHasEighteenActions) {
  const auto game = AtariGame::Load("pong", {.max_noops = 0, .full_action_set = true});
  EXPECT_EQ(game->spec().num_actions, 18);
}

TEST(Atari, AnEpisodeEndsWithTheGame) {
  const auto game = AtariGame::Load("seaquest", {.max_noops = 1});
  const auto environment = game->MakeEnvironment();
  const Played played = Play(*environment, 1, 5000);
  EXPECT_TRUE(played.terminal);
  EXPECT_GT(played.frames, 4 * (played.steps - 1));
  EXPECT_LE(played.frames, 4 * played.steps);
  EXPECT_THROW(environment->Step(0), BugError);
}

TEST(Atari, RewardsAreNeitherClippedNorPositiveOnly) {
  const auto skiing = AtariGame::Load("skiing", {.max_noops = 1});
  EXPECT_LT(Play(*skiing->MakeEnvironment(), 1, kSteps).score, -kSteps);
  const auto frostbite = AtariGame::Load("frostbite", {.max_noops = 1});
  EXPECT_GE(Play(*frostbite->MakeEnvironment(), 1, kSteps).score, 10);
}

// Breakout's ball is served by FIRE and by nothing else: without it nothing moves.
TEST(Atari, TheFireStartServesTheBall) {
  for (bool fire : {false, true}) {
    const auto game = AtariGame::Load("breakout", {.max_noops = 1, .fire_start = fire});
    const auto environment = game->MakeEnvironment();
    environment->Reset(1, 0);
    bool moved = false;
    for (int step = 0; step < 50; ++step) {
      environment->Step(0);
      const auto stack = environment->observation();
      for (size_t i = 0; i < stack.size(); i += 4) moved |= stack[i + 2] != stack[i + 3];
    }
    EXPECT_EQ(moved, fire);
  }
}

TEST(Atari, AFreshStackRepeatsTheFirstPictureOrIsZeroBeforeIt) {
  for (bool zero : {false, true}) {
    const auto game = AtariGame::Load("frostbite", {.max_noops = 1, .zero_stack = zero});
    const auto environment = game->MakeEnvironment();
    Play(*environment, 1, 10);
    environment->Reset(1, 0);
    const auto observation = environment->observation();
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
  const auto environment = game->MakeEnvironment();
  const Played played = Play(*environment, 1, kSteps, 1, /*episode_seed=*/5);
  EXPECT_EQ(Play(*environment, 1, kSteps, 1, 5), played);
  EXPECT_NE(Play(*environment, 1, kSteps, 1, 6), played);
  const auto plain = AtariGame::Load("seaquest", {.max_noops = 1});
  EXPECT_NE(Play(*plain->MakeEnvironment(), 1, kSteps, 1, 5), played);
}

TEST(Atari, WithoutStickyActionsTheSeedChangesNothing) {
  const auto environment = AtariGame::Load("seaquest", {.max_noops = 1})->MakeEnvironment();
  EXPECT_EQ(Play(*environment, 1, kSteps, 1, 5), Play(*environment, 1, kSteps, 1, 6));
}

// With the probability 1 the last action of the start, a no-op, goes on for ever.
TEST(Atari, ActionsThatAlwaysStickAreNeverReplaced) {
  const auto game =
      AtariGame::Load("seaquest", {.max_noops = 1, .fire_start = false, .sticky_probability = 1});
  const auto plain = AtariGame::Load("seaquest", {.max_noops = 1, .fire_start = false});
  const auto sticky = game->MakeEnvironment();
  const auto idle = plain->MakeEnvironment();
  sticky->Reset(1, 3);
  idle->Reset(1, 3);
  for (int step = 0; step < 100; ++step) {
    sticky->Step(5);
    idle->Step(0);
    ASSERT_EQ(sticky->descriptor(), idle->descriptor());
  }
}

TEST(Atari, OtherFrameSkipsAndStacksArePlayed) {
  const auto game = AtariGame::Load("pong", {.frame_skip = 1, .frame_stack = 1, .max_noops = 1});
  const auto environment = game->MakeEnvironment();
  const Played played = Play(*environment, 1, 50);
  EXPECT_EQ(played.frames, 50);
  EXPECT_EQ(environment->observation().size(), 84u * 84u);
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
  environment->Reset(3, 0);
  try {
    environment->Reset(4, 0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "an episode of pong cannot start with 4 no-ops: max_noops is 3");
  }
}

TEST(Atari, ActionsOutOfRangeAndStepsBeforeAResetAreBugs) {
  const auto environment = AtariGame::Load("pong", {.max_noops = 0})->MakeEnvironment();
  EXPECT_THROW(environment->Step(0), BugError);
  environment->Reset(0, 0);
  EXPECT_THROW(environment->Step(-1), BugError);
  EXPECT_THROW(environment->Step(6), BugError);
}

}  // namespace
}  // namespace dne
