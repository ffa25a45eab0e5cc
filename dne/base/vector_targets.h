// SPDX-License-Identifier: MIT
// The code paths of all vector kernels: AVX2 and AVX-512 on x86-64, NEON on 64-bit ARM. A kernel is
// declared as a template, `template <Isa> void Run(const Job& job);`. Its file of vectors includes
// this before Highway, is compiled once a target, and at its end says what the kernel is on that
// path: `template <> void Run<DNE_VECTOR_PATH>(const Job& job) { HWY_NAMESPACE::Run(job); }`.
// dne/base/vector_path.h chooses among them.
#pragma once

// Vectors of a length that the compiler does not know (SVE) are none of ours.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#define HWY_COMPILE_ALL_ATTAINABLE
// On ARM, where NEON is always there, no other code than the compiler's flags allow: Highway would
// switch on instructions for encryption, which not all processors have.
#define TOOLCHAIN_MISS_SYS_AUXV_H

// Whether the target that is being compiled is one of them. Highway adds some of its own.
#define DNE_IS_VECTOR_PATH \
  (HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON)

#define DNE_VECTOR_PATH ::dne::vectors::HWY_NAMESPACE::kPath
