// SPDX-License-Identifier: MIT
#include "dne/envs/atari/console/scan_line.h"

namespace dne {
namespace {

// Each of eight bits `scale` times.
constexpr uint32_t Stretched(uint8_t bits, int scale) {
  uint32_t stretched = 0;
  for (int i = 0; i < 8 * scale; ++i) stretched |= (bits >> i / scale & 1u) << i;
  return stretched;
}

template <int kScale>
constexpr std::array<uint32_t, 256> StretchTable() {
  std::array<uint32_t, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) table[i] = Stretched(static_cast<uint8_t>(i), kScale);
  return table;
}

constexpr std::array<uint32_t, 256> kDoubled = StretchTable<2>();
constexpr std::array<uint32_t, 256> kQuadrupled = StretchTable<4>();

ScanLine CopiesOf(uint64_t pixels, const Copies& copies, int position, int first) {
  ScanLine line;
  for (int copy = first; copy < copies.count; ++copy) {
    line.Add(pixels, (position + copy * copies.distance) % kLinePixels);
  }
  return line;
}

}  // namespace

ScanLine PlayerLine(uint8_t graphics, uint8_t nusiz, int position, bool first_copy) {
  const Copies& copies = kCopies[nusiz & 7];
  uint64_t pixels = graphics;
  // The chip needs a clock more to begin a wide player.
  if (copies.player_scale == 2) pixels = uint64_t{kDoubled[graphics]} << 1;
  if (copies.player_scale == 4) pixels = uint64_t{kQuadrupled[graphics]} << 1;
  return CopiesOf(pixels, copies, position, first_copy ? 0 : 1);
}

ScanLine MissileLine(uint8_t nusiz, int log2_width, int position) {
  return CopiesOf((uint64_t{1} << (1 << log2_width)) - 1, kCopies[nusiz & 7], position, 0);
}

ScanLine BallLine(int log2_width, int position) {
  ScanLine line;
  line.Add((uint64_t{1} << (1 << log2_width)) - 1, position);
  return line;
}

ScanLine PlayfieldLine(uint32_t left_half, bool mirrored) {
  uint32_t right_half = left_half;
  if (mirrored) {
    right_half = uint32_t{kMirrored[left_half & 0xff]} << 12 |
                 uint32_t{kMirrored[left_half >> 8 & 0xff]} << 4 | kMirrored[left_half >> 16] >> 4;
  }
  const uint64_t bits = left_half | uint64_t{right_half} << 20;
  const auto quadrupled = [bits](int byte) {
    return uint64_t{kQuadrupled[bits >> 8 * byte & 0xff]};
  };
  return {
      {quadrupled(0) | quadrupled(1) << 32, quadrupled(2) | quadrupled(3) << 32, quadrupled(4)}};
}

}  // namespace dne
