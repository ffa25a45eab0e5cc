// SPDX-License-Identifier: MIT
// The code paths of all vector kernels, AVX2 and AVX-512. A kernel's file includes this before
// Highway, is compiled once a target, and picks its targets' functions by name at its end.
#pragma once

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#define HWY_COMPILE_ALL_ATTAINABLE
