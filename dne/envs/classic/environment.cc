// SPDX-License-Identifier: MIT
#include "dne/envs/classic/environment.h"

#include <algorithm>
#include <cmath>

#include "dne/base/error.h"
#include "dne/envs/initial_state.h"
#include "dne/episode/descriptor.h"

namespace dne {

ClassicEnvironment::ClassicEnvironment(const ClassicSystem& system)
    : system_(system), observation_(static_cast<size_t>(system.num_observations)) {}

void ClassicEnvironment::Reset(const EpisodeStart& start) {
  state_ = {};
  Stream stream(InitialStateStream(SeedOf(start)));
  for (size_t i = 0; i < static_cast<size_t>(system_.num_random); ++i) {
    const double low = system_.lowest[i];
    const double number = low + (system_.highest[i] - low) * NextUnit(stream);
    state_.numbers[i] = system_.starts_in_float ? double{static_cast<float>(number)} : number;
  }
  system_.observe(state_, observation_);
  running_ = true;
}

StepResult ClassicEnvironment::Step(const Action& action) {
  DNE_CHECK(running_);
  const float read = Read(action);
  if (std::isnan(read)) {
    running_ = false;
    return {.frames = 1, .terminal = true, .invalid = true};
  }
  const Outcome outcome = system_.step(state_, read);
  ++state_.steps;
  system_.observe(state_, observation_);
  running_ = !outcome.terminal;
  return {.reward = outcome.reward, .frames = 1, .terminal = outcome.terminal};
}

std::vector<uint8_t> ClassicEnvironment::descriptor() const {
  std::vector<double> place(static_cast<size_t>(system_.place_size));
  system_.place(state_, place);
  return DescriptorFromPoint(place);
}

float ClassicEnvironment::Read(const Action& action) const {
  if (system_.action_type == ActionType::kDiscrete) {
    DNE_CHECK(0 <= action.choice && action.choice < system_.num_actions);
    return static_cast<float>(action.choice);
  }
  DNE_CHECK(action.values.size() == static_cast<size_t>(system_.num_actions));
  return std::clamp(action.values[0], -system_.action_limit, system_.action_limit);
}

}  // namespace dne
