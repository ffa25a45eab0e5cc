// SPDX-License-Identifier: MIT
// The k smallest of the numbers offered: the same numbers in whatever order they came.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace dne::novelty {

class KSmallest {
 public:
  explicit KSmallest(size_t k) : k_(k) {}

  // Whether offering the number would change anything; where it does not, nor does a larger one.
  bool Wants(double value) const { return heap_.size() < k_ || value < heap_.front(); }

  void Offer(double value) {
    if (!Wants(value)) return;
    if (heap_.size() == k_) {
      std::ranges::pop_heap(heap_);
      heap_.pop_back();
    }
    heap_.push_back(value);
    std::ranges::push_heap(heap_);
  }

  std::vector<double> Sorted() const {
    std::vector<double> sorted = heap_;
    std::ranges::sort(sorted);
    return sorted;
  }

 private:
  size_t k_;
  std::vector<double> heap_;  // the largest in front
};

}  // namespace dne::novelty
