// SPDX-License-Identifier: MIT
// Unpacking is slower than comparing, so both sides are unpacked in blocks: within a block of
// queries and a block of the archive all are compared with all.
#include "dne/novelty/trajectory_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "dne/base/error.h"
#include "dne/novelty/squares.h"
#include "dne/novelty/trajectory.h"

namespace dne::novelty {
namespace {

// Unpacked trajectories of one side, unless a single one is larger.
constexpr size_t kBlockBytes = size_t{32} << 20;
// Queries that share each piece of an archived trajectory while it is in the first-level cache.
constexpr size_t kTile = 8;
// Steps between two looks at whether a trajectory is already too far away.
constexpr size_t kPiece = 64;

// The first of `behaviours` that fit in a block, at least one.
std::span<const Behaviour> FirstBlock(std::span<const Behaviour> behaviours) {
  size_t count = 0;
  for (size_t bytes = 0; count < behaviours.size(); ++count) {
    bytes += UnpackedBytes(behaviours[count].trajectory);
    if (count > 0 && bytes > kBlockBytes) break;
  }
  return behaviours.first(count);
}

std::vector<Trajectory> Unpack(std::span<const Behaviour> behaviours, const ParallelFor& parallel) {
  std::vector<Trajectory> trajectories(behaviours.size());
  parallel(behaviours.size(), [&](size_t i) {
    Trajectory trajectory = UnpackTrajectory(behaviours[i].trajectory);
    // An episode without steps stays in zeros.
    if (trajectory.states.empty()) trajectory.states.resize(trajectory.state_size, 0);
    trajectories[i] = std::move(trajectory);
  });
  return trajectories;
}

// The states from `step` on, for `steps` steps or fewer, which is then how many.
States From(const Trajectory& trajectory, size_t step, size_t& steps) {
  const size_t length = trajectory.length();
  const size_t size = trajectory.state_size;
  if (step >= length) return {trajectory.states.data() + (length - 1) * size, 0};
  steps = std::min(steps, length - step);
  return {trajectory.states.data() + step * size, size};
}

// score += that of some steps, in their order.
void AddScore(BehaviourDistance distance, std::span<const uint32_t> squares, double& score) {
  if (distance == BehaviourDistance::kSumOfSteps) {
    for (uint32_t square : squares) score += std::sqrt(static_cast<double>(square));
  } else {  // integers far below 2^53: exact
    for (uint32_t square : squares) score += static_cast<double>(square);
  }
}

// score += that of steps first..end-1.
void AddPiece(BehaviourDistance distance, const Trajectory& a, const Trajectory& b, size_t first,
              size_t end, Isa isa, double& score) {
  while (first < end) {
    size_t steps = end - first;
    const States states_a = From(a, first, steps);
    const States states_b = From(b, first, steps);
    std::array<uint32_t, kPiece> buffer;
    const std::span squares = std::span(buffer).first(steps);
    StepSquares(states_a, states_b, a.state_size, squares, isa);
    AddScore(distance, squares, score);
    first += steps;
  }
}

// A stored one may be damaged.
void ExpectSameStates(const Trajectory& query, const Trajectory& archived) {
  if (query.state_size == archived.state_size) return;
  throw Error("a trajectory has states of " + std::to_string(query.state_size) +
              " bytes, but the archive one with states of " + std::to_string(archived.state_size) +
              ": the run's state is damaged");
}

// One archived trajectory and at most kTile queries, piece by piece. Sums of what is not negative
// never sink, rounded or not, so a query that no longer wants its sum is done: exactly.
void CompareTile(BehaviourDistance distance, const Trajectory& archived,
                 std::span<const Trajectory> queries, std::span<KSmallest> nearest, Isa isa) {
  std::array<double, kTile> scores{};
  bool going_on = true;
  for (size_t step = 0; going_on; step += kPiece) {
    going_on = false;
    for (size_t q = 0; q < queries.size(); ++q) {
      ExpectSameStates(queries[q], archived);
      const size_t length = std::max(queries[q].length(), archived.length());
      if (step >= length || !nearest[q].Wants(scores[q])) continue;
      going_on = true;
      AddPiece(distance, queries[q], archived, step, std::min(step + kPiece, length), isa,
               scores[q]);
    }
  }
  for (size_t q = 0; q < queries.size(); ++q) nearest[q].Offer(scores[q]);
}

// All with all.
void CompareBlocks(BehaviourDistance distance, std::span<const Trajectory> archive,
                   std::span<const Trajectory> queries, std::span<KSmallest> nearest,
                   const ParallelFor& parallel, Isa isa) {
  parallel((queries.size() + kTile - 1) / kTile, [&](size_t tile) {
    const size_t first = tile * kTile;
    const size_t size = std::min(kTile, queries.size() - first);
    for (const Trajectory& archived : archive) {
      CompareTile(distance, archived, queries.subspan(first, size), nearest.subspan(first, size),
                  isa);
    }
  });
}

}  // namespace

void SearchTrajectories(BehaviourDistance distance, std::span<const Behaviour> archive,
                        std::span<const Behaviour> queries, std::span<KSmallest> nearest,
                        const ParallelFor& parallel, Isa isa) {
  while (!queries.empty()) {
    const std::vector<Trajectory> asked = Unpack(FirstBlock(queries), parallel);
    for (auto rest = archive; !rest.empty();) {
      const std::vector<Trajectory> archived = Unpack(FirstBlock(rest), parallel);
      CompareBlocks(distance, archived, asked, nearest.first(asked.size()), parallel, isa);
      rest = rest.subspan(archived.size());
    }
    queries = queries.subspan(asked.size());
    nearest = nearest.subspan(asked.size());
  }
}

}  // namespace dne::novelty
