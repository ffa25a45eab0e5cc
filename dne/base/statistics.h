// SPDX-License-Identifier: MIT
// Of at least one value each; sums run in index order.
#pragma once

#include <span>

namespace dne {

double Mean(std::span<const double> values);

// Of the values themselves, not an estimate for what they were drawn from.
double StandardDeviation(std::span<const double> values);

// The middle one, or the mean of the middle two. Reorders the values.
double Median(std::span<double> values);

}  // namespace dne
