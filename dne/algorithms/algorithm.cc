// SPDX-License-Identifier: MIT
#include "dne/algorithms/algorithm.h"

#include "dne/base/error.h"

namespace dne {

std::vector<uint8_t> Algorithm::UpdateState(Birth) const { DNE_CHECK(false); }

WholeCentre Algorithm::Rebuild(const CentreHistory&) const { DNE_CHECK(false); }

}  // namespace dne
