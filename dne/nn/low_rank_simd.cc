// SPDX-License-Identifier: MIT
// Products with the factors of low rank with vectors.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/low_rank_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "dne/nn/kernels.h"
#include "dne/nn/low_rank-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {

void Project(const Projection& projection, const float* input, float* h) {
  ProjectInput(projection, input, h);
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void Project<DNE_VECTOR_PATH>(const Projection& projection, const float* input, float* h) {
  HWY_NAMESPACE::Project(projection, input, h);
}

}  // namespace dne::nn
#endif
