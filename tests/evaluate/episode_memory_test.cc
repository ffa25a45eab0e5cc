// SPDX-License-Identifier: MIT
#include "dne/evaluate/episode_memory.h"

#include <gtest/gtest.h>

namespace dne {
namespace {

TEST(EpisodeMemory, TerminalEpisodeHoldsUnderEveryCapItFits) {
  EpisodeMemory memory;
  memory.Add({1, 2}, {{.start = {.noops = 3}, .steps = 10, .end = EpisodeEnd::kTerminal}, {}});
  EXPECT_NE(memory.Find({1, 2}, {.noops = 3}, 10), nullptr);
  EXPECT_NE(memory.Find({1, 2}, {.noops = 3}, 1000), nullptr);
  EXPECT_EQ(memory.Find({1, 2}, {.noops = 3}, 9), nullptr);
}

TEST(EpisodeMemory, CutOffEpisodeHoldsUnderItsOwnCapOnly) {
  EpisodeMemory memory;
  memory.Add({1, 2}, {{.start = {.noops = 3}, .steps = 10, .end = EpisodeEnd::kStepLimit}, {}});
  EXPECT_NE(memory.Find({1, 2}, {.noops = 3}, 10), nullptr);
  EXPECT_EQ(memory.Find({1, 2}, {.noops = 3}, 11), nullptr);
}

TEST(EpisodeMemory, OtherIndividualsAndStartsAreOtherEpisodes) {
  EpisodeMemory memory;
  memory.Add({1, 2}, {{.start = {.noops = 3, .seed = 4}, .steps = 10}, {}});
  EXPECT_EQ(memory.Find({1, 3}, {.noops = 3, .seed = 4}, 10), nullptr);
  EXPECT_EQ(memory.Find({1, 2}, {.noops = 3, .seed = 5}, 10), nullptr);
  EXPECT_EQ(memory.Find({1, 2}, {.noops = 2, .seed = 4}, 10), nullptr);
}

TEST(EpisodeMemory, ForgetsAllButTheKept) {
  EpisodeMemory memory;
  memory.Add({1, 2}, {{.steps = 1}, {}});
  memory.Add({1, 3}, {{.steps = 1}, {}});
  memory.KeepOnly({{1, 3}});
  EXPECT_EQ(memory.Find({1, 2}, {}, 1), nullptr);
  EXPECT_NE(memory.Find({1, 3}, {}, 1), nullptr);
}

}  // namespace
}  // namespace dne
