// SPDX-License-Identifier: MIT
#include "dne/algorithms/behaviour_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "dne/algorithms/elite_archive.h"
#include "dne/base/error.h"

namespace dne {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

GridAxis Axis(int coordinate, double lower, double upper, int cells) {
  return {.name = "a" + std::to_string(coordinate),
          .coordinate = coordinate,
          .lower = lower,
          .upper = upper,
          .cells = cells};
}

BehaviourGrid TwoAxes() { return BehaviourGrid({Axis(2, -1, 1, 4), Axis(0, 0, 30, 3)}); }

TEST(BehaviourGrid, CellsAreNumberedAlongTheLastAxisFirst) {
  const BehaviourGrid grid = TwoAxes();
  EXPECT_EQ(grid.num_cells(), 12u);
  EXPECT_EQ(grid.CellOf(std::vector{-1.0, 0.0}), 0u);
  EXPECT_EQ(grid.CellOf(std::vector{-1.0, 29.9}), 2u);
  EXPECT_EQ(grid.CellOf(std::vector{-0.5, 10.0}), 4u) << "a cell's lower end belongs to it";
  EXPECT_EQ(grid.CellOf(std::vector{0.99, 29.9}), 11u);
  for (uint32_t cell = 0; cell < 12; ++cell) {
    EXPECT_EQ(grid.IndicesOf(cell), (std::vector<uint32_t>{cell / 3, cell % 3}));
  }
}

TEST(BehaviourGrid, WhatLiesBeyondAnEndBelongsToTheCellThere) {
  const BehaviourGrid grid = TwoAxes();
  EXPECT_EQ(grid.CellOf(std::vector{-7.0, -7.0}), 0u);
  EXPECT_EQ(grid.CellOf(std::vector{1.0, 30.0}), 11u);
  EXPECT_EQ(grid.CellOf(std::vector{kInfinity, -kInfinity}), 9u);
  EXPECT_EQ(grid.CellOf(std::vector{0.0, std::numeric_limits<double>::quiet_NaN()}), std::nullopt);
}

TEST(BehaviourGrid, TheMeanIsTheSameInAnyOrder) {
  const BehaviourGrid grid = TwoAxes();
  // In this order 1e16 swallows each 1; their sum comes first.
  const std::vector<std::vector<double>> behaviours = {{1e16, 9, 4}, {1, 9, 5}, {1, 9, 6}};
  const std::vector<double> mean = grid.MeanOnAxes(behaviours);
  EXPECT_EQ(mean, (std::vector{5.0, (1e16 + 2) / 3}));
  const std::vector<std::vector<double>> turned(behaviours.rbegin(), behaviours.rend());
  EXPECT_EQ(grid.MeanOnAxes(turned), mean);
}

TEST(BehaviourGrid, BehavioursMustHaveTheCoordinatesOfItsAxes) {
  const std::vector<std::vector<double>> behaviours = {{1, 2}};
  try {
    TwoAxes().MeanOnAxes(behaviours);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "the archive's axis a2 is coordinate 2, but behaviours here have 2: give one below "
        "that");
  }
}

TEST(BehaviourGrid, NeedsCells) {
  for (const std::vector<GridAxis>& axes :
       {std::vector<GridAxis>(), {Axis(0, 0, 1, 1000), Axis(1, 0, 1, 1001)}}) {
    try {
      const BehaviourGrid grid(axes);
      FAIL();
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(),
                   "the archive's axes must have 1 to 1000000 cells together: give others");
    }
  }
}

struct Candidate {
  uint32_t cell = 0;
  double fitness = 0;
  int name = 0;
};

TEST(EliteArchive, KeepsTheFirstOfTheBestOfEachCell) {
  EliteArchive<Candidate> archive(4);
  EXPECT_EQ(archive.coverage(), 0);
  EXPECT_TRUE(archive.Offer({2, 1, 10}));
  EXPECT_FALSE(archive.Offer({2, 1, 11})) << "of equal ones the first stays";
  EXPECT_TRUE(archive.Offer({0, -5, 12}));
  EXPECT_TRUE(archive.Offer({2, 3, 13}));
  EXPECT_FALSE(archive.Offer({2, 2, 14}));
  ASSERT_EQ(archive.elites().size(), 2u);
  EXPECT_EQ(archive.elites()[0].name, 13) << "it stands where its cell was filled";
  EXPECT_EQ(archive.elites()[1].name, 12);
  EXPECT_EQ(archive.coverage(), 0.5);
  EXPECT_EQ(archive.QdScore(0), -2);
  EXPECT_EQ(archive.QdScore(-10), 18);
}

}  // namespace
}  // namespace dne
