// SPDX-License-Identifier: MIT
// What a graphics card is asked to do: one job after the other in a queue, each many threads that
// do the same and write to different places. Pointers are into memory of the queue's device.
//
// Observations go through a network in groups of 32, which lie side by side: a group's
// values of a layer are [row][column][channel][32]. Each group is of one member, whose parameters
// lie in a slot. Through dense layers they also go one by one, in groups of one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dne/base/anywhere.h"
#include "dne/genome/perturbation.h"
#include "dne/nn/network.h"
#include "dne/random/stream.h"

namespace dne::gpu {

inline constexpr uint32_t kLanes = 32;

// Kinds whose noise the jobs below draw.
constexpr bool IsDrawn(PerturbationKind kind) {
  switch (kind) {
    case PerturbationKind::kGaussian:
    case PerturbationKind::kSpread:
    case PerturbationKind::kSigns:
    case PerturbationKind::kBucket:
    case PerturbationKind::kLowRank:
    case PerturbationKind::kProbe:
      return true;
    default:
      return false;
  }
}

// A member's noise and where it goes.
struct Draw {
  StreamId stream;
  float scale = 0;      // sigma, or -sigma
  uint32_t parent = 0;  // number of it
  uint32_t slot = 0;
  uint32_t mirrored = 0;  // the slot of the other half of the pair; the same one: there is none
  // The parameters that change.
  uint32_t first = 0;
  uint32_t size = 0;
};

// slot[i] = fma(scale, noise i, parent[i]), as the kind of perturbation has it; other parameters
// are the parent's.
struct PerturbJob {
  PerturbationKind kind = PerturbationKind::kGaussian;
  const Draw* draws = nullptr;
  size_t num_draws = 0;
  const float* parents = nullptr;  // one after the other, `parent_size` apart
  size_t parent_size = 0;
  size_t spreads = 0;  // where they begin in a parent; 0: all are 1
  size_t num_parameters = 0;
  float* slots = nullptr;
  size_t slot_size = 0;
};

// The numbers first .. first + count - 1 of each draw's stream, first being a multiple of 4, go to
// `offset` in its slot. With `base`, which `base_offset` in its parent is, they are noise on it.
struct FactorJob {
  const Draw* draws = nullptr;
  size_t num_draws = 0;
  size_t first = 0;
  size_t count = 0;
  bool is_noise = false;
  const float* parents = nullptr;
  size_t parent_size = 0;
  size_t base_offset = 0;
  float* slots = nullptr;
  size_t slot_size = 0;
  size_t offset = 0;
};

// What the groups of a job have in common.
struct Groups {
  size_t count = 0;
  uint32_t width = kLanes;         // observations of each: kLanes or 1
  const uint32_t* slot = nullptr;  // of each
};

// The values of a layer, or what one reads: of each group an image, with zeros around it where a
// convolution reads them.
struct Plane {
  float* data = nullptr;
  size_t group_floats = 0;  // from a group to the next
  size_t first = 0;         // where the image begins
  size_t row = 0;           // floats from a row to the next

  DNE_ANYWHERE float* group(uint32_t g) const { return data + g * group_floats; }
};

// Bytes of images, times 1/255, into the input of the first layer. Lanes without an image see
// zeros.
struct ObserveJob {
  size_t num_groups = 0;
  const uint8_t* pixels = nullptr;
  const uint32_t* images = nullptr;  // 32 of each group; kNoImage: none
  uint32_t height = 0;
  uint32_t row = 0;  // values of a row
  Plane output;
};
inline constexpr uint32_t kNoImage = UINT32_MAX;

// Of a member of low rank, for an affine map: see dne/nn/low_rank.h. rank 0: there is none.
struct ChangeView {
  uint32_t rank = 0;
  const float* slots = nullptr;  // of the members' factors and biases
  size_t slot_size = 0;
  size_t right = 0;  // offset of B
  size_t biases = 0;
  const float* h = nullptr;  // [group][position][rank][width]
};

// The parameters of an affine map.
struct MapView {
  const float* slots = nullptr;
  size_t slot_size = 0;  // 0: all members read the same, their parent's
  size_t weights = 0;
  size_t biases = 0;
  uint32_t units = 0;
  Activation activation = Activation::kLinear;
  ChangeView change;
};

// A convolution and its activation; with `pools`, the largest of each window of 2 x 2 at once.
struct ConvolveJob {
  Groups groups;
  MapView map;
  Plane input;
  uint32_t kernel = 0;
  uint32_t run = 0;  // values that a row of a window reads
  size_t row_step = 0;
  size_t column_step = 0;
  uint32_t rows = 0;  // of outputs, before they are pooled
  uint32_t columns = 0;
  bool pools = false;
  Plane output;
};

struct PoolJob {
  size_t num_groups = 0;
  uint32_t channels = 0;
  uint32_t kernel = 0;
  uint32_t stride = 0;
  Plane input;
  uint32_t rows = 0;  // of outputs
  uint32_t columns = 0;
  Plane output;
};

struct AverageJob {
  size_t num_groups = 0;
  uint32_t positions = 0;
  uint32_t channels = 0;
  Plane input;
  Plane output;
};

// Rows of weights behind the last one that a dense layer may read, and does not use.
inline constexpr size_t kRowsAhead = 4;

// A dense layer and its activation.
struct DenseJob {
  Groups groups;
  MapView map;
  uint32_t positions = 0;
  uint32_t channels = 0;
  Plane input;
  Plane output;
};

// to[i] += from[i] over all groups.
struct AddJob {
  size_t count = 0;
  const float* from = nullptr;
  float* to = nullptr;
};

// h = scale * (x A_k) at each position of an affine map's outputs (dne/nn/low_rank.h).
struct ProjectJob {
  Groups groups;
  const Draw* draws = nullptr;  // of each slot, for its scale
  float root = 1;               // 1 / sqrt(rank)
  uint32_t rank = 0;
  const float* slots = nullptr;
  size_t slot_size = 0;
  size_t left = 0;  // offset of A
  size_t inputs = 0;
  Plane input;
  uint32_t kernel = 0;  // rows of a window
  uint32_t run = 0;     // values of each
  size_t row_step = 0;
  size_t column_step = 0;
  uint32_t rows = 0;
  uint32_t columns = 0;
  float* h = nullptr;
};

// A group's outputs, lane by lane, as rows of its observations.
struct OutputsJob {
  size_t num_groups = 0;
  uint32_t outputs = 0;
  Plane input;
  float* rows = nullptr;  // [group][32][outputs]
};

// A term of a sum of noise: parameters first .. first + size - 1 change by it.
struct Term {
  StreamId stream;
  float weight = 0;
  uint32_t first = 0;
  uint32_t size = 0;
};

// For every term in order: sum[i] = fma(weight, noise i, sum[i]) (dne/random/weighted_noise.h);
// with `squares`, sum[i] += weight * (noise^2 - 1).
struct SumJob {
  PerturbationKind kind = PerturbationKind::kGaussian;
  bool squares = false;
  const Term* terms = nullptr;
  size_t num_terms = 0;
  float* sum = nullptr;  // of all parameters
  size_t begin = 0;      // those that change
  size_t end = 0;
};

// For every product in order: m[i][o] = fma(left[k][i], right[k][o], m[i][o])
// (dne/random/outer_products.h).
struct ProductsJob {
  const float* left = nullptr;  // [count][left_stride]
  const float* right = nullptr;
  size_t left_stride = 0;
  size_t right_stride = 0;
  size_t count = 0;
  uint32_t rows = 0;
  uint32_t columns = 0;
  float* matrix = nullptr;
};

// Numbers of the terms' factors: number first + i of term t's stream times, with `weighs`, the
// float weight * root, to out[(t * rank + column) * stride + i].
struct TermFactorJob {
  const Term* terms = nullptr;
  size_t num_terms = 0;
  uint32_t rank = 0;
  size_t first = 0;   // of column 0
  size_t column = 0;  // numbers from a column to the next, a multiple of 4
  size_t count = 0;   // of a column
  bool weighs = false;
  float root = 1;
  float* out = nullptr;
  size_t stride = 0;
};

// What the device's multiply-adds can do at most: each thread kChains * rounds of them.
struct MultiplyAddJob {
  static constexpr uint32_t kChains = 32;

  size_t threads = 0;
  uint32_t rounds = 0;
  float* results = nullptr;  // one a thread
};

}  // namespace dne::gpu
