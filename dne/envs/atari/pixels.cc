// SPDX-License-Identifier: MIT
#include "dne/envs/atari/pixels.h"

#include <algorithm>
#include <cstring>

#include "dne/base/error.h"
#include "dne/envs/atari/emulator.h"

namespace dne {
namespace {

constexpr size_t kUnits = kFrameSide - 1;  // weights are in 83rds
constexpr uint32_t kUnitsSquared = kUnits * kUnits;

}  // namespace

FramePass::Tap FramePass::TapOf(size_t i, size_t source_size) {
  const size_t position = i * (source_size - 1);
  return {position / kUnits, static_cast<uint16_t>(position % kUnits)};
}

FramePass::FramePass(int screen_height, const std::array<uint8_t, 256>& grey) : grey_(grey) {
  static_assert(kWidth == kScreenWidth);
  DNE_CHECK(screen_height >= 1);
  const auto height = static_cast<size_t>(screen_height);
  for (size_t i = 0; i < kFrameSide; ++i) {
    columns_[i] = TapOf(i, kWidth);
    const Tap tap = TapOf(i, height);
    const size_t upper = AddSourceRow(tap.place);
    const size_t lower = tap.weight == 0 ? upper : AddSourceRow(tap.place + 1);
    frame_rows_[i] = {upper, lower, tap.weight};
  }
}

// Rows come in order, and the last one or two may be asked for again.
size_t FramePass::AddSourceRow(size_t y) {
  for (size_t r = rows_.size(); r > 0 && rows_[r - 1].y >= y; --r) {
    if (rows_[r - 1].y == y) return r - 1;
  }
  rows_.push_back({.y = y, .changed = true, .current = {}, .previous = {}, .blended = {}});
  return rows_.size() - 1;
}

void FramePass::Refresh(const uint8_t* current, const uint8_t* previous, SourceRow& row) const {
  std::copy_n(current, kWidth, row.current.begin());
  std::copy_n(previous, kWidth, row.previous.begin());
  std::array<uint8_t, kWidth + 1> grey;
  for (size_t x = 0; x < kWidth; ++x) grey[x] = grey_[current[x]];
  if (std::memcmp(current, previous, kWidth) != 0) {
    for (size_t x = 0; x < kWidth; ++x) grey[x] = std::max(grey[x], grey_[previous[x]]);
  }
  grey[kWidth] = 0;
  for (size_t j = 0; j < kFrameSide; ++j) {
    const auto [x, u] = columns_[j];
    row.blended[j] = static_cast<uint16_t>((kUnits - u) * grey[x] + u * grey[x + 1]);
  }
}

std::span<const uint8_t> FramePass::Run(const uint8_t* current, const uint8_t* previous) {
  for (SourceRow& row : rows_) {
    const uint8_t* current_row = current + row.y * kWidth;
    const uint8_t* previous_row = previous + row.y * kWidth;
    row.changed = first_ || std::memcmp(current_row, row.current.data(), kWidth) != 0 ||
                  std::memcmp(previous_row, row.previous.data(), kWidth) != 0;
    if (row.changed) Refresh(current_row, previous_row, row);
  }
  first_ = false;
  for (size_t i = 0; i < kFrameSide; ++i) {
    const FrameRow& line = frame_rows_[i];
    const SourceRow& upper = rows_[line.upper];
    const SourceRow& lower = rows_[line.lower];
    if (!upper.changed && !lower.changed) continue;
    const uint32_t lower_weight = line.weight;
    const uint32_t upper_weight = kUnits - lower_weight;
    uint8_t* out = frame_.data() + i * kFrameSide;
    for (size_t j = 0; j < kFrameSide; ++j) {
      const uint32_t sum = upper_weight * upper.blended[j] + lower_weight * lower.blended[j];
      out[j] = static_cast<uint8_t>((sum + kUnitsSquared / 2) / kUnitsSquared);
    }
  }
  return frame_;
}

void PushFrame(std::span<const uint8_t> frame, size_t stack, std::span<uint8_t> observation) {
  DNE_CHECK(observation.size() == frame.size() * stack);
  // One byte back: every channel takes its elder's place, and the last one is then written anew.
  std::memmove(observation.data(), observation.data() + 1, observation.size() - 1);
  uint8_t* newest = observation.data() + stack - 1;
  for (size_t i = 0; i < frame.size(); ++i) newest[i * stack] = frame[i];
}

}  // namespace dne
