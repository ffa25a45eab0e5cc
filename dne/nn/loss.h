// SPDX-License-Identifier: MIT
// How badly a network names images: the softmax cross-entropy of its outputs, and the gradient
// of that by the parameters.
//
// Everything here is a function of its arguments, to the bit, on every code path: sums run in the
// order of the images and of the outputs, exponentials and logarithms are the program's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "dne/base/isa.h"
#include "dne/nn/network.h"

namespace dne {

// -log softmax(outputs)[label] in double: log(sum_k exp(y_k - m)) - (y_label - m), m the largest.
// Not a number where an output is none or infinite.
double CrossEntropy(std::span<const float> outputs, size_t label);

// The first of the largest.
size_t LargestOutput(std::span<const float> outputs);

struct BatchLoss {
  double sum = 0;    // of the images' cross-entropies, in order
  size_t right = 0;  // images whose largest output is their label's
};

// Private to one thread.
class LossGradient {
 public:
  // The network must outlive it, and take images. Throws Error for one with a state or with
  // virtual batch normalisation.
  LossGradient(const Network& network, Isa isa);
  ~LossGradient();

  // Writes the gradient by the parameters of the mean cross-entropy of these images, at least
  // one: bytes one after the other, as dne/nn/forward.h takes them. Its outputs are affine maps'
  // sums as one chain, which a Forward rounds otherwise: losses agree to some 1e-6. Memory does not
  // grow with the batch.
  BatchLoss Run(std::span<const float> parameters, std::span<const uint8_t> images,
                std::span<const uint8_t> labels, std::span<float> gradient);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace dne
