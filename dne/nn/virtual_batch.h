// SPDX-License-Identifier: MIT
// The reference batch of a network with virtual batch normalisation on the vector paths. It goes
// through the net a layer at a time; within a layer, what did not change from one observation to
// the next is taken over from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dne/nn/normalisation.h"
#include "dne/nn/stage.h"

namespace dne::nn {

class VirtualBatch {
 public:
  // Of `observations` bytes; they, the stages and the scratch must outlive it.
  VirtualBatch(std::span<const Stage> stages, const Kernels& kernels, Scratch& scratch,
               std::span<const uint8_t> observations);

  // Runs layer `index` with these weights (not its biases) on the batch as the call for the layer
  // before left it, so the hidden layers come in order.
  Normalisation Normalise(size_t index, const LayerWeights& weights, std::span<const float> biases);

 private:
  // The batch as the input of a stage: planes one after the other.
  struct Input {
    size_t planes;  // one if each is used up before the next is made, else the whole batch
    size_t floats;
    size_t flags;
    FloatBuffer x;
    std::vector<uint8_t> changed;
  };

  Plane PlaneOf(size_t stage, size_t observation);
  void Observe(size_t observation);
  void Convolve(size_t index, const LayerWeights& weights);
  void Multiply(size_t index, const LayerWeights& weights);
  void ListJobs(size_t index, size_t position);
  std::vector<const float*> OutputRows(size_t index);
  void Apply(size_t index, const Normalisation& normalisation);

  std::span<const Stage> stages_;
  const Kernels& kernels_;
  Scratch& scratch_;
  std::span<const uint8_t> observations_;
  size_t size_;                       // observations
  std::vector<Input> inputs_;         // one a stage
  std::vector<uint8_t> observation_;  // the last one seen
  FloatBuffer zeros_;                 // in place of biases
  FloatBuffer partials_;              // dense layers: of one position, an observation each
  std::vector<float*> newest_;        // the partial sum that holds for each observation
};

}  // namespace dne::nn
