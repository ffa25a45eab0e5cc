// SPDX-License-Identifier: MIT
#include "dne/algorithms/reward_weight.h"

#include <algorithm>

namespace dne {

void RewardWeight::Adapt(double validation) {
  if (!adaptation_) return;
  ++updates_since_best_;
  if (validation > best_) {
    best_ = validation;
    value_ = std::min(1.0, value_ + adaptation_->weight_step);
  } else if (updates_since_best_ >= static_cast<uint32_t>(adaptation_->patience)) {
    value_ = std::max(0.0, value_ - adaptation_->weight_step);
  } else {
    return;
  }
  updates_since_best_ = 0;
}

void RewardWeight::Save(ByteWriter& out) const {
  out.Add(value_);
  out.Add(best_);
  out.Add(updates_since_best_);
}

void RewardWeight::Restore(ByteReader& in) {
  value_ = in.ReadDouble();
  best_ = in.ReadDouble();
  updates_since_best_ = in.Read<uint32_t>();
}

}  // namespace dne
