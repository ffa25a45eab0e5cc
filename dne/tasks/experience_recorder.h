// SPDX-License-Identifier: MIT
// Collects what a policy sees in an episode, up to a number of observations.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dne/episode/episode.h"

namespace dne {

// Which observations are kept where there are more than that.
enum class KeptObservations {
  kFirst,   // the first ones, one after the other: of networks with a state
  kEvenly,  // every nth of the whole episode, n being the least power of 2 that is enough
};

// Of one episode at a time.
class ExperienceRecorder {
 public:
  // most >= 1.
  ExperienceRecorder(KeptObservations kept, uint32_t most) : kept_(kept), most_(most) {}

  // The next observation; all are of one type and size.
  void See(std::span<const uint8_t> observation) { See(observation, experience_.bytes); }
  void See(std::span<const float> observation) { See(observation, experience_.floats); }

  const Experience& experience() const { return experience_; }

 private:
  template <class T>
  void See(std::span<const T> observation, std::vector<T>& kept) {
    if (seen_++ % stride_ != 0) return;
    if (kept.size() == most_ * observation.size()) {
      if (kept_ == KeptObservations::kFirst) return;
      DropEverySecond(observation.size(), kept);
      stride_ *= 2;
      if ((seen_ - 1) % stride_ != 0) return;
    }
    kept.insert(kept.end(), observation.begin(), observation.end());
  }

  template <class T>
  static void DropEverySecond(size_t size, std::vector<T>& kept) {
    auto end = kept.begin();
    for (size_t i = 0; i < kept.size(); i += 2 * size) {
      const auto begin = kept.begin() + static_cast<ptrdiff_t>(i);
      end = std::copy(begin, begin + static_cast<ptrdiff_t>(size), end);
    }
    kept.erase(end, kept.end());
  }

  KeptObservations kept_;
  size_t most_;
  size_t seen_ = 0;
  size_t stride_ = 1;
  Experience experience_;
};

}  // namespace dne
