// SPDX-License-Identifier: MIT
#include "dne/evaluate/workers.h"

#include "dne/base/error.h"

namespace dne {

Workers::Workers(const Task& task, const EvaluatorOptions& options, Watch& watch)
    : options_(options), parents_(task, options.isa) {
  DNE_CHECK(options.threads >= 1);
  for (int i = 0; i < options.threads; ++i)
    workers_.emplace_back(task, parents_.cache(), options_, watch);
}

}  // namespace dne
