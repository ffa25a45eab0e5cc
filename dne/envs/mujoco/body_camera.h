// SPDX-License-Identifier: MIT
// Pictures of a body, drawn by the MuJoCo engine's own renderer.
#pragma once

#include <memory>
#include <span>

#include "dne/envs/mujoco/bodies.h"
#include "dne/envs/mujoco/environment.h"

namespace dne {

// Follows the body, by the model's own camera from the side, or, where it has none, from above and
// behind. Before the trap it stands still there, so that all of the trap is seen. Has a state of
// its own, so that no simulation sees whether it is filmed. Private to one thread.
class BodyCamera {
 public:
  // Throws CannotFilm where this machine cannot draw.
  explicit BodyCamera(const BodyWorld& world);
  ~BodyCamera();
  BodyCamera(const BodyCamera&) = delete;
  BodyCamera& operator=(const BodyCamera&) = delete;

  // The body in generalised positions (Simulation::positions). Valid until the next picture. On one
  // machine equal positions give equal bytes.
  Frame Take(std::span<const double> positions);

 private:
  struct Studio;
  std::unique_ptr<Studio> studio_;
};

}  // namespace dne
