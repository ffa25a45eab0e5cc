// SPDX-License-Identifier: MIT
#include "dne/algorithms/update.h"

#include <cmath>
#include <numeric>

namespace dne {

double Norm(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += double{value} * double{value};
  return std::sqrt(sum);
}

void DescribeStep(const StepNorms& norms, Metrics& metrics) {
  metrics["parameter_norm"] = norms.parameters;
  metrics["update_ratio"] = norms.parameters > 0 ? norms.step / norms.parameters : 0;
}

void DescribeSpreads(float sigma, std::span<const float> spreads, Metrics& metrics) {
  const double sum = std::accumulate(spreads.begin(), spreads.end(), 0.0);
  metrics["sigma_mean"] = double{sigma} * sum / static_cast<double>(spreads.size());
}

}  // namespace dne
