// SPDX-License-Identifier: MIT
// A 64-bit FNV-1a digest of values, to compare runs bit for bit. Not for security.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace dne {

class Digest {
 public:
  void AddBytes(std::span<const uint8_t> bytes) {
    for (uint8_t byte : bytes) {
      hash_ = (hash_ ^ byte) * 0x100000001b3u;
    }
  }
  void AddText(std::string_view text) {
    AddBytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }
  // Little-endian bytes of the value, whatever the machine.
  template <class T>
  requires std::is_integral_v<T>
  void Add(T value) {
    auto bits = static_cast<std::make_unsigned_t<T>>(value);
    for (size_t i = 0; i < sizeof(T); ++i) {
      const auto byte = static_cast<uint8_t>(uint64_t{bits} >> (8 * i));
      AddBytes({&byte, 1});
    }
  }
  void Add(float value) { Add(std::bit_cast<uint32_t>(value)); }
  void Add(double value) { Add(std::bit_cast<uint64_t>(value)); }

  uint64_t value() const { return hash_; }

 private:
  uint64_t hash_ = 0xcbf29ce484222325u;
};

}  // namespace dne
