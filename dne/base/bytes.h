// SPDX-License-Identifier: MIT
// Values to bytes and back: little-endian, no padding, lengths before contents.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "dne/base/error.h"

namespace dne {

static_assert(std::endian::native == std::endian::little, "floats are stored as they lie");

inline std::vector<uint8_t> BytesOfFloats(std::span<const float> values) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
  return {bytes, bytes + values.size_bytes()};
}
// A multiple of four bytes.
inline std::vector<float> FloatsFromBytes(std::span<const uint8_t> bytes) {
  DNE_CHECK(bytes.size() % sizeof(float) == 0);
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

class ByteWriter {
 public:
  template <class T>
  requires std::is_unsigned_v<T>
  void Add(T value) {
    for (size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<char>(static_cast<uint8_t>(uint64_t{value} >> (8 * i))));
    }
  }
  void Add(double value) { Add(std::bit_cast<uint64_t>(value)); }
  void AddBytes(std::span<const uint8_t> bytes) {
    Add(static_cast<uint64_t>(bytes.size()));
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void AddText(std::string_view text) {
    AddBytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }

  void AddFloats(std::span<const float> values) { AddBytes(BytesOfFloats(values)); }

  std::string Take() { return std::move(bytes_); }
  std::vector<uint8_t> TakeBytes() const { return {bytes_.begin(), bytes_.end()}; }

 private:
  std::string bytes_;
};

// Throws Error when asked for more than there is.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  requires std::is_unsigned_v<T> T Read() {
    const std::string_view raw = Next(sizeof(T));
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(T); ++i) {
      value |= uint64_t{static_cast<uint8_t>(raw[i])} << (8 * i);
    }
    return static_cast<T>(value);
  }
  double ReadDouble() { return std::bit_cast<double>(Read<uint64_t>()); }
  std::string_view ReadText() { return Next(Read<uint64_t>()); }
  std::vector<uint8_t> ReadBytes() { return ReadBytes(Read<uint64_t>()); }
  std::vector<uint8_t> ReadBytes(uint64_t size) {  // without a length before them
    const std::string_view raw = Next(size);
    return {raw.begin(), raw.end()};
  }
  std::vector<float> ReadFloats() {
    const std::vector<uint8_t> bytes = ReadBytes();
    if (bytes.size() % sizeof(float) != 0) {
      throw Error("stored state is damaged: numbers of an odd length");
    }
    return FloatsFromBytes(bytes);
  }
  // Counts of things that take at least one byte each, so damage cannot ask for huge memory.
  uint64_t ReadCount() {
    const auto count = Read<uint64_t>();
    if (count > rest_.size()) throw Error("stored state is damaged: a count exceeds its data");
    return count;
  }
  void ExpectEnd() const {
    if (!rest_.empty()) throw Error("stored state is damaged: bytes left over");
  }

 private:
  std::string_view Next(uint64_t size) {
    if (size > rest_.size()) throw Error("stored state is damaged: it ends too early");
    const std::string_view head = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return head;
  }

  std::string_view rest_;
};

}  // namespace dne
