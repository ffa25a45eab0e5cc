// SPDX-License-Identifier: MIT
#include "dne/envs/mujoco/environment.h"

#include <algorithm>
#include <cmath>

#include "dne/envs/initial_state.h"
#include "dne/envs/mujoco/body_camera.h"
#include "dne/episode/descriptor.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

using Numbers = std::span<const double>;

void Append(Numbers numbers, double limit, std::vector<float>& out) {
  for (const double number : numbers) {
    out.push_back(static_cast<float>(std::clamp(number, -limit, limit)));
  }
}

double NextUniform(Stream& stream, double limit) { return limit * (2 * NextUnit(stream) - 1); }

}  // namespace

void Observe(const Body& body, const Simulation& simulation, std::vector<float>& out) {
  out.clear();
  Append(simulation.positions().subspan(body.hidden_positions), kNoLimit, out);
  Append(simulation.velocities(), body.velocity_limit, out);
  const size_t first = body.first_seen_body;
  if (body.sees_inertias) {
    Append(simulation.inertias().subspan(10 * first), kNoLimit, out);
    Append(simulation.body_velocities().subspan(6 * first), kNoLimit, out);
    Append(simulation.actuator_forces().subspan(body.first_seen_actuator_force), kNoLimit, out);
  }
  if (body.sees_contact_forces) {
    Append(simulation.contact_forces().subspan(6 * first), body.contact_force_limit, out);
  }
}

BodyEnvironment::BodyEnvironment(std::shared_ptr<const BodyWorld> world)
    : world_(std::move(world)),
      simulation_(world_->model),
      action_(static_cast<size_t>(world_->spec.action.size)),
      controls_(action_.size()) {}

BodyEnvironment::~BodyEnvironment() = default;

void BodyEnvironment::Reset(const EpisodeStart& start) {
  const Body& body = world_->body;
  const Numbers initial = simulation_.initial_positions();
  std::vector<double> positions(initial.begin(), initial.end());
  std::vector<double> velocities(simulation_.velocities().size());
  Stream stream(InitialStateStream(SeedOf(start)));
  for (double& position : positions) position += NextUniform(stream, body.reset_noise);
  if (body.normal_velocities) {
    std::vector<float> noise(velocities.size());
    FillNormal(InitialStateStream(SeedOf(start), 1), 0, noise, Isa::kScalar);
    std::ranges::transform(noise, velocities.begin(),
                           [&](float number) { return body.reset_noise * number; });
  } else {
    for (double& velocity : velocities) velocity = NextUniform(stream, body.reset_noise);
  }
  simulation_.Reset(positions, velocities);
  place_ = PlaceOf(body, simulation_);
  Observe(body, simulation_, observation_);
  running_ = true;
}

std::vector<uint8_t> BodyEnvironment::descriptor() const { return DescriptorFromPoint(place_); }

StepResult BodyEnvironment::Step(const Action& action) {
  DNE_CHECK(running_);
  const Body& body = world_->body;
  if (!Advance(action.values)) return Break();
  const Place place = PlaceOf(body, simulation_);
  const double reward = RewardOf(body, world_->options, simulation_, action_, place_, place);
  Observe(body, simulation_, observation_);
  const auto is_finite = [](float number) { return std::isfinite(number); };
  if (!std::isfinite(reward) || !std::ranges::all_of(observation_, is_finite)) return Break();
  place_ = place;
  running_ = !world_->options.terminate_when_unhealthy || IsHealthy(body, simulation_);
  if (sink_) Film();
  return {.reward = reward,
          .bonus = BonusOf(body, world_->options, simulation_),
          .frames = body.frames_per_step,
          .terminal = !running_};
}

void BodyEnvironment::RecordFrames(FrameSink sink) {
  camera_ = sink ? std::make_unique<BodyCamera>(*world_) : nullptr;
  sink_ = std::move(sink);
}

void BodyEnvironment::Film() {
  Frame frame = camera_->Take(simulation_.positions());
  frame.per_second = 1 / (simulation_.seconds_per_frame() * world_->body.frames_per_step);
  sink_(frame);
}

bool BodyEnvironment::Advance(std::span<const float> action) {
  DNE_CHECK(action.size() == action_.size());
  const Numbers limits = simulation_.control_limits();
  for (size_t i = 0; i < action.size(); ++i) {
    action_[i] = std::clamp(action[i], static_cast<float>(limits[2 * i]),
                            static_cast<float>(limits[2 * i + 1]));
    controls_[i] = action_[i];
  }
  const Body& body = world_->body;
  return simulation_.Advance(controls_, body.frames_per_step,
                             body.sees_contact_forces || body.contact_cost_weight > 0);
}

StepResult BodyEnvironment::Break() {
  running_ = false;
  std::ranges::fill(observation_, 0.0f);
  return {.frames = world_->body.frames_per_step, .terminal = true, .invalid = true};
}

}  // namespace dne
