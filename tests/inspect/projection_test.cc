// SPDX-License-Identifier: MIT
#include "dne/inspect/projection.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dne {
namespace {

using Behaviours = std::vector<std::vector<double>>;

TEST(Projection, LooksAlongTheDirectionsOfMostVariance) {
  // Far apart along (3, 4, 0) / 5, less along (0, 0, 1).
  Behaviours behaviours;
  for (double far : {-10.0, -3.0, 2.0, 11.0}) {
    for (double near : {-1.0, 1.0}) behaviours.push_back({0.6 * far, 0.8 * far, near});
  }
  const Projection projection = Projection::Fit(behaviours);
  const auto a = projection.Of(std::vector<double>{0.6, 0.8, 0});
  const auto b = projection.Of(std::vector<double>{0, 0, 0});
  const auto c = projection.Of(std::vector<double>{0, 0, 1});
  EXPECT_NEAR(std::abs(a[0] - b[0]), 1, 1e-6);
  EXPECT_NEAR(std::abs(a[1] - b[1]), 0, 1e-6);
  EXPECT_NEAR(std::abs(c[0] - b[0]), 0, 1e-6);
  EXPECT_NEAR(std::abs(c[1] - b[1]), 1, 1e-6);
}

TEST(Projection, IsTheSameForTheSameBehaviours) {
  Behaviours behaviours;
  for (int i = 0; i < 20; ++i) {
    behaviours.push_back({std::cos(i * 1.0), std::sin(i * 3.0), i % 3 * 1.0, 5});
  }
  const std::vector<double> other = {1, 2, 3, 4};
  EXPECT_EQ(Projection::Fit(behaviours).Of(other), Projection::Fit(behaviours).Of(other));
}

TEST(Projection, KeepsBehavioursApartThatComeAfterEqualOnes) {
  const Projection projection = Projection::Fit(Behaviours{{1, 2, 3}, {1, 2, 3}});
  EXPECT_NE(projection.Of(std::vector<double>{1, 2, 3})[0],
            projection.Of(std::vector<double>{1, 2, 4})[0]);
}

TEST(Projection, OfOneNumberHasOneAxis) {
  const Projection projection = Projection::Fit(Behaviours{{1}, {3}});
  EXPECT_NEAR(std::abs(projection.Of(std::vector<double>{5})[0]), 3, 1e-12);
  EXPECT_EQ(projection.Of(std::vector<double>{5})[1], 0);
}

}  // namespace
}  // namespace dne
