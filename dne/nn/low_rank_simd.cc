// SPDX-License-Identifier: MIT
// Products with the factors of low rank on AVX2 and AVX-512.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/low_rank_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "dne/nn/kernels.h"
#include "dne/nn/low_rank-inl.h"

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {

void Project(const Projection& projection, const float* input, float* h) {
  ProjectInput(projection, input, h);
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE && defined(__x86_64__)
namespace dne::nn {

void ProjectAvx2(const Projection& projection, const float* input, float* h) {
  N_AVX2::Project(projection, input, h);
}
void ProjectAvx512(const Projection& projection, const float* input, float* h) {
  N_AVX3::Project(projection, input, h);
}

}  // namespace dne::nn
#endif
