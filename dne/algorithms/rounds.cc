// SPDX-License-Identifier: MIT
#include "dne/algorithms/rounds.h"

#include <algorithm>
#include <vector>

#include "dne/algorithms/stored_state.h"
#include "dne/base/error.h"
#include "dne/base/statistics.h"

namespace dne {

const char* RoundName(Round round) {
  switch (round) {
    case Round::kTrain:
      return "train";
    case Round::kValidate:
      return "validate";
    case Round::kTest:
      return "test";
  }
  DNE_CHECK(false);
}

void SaveRound(Round round, ByteWriter& out) { out.Add(static_cast<uint32_t>(round)); }

Round ReadRound(ByteReader& in) {
  const auto round = in.Read<uint32_t>();
  ExpectSound(round <= static_cast<uint32_t>(Round::kTest),
              "unknown round " + std::to_string(round));
  return static_cast<Round>(round);
}

void CountCost(Round round, std::span<const Result> results, Metrics& metrics) {
  const std::string prefix = round == Round::kTest ? "test_" : "";
  for (const Result& result : results) {
    metrics[prefix + "episodes"] += static_cast<double>(result.episodes.size());
    metrics[prefix + "steps"] += static_cast<double>(result.TotalSteps());
    metrics[prefix + "frames"] += static_cast<double>(result.TotalFrames());
    for (const Episode& episode : result.episodes) {
      metrics["invalid_episodes"] += episode.end == EpisodeEnd::kInvalid;
    }
  }
}

void DescribeFitness(std::span<const double> fitness, Metrics& metrics) {
  metrics["fitness_max"] = *std::ranges::max_element(fitness);
  metrics["fitness_mean"] = Mean(fitness);
  std::vector<double> reordered(fitness.begin(), fitness.end());
  metrics["fitness_median"] = Median(reordered);
  metrics["fitness_min"] = *std::ranges::min_element(fitness);
  metrics["fitness_std"] = StandardDeviation(fitness);
}

void DescribeNovelty(std::span<const double> novelty, Metrics& metrics) {
  metrics["novelty_max"] = *std::ranges::max_element(novelty);
  metrics["novelty_mean"] = Mean(novelty);
}

void SaveMetrics(const Metrics& metrics, ByteWriter& out) {
  out.Add(static_cast<uint64_t>(metrics.size()));
  for (const auto& [name, value] : metrics) {
    out.AddText(name);
    out.Add(value);
  }
}

Metrics ReadMetrics(ByteReader& in) {
  Metrics metrics;
  for (uint64_t n = in.ReadCount(); n > 0; --n) {
    const std::string name(in.ReadText());
    metrics[name] = in.ReadDouble();
  }
  return metrics;
}

}  // namespace dne
