// SPDX-License-Identifier: MIT
// Marks functions that run on a graphics card as well, the same bits there and here.
#pragma once

#ifdef __CUDACC__
#define DNE_ANYWHERE __host__ __device__ __forceinline__
#else
#define DNE_ANYWHERE [[gnu::always_inline]] inline
#endif
