// SPDX-License-Identifier: MIT
// Outputs that are simple functions of the parameters, so that tests can tell what safe mutations
// should do. What an individual sees is the first of its parameters.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "dne/genome/output_model.h"

namespace dne {

class FakeModel final : public OutputModel {
 public:
  Experience Play(std::span<const float> policy, const StreamId& episodes,
                  const EpisodeOptions& how) override {
    ++plays;
    last_episodes = episodes;
    last_how = how;
    return {.bytes = {}, .floats = {policy[0]}};
  }

  void SetParent(std::span<const float> policy, const Experience& experience) override {
    ++parents;
    parent_.assign(policy.begin(), policy.end());
    seen_ = experience.floats.at(0);
  }

  void SumSensitivity(std::span<float> out) override { Fill(1, out); }
  void AbsSensitivity(std::span<float> out) override { Fill(2, out); }
  void SecondOrderSensitivity(std::span<const float> direction, std::span<float> out) override {
    direction_.assign(direction.begin(), direction.end());
    for (size_t i = 0; i < out.size(); ++i) out[i] = std::abs(direction[i]) + std::abs(seen_);
  }

  // One output that is linear in the parameters, and none beyond `limit`.
  double Divergence(std::span<const float> child) override {
    ++looks;
    double change = 0;
    for (size_t i = 0; i < child.size(); ++i) change += double{child[i]} - double{parent_[i]};
    const double divergence = std::min(change * change, ceiling);
    return divergence > limit ? std::numeric_limits<double>::quiet_NaN() : divergence;
  }

  const std::vector<float>& direction() const { return direction_; }

  int plays = 0;
  int parents = 0;
  int looks = 0;
  StreamId last_episodes;
  EpisodeOptions last_how;
  double limit = std::numeric_limits<double>::infinity();
  double ceiling = std::numeric_limits<double>::infinity();

 private:
  void Fill(float factor, std::span<float> out) const {
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = factor * (1 + std::abs(seen_)) * static_cast<float>(i % 5);
    }
  }

  std::vector<float> parent_;
  std::vector<float> direction_;
  float seen_ = 0;
};

}  // namespace dne
