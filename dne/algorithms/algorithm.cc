// SPDX-License-Identifier: MIT
#include "dne/algorithms/algorithm.h"

#include "dne/base/error.h"

namespace dne {

std::vector<uint8_t> Algorithm::UpdateState(Birth) const { DNE_CHECK(false); }

std::vector<float> Algorithm::Rebuild(const CentreHistory&) const { DNE_CHECK(false); }

}  // namespace dne
