// SPDX-License-Identifier: MIT
// The tree is held to the plain search of all points, bit for bit.
#include "dne/novelty/point_search.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "dne/base/error.h"
#include "dne/random/stream.h"

namespace dne::novelty {
namespace {

Points PointsOf(size_t dimension, size_t count, const std::function<double()>& draw) {
  Points points{.dimension = dimension};
  for (size_t i = 0; i < count; ++i) {
    std::vector<double> point(dimension);
    for (double& coordinate : point) coordinate = draw();
    points.Add(point);
  }
  return points;
}

// Of each query its nearest.
using Found = std::vector<std::vector<double>>;

Found FoundByAll(const Points& points, const Points& queries, size_t count) {
  Found found;
  for (size_t i = 0; i < queries.size; ++i) {
    KSmallest nearest(count);
    SearchAll(points, queries[i], nearest);
    found.push_back(nearest.Sorted());
  }
  return found;
}

Found FoundByTree(const Points& points, const Points& queries, size_t count) {
  const PointTree tree(points);
  Found found;
  for (size_t i = 0; i < queries.size; ++i) {
    KSmallest nearest(count);
    tree.Search(queries[i], nearest);
    found.push_back(nearest.Sorted());
  }
  return found;
}

TEST(PointTree, FindsWhatTheSearchOfAllFinds) {
  Stream stream({.seed = 3});
  const auto uniform = [&] { return double{stream.NextFloat()} * 200; };
  for (const size_t dimension : {1u, 2u, 3u, 7u}) {
    for (const size_t count : {1u, 8u, 9u, 17u, 1000u}) {
      const Points points = PointsOf(dimension, count, uniform);
      const Points queries = PointsOf(dimension, 100, uniform);
      for (const size_t nearest : {1u, 5u, 26u, 1001u}) {
        EXPECT_EQ(FoundByTree(points, queries, nearest), FoundByAll(points, queries, nearest))
            << dimension << " " << count << " " << nearest;
      }
    }
  }
}

// Many policies end in the same place, or along a wall.
TEST(PointTree, FindsThemAmongEqualPoints) {
  Stream stream({.seed = 4});
  const auto few = [&] { return static_cast<double>(stream.Below(4)) / 3; };
  const Points points = PointsOf(2, 2000, few);
  EXPECT_EQ(FoundByTree(points, points, 200), FoundByAll(points, points, 200));
  const Points one = PointsOf(2, 300, [] { return 0.1; });
  EXPECT_EQ(FoundByTree(one, one, 26), FoundByAll(one, one, 26));
}

// Where the last bit of a rounded sum decides.
TEST(PointTree, RoundsBoxesAsItRoundsPoints) {
  Stream stream({.seed = 5});
  const auto last_bits = [&] {
    return 1 + std::numeric_limits<double>::epsilon() * stream.Below(7);
  };
  const auto around = [&] { return double{stream.NextFloat()} * 3; };
  const Points points = PointsOf(3, 500, last_bits);
  const Points queries = PointsOf(3, 500, around);
  EXPECT_EQ(FoundByTree(points, queries, 10), FoundByAll(points, queries, 10));
}

TEST(PointTree, FindsPointsThatAreFartherThanNumbersGo) {
  Stream stream({.seed = 6});
  const auto huge = [&] { return (double{stream.NextFloat()} - 0.5) * 3e307 * 9; };
  const Points points = PointsOf(2, 100, huge);
  const Points queries = PointsOf(2, 50, huge);
  for (const size_t nearest : {1u, 30u, 100u}) {
    EXPECT_EQ(FoundByTree(points, queries, nearest), FoundByAll(points, queries, nearest));
  }
}

TEST(PointTree, OffersNothingOfNoPoints) {
  const Points none{.dimension = 2};
  const Points queries = PointsOf(2, 1, [] { return 0.5; });
  EXPECT_EQ(FoundByTree(none, queries, 3), Found{{}});
}

TEST(PointTree, PointsWithoutCoordinatesAreAllAlike) {
  const Points points = PointsOf(0, 50, [] { return 0.0; });
  EXPECT_EQ(FoundByTree(points, points, 2), Found(50, {0, 0}));
}

// So that it is as fast as it should be: a few boxes of a few points.
TEST(PointTree, LooksAtFewOfManyPoints) {
  Stream stream({.seed = 7});
  const auto uniform = [&] { return double{stream.NextFloat()}; };
  const PointTree tree(PointsOf(2, 20'000, uniform));
  const Points queries = PointsOf(2, 100, uniform);
  size_t looked_at = 0;
  for (size_t i = 0; i < queries.size; ++i) {
    KSmallest nearest(5);
    looked_at += tree.Search(queries[i], nearest);
  }
  EXPECT_LT(looked_at, 20 * queries.size);
}

TEST(PointTree, PointsOfAnotherSizeAreABug) {
  Points points{.dimension = 2};
  EXPECT_THROW(points.Add(std::vector{1.0}), BugError);
  KSmallest nearest(1);
  EXPECT_THROW(PointTree(points).Search(std::vector{1.0}, nearest), BugError);
}

}  // namespace
}  // namespace dne::novelty
