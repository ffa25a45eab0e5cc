// SPDX-License-Identifier: MIT
// A network plays episodes in a world: of discrete actions it takes the one with the largest
// output, the first on ties; continuous actions are its outputs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "dne/config/mistakes.h"
#include "dne/envs/world_kind.h"
#include "dne/nn/network.h"
#include "dne/tasks/task.h"

namespace dne {

struct EpisodeTaskOptions {
  // Of observations that are floats: (x - mean) / deviation, as learned with the policy ...
  bool normalise_observations = false;
  float observation_clip = 5;  // ... and cut to this on both sides; 0: not cut
  // Of perturbed policies only: whether the bonus for staying healthy counts, and the standard
  // deviation of normal noise on continuous actions.
  bool train_with_bonus = true;
  float action_noise = 0;

  // Names the fields that such a world gives a use.
  void Visit(Fields& fields, const WorldFacts& world);
  // `perturbs`: whether there are perturbed policies, and an algorithm that learns the normaliser.
  void Check(bool perturbs, Mistakes& mistakes) const;
  bool operator==(const EpisodeTaskOptions&) const = default;
};

// Who plays what. The network takes the world's observations and has an output for each of its
// actions: MakeNetwork.
struct EpisodeSetup {
  std::shared_ptr<const World> world;
  std::shared_ptr<const Network> network;
  EpisodeTaskOptions options;
  // Observations, one after the other, where the network has virtual batch normalisation; else
  // null.
  std::shared_ptr<const std::vector<uint8_t>> reference_batch;
};

// Sees episodes as they are played, in order; an empty function sees nothing. Changes no result.
struct EpisodeObserver {
  std::function<void(const Action&, const StepResult&)> on_step;
  FrameSink on_frame;  // where the world records frames
};

// An episode whose simulation breaks down, or in which an output of the network is not a number, is
// invalid (EpisodeEnd::kInvalid) and scores what it had, but never more than 0: no policy gains by
// it. Episodes are played side by side, spec().lanes of them, be they of one policy, of members
// that share their parent's weights or, of a small network where the world steps together, of any;
// or one by one where they are observed.
std::unique_ptr<Task> MakeEpisodeTask(const EpisodeSetup& setup);
std::unique_ptr<TaskWorker> MakeEpisodeWorker(const EpisodeSetup& setup, Isa isa,
                                              const EpisodeObserver& observer = {});
// For RunMembers whose networks somebody else runs, where the more lanes the better: it plays
// `lanes` of them side by side, where the world lets it.
std::unique_ptr<TaskWorker> MakeEpisodeWorker(const EpisodeSetup& setup, Isa isa, int lanes);

// An observation as the network of a policy that normalises is given it, in place; `clip`: as in
// the options.
void NormaliseObservation(const PolicyParts<const float>& policy, float clip,
                          std::span<float> observation);

// A network's parameters, and a normaliser of so many observations.
PolicyLayout LayoutOf(const Network& network, size_t num_normalised);
PolicyLayout LayoutOf(const EpisodeSetup& setup);

// The network that a world asks for.
std::shared_ptr<const Network> MakeNetwork(const EnvironmentSpec& world, const NetworkSpec& spec);

// The first 128 observations of uniformly random play, an episode after the other (1712.06560, 6.5;
// the released code's get_ref_batch), in a world whose observations are bytes; a function of the
// run's seed. Continuous actions are drawn from [-1, 1).
std::shared_ptr<const std::vector<uint8_t>> MakeReferenceBatch(const World& world,
                                                               uint64_t run_seed);

}  // namespace dne
