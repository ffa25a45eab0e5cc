// SPDX-License-Identifier: MIT
#include "dne/evaluate/episode_memory.h"

#include <gtest/gtest.h>

namespace dne {
namespace {

constexpr Birth kIndividual{1, 2};

EpisodeMemory::Entry Played(uint32_t steps, EpisodeEnd end, const EpisodeOptions& how) {
  return {.episode = {.start = {.noops = 3}, .steps = steps, .end = end}, .notes = {}, .how = how};
}

bool Knows(const EpisodeMemory& memory, const EpisodeOptions& how) {
  return memory.Find(kIndividual, {.noops = 3}, how) != nullptr;
}

TEST(EpisodeMemory, AnEndOfTheEpisodesOwnHoldsUnderEveryCapItLiesWithin) {
  for (const EpisodeEnd end : {EpisodeEnd::kTerminal, EpisodeEnd::kInvalid, EpisodeEnd::kSolved}) {
    EpisodeMemory memory;
    memory.Add(kIndividual, Played(10, end, {.max_steps = 20}));
    EXPECT_TRUE(Knows(memory, {.max_steps = 20}));
    EXPECT_TRUE(Knows(memory, {.max_steps = 1000}));
    EXPECT_TRUE(Knows(memory, {.max_steps = 10}));
    EXPECT_FALSE(Knows(memory, {.max_steps = 9}));
  }
}

TEST(EpisodeMemory, AStepLimitHoldsUnderItsOwnCapOnly) {
  EpisodeMemory memory;
  memory.Add(kIndividual, Played(10, EpisodeEnd::kStepLimit, {.max_steps = 10}));
  EXPECT_TRUE(Knows(memory, {.max_steps = 10}));
  EXPECT_FALSE(Knows(memory, {.max_steps = 11}));
  EXPECT_FALSE(Knows(memory, {.max_steps = 9}));
}

TEST(EpisodeMemory, TheSameStartUnderTwoCapsIsTwoEpisodes) {
  EpisodeMemory memory;
  memory.Add(kIndividual, Played(10, EpisodeEnd::kStepLimit, {.max_steps = 10}));
  memory.Add(kIndividual, Played(20, EpisodeEnd::kStepLimit, {.max_steps = 20}));
  EXPECT_TRUE(Knows(memory, {.max_steps = 10}));
  EXPECT_TRUE(Knows(memory, {.max_steps = 20}));
}

TEST(EpisodeMemory, NotesThatWereNotTakenAreNotKnown) {
  EpisodeMemory memory;
  memory.Add(kIndividual,
             Played(10, EpisodeEnd::kTerminal, {.max_steps = 20, .notes = {.trajectory = true}}));
  EXPECT_TRUE(Knows(memory, {.max_steps = 20}));
  EXPECT_TRUE(Knows(memory, {.max_steps = 20, .notes = {.trajectory = true}}));
  for (const WantedNotes& more :
       {WantedNotes{.sign_sum = true}, {.trajectory = true, .observation_sums = true}}) {
    EXPECT_FALSE(Knows(memory, {.max_steps = 20, .notes = more}));
  }
}

TEST(EpisodeMemory, PerturbedPlayIsOtherPlay) {
  EpisodeMemory memory;
  memory.Add(kIndividual, Played(10, EpisodeEnd::kTerminal, {.max_steps = 20, .perturbed = true}));
  EXPECT_FALSE(Knows(memory, {.max_steps = 20}));
  EXPECT_TRUE(Knows(memory, {.max_steps = 20, .perturbed = true}));
}

TEST(EpisodeMemory, OtherIndividualsAndStartsAreOtherEpisodes) {
  EpisodeMemory memory;
  memory.Add({1, 2}, {.episode = {.start = {.noops = 3, .seed = 4}, .steps = 10}});
  EXPECT_NE(memory.Find({1, 2}, {.noops = 3, .seed = 4}, {.max_steps = 10}), nullptr);
  EXPECT_EQ(memory.Find({1, 3}, {.noops = 3, .seed = 4}, {.max_steps = 10}), nullptr);
  EXPECT_EQ(memory.Find({1, 2}, {.noops = 3, .seed = 5}, {.max_steps = 10}), nullptr);
  EXPECT_EQ(memory.Find({1, 2}, {.noops = 2, .seed = 4}, {.max_steps = 10}), nullptr);
}

TEST(EpisodeMemory, ForgetsAllButTheKept) {
  EpisodeMemory memory;
  memory.Add({1, 2}, {.episode = {.steps = 1}});
  memory.Add({1, 3}, {.episode = {.steps = 1}});
  memory.KeepOnly({{1, 3}});
  EXPECT_EQ(memory.Find({1, 2}, {}, {.max_steps = 1}), nullptr);
  EXPECT_NE(memory.Find({1, 3}, {}, {.max_steps = 1}), nullptr);
}

}  // namespace
}  // namespace dne
