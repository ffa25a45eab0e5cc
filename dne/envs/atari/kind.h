// SPDX-License-Identifier: MIT
// Atari games as configurations choose them.
#pragma once

#include <string>

#include "dne/envs/atari/atari.h"
#include "dne/envs/world_kind.h"

namespace dne {

struct AtariWorldOptions {
  std::string environment = "frostbite";
  AtariOptions atari;

  void Visit(Fields& fields);
  bool operator==(const AtariWorldOptions&) const = default;
};

extern const WorldKind kAtariKind;

}  // namespace dne
