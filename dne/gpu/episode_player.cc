// SPDX-License-Identifier: MIT
#include "dne/gpu/episode_player.h"

#include <algorithm>
#include <string>
#include <vector>

#include "dne/base/error.h"
#include "dne/evaluate/play_members.h"
#include "dne/tasks/episode_task.h"

namespace dne::gpu {
namespace {

// Environments of a player. A step of all of them costs some tens of microseconds of the card's
// driver, while each of them takes memory, which a processor's cache should hold.
constexpr size_t kMostLanes = 128;
constexpr size_t kTurns = 4;  // jobs of a share for each lane, so that lanes stay full

class EpisodePlayer final : public Player {
 public:
  explicit EpisodePlayer(const Table& table)
      : Player(table, *table.task.episodes()->network, Sights::kRows),
        worker_(
            MakeEpisodeWorker(*table.task.episodes(), table.options.isa,
                              static_cast<int>(std::min(kMostLanes, population().max_looks())))) {}

  size_t ShareOf(size_t jobs, size_t players) const override {
    return std::clamp<size_t>((jobs + players - 1) / players, 1, kTurns * kMostLanes);
  }

 private:
  void PlayHeld(const Plan& plan, std::span<const Job> jobs, const FinishJob& finish) override {
    MemberJobs members = MemberJobsOf(task(), plan, jobs);
    for (size_t i = 0; i < jobs.size(); ++i) members.jobs[i].parent = parent(i);
    members.run_networks = [&](std::span<const size_t> rows, std::span<const float> seen,
                               std::span<float> outputs) {
      members_.assign(rows.begin(), rows.end());
      population().Run(members_, seen, outputs);
    };
    PlayMembers(plan, jobs, members, *worker_, options().clock, watch(), finish);
  }

  std::unique_ptr<TaskWorker> worker_;
  std::vector<uint32_t> members_;  // of the rows that the network sees
};

}  // namespace

void CheckRunsOnDevice(const Network& network) {
  const auto refuse = [](const std::string& what) {
    throw Error(
        "--device cuda: policies of environments run on the graphics card where their "
        "networks are dense layers of 32-bit weights, but this one has " +
        what + ": leave the option out, or take the preset \"mlp\"");
  };
  for (const Layer& layer : network.layers()) {
    if (layer.is_recurrent()) refuse("a recurrent layer");
    if (layer.spec.type != LayerType::kDense) refuse("layers for images");
  }
  if (network.input().positions() > 1) refuse("an image as its input");
  if (network.weights() != WeightType::kFloat32) refuse("weights of 16 bits");
}

std::unique_ptr<Player> MakeEpisodePlayer(const Table& table) {
  return std::make_unique<EpisodePlayer>(table);
}

}  // namespace dne::gpu
