// SPDX-License-Identifier: MIT
// A kind of optimiser as configurations choose it. Each kind stands beside its optimiser.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "dne/algorithms/optimizer.h"
#include "dne/config/kind.h"

namespace dne {

struct OptimizerKind {
  std::string_view name;  // "adam"
  Options (*defaults)();
  std::unique_ptr<Optimizer> (*make)(const Options&, size_t num_parameters);
};

// `make` of a kind: a T, which is made of its options.
template <class O, class T>
std::unique_ptr<Optimizer> MakeOptimizerAs(const Options& options, size_t num_parameters) {
  return std::make_unique<T>(options.As<O>(), num_parameters);
}

// All of them; the first is the default.
std::span<const OptimizerKind* const> OptimizerKinds();

}  // namespace dne
