// SPDX-License-Identifier: MIT
#include "dne/experiment/builtins.h"

#include <array>

#include "dne/algorithms/es.h"
#include "dne/algorithms/ga.h"
#include "dne/algorithms/ns_es.h"
#include "dne/algorithms/pgpe.h"
#include "dne/algorithms/snes.h"
#include "dne/envs/atari/kind.h"
#include "dne/envs/classic/kind.h"
#include "dne/envs/mujoco/kind.h"

namespace dne {

std::span<const AlgorithmKind* const> AlgorithmKinds() {
  static constexpr std::array kKinds = {&kGa,   &kRandomSearch, &kEs,    &kPgpe,
                                        &kSnes, &kNsEs,         &kNsrEs, &kNsraEs};
  return kKinds;
}

std::span<const TaskKind* const> TaskKinds() {
  static const std::array kKinds = {EpisodeTaskKind(kAtariKind), EpisodeTaskKind(kMujocoKind),
                                    EpisodeTaskKind(kClassicKind)};
  static const std::array kPointers = {&kKinds[0], &kKinds[1], &kKinds[2]};
  return kPointers;
}

}  // namespace dne
