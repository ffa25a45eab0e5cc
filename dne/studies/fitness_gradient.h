// SPDX-License-Identifier: MIT
// The gradient that evolution strategies estimate.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dne/base/isa.h"
#include "dne/nn/loss.h"
#include "dne/tasks/task_kind.h"

namespace dne {

// Private to one thread.
class FitnessGradient {
 public:
  // Of supervised learning (Setup::images), which must outlive it. Throws Error as LossGradient.
  FitnessGradient(const Setup& setup, Isa isa) : setup_(setup), loss_(*setup.network, isa) {}

  // Of minus the mean cross-entropy on these training images, at least one, by the parameters.
  std::vector<float> Run(std::span<const float> parameters, std::span<const uint32_t> images);

 private:
  const Setup& setup_;
  LossGradient loss_;
};

// The images that all members of a generation learn from, where they share them.
std::vector<uint32_t> SharedImages(const Setup& setup, uint64_t seed, uint32_t generation);

}  // namespace dne
