// SPDX-License-Identifier: MIT
// The mean of the points that an optimiser goes through, which is often better than the last of
// them: what each step owes to noise averages out (Polyak and Juditsky 1992). Later points count
// for more (Shamir and Zhang 2013, section 4): after point t = 1, 2, ... the mean moves towards it
// by 9 / (t + 8) of the way, so that it is about the mean of the last ninth.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dne/base/bytes.h"

namespace dne {

class IterateMean {
 public:
  explicit IterateMean(std::span<const float> first) : mean_(first.begin(), first.end()) {}

  void Add(uint64_t t, std::span<const float> point);
  std::span<const float> value() const { return mean_; }

  void Save(ByteWriter& out) const { out.AddFloats(mean_); }
  // Throws Error where it has another size.
  void Restore(ByteReader& in);

 private:
  std::vector<float> mean_;
};

}  // namespace dne
