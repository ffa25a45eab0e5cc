// SPDX-License-Identifier: MIT
#include "dne/novelty/point_search.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "dne/base/error.h"
#include "dne/novelty/distance.h"

namespace dne::novelty {
namespace {

// Points of a leaf at most: comparing so few costs no more than looking at smaller boxes.
constexpr size_t kLeaf = 8;

}  // namespace

void Points::Add(std::span<const double> point) {
  DNE_CHECK(point.size() == dimension);
  coordinates.insert(coordinates.end(), point.begin(), point.end());
  ++size;
}

void SearchAll(const Points& points, std::span<const double> query, KSmallest& nearest) {
  for (size_t i = 0; i < points.size; ++i) nearest.Offer(PointScore(query, points[i]));
}

PointTree::PointTree(Points points) : points_{.dimension = points.dimension} {
  DNE_CHECK(points.size <= UINT32_MAX);
  if (points.size == 0) return;
  std::vector<uint32_t> order(points.size);
  std::iota(order.begin(), order.end(), 0u);
  Build(order, 0, points);
  points_.coordinates.reserve(points.coordinates.size());
  for (const uint32_t i : order) points_.Add(points[i]);
}

// Adds the node of the points `order`, the first of which becomes number `first`, and those below.
void PointTree::Build(std::span<uint32_t> order, uint32_t first, const Points& unordered) {
  const size_t node = nodes_.size();
  nodes_.push_back({.first = first, .end = first + static_cast<uint32_t>(order.size())});
  AddBox(order, unordered);
  if (order.size() <= kLeaf || points_.dimension == 0) return;
  const size_t side = WidestSide(node);
  const size_t half = order.size() / 2;
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(half);
  std::ranges::nth_element(order, middle, {}, [&](uint32_t i) { return unordered[i][side]; });
  Build(order.first(half), first, unordered);
  nodes_[node].other = static_cast<uint32_t>(nodes_.size());
  Build(order.subspan(half), first + static_cast<uint32_t>(half), unordered);
}

void PointTree::AddBox(std::span<const uint32_t> order, const Points& unordered) {
  std::vector<double> least, most;
  for (size_t side = 0; side < points_.dimension; ++side) {
    const auto [low, high] =
        std::ranges::minmax(order, {}, [&](uint32_t i) { return unordered[i][side]; });
    least.push_back(unordered[low][side]);
    most.push_back(unordered[high][side]);
  }
  boxes_.insert(boxes_.end(), least.begin(), least.end());
  boxes_.insert(boxes_.end(), most.begin(), most.end());
}

size_t PointTree::WidestSide(size_t node) const {
  const double* const least = &boxes_[node * 2 * points_.dimension];
  const double* const most = least + points_.dimension;
  size_t widest = 0;
  for (size_t side = 1; side < points_.dimension; ++side) {
    if (most[side] - least[side] > most[widest] - least[widest]) widest = side;
  }
  return widest;
}

// That of the query and the nearest place in the box; PointScore's own expression.
double PointTree::BoxScore(size_t node, std::span<const double> query) const {
  const double* const least = &boxes_[node * 2 * points_.dimension];
  const double* const most = least + points_.dimension;
  double sum = 0;
  for (size_t i = 0; i < query.size(); ++i) {
    const double place = std::clamp(query[i], least[i], most[i]);
    sum += (query[i] - place) * (query[i] - place);
  }
  return sum;
}

size_t PointTree::Search(std::span<const double> query, KSmallest& nearest) const {
  DNE_CHECK(query.size() == points_.dimension);
  return nodes_.empty() ? 0 : SearchNode(0, query, nearest);
}

size_t PointTree::SearchNode(size_t node, std::span<const double> query, KSmallest& nearest) const {
  const auto [first, end, other] = nodes_[node];
  if (other == 0) {
    for (size_t i = first; i < end; ++i) nearest.Offer(PointScore(query, points_[i]));
    return end - first;
  }
  // The half that is nearer first: what is found there leaves out more of the other one.
  size_t near = node + 1, far = other;
  double near_score = BoxScore(near, query), far_score = BoxScore(far, query);
  if (far_score < near_score) {
    std::swap(near, far);
    std::swap(near_score, far_score);
  }
  size_t looked_at = 0;
  if (nearest.Wants(near_score)) looked_at += SearchNode(near, query, nearest);
  if (nearest.Wants(far_score)) looked_at += SearchNode(far, query, nearest);
  return looked_at;
}

}  // namespace dne::novelty
