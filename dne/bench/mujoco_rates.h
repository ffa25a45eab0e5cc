// SPDX-License-Identifier: MIT
// The parts of a policy's step on a body, each measured alone, and all together: the same episodes
// each time, of random founders, as first played through the worker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dne/base/float_buffer.h"
#include "dne/bench/timing.h"
#include "dne/envs/mujoco/mujoco.h"
#include "dne/tasks/episode_task.h"

namespace dne {

// An episode with all that was given and seen in it.
struct BodyEpisode {
  size_t founder = 0;
  EpisodeStart start;
  std::vector<double> positions;  // the state after the reset
  std::vector<double> velocities;
  std::vector<float> observations;  // one a step
  std::vector<float> actions;       // likewise
  std::vector<double> controls;     // the actions within the actuators' limits
  std::vector<double> last_positions;
  size_t steps = 0;
};

// All rates are steps a second of all threads together, each with an environment of its own.
class BodyRates {
 public:
  // The paper's network. Plays the episodes, and throws BugError unless the engine alone gets to
  // the same places with them.
  BodyRates(const std::string& body, Isa isa);

  // The engine with the episodes' controls, frame skip and resets, and nothing else.
  Spread Engine(int threads, const Timing& timing) const;
  // The environment under the same actions: reward, observation and end as well.
  Spread Environment(int threads, const Timing& timing) const;
  // The network alone, on what was seen.
  Spread Network(int threads, const Timing& timing) const;
  // Whole episodes through the worker that ES uses.
  Spread Playing(int threads, const Timing& timing) const;

  double steps_of_episode() const;

 private:
  Spread Measure(int threads, const Timing& timing,
                 const std::function<std::function<void(const BodyEpisode&)>()>& make) const;
  void Record();
  void CheckEngine() const;

  Isa isa_;
  EpisodeSetup setup_;
  std::unique_ptr<Task> task_;
  std::vector<FloatBuffer> founders_;
  std::vector<BodyEpisode> episodes_;
};

}  // namespace dne
