// SPDX-License-Identifier: MIT
// Classic control as configurations choose it.
#pragma once

#include <string>

#include "dne/envs/world_kind.h"

namespace dne {

struct ClassicOptions {
  std::string environment = "CartPole-v1";

  void Visit(Fields& fields);
  bool operator==(const ClassicOptions&) const = default;
};

extern const WorldKind kClassicKind;

}  // namespace dne
