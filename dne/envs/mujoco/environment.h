// SPDX-License-Identifier: MIT
// Episodes of one body: a simulation, what is seen of it and what it pays.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "dne/envs/mujoco/reward.h"

namespace dne {

class BodyCamera;

// What all environments of one model share.
struct BodyWorld {
  const Body& body;
  MujocoOptions options;
  EngineModel model;
  EnvironmentSpec spec;
};

// Replaces `out` by what the body sees now.
void Observe(const Body& body, const Simulation& simulation, std::vector<float>& out);

class BodyEnvironment final : public Environment {
 public:
  explicit BodyEnvironment(std::shared_ptr<const BodyWorld> world);
  ~BodyEnvironment() override;

  void Reset(const EpisodeStart& start) override;
  StepResult Step(const Action& action) override;
  // Zeros after an invalid step.
  Observation observation() const override { return {.floats = observation_}; }
  // Where the body is: x and y in metres.
  std::vector<uint8_t> descriptor() const override;
  // One frame a step, of the state it led to; none of one that broke down.
  void RecordFrames(FrameSink sink) override;

  const BodyWorld& world() const { return *world_; }
  const Simulation& simulation() const { return simulation_; }

 private:
  bool Advance(std::span<const float> action);
  StepResult Break();
  void Film();

  std::shared_ptr<const BodyWorld> world_;
  Simulation simulation_;
  bool running_ = false;
  Place place_{};  // of the last sound state
  std::vector<float> action_;
  std::vector<double> controls_;
  std::vector<float> observation_;
  FrameSink sink_;
  std::unique_ptr<BodyCamera> camera_;  // where there is a sink
};

}  // namespace dne
