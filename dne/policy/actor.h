// SPDX-License-Identifier: MIT
// A policy outside of dne: observations come from whoever calls, and so does what becomes of the
// network's outputs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dne/nn/forward.h"
#include "dne/policy/policy.h"

namespace dne {

// Private to one thread. The policy must outlive it.
class Actor {
 public:
  // Throws Error where the policy's task is no environment.
  Actor(const Policy& policy, Isa isa);

  // An episode begins: networks with a state forget it.
  void Reset();
  // The network's outputs, one an action or one a number of it, the bits that episodes have them
  // in; valid until the next call. The observation is as the environment has it, not normalised;
  // throws Error where its size or type is another.
  std::span<const float> Outputs(std::span<const float> observation);
  std::span<const float> Outputs(std::span<const uint8_t> observation);

 private:
  void Expect(ObservationType type, size_t size) const;

  const EpisodeSetup& setup_;
  PolicyParts<const float> parts_;
  std::unique_ptr<Forward> forward_;
  std::vector<float> input_;
  std::vector<float> outputs_;
};

}  // namespace dne
