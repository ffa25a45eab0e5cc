// SPDX-License-Identifier: MIT
#include "dne/algorithms/pgpe.h"

#include "dne/base/error.h"

namespace dne {

std::unique_ptr<Algorithm> MakePgpe(const PgpeOptions& options, const StrategyContext& context) {
  const CloudOptions& cloud = options.strategy.cloud;
  DNE_CHECK(cloud.antithetic);
  return MakeStrategy(options.strategy, context,
                      {.update = PgpeUpdate(options.ascent, options.spreads, cloud.sigma),
                       .growth = options.growth});
}

}  // namespace dne
