// SPDX-License-Identifier: MIT
// Episodes of one classic control system.
#pragma once

#include <vector>

#include "dne/envs/classic/systems.h"

namespace dne {

class ClassicEnvironment final : public Environment {
 public:
  explicit ClassicEnvironment(const ClassicSystem& system);

  void Reset(const EpisodeStart& start) override;
  StepResult Step(const Action& action) override;
  Observation observation() const override { return {.floats = observation_}; }
  std::vector<uint8_t> descriptor() const override;

  const SystemState& state() const { return state_; }

 private:
  // The choice, or the number within its limits.
  float Read(const Action& action) const;

  const ClassicSystem& system_;
  SystemState state_;
  bool running_ = false;
  std::vector<float> observation_;
};

}  // namespace dne
