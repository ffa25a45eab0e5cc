// SPDX-License-Identifier: MIT
#include "dne/experiment/builtins.h"

#include <array>
#include <vector>

#include "dne/algorithms/es.h"
#include "dne/algorithms/ga.h"
#include "dne/algorithms/ga_ns.h"
#include "dne/algorithms/map_elites.h"
#include "dne/algorithms/ns_es.h"
#include "dne/algorithms/pgpe.h"
#include "dne/algorithms/snes.h"
#include "dne/algorithms/steady_state_ga.h"
#include "dne/envs/atari/kind.h"
#include "dne/envs/classic/kind.h"
#include "dne/envs/maze/kind.h"
#include "dne/envs/mujoco/kind.h"
#include "dne/envs/process/kind.h"
#include "dne/tasks/parity_task.h"
#include "dne/tasks/simple_model_task.h"
#include "dne/tasks/supervised_task.h"

namespace dne {

namespace {

std::vector<const TaskKind*> PointersTo(const std::vector<TaskKind>& kinds) {
  std::vector<const TaskKind*> pointers;
  for (const TaskKind& kind : kinds) pointers.push_back(&kind);
  return pointers;
}

}  // namespace

std::span<const AlgorithmKind* const> AlgorithmKinds() {
  static constexpr std::array kKinds = {&kGa,   &kRandomSearch,  &kEs,       &kPgpe,
                                        &kSnes, &kNsEs,          &kNsrEs,    &kNsraEs,
                                        &kGaNs, &kSteadyStateGa, &kMapElites};
  return kKinds;
}

std::span<const TaskKind* const> TaskKinds() {
  static const std::vector<TaskKind> kKinds = {EpisodeTaskKind(kAtariKind),
                                               EpisodeTaskKind(kMujocoKind),
                                               EpisodeTaskKind(kClassicKind),
                                               EpisodeTaskKind(kMazeKind),
                                               EpisodeTaskKind(kProcessKind),
                                               EpisodeTaskKind(kGymnasiumKind),
                                               kParityKind,
                                               kSimpleModelKind,
                                               kSupervisedKind};
  static const std::vector<const TaskKind*> kPointers = PointersTo(kKinds);
  return kPointers;
}

}  // namespace dne
