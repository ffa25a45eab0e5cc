// SPDX-License-Identifier: MIT
// Running a network on many observations that have nothing to do with each other: one policy, a
// batch of any size. Each row of outputs is bit for bit what a Forward (dne/nn/forward.h) gives for
// that observation, on every code path.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dne/nn/network.h"
#include "dne/random/low_rank_change.h"

namespace dne {

// Private to one thread. Memory does not grow with the batch. Where a batch of up to 64
// observations is the last one again and the layers before the dense ones have the same parameters,
// these are not run again, which changes no bit.
class BatchForward {
 public:
  virtual ~BatchForward() = default;

  // Evaluates this policy from now on. The parameters must stay alive and unchanged until the next
  // call; any alignment will do.
  virtual void SetParameters(std::span<const float> parameters) = 0;

  // From now on, until the next call of SetParameters, evaluates a member of low rank: the
  // parameters changed so or, where it is null, as they are. The change must stay alive and
  // unchanged as long.
  virtual void SetChange(const LowRankChange* change) = 0;

  // For each of these members of low rank, what Run gives after SetChange: as many observations and
  // rows of outputs each, a member's after the other's. Members of few observations go through the
  // dense layers together, so that the parameters are read once for several of them. Of image
  // networks. Afterwards the parameters are evaluated as they are.
  virtual void RunMembers(std::span<const LowRankChange> members,
                          std::span<const uint8_t> observations, std::span<float> outputs) = 0;

  // Observations one after the other, and as many rows of outputs. Bytes for image networks (scaled
  // by 1/255), floats for flat ones; the other one is a bug. Multiples of 16 observations are
  // fastest, and 64 at least for networks beyond the cache, whose weights are read once for 64.
  virtual void Run(std::span<const uint8_t> observations, std::span<float> outputs) = 0;
  virtual void Run(std::span<const float> observations, std::span<float> outputs) = 0;
};

// Isa::kScalar: the plain reference. The network must outlive it. Throws Error for networks with a
// state or with virtual batch normalisation.
std::unique_ptr<BatchForward> MakeBatchForward(const Network& network, Isa isa);

}  // namespace dne
