// SPDX-License-Identifier: MIT
#include "dne/nn/forward.h"

#include <algorithm>

#include "dne/base/error.h"
#include "dne/nn/incremental.h"
#include "dne/nn/reference.h"

namespace dne {

std::unique_ptr<Forward> MakeForward(const Network& network, Isa isa, int num_lanes) {
  DNE_CHECK(IsaSupported(isa) && num_lanes > 0);
  const bool plain = std::ranges::any_of(network.layers(), [](const Layer& layer) {
    return layer.spec.type > LayerType::kDense || layer.skip_from;
  });
  if (isa == Isa::kScalar || plain) return MakeReferenceForward(network, num_lanes);
  return MakeIncrementalForward(network, isa, num_lanes);
}

}  // namespace dne
