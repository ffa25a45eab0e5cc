// SPDX-License-Identifier: MIT
#include "dne/tasks/atari_task.h"

#include <gtest/gtest.h>

#include "dne/novelty/trajectory.h"

namespace dne {
namespace {

constexpr size_t kRamSize = 128;

std::shared_ptr<const AtariGame> Game() { return AtariGame::Load("frostbite", {}); }

Result PlayFounder(const Task& task, const EpisodeOptions& how, Isa isa = BestIsa()) {
  std::vector<float> policy(task.policy_size());
  task.initialiser(isa)({7, 0, 1, Purpose::kFounder}, policy);
  std::atomic<uint64_t> steps = 0;
  const std::atomic<bool> cancel = false;
  const EpisodeStart start{.noops = 5};
  return task.MakeWorker(isa)->Run(policy, {&start, 1}, how, steps, cancel);
}

TEST(AtariTask, ATrajectoryIsTheRamAtEveryStep) {
  const auto game = Game();
  const auto task = MakeAtariTask(game, MakeAtariNetwork(*game, NetworkPreset("uber_small")));
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

TEST(ReferenceBatch, IsAFunctionOfTheSeed) {
  const auto game = Game();
  const auto batch = MakeReferenceBatch(*game, 4);
  EXPECT_EQ(batch->size(), 128u * 84 * 84 * 4);
  EXPECT_EQ(*batch, *MakeReferenceBatch(*game, 4));
  EXPECT_NE(*batch, *MakeReferenceBatch(*game, 5));
}

TEST(AtariTask, PlaysWithVirtualBatchNormalisationAlikeOnEveryCodePath) {
  const auto game = Game();
  NetworkSpec spec = NetworkPreset("uber_small");
  spec.virtual_batch_norm = true;
  auto batch = std::make_shared<std::vector<uint8_t>>(*MakeReferenceBatch(*game, 4));
  batch->resize(3 * 84 * 84 * 4);  // the plain reference is slow
  const auto task = MakeAtariTask(game, MakeAtariNetwork(*game, spec), batch);
  const auto expected = PlayFounder(*task, {.max_steps = 8}, Isa::kScalar).episodes;
  for (const Isa isa : SupportedIsas()) {
    EXPECT_EQ(PlayFounder(*task, {.max_steps = 8}, isa).episodes, expected) << IsaName(isa);
  }
}

}  // namespace
}  // namespace dne
