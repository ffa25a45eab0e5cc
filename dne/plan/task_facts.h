// SPDX-License-Identifier: MIT
// What a configuration tells of its task before anything is made: what other options' use depends
// on.
#pragma once

namespace dne {

struct TaskFacts {
  bool is_environment = false;  // policies act in it step by step, so that episodes can be replayed
  bool has_step_limit = false;  // of its own, for each episode
  bool can_be_solved = false;   // episodes may end as EpisodeEnd::kSolved
  int reward_step = 0;          // the only one that pays, where one does; 0: all may
  bool has_trajectories = false;  // behaviours are byte strings as of every step; else points
  // Behaviours are byte strings, as numbers a number each; else points (dne/episode/descriptor.h).
  bool has_byte_behaviours = false;
  bool has_images = false;         // observations are bytes
  bool records_frames = false;     // there is something to film
  bool has_accuracy = false;       // the behaviour is one number: the share of right answers
  bool is_program = false;         // of the user's own, which may not keep the contract
  bool starts_programs = false;    // that the file names
  bool uses_math_library = false;  // its bits depend on sines (docs/reproducibility.md) ...
  // ... and on the engine's binary, which is another one on each architecture.
  bool uses_physics_engine = false;
};

}  // namespace dne
