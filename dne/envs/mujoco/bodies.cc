// SPDX-License-Identifier: MIT
#include "dne/envs/mujoco/bodies.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace dne {
namespace {

using Numbers = std::span<const double>;

bool AntIsHealthy(Numbers positions, Numbers) { return 0.2 <= positions[2] && positions[2] <= 1; }

bool HumanoidIsHealthy(Numbers positions, Numbers) { return 1 < positions[2] && positions[2] < 2; }

bool HopperIsHealthy(Numbers positions, Numbers velocities) {
  const auto is_small = [](double value) { return -100 < value && value < 100; };
  return std::ranges::all_of(positions.subspan(2), is_small) &&
         std::ranges::all_of(velocities, is_small) && 0.7 < positions[1] && -0.2 < positions[2] &&
         positions[2] < 0.2;
}

bool WalkerIsHealthy(Numbers positions, Numbers) {
  return 0.8 < positions[1] && positions[1] < 2 && -1 < positions[2] && positions[2] < 1;
}

// A ball that two motors push over the plane: 1 m/s along an axis where push and damping are even.
// Frictionless, so that a wall stops what runs into it and lets it slide along. The floor, squares
// of a metre, is there for films alone: nothing touches it.
constexpr const char* kPointModel = R"(
<mujoco model="point">
  <option timestep="0.01"/>
  <default><geom condim="1"/></default>
  <asset>
    <texture type="skybox" builtin="gradient" width="100" height="100"
             rgb1=".4 .5 .6" rgb2="0 0 0"/>
    <texture name="squares" type="2d" builtin="checker" width="100" height="100"
             rgb1=".55 .6 .65" rgb2=".7 .75 .8"/>
    <material name="floor" texture="squares" texuniform="true" texrepeat=".5 .5"/>
  </asset>
  <worldbody>
    <light directional="true" pos="0 0 10" dir="0 .3 -1" diffuse=".8 .8 .8"/>
    <geom type="plane" size="60 60 1" material="floor" contype="0" conaffinity="0"/>
    <body name="ball" pos="0 0 0.3">
      <joint name="x" type="slide" axis="1 0 0" damping="2"/>
      <joint name="y" type="slide" axis="0 1 0" damping="2"/>
      <geom type="sphere" size="0.3" mass="1" rgba=".9 .2 .1 1"/>
    </body>
  </worldbody>
  <actuator>
    <motor joint="x" gear="2" ctrllimited="true" ctrlrange="-1 1"/>
    <motor joint="y" gear="2" ctrllimited="true" ctrlrange="-1 1"/>
  </actuator>
</mujoco>)";

constexpr Body kHumanoid = {.name = "humanoid",
                            .model_file = "humanoid.xml",
                            .frames_per_step = 5,
                            .place = PlaceKind::kMassCentre,
                            .forward_weight = 1.25,
                            .control_cost_weight = 0.1,
                            .control_cost_in_double = true,
                            .contact_cost_weight = 5e-7,
                            .contact_cost_limit = 10,
                            .healthy_reward = 5,
                            .is_healthy = HumanoidIsHealthy,
                            .reset_noise = 1e-2,
                            .hidden_positions = 2,
                            .sees_inertias = true,
                            .sees_contact_forces = true,
                            .trap_scale = 1};

// The older form, with the 376 observations that the papers' networks see: the world's zeros are
// among them. No contact cost.
constexpr Body HumanoidV4() {
  Body body = kHumanoid;
  body.name = "humanoid_v4";
  body.contact_cost_weight = 0;
  body.pays_the_fallen = true;
  body.first_seen_body = 0;
  body.first_seen_actuator_force = 0;
  return body;
}

constexpr std::array<Body, 8> kBodies = {{
    {.name = "ant",
     .model_file = "ant.xml",
     .frames_per_step = 5,
     .place = PlaceKind::kTorso,
     .control_cost_weight = 0.5,
     .contact_cost_weight = 5e-4,
     .contact_force_limit = 1,
     .healthy_reward = 1,
     .is_healthy = AntIsHealthy,
     .reset_noise = 0.1,
     .normal_velocities = true,
     .hidden_positions = 2,
     .sees_contact_forces = true,
     .trap_scale = 2},
    {.name = "half_cheetah",
     .model_file = "half_cheetah.xml",
     .frames_per_step = 5,
     .control_cost_weight = 0.1,
     .reset_noise = 0.1,
     .normal_velocities = true,
     .hidden_positions = 1},
    {.name = "hopper",
     .model_file = "hopper.xml",
     .frames_per_step = 4,
     .control_cost_weight = 1e-3,
     .healthy_reward = 1,
     .is_healthy = HopperIsHealthy,
     .reset_noise = 5e-3,
     .hidden_positions = 1,
     .velocity_limit = 10},
    kHumanoid,
    HumanoidV4(),
    {.name = "point",
     .model_text = kPointModel,
     .frames_per_step = 5,
     .max_episode_steps = 400,
     .place = PlaceKind::kFirstTwoPositions,
     .reset_noise = 0.1,
     .trap_scale = 2},
    {.name = "swimmer",
     .model_file = "swimmer.xml",
     .frames_per_step = 4,
     .place = PlaceKind::kFirstTwoPositions,
     .control_cost_weight = 1e-4,
     .reset_noise = 0.1,
     .hidden_positions = 2},
    {.name = "walker2d",
     .model_file = "walker2d_v5.xml",
     .frames_per_step = 4,
     .control_cost_weight = 1e-3,
     .healthy_reward = 1,
     .is_healthy = WalkerIsHealthy,
     .reset_noise = 5e-3,
     .hidden_positions = 1,
     .velocity_limit = 10},
}};

}  // namespace

std::span<const Body> Bodies() { return kBodies; }

std::vector<Wall> TrapOf(const Body& body) {
  const double scale = body.trap_scale;
  const double height = 2;
  return {{{5.5 * scale, 0, height}, {0.1 * scale, 1.5 * scale, height}},
          {{4 * scale, 1.5 * scale, height}, {1.5 * scale, 0.1 * scale, height}},
          {{4 * scale, -1.5 * scale, height}, {1.5 * scale, 0.1 * scale, height}}};
}

}  // namespace dne
