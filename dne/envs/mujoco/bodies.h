// SPDX-License-Identifier: MIT
// The bodies as data: what Gymnasium's environments (v5 unless named otherwise) state in their
// constructors, with their defaults, and one body of our own.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include "dne/envs/mujoco/simulation.h"

namespace dne {

inline constexpr double kNoLimit = std::numeric_limits<double>::infinity();

// Where a body is: what its own reward measures its velocity by.
enum class PlaceKind {
  kFirstPosition,      // along a line
  kFirstTwoPositions,  // in the plane
  kTorso,              // the first body's frame
  kMassCentre,
};

struct Body {
  const char* name = "";
  const char* model_file = nullptr;  // of Gymnasium
  const char* model_text = nullptr;  // of our own
  int frames_per_step = 0;
  int max_episode_steps = 1000;

  // The reward.
  PlaceKind place = PlaceKind::kFirstPosition;
  double forward_weight = 1;
  double control_cost_weight = 0;
  // Gymnasium sums the squares of most bodies' actions in single precision, as they come, but those
  // of the humanoid's controls in double precision.
  bool control_cost_in_double = false;
  double contact_cost_weight = 0;
  double contact_cost_limit = kNoLimit;
  double contact_force_limit = kNoLimit;  // on each number, both sides; observed as well
  double healthy_reward = 0;
  bool pays_the_fallen = false;  // the healthy reward of the step that ends the episode
  bool (*is_healthy)(std::span<const double> positions,
                     std::span<const double> velocities) = nullptr;  // null: always

  // The initial state: the model's, plus noise uniform in +-reset_noise.
  double reset_noise = 0;
  bool normal_velocities = false;  // the velocities' noise is normal instead

  // The observation: positions, velocities, and where seen inertias, body velocities, actuator
  // forces; contact forces.
  size_t hidden_positions = 0;  // the first ones
  double velocity_limit = kNoLimit;
  bool sees_inertias = false;
  bool sees_contact_forces = false;
  size_t first_seen_body = 1;
  size_t first_seen_actuator_force = 6;

  double trap_scale = 0;  // times the humanoid's trap, along the floor; 0: moves along a line
};

// Sorted by name.
std::span<const Body> Bodies();

// Three walls like a U that is open towards the start (1712.06560, 4.1; sizes of the humanoid's
// from the authors' model file).
std::vector<Wall> TrapOf(const Body& body);

}  // namespace dne
