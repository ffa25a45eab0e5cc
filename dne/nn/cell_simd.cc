// SPDX-License-Identifier: MIT
// Recurrent cells with vectors: those of cell.h, operation by operation.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/cell_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "dne/nn/kernels.h"
#include "dne/nn/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

// A vector of units, from unit `at` on; the last one may be a part.
struct Units {
  size_t at;
  FirstLanes lanes;

  VF Load(const float* values) const { return lanes.Load(values + at); }
  void Store(VF value, float* values) const { lanes.Store(value, values + at); }
};

HWY_INLINE void StepRnn(const Cell& cell, const Units& u) {
  const VF output = TanhVector(hn::Add(u.Load(cell.gates), u.Load(cell.state_sums)));
  u.Store(output, cell.gates);
  u.Store(output, cell.output);
}

HWY_INLINE void StepGru(const Cell& cell, const Units& u) {
  float* const reset_at = cell.gates;
  float* const update_at = cell.gates + cell.units;
  float* const fresh_at = cell.gates + 2 * cell.units;
  const float* sums = cell.state_sums;
  const VF reset = SigmoidVector(hn::Add(u.Load(reset_at), u.Load(sums)));
  const VF update = SigmoidVector(hn::Add(u.Load(update_at), u.Load(sums + cell.units)));
  const VF fresh = TanhVector(hn::MulAdd(reset, u.Load(sums + 2 * cell.units), u.Load(fresh_at)));
  const VF difference = hn::Sub(u.Load(cell.last_output), fresh);
  u.Store(reset, reset_at);
  u.Store(update, update_at);
  u.Store(fresh, fresh_at);
  u.Store(hn::MulAdd(update, difference, fresh), cell.output);
}

HWY_INLINE void StepLstm(const Cell& cell, const Units& u) {
  VF sums[4];
  for (size_t gate = 0; gate < 4; ++gate) {
    const size_t offset = gate * cell.units;
    sums[gate] = hn::Add(u.Load(cell.gates + offset), u.Load(cell.state_sums + offset));
  }
  const VF input = SigmoidVector(sums[0]);
  const VF forget = SigmoidVector(sums[1]);
  const VF fresh = TanhVector(sums[2]);
  const VF output = SigmoidVector(sums[3]);
  const VF memory = hn::MulAdd(forget, u.Load(cell.last_memory), hn::Mul(input, fresh));
  const VF squashed = TanhVector(memory);
  u.Store(input, cell.gates);
  u.Store(forget, cell.gates + cell.units);
  u.Store(fresh, cell.gates + 2 * cell.units);
  u.Store(output, cell.gates + 3 * cell.units);
  u.Store(memory, cell.memory);
  u.Store(squashed, cell.state_sums);
  u.Store(hn::Mul(output, squashed), cell.output);
}

}  // namespace

void StepCell(const Cell& cell) {
  for (size_t at = 0; at < cell.units; at += kLanes) {
    const Units units{at, FirstLanes(cell.units - at)};
    if (cell.type == LayerType::kLstm) {
      StepLstm(cell, units);
    } else if (cell.type == LayerType::kGru) {
      StepGru(cell, units);
    } else {
      StepRnn(cell, units);
    }
  }
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void StepCell<DNE_VECTOR_PATH>(const Cell& cell) {
  HWY_NAMESPACE::StepCell(cell);
}

}  // namespace dne::nn
#endif
