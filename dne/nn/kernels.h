// SPDX-License-Identifier: MIT
// Inside of the incremental forward pass: its vector kernels, one set for each code path. Every
// output is the expression of dne/nn/forward.h; vectors run over outputs, never over a sum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dne/base/isa.h"
#include "dne/nn/cell.h"
#include "dne/nn/low_rank.h"
#include "dne/nn/network.h"

namespace dne::nn {

// Floats of the widest vector. Rows of weights have a multiple of it (padded with zeros where the
// units have not), and every input may be read that far beyond its end.
inline constexpr size_t kPad = 16;

inline size_t RoundUp(size_t n, size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// One row of an image: where `now` differs from `before`, changed[position] becomes 1 (else 0), x
// is scaled anew and before is brought up to date. `all`: as if everything differed.
struct ImageRow {
  const uint8_t* now;
  uint8_t* before;
  float* x;
  uint8_t* changed;
  size_t positions;
  size_t channels;
  bool all;
};

struct Convolution {
  const float* weights;
  const float* biases;
  size_t row_stride;  // floats from the weights of one tap to those of the next
  size_t units;
  size_t kernel;
  size_t run;          // taps that lie side by side in the input: kernel * channels
  size_t input_pitch;  // floats from one input row to the next
  Activation activation;
  // Taps that read zero at all positions of a tile may be left out: with finite weights they
  // change no more than the sign of a zero, which relu hides.
  bool skip_zeros;
  // Weights that the next layer needs, asked for while this one computes: a large dense layer has
  // pushed them out of the cache since the last time.
  std::span<const float> ahead;
  const MapChange* change = nullptr;  // of a member of low rank
};

// Where a convolution or max pooling has its window.
struct WindowPosition {
  const float* input;  // first tap
  float* output;
  uint8_t* changed;  // set to 1 if the output's bits change, else left alone
};

// Scratch: the taps of a tile, as offsets into the input and the weights.
struct TapList {
  std::vector<uint32_t> input;
  std::vector<uint32_t> weight;
  std::vector<float> h;  // of a member of low rank, and of each position
};

struct DenseLayer {
  const float* weights;
  const uint16_t* halves;  // in place of `weights`, where it is not null (dne/nn/half.h)
  const float* biases;
  size_t row_stride;  // also the floats of a partial sum and of an output
  size_t positions;
  size_t channels;
  Activation activation;
  const MapChange* change = nullptr;  // of a member of low rank, with its h
  const float* h = nullptr;
};

// Where an input that meets the factor A of a change lies: rows, and in each `run` values.
struct Projection {
  const MapChange* change;
  size_t rows;
  size_t run;
  size_t pitch;  // floats from a row to the next
};

// The partial sum of one input position.
struct DenseJob {
  const float* input;
  size_t position;
  float* partial;
};

// Scratch: the rows of weights that a few jobs need, in order.
struct RowList {
  std::vector<uint32_t> row;
  std::vector<float> value;
  std::vector<uint32_t> end;  // per job
};

struct MaxPooling {
  size_t kernel;
  size_t channels;
  size_t input_pitch;  // floats from one input row to the next
};

// The average of each channel over an image without padding.
struct AveragePooling {
  const float* input;
  size_t positions;
  size_t channels;
  float* output;  // whole vectors
};

// One row of a layer's sums on an observation of the reference batch: x becomes
// activation(x * scale + shift), and changed[position] 1 if its bits differ from `before`'s (the
// row of another observation, normalised already, or x itself), else 0.
struct NormalisedRow {
  const float* before;
  float* x;
  uint8_t* changed;
  size_t positions;
  size_t channels;
  const float* scale;  // whole vectors
  const float* shift;
  Activation activation;
};

struct Kernels {
  void (*scale_row)(const ImageRow& row);
  void (*convolve)(const Convolution& convolution, std::span<const WindowPosition> positions,
                   TapList& taps);
  void (*multiply)(const DenseLayer& layer, std::span<const DenseJob> jobs, RowList& rows);
  // h of each column of A.
  void (*project)(const Projection& projection, const float* input, float* h);
  // Bias plus all partials and what a change adds, activated, plus `skipped` unless null. Returns
  // whether the output's bits changed.
  bool (*add_up)(const DenseLayer& layer, const float* partials, const float* skipped,
                 float* output);
  void (*take_largest)(const MaxPooling& pooling, std::span<const WindowPosition> positions);
  void (*average)(const AveragePooling& pooling);
  void (*step_cell)(const Cell& cell);
  void (*normalise_row)(const NormalisedRow& row);
  // RoundToHalf of each number, as 16 bits, of which whole vectors are written, or as floats, which
  // may be the same ones.
  void (*round_to_halves)(std::span<const float> numbers, uint16_t* halves);
  void (*round_floats)(std::span<const float> numbers, float* rounded);
};

// A vector path's.
Kernels KernelsFor(Isa isa);

// Each of them, by path.
template <Isa>
void ScaleRow(const ImageRow& row);
template <Isa>
void Convolve(const Convolution& convolution, std::span<const WindowPosition> positions,
              TapList& taps);
template <Isa>
void Multiply(const DenseLayer& layer, std::span<const DenseJob> jobs, RowList& rows);
template <Isa>
void Project(const Projection& projection, const float* input, float* h);
template <Isa>
bool AddUp(const DenseLayer& layer, const float* partials, const float* skipped, float* output);
template <Isa>
void TakeLargest(const MaxPooling& pooling, std::span<const WindowPosition> positions);
template <Isa>
void Average(const AveragePooling& pooling);
template <Isa>
void StepCell(const Cell& cell);
template <Isa>
void NormaliseRow(const NormalisedRow& row);
template <Isa>
void RoundToHalves(std::span<const float> numbers, uint16_t* halves);
template <Isa>
void RoundFloats(std::span<const float> numbers, float* rounded);

}  // namespace dne::nn
