// SPDX-License-Identifier: MIT
// The contract of dne/envs/environment.h, for every world that is built in.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <thread>

#include "dne/base/error.h"
#include "play.h"
#include "worlds.h"

namespace dne {
namespace {

constexpr int kSteps = 100;

class WorldContract : public testing::TestWithParam<NamedWorld> {
 protected:
  EpisodeStart Start(uint32_t number) const {
    Stream stream({.seed = 1, .item = number});
    return world_->DrawStart(stream);
  }

  // Plays to a terminal step; false where none comes within the steps of an episode.
  bool PlayToTheEnd(Environment& environment) const {
    constexpr int kLongest = 20'000;
    const int limit = spec_.max_episode_steps > 0 ? spec_.max_episode_steps : kLongest;
    return Play(*world_, environment, Start(0), limit).terminal;
  }

  std::shared_ptr<const World> world_ = GetParam().load();
  EnvironmentSpec spec_ = world_->spec();
};

INSTANTIATE_TEST_SUITE_P(BuiltIn, WorldContract, testing::ValuesIn(BuiltInWorlds()),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(WorldContracts, HoldForEveryKindThatIsBuiltIn) {
  std::set<std::string> tested;
  for (const NamedWorld& world : BuiltInWorlds()) tested.insert(world.kind);
#ifndef DNE_WITH_ATARI
  tested.insert("atari");
#endif
#ifndef DNE_WITH_MUJOCO
  tested.insert("mujoco");
#endif
  std::set<std::string> built;
  for (const auto& entry : std::filesystem::directory_iterator(DNE_SOURCE_DIR "/dne/envs")) {
    if (entry.is_directory()) built.insert(entry.path().filename().string());
  }
  EXPECT_EQ(tested, built) << "give tests/envs/worlds.cc some worlds of each";
}

TEST_P(WorldContract, TheSameStartAndActionsGiveTheSameEpisode) {
  const Played played = Play(*world_, Start(2), kSteps);
  EXPECT_EQ(Play(*world_, Start(2), kSteps), played);
  EXPECT_EQ(Play(*GetParam().load(), Start(2), kSteps), played) << "loaded once more";
}

TEST_P(WorldContract, WhereSeedsAreDrawnAStartWithoutOneIsRefused) {
  EpisodeStart start = Start(2);
  if (!start.seed) return;
  EXPECT_NE(start.seed, Start(3).seed);
  start.seed.reset();
  try {
    world_->MakeEnvironment()->Reset(start);
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "an episode's start has no seed, but here it decides what happens: give one");
  }
}

TEST_P(WorldContract, ResetForgetsEverything) {
  const auto environment = world_->MakeEnvironment();
  const Played played = Play(*world_, *environment, Start(3), kSteps);
  EXPECT_NE(Play(*world_, *environment, Start(1), kSteps / 2, /*player_seed=*/7), played);
  EXPECT_EQ(Play(*world_, *environment, Start(3), kSteps), played);
}

TEST_P(WorldContract, TwoEnvironmentsInTurnsDoNotDisturbEachOther) {
  const auto left_environment = world_->MakeEnvironment();
  const auto right_environment = world_->MakeEnvironment();
  Player left(*world_, *left_environment, Start(1), 1);
  Player right(*world_, *right_environment, Start(4), 2);
  for (int step = 0; step < kSteps / 3; ++step) {
    left.Step();
    right.Step();
  }
  EXPECT_EQ(left.played(), Play(*world_, Start(1), kSteps / 3, 1));
  EXPECT_EQ(right.played(), Play(*world_, Start(4), kSteps / 3, 2));
}

TEST_P(WorldContract, ThoseOfOneWorkerPlayStartedTogetherAsEachAlone) {
  const auto environments = world_->MakeEnvironments(std::min(spec_.lanes, 3));
  std::vector<Player> players;
  for (uint32_t i = 0; i < environments.size(); ++i) {
    environments[i]->StartReset(Start(i));
  }
  for (uint32_t i = 0; i < environments.size(); ++i) {
    players.emplace_back(*world_, *environments[i], Start(i), i);
  }
  for (int step = 0; step < kSteps / 3; ++step) {
    for (Player& player : players) player.StartStep();
    for (Player& player : players) player.Step();
  }
  for (uint32_t i = 0; i < players.size(); ++i) {
    EXPECT_EQ(players[i].played(), Play(*world_, Start(i), kSteps / 3, i)) << i;
  }
}

TEST_P(WorldContract, TwoThreadsDoNotDisturbEachOther) {
  Played left, right;
  const auto play = [&](uint32_t start, Played& played) {
    played = Play(*world_, Start(start), kSteps);
  };
  std::thread left_thread(play, 1, std::ref(left));
  std::thread right_thread(play, 4, std::ref(right));
  left_thread.join();
  right_thread.join();
  EXPECT_EQ(left, Play(*world_, Start(1), kSteps));
  EXPECT_EQ(right, Play(*world_, Start(4), kSteps));
}

TEST_P(WorldContract, TheEnvironmentOutlivesItsWorld) {
  const Played played = Play(*world_, Start(5), kSteps);
  const EpisodeStart start = Start(5);
  const auto environment = world_->MakeEnvironment();
  world_ = GetParam().load();
  EXPECT_EQ(Play(*world_, *environment, start, kSteps), played);
}

// Atari games have few starts, of which some are alike; mazes have one.
TEST_P(WorldContract, StartsComeFromTheStreamAndChangeTheEpisode) {
  std::set<EpisodeStart> starts;
  std::set<uint64_t> episodes;
  for (uint32_t i = 0; i < 12; ++i) {
    EXPECT_EQ(Start(i), Start(i));
    starts.insert(Start(i));
    const Played played = Play(*world_, Start(i), kSteps);
    episodes.insert(played.observations ^ played.behaviour);
  }
  EXPECT_GE(episodes.size(), starts.size() > 1 ? 2u : 1u);
}

TEST_P(WorldContract, EveryStartTakesTheSameNumberOfDraws) {
  Stream used({.seed = 9});
  Stream fresh({.seed = 9});
  world_->DrawStart(used);
  int draws = 0;
  while (draws < 8 && Stream(fresh).Next64() != Stream(used).Next64()) {
    fresh.Next32();
    ++draws;
  }
  ASSERT_LT(draws, 8);
  for (int i = 0; i < 10; ++i) {
    world_->DrawStart(used);
    for (int draw = 0; draw < draws; ++draw) fresh.Next32();
    ASSERT_EQ(Stream(fresh).Next64(), Stream(used).Next64());
  }
}

TEST_P(WorldContract, TheSpecTellsTheTruth) {
  const auto environment = world_->MakeEnvironment();
  environment->Reset(Start(1));
  RandomPlayer player(3);
  bool paid_bonus = false;
  bool terminal = false;
  for (int step = 0; step < kSteps && !terminal; ++step) {
    const Observation seen = environment->observation();
    const bool bytes = spec_.observation.type == ObservationType::kBytes;
    ASSERT_EQ(seen.bytes.size(), bytes ? spec_.observation.size() : 0);
    ASSERT_EQ(seen.floats.size(), bytes ? 0 : spec_.observation.size());
    ASSERT_TRUE(std::ranges::all_of(seen.floats, [](float x) { return std::isfinite(x); }));
    const bool of_bytes = spec_.behaviour.type == BehaviourType::kBytes;
    ASSERT_EQ(environment->descriptor().size(),
              static_cast<size_t>(spec_.behaviour.size) * (of_bytes ? 1 : sizeof(double)));
    const StepResult result = environment->Step(player.Next(spec_.action));
    terminal = result.terminal;
    ASSERT_FALSE(result.invalid);
    ASSERT_TRUE(terminal || !result.solved) << "who has solved it is done";
    ASSERT_TRUE(terminal ? result.frames <= spec_.frames_per_step
                         : result.frames == spec_.frames_per_step);
    paid_bonus |= result.bonus != 0;
  }
  EXPECT_EQ(paid_bonus, spec_.pays_bonus);
  EXPECT_GE(spec_.lanes, 1);
  if (spec_.steps_together) {
    EXPECT_EQ(spec_.most_lanes, spec_.lanes);
  }
  if (!spec_.action.names.empty()) {
    EXPECT_EQ(spec_.action.names.size(), static_cast<size_t>(spec_.action.size));
  }
  EXPECT_EQ(spec_.action.names.empty(), spec_.action.type == ActionType::kContinuous);
}

TEST_P(WorldContract, AStepBeforeAResetOrAfterTheEndIsABug) {
  const auto environment = world_->MakeEnvironment();
  RandomPlayer player(1);
  EXPECT_THROW(environment->Step(player.Next(spec_.action)), BugError);
  if (!PlayToTheEnd(*environment)) GTEST_SKIP() << "it did not end";
  EXPECT_THROW(environment->Step(player.Next(spec_.action)), BugError);
  environment->Reset(Start(1));
  EXPECT_NO_THROW(environment->Step(player.Next(spec_.action)));
}

TEST_P(WorldContract, AnActionThatIsNotOneIsABugOrInvalid) {
  const auto environment = world_->MakeEnvironment();
  environment->Reset(Start(1));
  if (spec_.action.type == ActionType::kDiscrete) {
    EXPECT_THROW(environment->Step({.choice = -1}), BugError);
    EXPECT_THROW(environment->Step({.choice = spec_.action.size}), BugError);
    return;
  }
  const std::vector<float> wrong(static_cast<size_t>(spec_.action.size) + 1);
  EXPECT_THROW(environment->Step({.values = wrong}), BugError);
  const std::vector<float> bad(static_cast<size_t>(spec_.action.size), std::nanf(""));
  const std::vector<uint8_t> before = environment->descriptor();
  const StepResult result = environment->Step({.values = bad});
  EXPECT_TRUE(result.terminal && result.invalid);
  EXPECT_EQ(result.reward, 0);
  EXPECT_EQ(result.frames, spec_.frames_per_step);
  EXPECT_EQ(environment->descriptor(), before) << "of the last sound state";
}

TEST_P(WorldContract, ContinuousActionsAreCutToWhatTheEnvironmentTakes) {
  if (spec_.action.type == ActionType::kDiscrete) GTEST_SKIP() << "a choice";
  const auto far = world_->MakeEnvironment();
  const auto beyond = world_->MakeEnvironment();
  const auto size = static_cast<size_t>(spec_.action.size);
  const std::vector<float> hundred(size, 100), thousand(size, 1000);
  far->Reset(Start(1));
  beyond->Reset(Start(1));
  EXPECT_EQ(far->Step({.values = hundred}).reward, beyond->Step({.values = thousand}).reward);
  EXPECT_TRUE(std::ranges::equal(far->observation().floats, beyond->observation().floats));
}

TEST_P(WorldContract, FramesComeWhereTheSpecSaysSoAndWatchingChangesNothing) {
  const bool is_body = GetParam().kind == "mujoco";  // one frame a step, slowly drawn
  const int steps = is_body ? 20 : kSteps;
  const auto environment = world_->MakeEnvironment();
  int64_t frames = 0;
  try {
    environment->RecordFrames([&](const Frame& frame) {
      ++frames;
      ASSERT_EQ(frame.rgb.size(), static_cast<size_t>(3 * frame.width * frame.height));
      ASSERT_FALSE(frame.rgb.empty());
      ASSERT_GT(frame.per_second, 0);
    });
  } catch (const CannotFilm& missing) {
    GTEST_SKIP() << missing.what();
  }
  const Played watched = Play(*world_, *environment, Start(1), steps);
  EXPECT_EQ(watched, Play(*world_, Start(1), steps));
  const int64_t expected = is_body ? watched.steps : watched.frames;
  EXPECT_EQ(frames, spec_.records_frames ? expected : 0);
  environment->RecordFrames({});
  Play(*world_, *environment, Start(1), 2);
  EXPECT_EQ(frames, spec_.records_frames ? expected : 0) << "an empty sink ends it";
}

}  // namespace
}  // namespace dne
