// SPDX-License-Identifier: MIT
// The MuJoCo engine behind our manners: a model that threads share, a state for each thread, and
// exceptions where the engine would end the program.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>

#include "dne/base/error.h"

struct mjModel_;
struct mjData_;

namespace dne {

// The engine gave up. It would have written a log file and ended the program.
class EngineError : public Error {
 public:
  using Error::Error;
};

struct Wall {
  std::array<double, 3> centre;
  std::array<double, 3> half_size;
};

using EngineModel = std::shared_ptr<const mjModel_>;

// Compiles a model (MJCF) with walls added to its world; contacts with them are like the model's
// own. Throws Error for a file that is missing or that the engine does not take.
EngineModel LoadModelFile(const std::string& path, std::span<const Wall> walls);
EngineModel LoadModelText(const std::string& mjcf, std::span<const Wall> walls);

// One state of a model. Private to one thread.
class Simulation {
 public:
  explicit Simulation(EngineModel model);

  // Forgets everything but the state given. Throws EngineError.
  void Reset(std::span<const double> positions, std::span<const double> velocities);
  // Some frames under the same controls, then the forces of contacts where wanted. False where the
  // simulation broke down: the engine gave up or found a bad number (and started itself afresh), or
  // the state is not finite. The state is worth nothing then, until a Reset.
  bool Advance(std::span<const double> controls, int frames, bool contact_forces);

  std::span<const double> initial_positions() const;
  std::span<const double> positions() const;        // generalised, nq
  std::span<const double> velocities() const;       // generalised, nv
  std::span<const double> actuator_forces() const;  // generalised, nv
  std::span<const double> inertias() const;         // 10 a body
  std::span<const double> body_velocities() const;  // 6 a body
  std::span<const double> contact_forces() const;   // 6 a body; 0 after Reset
  std::span<const double> masses() const;           // 1 a body
  std::span<const double> mass_centres() const;     // 3 a body
  std::span<const double> body_places() const;      // 3 a body
  std::span<const double> control_limits() const;   // lowest and highest of each actuator
  double seconds_per_frame() const;

 private:
  struct FreeState {
    void operator()(mjData_* state) const;
  };

  bool FoundBadNumbers() const;

  EngineModel model_;
  std::unique_ptr<mjData_, FreeState> state_;
};

}  // namespace dne
