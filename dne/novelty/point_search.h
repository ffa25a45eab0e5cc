// SPDX-License-Identifier: MIT
// Inside of the archive: exact nearest neighbours among points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dne/novelty/k_smallest.h"

namespace dne::novelty {

// Points of one size, one after the other.
struct Points {
  size_t dimension = 0;
  std::vector<double> coordinates;
  size_t size = 0;

  void Add(std::span<const double> point);
  std::span<const double> operator[](size_t i) const {
    return std::span(coordinates).subspan(i * dimension, dimension);
  }
};

// Offers `nearest` the score (dne/novelty/distance.h) of the query and each of the points: the
// reference, and faster than a tree for a few queries.
void SearchAll(const Points& points, std::span<const double> query, KSmallest& nearest);

// A k-d tree (Bentley 1975) whose nodes know the box around their points. A search leaves out what
// lies in boxes too far away, so `nearest` comes to hold the same numbers as by SearchAll, bit for
// bit: the score of a box is summed as those of points are, and rounding keeps order, so that no
// point in it has a lesser one. Which of equally far points are counted cannot show.
class PointTree {
 public:
  explicit PointTree(Points points);

  // Returns how many points it looked at. Thread-safe.
  size_t Search(std::span<const double> query, KSmallest& nearest) const;

 private:
  // The points first..end-1 of points_. Its near half is the next node, its far half `other`; of
  // leaves 0.
  struct Node {
    uint32_t first = 0;
    uint32_t end = 0;
    uint32_t other = 0;
  };

  void Build(std::span<uint32_t> order, uint32_t first, const Points& unordered);
  void AddBox(std::span<const uint32_t> order, const Points& unordered);
  size_t WidestSide(size_t node) const;
  double BoxScore(size_t node, std::span<const double> query) const;
  size_t SearchNode(size_t node, std::span<const double> query, KSmallest& nearest) const;

  Points points_;  // each node's are together
  std::vector<Node> nodes_;
  std::vector<double> boxes_;  // of each node the least coordinates, then the largest
};

}  // namespace dne::novelty
