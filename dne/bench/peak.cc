// SPDX-License-Identifier: MIT
#include "dne/bench/peak.h"

#include "dne/base/vector_path.h"

namespace dne {

uint64_t MultiplyAddOnly(Isa isa) {
  return OnVectorPath(isa, []<Isa kPath> { return MultiplyAdds<kPath>(); });
}

}  // namespace dne
