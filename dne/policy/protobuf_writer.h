// SPDX-License-Identifier: MIT
// A message of Protocol Buffers (protobuf.dev/programming-guides/encoding), field by field in the
// order of the calls. Inside the policy module only, but for the tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dne {

class ProtobufWriter {
 public:
  // Of the types int32, int64, uint64 and enum; negative ones have ten bytes.
  void AddInt(uint32_t field, int64_t value) {
    AddTag(field, kVarint);
    AddVarint(static_cast<uint64_t>(value));
  }
  // Of the types string and bytes.
  void AddBytes(uint32_t field, std::string_view value) {
    AddTag(field, kLengthDelimited);
    AddVarint(value.size());
    bytes_ += value;
  }
  void AddMessage(uint32_t field, const ProtobufWriter& message) {
    AddBytes(field, message.bytes_);
  }
  // As if the fields of the other message had been added here.
  void Append(const ProtobufWriter& fields) { bytes_ += fields.bytes_; }

  std::string Take() { return std::move(bytes_); }

 private:
  enum WireType : uint32_t { kVarint = 0, kLengthDelimited = 2 };

  void AddTag(uint32_t field, WireType type) { AddVarint(field << 3 | type); }
  // Seven bits a byte, the lowest first; the highest bit says that more follow.
  void AddVarint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7f) | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

}  // namespace dne
