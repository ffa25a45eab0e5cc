// SPDX-License-Identifier: MIT
// The devices that the tests run on: the processor in a card's place and, where there is one, the
// card.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dne/base/error.h"
#include "dne/gpu/queue.h"

namespace dne::gpu {

inline constexpr size_t kHostMemory = size_t{512} << 20;

inline std::unique_ptr<Device> MakeDevice(const std::string& name) {
  return name == "host" ? MakeHostDevice(kHostMemory) : MakeCudaDevice();
}

inline std::vector<std::string> DeviceNames() {
  std::vector<std::string> names{"host"};
  try {
    if (MakeCudaDevice()) names.push_back("cuda");
  } catch (const Error&) {  // none here
  }
  return names;
}

}  // namespace dne::gpu
