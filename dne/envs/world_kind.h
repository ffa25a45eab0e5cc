// SPDX-License-Identifier: MIT
// A kind of world as configurations choose it: its options, and what loads it. Each kind stands
// beside its worlds; dne/experiment/builtins.cc lists them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dne/config/kind.h"
#include "dne/envs/environment.h"
#include "dne/envs/floor_plan.h"

namespace dne {

// What is true of all worlds of a kind, known before one is loaded.
struct WorldFacts {
  ObservationType observation = ObservationType::kFloats;
  ActionType action = ActionType::kDiscrete;
  BehaviourType behaviour = BehaviourType::kPoint;
  bool has_step_limit = false;
  int reward_step = 0;         // of an episode the only one that pays, where one does; 0: all may
  bool can_be_solved = false;  // some steps are StepResult::solved
  bool pays_bonus = false;
  bool records_frames = false;
  bool uses_math_library = false;
  bool uses_physics_engine = false;
  bool is_program = false;       // of the user's own, which may not keep the contract
  bool starts_programs = false;  // which whoever wrote the file has chosen
};

struct WorldKind {
  std::string_view name;            // "atari"
  std::string_view network_preset;  // where the configuration names no network
  Options (*defaults)();
  WorldFacts (*facts)(const Options&);
  std::vector<std::string> (*environments)();  // all that this build has, sorted
  // Which of them it is: "frostbite".
  std::string (*environment)(const Options&);
  // Boots the game, compiles the model. Throws Error for what is not there, and where a program
  // would be started that may not be.
  std::shared_ptr<const World> (*load)(const Options&, bool may_start_programs);
  // Where behaviours are places on a floor: what stands on it. Null: they are not.
  FloorPlan (*floor_plan)(const Options&) = nullptr;
};

}  // namespace dne
