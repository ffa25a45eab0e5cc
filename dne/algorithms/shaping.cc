// SPDX-License-Identifier: MIT
#include "dne/algorithms/shaping.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <string_view>

#include "dne/base/error.h"
#include "dne/base/statistics.h"

namespace dne {
namespace {

std::string ValueText(double value) {
  if (std::isnan(value)) return "nan";
  return value < 0 ? "-inf" : "inf";
}

void ExpectFinite(std::span<const double> values, std::string_view shaping) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    throw Error("fitness of member " + std::to_string(i) + " is " + ValueText(values[i]) + ": " +
                std::string(shaping) + " needs finite numbers; centred_rank allows infinite ones");
  }
}

void ExpectNumbers(std::span<const double> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) continue;
    throw Error("fitness of member " + std::to_string(i) +
                " is nan, which has no rank: let the task return a number, or -inf for the worst");
  }
}

std::vector<double> ZScores(std::span<const double> values) {
  std::vector<double> scores(values.size(), 0.0);
  if (values.empty()) return scores;
  const double mean = Mean(values);
  const double deviation = StandardDeviation(values);
  if (deviation == 0) return scores;
  for (size_t i = 0; i < values.size(); ++i) scores[i] = (values[i] - mean) / deviation;
  return scores;
}

}  // namespace

std::vector<double> ShareByRank(std::span<const double> values, std::span<const double> of_ranks) {
  ExpectNumbers(values);
  const size_t size = values.size();
  DNE_CHECK(of_ranks.size() == size);
  std::vector<size_t> order(size);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [&](size_t a, size_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
  std::vector<double> shares(size);
  for (size_t first = 0; first < size;) {
    size_t end = first + 1;
    while (end < size && values[order[end]] == values[order[first]]) ++end;
    const double mean = Mean(of_ranks.subspan(first, end - first));
    for (; first < end; ++first) shares[order[first]] = mean;
  }
  return shares;
}

std::vector<double> CentredRanks(std::span<const double> values) {
  const size_t size = values.size();
  std::vector<double> ranks(size);
  std::iota(ranks.begin(), ranks.end(), 0.0);
  ranks = ShareByRank(values, ranks);
  for (double& rank : ranks) {
    rank = size < 2 ? 0 : rank / static_cast<double>(size - 1) - 0.5;
  }
  return ranks;
}

std::vector<double> ShapeFitness(FitnessShaping shaping, std::span<const double> fitness,
                                 std::span<const double> sign_sums) {
  switch (shaping) {
    case FitnessShaping::kCentredRank:
      return CentredRanks(fitness);
    case FitnessShaping::kRaw:
      ExpectFinite(fitness, "raw");
      return {fitness.begin(), fitness.end()};
    case FitnessShaping::kZScore:
      ExpectFinite(fitness, "z_score");
      return ZScores(fitness);
    case FitnessShaping::kSign:
      ExpectFinite(sign_sums, "sign");
      return {sign_sums.begin(), sign_sums.end()};
    case FitnessShaping::kCentredSignRank:
      return CentredRanks(sign_sums);
  }
  DNE_CHECK(false);
}

std::vector<double> TopDirections(std::span<const double> fitness, size_t num_best) {
  DNE_CHECK(fitness.size() % 2 == 0 && num_best >= 1 && num_best <= fitness.size() / 2);
  ExpectFinite(fitness, "top_directions");
  std::vector<size_t> pairs(fitness.size() / 2);
  std::iota(pairs.begin(), pairs.end(), size_t{0});
  const auto better_side = [&](size_t pair) {
    return std::max(fitness[2 * pair], fitness[2 * pair + 1]);
  };
  std::ranges::sort(pairs, [&](size_t a, size_t b) {
    return better_side(a) != better_side(b) ? better_side(a) > better_side(b) : a < b;
  });
  pairs.resize(num_best);
  std::ranges::sort(pairs);  // so that the deviation's sums run in index order
  std::vector<double> used;
  for (size_t pair : pairs) {
    used.insert(used.end(), {fitness[2 * pair], fitness[2 * pair + 1]});
  }
  std::vector<double> weights(fitness.size(), 0.0);
  const double deviation = StandardDeviation(used);
  if (deviation == 0) return weights;
  for (size_t pair : pairs) {
    for (size_t i : {2 * pair, 2 * pair + 1}) weights[i] = fitness[i] / deviation;
  }
  return weights;
}

}  // namespace dne
