// SPDX-License-Identifier: MIT
// What mutations that look before they leap ask of a policy (1712.06563): what it saw in its own
// episode, and how its network's outputs there follow from its parameters. Tasks make it.
#pragma once

#include <cstdint>
#include <span>

#include "dne/episode/episode.h"
#include "dne/random/stream.h"

namespace dne {

// Private to one thread. Every number is the same for every code path (ISA).
class OutputModel {
 public:
  virtual ~OutputModel() = default;

  // What the policy sees in the first episode that the stream draws: EpisodeNotes::experience of
  // it. Plays it, which takes as long as that.
  virtual Experience Play(std::span<const float> policy, const StreamId& episodes,
                          const EpisodeOptions& how) = 0;

  // All below is of this policy on this experience, both of which must stay alive and unchanged
  // until the next call. Runs the experience through the network.
  virtual void SetParent(std::span<const float> policy, const Experience& experience) = 0;

  // One number a parameter, as dne/nn/sensitivity.h defines them.
  virtual void SumSensitivity(std::span<float> sensitivity) = 0;
  virtual void AbsSensitivity(std::span<float> sensitivity) = 0;
  // `direction`: of length 1.
  virtual void SecondOrderSensitivity(std::span<const float> direction,
                                      std::span<float> sensitivity) = 0;

  // The mean over what was seen of the sum over outputs of (output of the child - output of the
  // parent)^2. `child`: parameters. Not a number where an output is none.
  virtual double Divergence(std::span<const float> child) = 0;
};

}  // namespace dne
