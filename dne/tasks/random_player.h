// SPDX-License-Identifier: MIT
// Random play of any environment.
#pragma once

#include <cstdint>
#include <vector>

#include "dne/envs/environment.h"

namespace dne {

// Draws an action from all that there are; of continuous ones each number from [-1, 1). The stream
// must outlive it.
class RandomPlayer {
 public:
  RandomPlayer(const ActionSpec& spec, Stream& stream)
      : type_(spec.type), size_(static_cast<uint32_t>(spec.size)), stream_(stream) {}

  // Valid until the next call.
  Action Next() {
    if (type_ == ActionType::kDiscrete) return {.choice = static_cast<int>(stream_.Below(size_))};
    values_.resize(size_);
    for (float& value : values_) value = 2 * stream_.NextFloat() - 1;
    return {.values = values_};
  }

 private:
  ActionType type_;
  uint32_t size_;
  Stream& stream_;
  std::vector<float> values_;
};

}  // namespace dne
