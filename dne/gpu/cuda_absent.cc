// SPDX-License-Identifier: MIT
// In the place of cuda_device.cu where dne is built without it.
#include "dne/gpu/queue.h"

namespace dne::gpu {

std::unique_ptr<Device> MakeCudaDevice() {
  throw Error(
      "--device cuda: this dne was built without CUDA; build it with -DDNE_CUDA=ON (docs/gpu.md), "
      "or leave the option out");
}

}  // namespace dne::gpu
