// SPDX-License-Identifier: MIT
// From two screens of palette indices to one 84x84 picture, the fused pass behind every Atari
// observation (1712.06567 v3 7.6 and the released code: grey, larger of two frames, bilinear with
// aligned corners). Integers only, so the picture is the same on every machine.
//
// With g(y, x) the larger of the two grey values, W = 160 and H the screen's size, and
//   y = i (H - 1) div 83, v = i (H - 1) mod 83, x = j (W - 1) div 83, u = j (W - 1) mod 83:
//   picture(i, j) = (  (83 - v) ((83 - u) g(y,     x) + u g(y,     x + 1))
//                    +       v  ((83 - u) g(y + 1, x) + u g(y + 1, x + 1)) + 3444) div 6889
// which is the exact bilinear value rounded to nearest; 83 * 83 = 6889 is odd: there are no ties.
// A neighbour past the edge has the weight 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dne {

inline constexpr size_t kPictureSide = 84;
inline constexpr size_t kPictureSize = kPictureSide * kPictureSide;

// Remembers the last screens: picture rows whose source rows stand still are kept, which changes
// no bit.
class PicturePass {
 public:
  // `grey` holds the grey value of each palette index. screen_height >= 1.
  PicturePass(int screen_height, const std::array<uint8_t, 256>& grey);

  // Reads kScreenWidth * screen_height bytes of each screen, and only the rows it needs. The
  // picture is row by row, kPictureSize bytes, valid until the next call.
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
    std::array<uint16_t, kPictureSide> blended;  // along x, in 83rds
  };
  // A picture row: which source rows, by number in rows_.
  struct PictureRow {
    size_t upper;
    size_t lower;
    uint16_t weight;  // of lower, in 83rds
  };

  static Tap TapOf(size_t i, size_t source_size);
  size_t AddSourceRow(size_t y);
  void Refresh(const uint8_t* current, const uint8_t* previous, SourceRow& row) const;

  std::array<uint8_t, 256> grey_;
  std::array<Tap, kPictureSide> columns_;
  std::vector<SourceRow> rows_;
  std::array<PictureRow, kPictureSide> picture_rows_;
  std::array<uint8_t, kPictureSize> picture_;
  bool first_ = true;
};

// Moves the stack one picture on: `observation` holds stack pictures channels last, the oldest
// first.
void PushPicture(std::span<const uint8_t> picture, size_t stack, std::span<uint8_t> observation);

}  // namespace dne
