// SPDX-License-Identifier: MIT
#include "dne/nn/forward.h"

#include "dne/base/error.h"
#include "dne/nn/incremental.h"
#include "dne/nn/reference.h"

namespace dne {

std::unique_ptr<Forward> MakeForward(const Network& network, Isa isa, int num_lanes) {
  DNE_CHECK(IsaSupported(isa) && num_lanes > 0);
  if (isa == Isa::kScalar) return MakeReferenceForward(network, num_lanes);
  return MakeIncrementalForward(network, isa, num_lanes);
}

}  // namespace dne
