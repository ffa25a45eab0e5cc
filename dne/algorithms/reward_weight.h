// SPDX-License-Identifier: MIT
// How much reward counts against novelty (1712.06560): not at all for NS-ES and GA-NS, half for
// NSR-ES; for NSRA-ES more after a new best, less after `patience` updates without one (algorithm
// 3).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dne/base/bytes.h"
#include "dne/config/field.h"

namespace dne {

struct WeightAdaptationOptions {
  double reward_weight = 1;  // w at first
  double weight_step = 0.05;
  int patience = 50;  // updates without a new best before w sinks

  void Visit(Fields& fields);
  bool operator==(const WeightAdaptationOptions&) const = default;
};

// Of each individual weight * reward + (1 - weight) * the centred rank of its novelty, in which
// broken ones are last (standing.h). `reward`: ranks as well, or what else they scored.
std::vector<double> MixWithNovelty(double weight, std::span<const double> reward,
                                   std::vector<double> novelty, std::span<const uint8_t> is_broken);

class RewardWeight {
 public:
  // Stays what it is.
  explicit RewardWeight(double value) : value_(value) {}
  explicit RewardWeight(const WeightAdaptationOptions& options)
      : adaptation_(options), value_(options.reward_weight) {}

  double value() const { return value_; }

  // The best validation of the first centres, before any update.
  void Begin(double validation) { best_ = validation; }
  // After every update: the best validation now.
  void Adapt(double validation);

  void Save(ByteWriter& out) const;
  void Restore(ByteReader& in);

 private:
  std::optional<WeightAdaptationOptions> adaptation_;

  // The state.
  double value_;
  double best_ = 0;
  uint32_t updates_since_best_ = 0;
};

}  // namespace dne
