// SPDX-License-Identifier: MIT
// Where the numbers of a policy lie. They are one vector, in this order:
//   parameters  what evolves: weights and biases of a network, a layer after the other
//   normaliser  where observations are normalised: the mean of each, then 1 / deviation of each
// A centre of a search distribution may end in
//   spreads     a number for each parameter, by which the noise on it is multiplied
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dne/base/error.h"

namespace dne {

// A layer's place among the parameters: its weights, [inputs][outputs], from `offset` on, and
// behind them a bias for each output. Of a convolution, inputs are what one output position reads.
// A recurrent layer counts as two: from its input to its gates and from its state to them. Pooling
// has no parameters and is left out.
struct LayerShape {
  size_t offset = 0;
  size_t inputs = 0;
  size_t outputs = 0;

  bool operator==(const LayerShape&) const = default;
};

// Views into a vector of numbers; `Number` is float or const float.
template <class Number>
struct PolicyParts {
  std::span<Number> parameters;
  std::span<Number> normaliser;  // empty: no observation is normalised
  std::span<Number> spreads;     // empty: there are none

  std::span<Number> means() const { return normaliser.first(normaliser.size() / 2); }
  std::span<Number> inverse_deviations() const { return normaliser.subspan(normaliser.size() / 2); }
};

struct PolicyLayout {
  size_t num_parameters = 0;
  size_t num_normalised = 0;       // observations
  std::vector<LayerShape> layers;  // of the network, where the parameters are those of one

  size_t policy_size() const { return num_parameters + 2 * num_normalised; }
  size_t centre_size(bool has_spreads) const {
    return policy_size() + (has_spreads ? num_parameters : 0);
  }

  // `numbers`: a policy, or a centre with or without spreads.
  template <class Number>
  PolicyParts<Number> PartsOf(std::span<Number> numbers) const {
    const bool has_spreads = numbers.size() != policy_size();
    DNE_CHECK(numbers.size() == centre_size(has_spreads));
    return {.parameters = numbers.first(num_parameters),
            .normaliser = numbers.subspan(num_parameters, 2 * num_normalised),
            .spreads = numbers.subspan(policy_size())};
  }

  bool operator==(const PolicyLayout&) const = default;
};

}  // namespace dne
