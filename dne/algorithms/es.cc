// SPDX-License-Identifier: MIT
#include "dne/algorithms/es.h"

#include "dne/base/error.h"

namespace dne {

std::unique_ptr<Algorithm> MakeEs(const EsOptions& options, const StrategyContext& context) {
  DNE_CHECK(options.top_directions == 0 || options.strategy.cloud.antithetic);
  return MakeStrategy(options.strategy, context,
                      {.update = EsUpdate(options.ascent, options.top_directions)});
}

}  // namespace dne
