// SPDX-License-Identifier: MIT
#pragma once

namespace dne {

// -1, 0 or 1.
inline double Sign(double value) { return (value > 0) - (value < 0); }

}  // namespace dne
