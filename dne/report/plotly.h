// SPDX-License-Identifier: MIT
// Inside the report module only, but for the tests.
#pragma once

#include <string_view>

namespace dne {

// The source text of plotly.js.
std::string_view PlotlyScript();

}  // namespace dne
