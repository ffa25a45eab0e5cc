// SPDX-License-Identifier: MIT
// Sums of noise on a device: the update of an evolution strategy.
#pragma once

#include <memory>

#include "dne/genome/noise_sums.h"
#include "dne/gpu/queue.h"

namespace dne::gpu {

std::unique_ptr<NoiseSums> SumsOn(std::shared_ptr<Device> device);

}  // namespace dne::gpu
