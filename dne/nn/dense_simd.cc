// SPDX-License-Identifier: MIT
// Dense layers, and average pooling, with vectors. The weights of a large one stream from
// beyond the second cache, so what counts is to read few rows, each in one piece, and to ask for
// them in time.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/dense_simd.cc"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>

#include "dne/nn/kernels.h"
#include "dne/nn/low_rank-inl.h"
#include "dne/nn/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

constexpr int kMostVectors = kThirtyTwoRegisters ? 16 : 8;  // accumulators of a block
// Rows that go through all blocks of outputs before the next ones are read: enough to pay for
// loading and storing the accumulators, few enough that memory is read nearly in sequence.
constexpr size_t kGroupRows = 4;
constexpr size_t kPrefetchRows = 4;

// Appends the rows of a job whose input is not zero to the list. Returns its new length.
size_t ListRows(const DenseLayer& layer, const DenseJob& job, RowList& rows, size_t length) {
  const size_t first_row = job.position * layer.channels;
  const VU count_up = hn::Iota(du, 0);  // costly: once a job
  for (size_t c = 0; c < layer.channels; c += kLanes) {
    const VF x = hn::LoadU(df, job.input + c);
    auto mask = NotZero(hn::BitCast(du, x));
    if (c + kLanes > layer.channels) mask = hn::And(mask, hn::FirstN(du, layer.channels - c));
    const VU row = hn::Add(count_up, hn::Set(du, static_cast<uint32_t>(first_row + c)));
    StoreCompressed(row, mask, rows.row.data() + length);
    hn::StoreU(hn::Compress(x, hn::RebindMask(df, mask)), df, rows.value.data() + length);
    length += hn::CountTrue(du, mask);
  }
  return length;
}

// Of weights as floats, or of 16 bits.
HWY_INLINE VF LoadWeights(const float* weights) { return hn::LoadU(df, weights); }
HWY_INLINE VF LoadWeights(const uint16_t* halves) {
  return hn::PromoteTo(df, hn::LoadU(dhalf, reinterpret_cast<const hwy::float16_t*>(halves)));
}

template <class Weight>
struct Block {
  const Weight* weights;  // of the block's first output
  size_t row_stride;
  const uint32_t* row;  // kPrefetchRows more than count
  const float* value;
  size_t count;
  float* partial;
  bool starts;  // the chains start here, at zero
};

// V vectors of outputs.
template <int V, class Weight>
HWY_INLINE void AddRows(const Block<Weight>& block) {
  constexpr size_t kLine = 64 / sizeof(Weight);
  VF sum[V];
#pragma GCC unroll 16
  for (size_t v = 0; v < V; ++v) {
    sum[v] = block.starts ? hn::Zero(df) : hn::LoadU(df, block.partial + v * kLanes);
  }
  for (size_t i = 0; i < block.count; ++i) {
    const Weight* ahead = block.weights + block.row[i + kPrefetchRows] * block.row_stride;
#pragma GCC unroll 16
    for (size_t at = 0; at < V * kLanes; at += kLine) hwy::Prefetch(ahead + at);
    const VF x = hn::Set(df, block.value[i]);
    const Weight* w = block.weights + block.row[i] * block.row_stride;
#pragma GCC unroll 16
    for (size_t v = 0; v < V; ++v) sum[v] = hn::MulAdd(x, LoadWeights(w + v * kLanes), sum[v]);
  }
#pragma GCC unroll 16
  for (size_t v = 0; v < V; ++v) hn::StoreU(sum[v], df, block.partial + v * kLanes);
}

// All outputs of a group of rows.
template <class Weight>
void AddGroup(const DenseLayer& layer, Block<Weight> block) {
  size_t vectors = layer.row_stride / kLanes;
  while (vectors > 0) {
    size_t done = 1;
    if (vectors >= kMostVectors) {
      AddRows<kMostVectors>(block);
      done = kMostVectors;
    } else if (vectors >= 4) {
      AddRows<4>(block);
      done = 4;
    } else if (vectors == 3) {
      AddRows<3>(block);
      done = 3;
    } else if (vectors >= 2) {
      AddRows<2>(block);
      done = 2;
    } else {
      AddRows<1>(block);
    }
    vectors -= done;
    block.weights += done * kLanes;
    block.partial += done * kLanes;
  }
}

template <class Weight>
void AddJob(const DenseLayer& layer, const Weight* weights, const DenseJob& job,
            const RowList& rows, size_t begin, size_t end) {
  const bool one_block = layer.row_stride <= kMostVectors * kLanes;
  const size_t most = one_block ? std::max<size_t>(end - begin, 1) : kGroupRows;
  size_t first = begin;
  do {  // at least once: a job without rows is a sum of nothing
    const size_t count = std::min(most, end - first);
    AddGroup<Weight>(layer, {weights, layer.row_stride, rows.row.data() + first,
                             rows.value.data() + first, count, job.partial, first == begin});
    first += count;
  } while (first < end);
}

template <int V>
HWY_INLINE bool AddUpBlock(const DenseLayer& layer, const float* partials, const float* skipped,
                           float* output, size_t at) {
  VF sum[V];
#pragma GCC unroll 16
  for (size_t v = 0; v < V; ++v) sum[v] = hn::LoadU(df, layer.biases + at + v * kLanes);
  for (size_t p = 0; p < layer.positions; ++p) {
    const float* partial = partials + p * layer.row_stride + at;
#pragma GCC unroll 16
    for (size_t v = 0; v < V; ++v) {
      sum[v] = hn::Add(sum[v], hn::LoadU(df, partial + v * kLanes));
    }
  }
  bool changed = false;
#pragma GCC unroll 16
  for (size_t v = 0; v < V; ++v) {
    if (layer.change) sum[v] = AddColumns(*layer.change, layer.h, at + v * kLanes, sum[v]);
    VF value = Activate(layer.activation, sum[v]);
    if (skipped) value = hn::Add(value, hn::LoadU(df, skipped + at + v * kLanes));
    changed |= !SameBits(value, hn::LoadU(df, output + at + v * kLanes));
    hn::StoreU(value, df, output + at + v * kLanes);
  }
  return changed;
}

}  // namespace

void Multiply(const DenseLayer& layer, std::span<const DenseJob> jobs, RowList& rows) {
  const size_t capacity = rows.row.size() - kPad - kPrefetchRows;
  const size_t most = capacity / layer.channels;
  while (!jobs.empty()) {
    const auto batch = jobs.first(std::min(most, jobs.size()));
    size_t length = 0;
    for (size_t j = 0; j < batch.size(); ++j) {
      length = ListRows(layer, batch[j], rows, length);
      rows.end[j] = static_cast<uint32_t>(length);
    }
    const uint32_t last = length > 0 ? rows.row[length - 1] : 0;
    std::fill_n(rows.row.begin() + static_cast<ptrdiff_t>(length), kPrefetchRows, last);
    size_t begin = 0;
    for (size_t j = 0; j < batch.size(); begin = rows.end[j], ++j) {
      if (layer.halves) {
        AddJob(layer, layer.halves, batch[j], rows, begin, rows.end[j]);
      } else {
        AddJob(layer, layer.weights, batch[j], rows, begin, rows.end[j]);
      }
    }
    jobs = jobs.subspan(batch.size());
  }
}

bool AddUp(const DenseLayer& layer, const float* partials, const float* skipped, float* output) {
  bool changed = false;
  size_t at = 0;
  for (; at + kMostVectors * kLanes <= layer.row_stride; at += kMostVectors * kLanes) {
    changed |= AddUpBlock<kMostVectors>(layer, partials, skipped, output, at);
  }
  for (; at < layer.row_stride; at += kLanes) {
    changed |= AddUpBlock<1>(layer, partials, skipped, output, at);
  }
  return changed;
}

void Average(const AveragePooling& pooling) {
  const VF positions = hn::Set(df, static_cast<float>(pooling.positions));
  for (size_t c = 0; c < pooling.channels; c += kLanes) {
    VF sum = hn::Zero(df);
    const float* input = pooling.input + c;
    for (size_t p = 0; p < pooling.positions; ++p, input += pooling.channels) {
      sum = hn::Add(sum, hn::LoadU(df, input));
    }
    hn::StoreU(hn::Div(sum, positions), df, pooling.output + c);
  }
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void Multiply<DNE_VECTOR_PATH>(const DenseLayer& layer, std::span<const DenseJob> jobs,
                               RowList& rows) {
  HWY_NAMESPACE::Multiply(layer, jobs, rows);
}
template <>
bool AddUp<DNE_VECTOR_PATH>(const DenseLayer& layer, const float* partials, const float* skipped,
                            float* output) {
  return HWY_NAMESPACE::AddUp(layer, partials, skipped, output);
}
template <>
void Average<DNE_VECTOR_PATH>(const AveragePooling& pooling) {
  HWY_NAMESPACE::Average(pooling);
}

}  // namespace dne::nn
#endif
