// SPDX-License-Identifier: MIT
// A world for tests of the episode loop, of any kind of observation, action and behaviour.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "dne/base/error.h"
#include "dne/envs/environment.h"
#include "dne/episode/descriptor.h"

namespace dne {

// Two numbers are seen and one is done. Step t sees (t, 10 + 2 t), as bytes where told; the reward
// is the action, a choice of 0 or 1 or a number, a tenth of it bonus; an episode ends as told. The
// place is the start's seed mod 7 plus the actions so far.
struct ToyCourse {
  ObservationType observes = ObservationType::kFloats;
  ActionType acts = ActionType::kContinuous;
  BehaviourType behaves = BehaviourType::kPoint;
  int terminal_after = 100;
  int invalid_after = 100;
  int solved_after = 100;
  int lanes = 1;
  bool steps_together = false;
  std::optional<uint64_t> burns_at;  // an episode of this start's seed throws at its first step
};

class ToyEnvironment final : public Environment {
 public:
  explicit ToyEnvironment(const ToyCourse& course) : course_(course) {}

  void Reset(const EpisodeStart& start) override {
    burns_ = start.seed == course_.burns_at;
    steps_ = 0;
    place_ = static_cast<double>(start.seed.value() % 7);
    Observe();
  }
  StepResult Step(const Action& action) override {
    if (burns_) throw Error("the toy is on fire");
    const double done =
        course_.acts == ActionType::kDiscrete ? action.choice : double{action.values[0]};
    ++steps_;
    place_ += done;
    Observe();
    if (steps_ > course_.invalid_after) return {.frames = 5, .terminal = true, .invalid = true};
    return {.reward = done,
            .bonus = done / 10,
            .frames = 5,
            .terminal = steps_ >= std::min(course_.terminal_after, course_.solved_after),
            .solved = steps_ >= course_.solved_after};
  }
  Observation observation() const override {
    if (course_.observes == ObservationType::kBytes) return {.bytes = bytes_};
    return {.floats = floats_};
  }
  std::vector<uint8_t> descriptor() const override {
    if (course_.behaves == BehaviourType::kBytes) return {static_cast<uint8_t>(place_), 9};
    return DescriptorFromPoint(std::vector<double>{place_, -1.5});
  }

 private:
  void Observe() {
    bytes_ = {static_cast<uint8_t>(steps_), static_cast<uint8_t>(10 + 2 * steps_)};
    floats_ = {static_cast<float>(bytes_[0]), static_cast<float>(bytes_[1])};
  }

  ToyCourse course_;
  bool burns_ = false;
  int steps_ = 0;
  double place_ = 0;
  std::vector<uint8_t> bytes_;
  std::vector<float> floats_;
};

class ToyWorld final : public World {
 public:
  explicit ToyWorld(const ToyCourse& course) : course_(course) {
    const bool discrete = course.acts == ActionType::kDiscrete;
    spec_.observation = course.observes == ObservationType::kBytes
                            ? ObservationSpec{.type = course.observes, .width = 2, .channels = 1}
                            : ObservationSpec{.type = course.observes, .channels = 2};
    spec_.action = {.type = course.acts, .size = discrete ? 2 : 1, .names = {}};
    spec_.behaviour = {.type = course.behaves, .size = 2};
    spec_.frames_per_step = 5;
    spec_.max_episode_steps = 40;
    spec_.pays_bonus = true;
    spec_.lanes = course.lanes;
    spec_.steps_together = course.steps_together;
    if (course.steps_together) spec_.most_lanes = course.lanes;
  }

  const EnvironmentSpec& spec() const override { return spec_; }
  EpisodeStart DrawStart(Stream& stream) const override { return {.seed = DrawSeed(stream)}; }
  std::unique_ptr<Environment> MakeEnvironment() const override {
    return std::make_unique<ToyEnvironment>(course_);
  }
  std::vector<std::unique_ptr<Environment>> MakeEnvironments(int count) const override {
    DNE_CHECK(count <= spec_.lanes);
    return World::MakeEnvironments(count);
  }

 private:
  ToyCourse course_;
  EnvironmentSpec spec_;
};

}  // namespace dne
