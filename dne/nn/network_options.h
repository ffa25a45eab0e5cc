// SPDX-License-Identifier: MIT
// A policy's network as configurations describe it: a preset, or layer by layer.
#pragma once

#include <string>
#include <string_view>

#include "dne/config/field.h"
#include "dne/nn/network.h"

namespace dne {

struct NetworkOptions {
  std::string preset;  // empty: `spec` was given layer by layer
  NetworkSpec spec;    // always resolved

  static NetworkOptions Preset(std::string_view name);

  void Visit(Fields& fields);
  bool operator==(const NetworkOptions&) const = default;
};

}  // namespace dne
