// SPDX-License-Identifier: MIT
// A vector of floats for the hot path: starts on a cache line, and where it is large on huge pages,
// because millions of weights read once a step wait for address translation otherwise (3 to 5 % of
// a step of `uber_large`).
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace dne {

class FloatBuffer {
 public:
  FloatBuffer() = default;
  // The values are not initialised. Throws std::bad_alloc.
  explicit FloatBuffer(size_t size);

  std::span<float> values() { return {floats_.get(), size_}; }
  std::span<const float> values() const { return {floats_.get(), size_}; }

 private:
  struct Free {
    void operator()(float* floats) const;
  };
  std::unique_ptr<float[], Free> floats_;
  size_t size_ = 0;
};

}  // namespace dne
