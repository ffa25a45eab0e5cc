// SPDX-License-Identifier: MIT
// What a dne without CUDA says to --device cuda.
#include "dne/gpu/queue.h"
#include "tests/expect_error.h"

namespace dne::gpu {
namespace {

TEST(CudaAbsent, SaysHowToGetIt) {
  EXPECT_ERROR(MakeCudaDevice(),
               "--device cuda: this dne was built without CUDA; build it with -DDNE_CUDA=ON "
               "(docs/gpu.md), or leave the option out");
}

}  // namespace
}  // namespace dne::gpu
