// SPDX-License-Identifier: MIT
// Training by gradients, and by what the estimate of an evolution strategy makes of them
// (1712.06564, section 4; docs/es-vs-sgd.md).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dne/algorithms/gradient_ascent.h"
#include "dne/algorithms/iterate_mean.h"
#include "dne/base/bytes.h"
#include "dne/base/isa.h"
#include "dne/studies/fitness_gradient.h"
#include "dne/tasks/task_kind.h"

namespace dne {

// The cosine that is to be expected between the gradient and its estimate by so many antithetic
// pairs, which is sqrt(pairs / (pairs + parameters)).
double ExpectedCorrelation(double pairs, size_t num_parameters);

// What is followed instead of the gradient itself.
struct NoiseModel {
  // m times standard normal noise, m^2 = var(gradient) (1 - rho^2) / rho^2: the paper's SGD proxy,
  // whose gradient has the cosine rho to SGD's.
  std::optional<double> correlation;
  // Or as much as the estimate of so many antithetic pairs has, each with a mini-batch of its own;
  // 0: none.
  uint64_t pairs = 0;
};

struct GradientRunOptions {
  uint64_t seed = 1;
  AscentOptions ascent;  // its optimiser and its weight decay
  NoiseModel noise;
  // What the gradient is multiplied by, which weight decay and plain SGD feel.
  float scale = 1;
  Schedule scale_schedule;  // with the iterations
};

// How good a network is on all test images.
struct Look {
  uint64_t iteration = 0;
  double accuracy = 0;
  double loss = 0;  // mean cross-entropy
  // Of the mean of the iterates (dne/algorithms/iterate_mean.h).
  double mean_accuracy = 0;
};

// Iteration t learns from SharedImages of t, but for the noise of pairs. Private to one thread.
// Everything is a function of set-up and options, to the bit, on every code path; saved and
// restored between any two calls.
class GradientRun {
 public:
  // Of supervised learning (Setup::images), which must outlive it. `parameters`: to begin with.
  GradientRun(const Setup& setup, const GradientRunOptions& options,
              std::span<const float> parameters, Isa isa);

  uint64_t iteration() const { return iteration_; }
  std::span<const float> parameters() const { return parameters_; }
  std::span<const Look> looks() const { return looks_; }

  // Throws Error where the parameters ran away.
  void Step();
  // Adds to looks(); false where `cancel` came first. `images_seen` counts.
  bool Examine(std::atomic<uint64_t>& images_seen, const std::atomic<bool>& cancel);

  void Save(ByteWriter& out) const;
  // Throws Error where it is damaged, or of another network.
  void Restore(ByteReader& in);

 private:
  std::vector<float> Estimate();
  std::vector<float> EstimateOfPairs();
  void AddNoise(double deviation, std::span<float> gradient) const;
  std::optional<Episode> Exam(std::span<const float> parameters, std::atomic<uint64_t>& images_seen,
                              const std::atomic<bool>& cancel);

  const Setup& setup_;
  GradientRunOptions options_;
  Isa isa_;
  FitnessGradient fitness_;
  std::unique_ptr<TaskWorker> examiner_;
  std::unique_ptr<Optimizer> optimizer_;

  // The state.
  uint64_t iteration_ = 0;
  std::vector<float> parameters_;
  IterateMean mean_;
  std::vector<Look> looks_;
};

}  // namespace dne
