// SPDX-License-Identifier: MIT
#include "dne/algorithms/reward_weight.h"

#include <algorithm>

#include "dne/algorithms/limits.h"
#include "dne/algorithms/shaping.h"
#include "dne/algorithms/standing.h"
#include "dne/base/error.h"

namespace dne {

void WeightAdaptationOptions::Visit(Fields& fields) {
  fields.Add("reward_weight", reward_weight, Range<double>{0, 1},
             "of reward against novelty, at first");
  fields.Add("weight_step", weight_step, Range<double>{0, 1}, "by which the weight changes");
  fields.Add("patience", patience, kCounts, "updates without a new best before the weight sinks");
}

std::vector<double> MixWithNovelty(double weight, std::span<const double> reward,
                                   std::vector<double> novelty,
                                   std::span<const uint8_t> is_broken) {
  DNE_CHECK(reward.size() == novelty.size());
  PutBrokenLast(is_broken, novelty);
  std::vector<double> mixed = CentredRanks(novelty);
  for (size_t i = 0; i < mixed.size(); ++i) {
    mixed[i] = weight * reward[i] + (1 - weight) * mixed[i];
  }
  return mixed;
}

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
