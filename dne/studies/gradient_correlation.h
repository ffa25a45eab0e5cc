// SPDX-License-Identifier: MIT
// How far the estimate of an evolution strategy points where the gradient does (1712.06564,
// section 4).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dne/algorithms/cloud.h"
#include "dne/algorithms/shaping.h"
#include "dne/base/bytes.h"
#include "dne/evaluate/evaluator.h"
#include "dne/genome/perturbation.h"
#include "dne/tasks/task_kind.h"

namespace dne {

// The cosine between the gradient and its estimate by `population` members, an antithetic pair each
// two. Where all see one mini-batch, that is the mini-batch's gradient; where each pair has its
// own, that of the whole training set.
struct Correlation {
  int population = 0;
  std::string shaping;  // of the fitness
  double cosine = 0;
  double expected = 0;  // sqrt(1 / (1 + D / pairs * mean of the mini-batches' |g|^2 / gradient's)),
                        // which is the law sqrt(pairs / (pairs + D)) where they share one
  double deviation = 0;  // standard deviation to be expected of the cosine

  bool operator==(const Correlation&) const = default;
};

struct Correlations {
  std::string where;  // "before training"
  std::vector<Correlation> all;

  void Save(ByteWriter& out) const;
  // Throws Error where it is damaged.
  static Correlations Read(ByteReader& in);
};

struct CorrelationOptions {
  uint64_t seed = 1;
  CloudOptions cloud;  // population_size: the largest; shared_episodes: who shares a mini-batch
  PerturbationSpec perturbation;
  uint32_t iteration = 1;  // whose mini-batch and noise it is
};

// 1, 2, 5, 10, 20, ... hundredths of the largest population, even ones of two and more.
std::vector<int> CorrelationPopulations(int largest);

// Measures each of CorrelationPopulations, whose members are the first ones of the largest, by raw
// fitness and by its ranks. `setup` is of supervised learning.
std::vector<Correlation> MeasureCorrelations(const Setup& setup, std::span<const float> parameters,
                                             const CorrelationOptions& options,
                                             const EvaluatorOptions& compute, Watch& watch);

}  // namespace dne
