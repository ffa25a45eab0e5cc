// SPDX-License-Identifier: MIT
// SNES, the separable natural evolution strategy (Schaul, Glasmachers, Schmidhuber 2011, "High
// dimensions and heavy tails for natural evolution strategies"): a mean and a sigma for every
// parameter follow the natural gradient of the expected utility.
#pragma once

#include <memory>
#include <optional>

#include "dne/algorithms/strategy.h"

namespace dne {

struct SnesOptions {
  StrategyOptions strategy = {.cloud = {.population_size = 100, .antithetic = false}};
  double learning_rate = 1;                   // of the mean
  std::optional<double> sigma_learning_rate;  // none: (3 + log d) / (5 sqrt d), d parameters

  bool operator==(const SnesOptions&) const = default;
};

std::unique_ptr<Algorithm> MakeSnes(const SnesOptions& options, const StrategyContext& context);

// Member k from the best on, of n, has the utility max(0, log(n / 2 + 1) - log(k)), over the sum of
// all, less 1 / n; equal fitness shares the mean of its utilities. Throws Error for a NaN.
std::vector<double> Utilities(std::span<const double> fitness);

// With u the utilities, s the noise of the members, per parameter:
//   mean += learning_rate * sigma * sum(u s), sigma *= exp(sigma_learning_rate / 2 * sum(u (s^2 -
//   1)))
UpdateMaker SnesUpdate(const SnesOptions& options);

}  // namespace dne
