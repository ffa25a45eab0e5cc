// SPDX-License-Identifier: MIT
// The episode loop on Atari: trajectories of RAM, and virtual batch normalisation.
#include <gtest/gtest.h>

#include "dne/envs/atari/atari.h"
#include "dne/novelty/trajectory.h"
#include "dne/tasks/episode_task.h"

namespace dne {
namespace {

constexpr size_t kRamSize = 128;

EpisodeSetup Prepare(const NetworkSpec& spec) {
  const auto game = AtariGame::Load("frostbite", {});
  return {.world = game, .network = MakeNetwork(game->spec(), spec)};
}

Result PlayFounder(const Task& task, const EpisodeOptions& how, Isa isa = BestIsa()) {
  std::vector<float> policy(task.layout().policy_size());
  task.initialiser(isa)({7, 0, 1, Purpose::kFounder}, policy);
  std::atomic<uint64_t> steps = 0;
  const std::atomic<bool> cancel = false;
  const EpisodeStart start{.noops = 5};
  return task.MakeWorker(isa)->Run({policy}, {&start, 1}, how, steps, cancel);
}

TEST(AtariEpisodes, ATrajectoryIsTheRamAtEveryStep) {
  const auto task = MakeEpisodeTask(Prepare(NetworkPreset("uber_small")));
  EXPECT_TRUE(PlayFounder(*task, {.max_steps = 30}).notes.empty());
  const Result played = PlayFounder(*task, {.max_steps = 30, .notes = {.trajectory = true}});
  const std::vector<uint8_t>& packed = played.notes.at(0).trajectory;
  const Trajectory trajectory = UnpackTrajectory(packed);
  EXPECT_EQ(trajectory.state_size, kRamSize);
  ASSERT_EQ(trajectory.length(), 30u);
  const std::vector<uint8_t> last(trajectory.states.end() - kRamSize, trajectory.states.end());
  EXPECT_EQ(last, played.episodes.at(0).descriptor);
  EXPECT_LT(packed.size(), trajectory.states.size() / 2);
}

TEST(AtariEpisodes, AReferenceBatchIsAFunctionOfTheSeed) {
  const auto game = AtariGame::Load("frostbite", {});
  const auto batch = MakeReferenceBatch(*game, 4);
  EXPECT_EQ(batch->size(), 128u * 84 * 84 * 4);
  EXPECT_EQ(*batch, *MakeReferenceBatch(*game, 4));
  EXPECT_NE(*batch, *MakeReferenceBatch(*game, 5));
}

TEST(AtariEpisodes, AreAlikeOnEveryCodePathUnderVirtualBatchNormalisation) {
  NetworkSpec spec = NetworkPreset("uber_small");
  spec.virtual_batch_norm = true;
  EpisodeSetup setup = Prepare(spec);
  auto batch = std::make_shared<std::vector<uint8_t>>(*MakeReferenceBatch(*setup.world, 4));
  batch->resize(3 * 84 * 84 * 4);  // the plain reference is slow
  setup.reference_batch = batch;
  const auto task = MakeEpisodeTask(setup);
  const auto expected = PlayFounder(*task, {.max_steps = 8}, Isa::kScalar).episodes;
  for (const Isa isa : SupportedIsas()) {
    EXPECT_EQ(PlayFounder(*task, {.max_steps = 8}, isa).episodes, expected) << IsaName(isa);
  }
}

}  // namespace
}  // namespace dne
