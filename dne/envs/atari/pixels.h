// SPDX-License-Identifier: MIT
// From two screens of palette indices to one 84x84 frame, the fused pass behind every Atari
// observation (1712.06567 v3 7.6 and the released code: grey, larger of two frames, bilinear with
// aligned corners). Integers only, so the frame is the same on every machine.
//
// With g(y, x) the larger of the two grey values, W = 160 and H the screen's size, and
//   y = i (H - 1) div 83, v = i (H - 1) mod 83, x = j (W - 1) div 83, u = j (W - 1) mod 83:
//   frame(i, j) = (  (83 - v) ((83 - u) g(y,     x) + u g(y,     x + 1))
//                  +       v  ((83 - u) g(y + 1, x) + u g(y + 1, x + 1)) + 3444) div 6889
// which is the exact bilinear value rounded to nearest; 83 * 83 = 6889 is odd: there are no ties.
// A neighbour past the edge has the weight 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dne {

inline constexpr size_t kFrameSide = 84;
inline constexpr size_t kFrameSize = kFrameSide * kFrameSide;

// Remembers the last screens: rows of the frame whose source rows stand still are kept, which
// changes no bit.
class FramePass {
 public:
  // `grey` holds the grey value of each palette index. screen_height >= 1.
  FramePass(int screen_height, const std::array<uint8_t, 256>& grey);

  // Reads kScreenWidth * screen_height bytes of each screen, and only the rows it needs. The
  // frame is row by row, kFrameSize bytes, valid until the next call.
  std::span<const uint8_t> Run(const uint8_t* current, const uint8_t* previous);

 private:
  static constexpr size_t kWidth = 160;

  // Weight `weight` of 83 for place + 1, the rest for place.
  struct Tap {
    size_t place;
    uint16_t weight;
  };
  struct SourceRow {
    size_t y;
    bool changed;
    std::array<uint8_t, kWidth> current;
    std::array<uint8_t, kWidth> previous;
    std::array<uint16_t, kFrameSide> blended;  // along x, in 83rds
  };
  // A row of the frame: which source rows, by number in rows_.
  struct FrameRow {
    size_t upper;
    size_t lower;
    uint16_t weight;  // of lower, in 83rds
  };

  static Tap TapOf(size_t i, size_t source_size);
  size_t AddSourceRow(size_t y);
  void Refresh(const uint8_t* current, const uint8_t* previous, SourceRow& row) const;

  std::array<uint8_t, 256> grey_;
  std::array<Tap, kFrameSide> columns_;
  std::vector<SourceRow> rows_;
  std::array<FrameRow, kFrameSide> frame_rows_;
  std::array<uint8_t, kFrameSize> frame_;
  bool first_ = true;
};

// Moves the stack one frame on: `observation` holds stack frames channels last, the oldest
// first.
void PushFrame(std::span<const uint8_t> frame, size_t stack, std::span<uint8_t> observation);

}  // namespace dne
