// SPDX-License-Identifier: MIT
// Bits in a row, the highest bit of a number and of a byte first, and the Elias gamma code.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dne/base/error.h"

namespace dne {

class BitWriter {
 public:
  void Write(uint64_t value, int width) {
    for (int i = width; i-- > 0;) {
      if (used_ % 8 == 0) bytes_.push_back(0);
      bytes_.back() |= static_cast<uint8_t>((value >> i & 1) << (7 - used_++ % 8));
    }
  }

  // value >= 1: as many zeros as bits follow the leading one, then the bits.
  void WriteGamma(uint64_t value) {
    const int width = static_cast<int>(std::bit_width(value));
    Write(0, width - 1);
    Write(value, width);
  }

  // Filled up with zero bits to whole bytes.
  std::vector<uint8_t> Take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
  size_t used_ = 0;  // bits
};

// Throws Error where the bits end early or a number is larger than any that is written.
class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  size_t left() const { return 8 * bytes_.size() - used_; }

  uint64_t Read(int width) {
    if (left() < static_cast<size_t>(width)) {
      throw Error("genome bytes end early, at byte " + std::to_string(bytes_.size()) +
                  ": copy all of them");
    }
    uint64_t value = 0;
    for (int i = 0; i < width; ++i, ++used_) {
      value = value << 1 | (bytes_[used_ / 8] >> (7 - used_ % 8) & 1u);
    }
    return value;
  }

  // 1..2^33 - 1: one more than any generation, item or count, and zeros in front are few.
  uint64_t ReadGamma() {
    int width = 1;
    while (Read(1) == 0) {
      if (++width > 33) throw Error("genome bytes are damaged: a number has more than 33 bits");
    }
    return uint64_t{1} << (width - 1) | Read(width - 1);
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t used_ = 0;  // bits
};

}  // namespace dne
