// SPDX-License-Identifier: MIT
// The contract of optimisers: from an estimated gradient to a step uphill. Each has a file of its
// own, with its options and its kind; optimizer_kind.cc lists them.
#pragma once

#include <cstdint>
#include <span>

#include "dne/base/bytes.h"
#include "dne/base/parallel.h"

namespace dne {

// Lengths (Euclidean norms) of one step and of what it moved, before it did.
struct StepNorms {
  double step = 0;
  double parameters = 0;
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // parameters += the step of `generation`, both of the size that it was made for. The same bits
  // for every `parallel`.
  virtual StepNorms Step(std::span<const float> gradient, uint64_t generation,
                         std::span<float> parameters, const ParallelFor& parallel) = 0;

  // False where what Step leaves behind ran away.
  virtual bool IsFinite() const = 0;

  // What Step leaves behind, without the options.
  virtual void Save(ByteWriter& out) const = 0;
  // Throws Error where what was saved is damaged or of another size.
  virtual void Restore(ByteReader& in) = 0;
};

}  // namespace dne
