// SPDX-License-Identifier: MIT
// Inside of the batched forward pass: its vector kernels, one set for each code path. Every output
// is the expression of dne/nn/forward.h.
//
// The lanes of a vector are observations: a group of them, as many as a vector has floats, goes
// through the layers together. So all values are vectors, [row][column][channel], and a weight is
// one number for all lanes, whatever the numbers of channels and units.
#pragma once

#include <cstddef>

#include "dne/base/isa.h"
#include "dne/nn/low_rank.h"
#include "dne/nn/network.h"

namespace dne::nn {

// Of one group. Sizes and steps of values are in floats: lanes included.
struct BatchConvolution {
  // By blocks of BatchKernels::conv_units units, of which the last may have fewer: in each the
  // weights of a tap side by side, the taps in order.
  const float* weights;
  const float* biases;
  size_t units;
  size_t kernel;
  size_t run;  // taps that lie side by side in the input: kernel * channels
  Activation activation;
  const float* input;  // first tap of the first position
  size_t input_row;
  size_t row_step;  // from the first tap of an output position to that of the one below
  size_t column_step;
  size_t rows;  // of outputs
  size_t columns;
  // Writes the largest of each 2 x 2 outputs instead of them; there are whole ones only.
  bool pools;
  float* output;
  size_t output_row;
  const MapChange* change = nullptr;  // of a member of low rank, with its h: BatchProjection
  const float* h = nullptr;
};

struct BatchMaxPooling {
  size_t channels;
  size_t kernel;
  size_t stride;
  const float* input;
  size_t input_row;
  size_t rows;  // of outputs
  size_t columns;
  float* output;
  size_t output_row;
};

// Of an image without padding.
struct BatchAveragePooling {
  const float* input;
  size_t positions;
  size_t channels;
  float* output;
};

// What a group's sums begin with and, of a member of low rank, what is added to them.
struct BatchDenseGroup {
  const float* biases;
  const MapChange* change = nullptr;
  const float* h = nullptr;  // a vector a column of its A: BatchProjection
};

// Of several groups, which all meet a weight while it is in the cache.
struct BatchDense {
  const float* weights;  // the policy's own
  size_t positions;
  size_t channels;
  size_t units;
  Activation activation;
  // Leaves inputs of zero out of the sums as the definition does. Otherwise they are added, which
  // shows only where a weight is not finite or a bias is -0; of weights the kernel finds out.
  bool skip_zeros;
  size_t groups;
  const BatchDenseGroup* of_group;  // one a group
  const float* input;
  size_t input_group;    // from a group's values to the next one's
  const float* skipped;  // null, or added to the outputs, where it lies like them
  float* output;
  float* partial;  // scratch, as large as the output
};

// Inputs that meet the factor A of a change: `rows` rows of `run` values at each place of a grid.
// h has for each place a vector a column of A.
struct BatchProjection {
  const MapChange* change;
  size_t rows;
  size_t run;
  const float* input;  // of the first place
  size_t input_row;
  size_t row_step;  // from a place to the one below
  size_t column_step;
  size_t down;
  size_t across;
};

struct BatchKernels {
  size_t lanes;
  size_t conv_units;
  void (*convolve)(const BatchConvolution& convolution);
  void (*take_largest)(const BatchMaxPooling& pooling);
  void (*average)(const BatchAveragePooling& pooling);
  void (*multiply)(const BatchDense& layer);
  void (*project)(const BatchProjection& projection, float* h);
};

// A vector path's.
BatchKernels BatchKernelsFor(Isa isa);
// Where a convolution's inputs meet the factors of its change.
BatchProjection ProjectionOf(const BatchConvolution& convolution);

// Of BatchKernels. With two positions 16 sums of 32 registers, or 12 of 16: enough to hide a
// multiply-add's latency.
constexpr size_t ConvUnits(Isa isa) { return isa == Isa::kAvx2 ? 6 : 8; }

// The kernels, by path.
template <Isa>
void BatchConvolve(const BatchConvolution& convolution);
template <Isa>
void BatchTakeLargest(const BatchMaxPooling& pooling);
template <Isa>
void BatchAverage(const BatchAveragePooling& pooling);
template <Isa>
void BatchMultiply(const BatchDense& layer);
template <Isa>
void BatchProject(const BatchProjection& projection, float* h);

}  // namespace dne::nn
