// SPDX-License-Identifier: MIT
#include "dne/inspect/projection.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "dne/base/error.h"

namespace dne {
namespace {

constexpr int kIterations = 60;
constexpr double kFlat = 1e-9;  // a variance below is rounding

double Dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Takes the part along `axis` away, and makes the rest of length 1; false: there is no rest.
bool MakeAxis(std::span<const double> axis, std::vector<double>& direction) {
  if (!axis.empty()) {
    const double along = Dot(axis, direction);
    for (size_t i = 0; i < direction.size(); ++i) direction[i] -= along * axis[i];
  }
  const double length = std::sqrt(Dot(direction, direction));
  if (!(length > kFlat)) return false;
  for (double& number : direction) number /= length;
  return true;
}

// Fixed numbers in [-1, 1) without a pattern: Knuth's multiplicative hash.
std::vector<double> FixedDirection(size_t size, uint32_t which) {
  std::vector<double> direction(size);
  for (size_t i = 0; i < size; ++i) {
    const uint32_t hash = (static_cast<uint32_t>(i) * 2 + which + 1) * 2654435761u;
    direction[i] = hash / 2147483648.0 - 1;
  }
  return direction;
}

// The direction of most variance at right angles to `other`, by power iteration.
std::vector<double> PrincipalAxis(std::span<const std::vector<double>> centred,
                                  std::span<const double> other, uint32_t which) {
  const size_t size = centred.front().size();
  std::vector<double> axis = FixedDirection(size, which);
  if (!MakeAxis(other, axis)) return std::vector<double>(size);  // one number has one axis
  for (int i = 0; i < kIterations; ++i) {
    std::vector<double> next(size);
    for (const std::vector<double>& behaviour : centred) {
      const double along = Dot(behaviour, axis);
      for (size_t k = 0; k < size; ++k) next[k] += along * behaviour[k];
    }
    if (!MakeAxis(other, next)) break;
    axis = std::move(next);
  }
  return axis;
}

}  // namespace

Projection Projection::Fit(std::span<const std::vector<double>> behaviours) {
  DNE_CHECK(!behaviours.empty());
  Projection projection;
  projection.mean_.resize(behaviours.front().size());
  for (const std::vector<double>& behaviour : behaviours) {
    DNE_CHECK(behaviour.size() == projection.size());
    for (size_t i = 0; i < behaviour.size(); ++i) projection.mean_[i] += behaviour[i];
  }
  for (double& sum : projection.mean_) sum /= static_cast<double>(behaviours.size());
  std::vector<std::vector<double>> centred(behaviours.begin(), behaviours.end());
  for (std::vector<double>& behaviour : centred) {
    for (size_t i = 0; i < behaviour.size(); ++i) behaviour[i] -= projection.mean_[i];
  }
  projection.axes_[0] = PrincipalAxis(centred, {}, 0);
  projection.axes_[1] = PrincipalAxis(centred, projection.axes_[0], 1);
  return projection;
}

std::array<double, 2> Projection::Of(std::span<const double> behaviour) const {
  DNE_CHECK(behaviour.size() == size());
  std::array<double, 2> place{};
  for (size_t i = 0; i < behaviour.size(); ++i) {
    for (size_t a = 0; a < 2; ++a) place[a] += (behaviour[i] - mean_[i]) * axes_[a][i];
  }
  return place;
}

}  // namespace dne
