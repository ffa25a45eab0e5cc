// SPDX-License-Identifier: MIT
#include "dne/algorithms/optimizer_kind.h"

#include <array>

#include "dne/algorithms/adam.h"
#include "dne/algorithms/clipup.h"
#include "dne/algorithms/sgd.h"

namespace dne {

std::span<const OptimizerKind* const> OptimizerKinds() {
  static constexpr std::array kKinds = {&kAdam, &kSgd, &kClipUp};
  return kKinds;
}

}  // namespace dne
