// SPDX-License-Identifier: MIT
// A packed trajectory's bytes. What is read can be packed again.
#include <vector>

#include "dne/novelty/trajectory.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dne::ExpectAnswer([&] {
    const dne::Trajectory trajectory = dne::UnpackTrajectory({data, size});
    const auto packed = dne::PackTrajectory(trajectory.states, trajectory.state_size);
    DNE_CHECK(dne::UnpackTrajectory(packed) == trajectory);
  });
  return 0;
}
