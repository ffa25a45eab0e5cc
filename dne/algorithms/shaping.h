// SPDX-License-Identifier: MIT
// Fitness shaping: what members of an evolution strategy's cloud scored, to the weights of their
// noise (1703.03864, section 2.1, and its released code's `return_proc_mode`; 1803.07055).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace dne {

enum class FitnessShaping {
  kCentredRank,      // ranks of the fitness: only the order matters
  kRaw,              // the fitness itself
  kZScore,           // (fitness - mean) / standard deviation; all 0 where they are equal
  kSign,             // the sum of the rewards' signs, for rewards of wild sizes
  kCentredSignRank,  // ranks of that sum
};

// Whether it looks at the signs of rewards instead of at the fitness.
constexpr bool ReadsRewardSigns(FitnessShaping shaping) {
  return shaping == FitnessShaping::kSign || shaping == FitnessShaping::kCentredSignRank;
}

// Which value goes to whom: of_ranks[k] is for the k-th least of `values`, and equal values share
// the mean of theirs, so that where rewards are sparse no one gains from being listed first.
// Infinite values are ranked, a NaN throws Error.
std::vector<double> ShareByRank(std::span<const double> values, std::span<const double> of_ranks);

// Ranks 0..n-1, the least value first, scaled to [-0.5, 0.5]; ShareByRank of them. One value alone:
// 0.
std::vector<double> CentredRanks(std::span<const double> values);

// One weight a member. sign_sums[i] is the sum, over the steps of member i's episodes, of the signs
// of its rewards; it may be empty where ReadsRewardSigns says no, and `fitness` where it says yes.
// Throws Error for a NaN, and unless ranking for infinite values.
std::vector<double> ShapeFitness(FitnessShaping shaping, std::span<const double> fitness,
                                 std::span<const double> sign_sums);

// Augmented random search (1803.07055, algorithm 2): members 2i and 2i + 1 are the two sides of
// pair i. The num_best pairs with the best better side (the first on ties) weigh their fitness over
// the standard deviation of the 2 num_best values used; members of other pairs weigh 0, as all do
// where the values are equal. The paper divides the sum over pairs by num_best: the caller does.
// 1 <= num_best <= pairs; throws Error where a fitness is not finite.
std::vector<double> TopDirections(std::span<const double> fitness, size_t num_best);

}  // namespace dne
