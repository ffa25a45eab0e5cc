// SPDX-License-Identifier: MIT
#include "dne/policy/actor.h"

#include <algorithm>
#include <string>

#include "dne/base/error.h"

namespace dne {
namespace {

constexpr int kLane = 0;

const EpisodeSetup& EnvironmentOf(const Policy& policy) {
  if (policy.setup.world) return policy.setup;
  throw Error(policy.config.environment() + " is no environment: there is nothing to act in");
}

}  // namespace

Actor::Actor(const Policy& policy, Isa isa)
    : setup_(EnvironmentOf(policy)),
      parts_(LayoutOf(setup_).PartsOf(policy.view().numbers)),
      forward_(MakeForward(*setup_.network, isa, 1)),
      outputs_(static_cast<size_t>(setup_.world->spec().action.size)) {
  if (setup_.reference_batch) forward_->SetReferenceBatch(*setup_.reference_batch);
  forward_->SetParameters(parts_.parameters);
  if (policy.member) forward_->SetChange(kLane, policy.view().change);
}

void Actor::Reset() { forward_->ForgetLane(kLane); }

void Actor::Expect(ObservationType type, size_t size) const {
  const ObservationSpec& spec = setup_.world->spec().observation;
  if (spec.type == type && spec.size() == size) return;
  const auto name = [](ObservationType t) {
    return t == ObservationType::kBytes ? " bytes" : " floats";
  };
  throw Error("the policy observes " + std::to_string(spec.size()) + name(spec.type) +
              ", but was given " + std::to_string(size) + name(type));
}

std::span<const float> Actor::Outputs(std::span<const float> observation) {
  Expect(ObservationType::kFloats, observation.size());
  input_.assign(observation.begin(), observation.end());
  if (!parts_.normaliser.empty()) {
    NormaliseObservation(parts_, setup_.options.observation_clip, input_);
  }
  forward_->Run({&kLane, 1}, std::span<const float>(input_), outputs_);
  return outputs_;
}

std::span<const float> Actor::Outputs(std::span<const uint8_t> observation) {
  Expect(ObservationType::kBytes, observation.size());
  forward_->Run({&kLane, 1}, observation, outputs_);
  return outputs_;
}

}  // namespace dne
