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

TEST(EpisodeMemory, WhatWasSeenIsKnownOfTheEpisodeAsItWasPlayed) {
  EpisodeMemory memory;
  const EpisodeOptions how{.max_steps = 20, .notes = {.experience = 5}};
  EpisodeMemory::Entry entry = Played(10, EpisodeEnd::kTerminal, how);
  memory.Add(kIndividual, entry);  // and nothing was kept
  EXPECT_EQ(memory.FindExperienced(kIndividual, {.noops = 3}, how), nullptr);
  entry.how.notes.trajectory = true;  // what else was noted does not matter
  entry.notes.experience.floats = {1, 2};
  memory.Add(kIndividual, entry);
  const auto* found = memory.FindExperienced(kIndividual, {.noops = 3}, how);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->notes.experience, entry.notes.experience);
  const auto knows = [&](Birth individual, uint32_t noops, const EpisodeOptions& played) {
    return memory.FindExperienced(individual, {.noops = noops}, played) != nullptr;
  };
  EXPECT_FALSE(knows({1, 3}, 3, how));
  EXPECT_FALSE(knows(kIndividual, 4, how));
  EXPECT_FALSE(knows(kIndividual, 3, {.max_steps = 21, .notes = {.experience = 5}}));
  EXPECT_FALSE(knows(kIndividual, 3, {.max_steps = 20, .notes = {.experience = 6}}));
  EXPECT_FALSE(
      knows(kIndividual, 3, {.max_steps = 20, .perturbed = true, .notes = {.experience = 5}}));
}

}  // namespace
}  // namespace dne
