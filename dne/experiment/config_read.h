// SPDX-License-Identifier: MIT
// TOML and overrides into an ExperimentConfig, field by field. Inside the experiment module only.
#pragma once

#include <string_view>

#include "dne/experiment/config.h"
#include "dne/experiment/config_mistakes.h"

namespace dne {

// Everything that one field or section alone can tell is checked, and reported in `mistakes`;
// wrong values leave the default. Throws Error where the text is no TOML.
ExperimentConfig ReadConfig(std::string_view toml, std::string_view origin, Overrides overrides,
                            Mistakes& mistakes);

}  // namespace dne
