// SPDX-License-Identifier: MIT
// What stands on the floor where behaviours are places on it.
#pragma once

namespace dne {

// An obstacle seen from above, in metres: its centre and half its lengths.
struct FloorRectangle {
  double x = 0;
  double y = 0;
  double half_x = 0;
  double half_y = 0;
};

}  // namespace dne
