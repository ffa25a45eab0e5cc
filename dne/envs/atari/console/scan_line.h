// SPDX-License-Identifier: MIT
// The 160 visible pixels of a scan line, a bit each, and the objects that the TIA puts there.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace dne {

inline constexpr int kLinePixels = 160;

// Pixel x is bit x % 64 of word x / 64; the bits past the last pixel are 0.
struct ScanLine {
  static constexpr int kWords = 3;
  static constexpr int kBitsOfLastWord = kLinePixels - 128;

  std::array<uint64_t, kWords> words{};

  // Adds up to 64 pixels from `start` on, the lowest bit leftmost, round the end of the line.
  // 0 <= start < kLinePixels.
  void Add(uint64_t pixels, int start) {
    const int word = start / 64;
    const int shift = start % 64;
    const uint64_t low = pixels << shift;
    const uint64_t high = shift == 0 ? 0 : pixels >> (64 - shift);
    if (word < kWords - 1) {
      words[static_cast<size_t>(word)] |= low;
      words[static_cast<size_t>(word) + 1] |= high;
      if (word == 1) Wrap();
    } else {
      words[2] |= low & kLastWord;
      words[0] |= low >> kBitsOfLastWord | high << (64 - kBitsOfLastWord);
    }
  }

  // Those of word `word` of the pixels first <= x < end.
  static uint64_t Range(int word, int first, int end) {
    const int from = std::max(first - 64 * word, 0);
    const int to = std::min(end - 64 * word, 64);
    if (from >= to) return 0;
    return (to == 64 ? ~uint64_t{0} : (uint64_t{1} << to) - 1) & ~uint64_t{0} << from;
  }

  bool Any(int first, int end) const {
    uint64_t any = 0;
    for (int word = first / 64; word <= (end - 1) / 64; ++word) {
      any |= words[static_cast<size_t>(word)] & Range(word, first, end);
    }
    return any != 0;
  }

 private:
  static constexpr uint64_t kLastWord = (uint64_t{1} << kBitsOfLastWord) - 1;

  void Wrap() {
    words[0] |= words[2] >> kBitsOfLastWord;
    words[2] &= kLastWord;
  }
};

// The low three bits of NUSIZ: how many copies of a player or missile, how far apart, and how wide
// the player is.
struct Copies {
  uint8_t count;
  uint8_t distance;
  uint8_t player_scale;
};
inline constexpr std::array<Copies, 8> kCopies = {
    {{1, 0, 1}, {2, 16, 1}, {2, 32, 1}, {3, 16, 1}, {2, 64, 1}, {1, 0, 2}, {3, 32, 1}, {1, 0, 4}}};

// `graphics` has its leftmost pixel in the lowest bit. Without `first_copy` only the others show.
ScanLine PlayerLine(uint8_t graphics, uint8_t nusiz, int position, bool first_copy);
// A missile is 1 << log2_width pixels wide.
ScanLine MissileLine(uint8_t nusiz, int log2_width, int position);
ScanLine BallLine(int log2_width, int position);
// The left half in 20 bits, the leftmost lowest; the right half repeats or mirrors it.
ScanLine PlayfieldLine(uint32_t left_half, bool mirrored);

inline constexpr std::array<uint8_t, 256> kMirrored = [] {
  std::array<uint8_t, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      table[i] = static_cast<uint8_t>(table[i] | (i >> bit & 1) << (7 - bit));
    }
  }
  return table;
}();

}  // namespace dne
