// SPDX-License-Identifier: MIT
// Optimisers of evolution strategies: from an estimated gradient to a step uphill. Adam
// (1412.6980) as the released code of 1703.03864 has it, SGD with momentum as in its GPU version,
// ClipUp (2008.02387, algorithm 1).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dne/base/bytes.h"
#include "dne/base/parallel.h"

namespace dne {

enum class OptimizerType { kAdam, kSgd, kClipUp };

struct OptimizerOptions {
  OptimizerType type = OptimizerType::kAdam;
  double learning_rate = 0.01;
  double momentum = 0.9;    // Adam: beta 1
  double beta2 = 0.999;     // Adam only
  double epsilon = 1e-8;    // Adam only
  double max_speed = 0.02;  // ClipUp only: the longest step

  bool operator==(const OptimizerOptions&) const = default;
};

// Lengths (Euclidean norms) of one step and of what it moved, before it did.
struct StepNorms {
  double step = 0;
  double parameters = 0;
};

// A value: copying it copies the momentum. Float arithmetic in a fixed order, norms in double.
class Optimizer {
 public:
  Optimizer(const OptimizerOptions& options, size_t num_parameters);

  // parameters += step, g being the gradient, all element by element:
  //   Adam    m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2 after t steps,
  //           step = learning_rate sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + epsilon)
  //   SGD     m = momentum m + g, step = learning_rate m
  //   ClipUp  m = momentum m + learning_rate g / |g|, shortened to max_speed where it is longer,
  //           step = m; a gradient of length 0 adds nothing
  // The same bits for every `parallel`.
  StepNorms Step(std::span<const float> gradient, std::span<float> parameters,
                 const ParallelFor& parallel);

  // Whether all that Step leaves behind is.
  bool IsFinite() const;

  // What Step leaves behind, without the options.
  void Save(ByteWriter& out) const;
  // Throws Error where what was saved is damaged or of another size.
  void Restore(ByteReader& in);

  bool operator==(const Optimizer&) const = default;

 private:
  StepNorms AdamStep(std::span<const float> gradient, std::span<float> parameters,
                     const ParallelFor& parallel);
  StepNorms SgdStep(std::span<const float> gradient, std::span<float> parameters,
                    const ParallelFor& parallel);
  StepNorms ClipUpStep(std::span<const float> gradient, std::span<float> parameters,
                       const ParallelFor& parallel);

  OptimizerOptions options_;
  std::vector<float> momentum_;  // m
  std::vector<float> squares_;   // v, Adam only
  double beta1_power_ = 1;       // b1^t
  double beta2_power_ = 1;       // b2^t
};

}  // namespace dne
