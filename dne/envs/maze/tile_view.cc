// SPDX-License-Identifier: MIT
#include "dne/envs/maze/tile_view.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace dne {
namespace {

constexpr uint8_t kBlack = 0;
constexpr uint8_t kWhite = 255;
constexpr uint8_t kPlayer = 128;
constexpr int kBlock = 21;  // pixels of a square from above
constexpr double kPlayerRadius = 6.5;

constexpr uint8_t kCeiling = 0;
constexpr uint8_t kFloor = 64;
constexpr uint8_t kWallAcrossX = 192;
constexpr uint8_t kWallAcrossY = 128;
constexpr double kHalfFieldOfView = 0.66;  // its tangent: 67 degrees in all

size_t PixelAt(int x, int y) { return static_cast<size_t>(y * kTileViewSide + x); }

std::array<Unit, kTurnParts> MakeUnits() {
  std::array<Unit, kTurnParts> units;
  for (int i = 0; i < kTurnParts; ++i) {
    const double angle = 2 * std::numbers::pi * i / kTurnParts;
    units[static_cast<size_t>(i)] = {std::cos(angle), std::sin(angle)};
  }
  return units;
}

// A ray from square to square, along one axis.
struct RayAxis {
  int square;
  int step;        // to the next one
  double next;     // how far along the ray that one begins
  double between;  // from one to the next

  RayAxis(double from, double way)
      : square(static_cast<int>(std::floor(from))),
        step(way < 0 ? -1 : 1),
        next(std::numeric_limits<double>::infinity()),
        between(next) {
    if (way == 0) return;
    between = std::abs(1 / way);
    next = (way < 0 ? from - square : square + 1 - from) * between;
  }
  double Advance() {
    const double at = next;
    square += step;
    next += between;
    return at;
  }
};

struct Hit {
  double distance;  // in lengths of the ray's way
  bool across_x;    // which side of the square was hit
};

Hit FirstWall(const TilePlace& place, double way_x, double way_y) {
  RayAxis x(place.x, way_x);
  RayAxis y(place.y, way_y);
  while (true) {
    const bool across_x = x.next < y.next;
    const double distance = across_x ? x.Advance() : y.Advance();
    if (IsWall(x.square, y.square)) return {distance, across_x};
  }
}

}  // namespace

bool IsWall(int column, int row) {
  if (column < 0 || column >= kTileColumns || row < 0 || row >= kTileRows) return true;
  return kTileMap[static_cast<size_t>(row)][static_cast<size_t>(column)] == '#';
}

Unit UnitOf(int direction) {
  static const std::array<Unit, kTurnParts> kUnits = MakeUnits();
  return kUnits[static_cast<size_t>(direction)];
}

void DrawFromAbove(const TilePlace& place, TileImage& image) {
  image.fill(kWhite);
  const int left = static_cast<int>(place.x) - 1;
  const int top = static_cast<int>(place.y) - 1;
  for (int square = 0; square < 9; ++square) {
    const int column = square % 3;
    const int row = square / 3;
    if (!IsWall(left + column, top + row)) continue;
    for (int y = row * kBlock; y < (row + 1) * kBlock; ++y) {
      std::fill_n(&image[PixelAt(column * kBlock, y)], kBlock, kBlack);
    }
  }
  for (int y = kBlock; y < 2 * kBlock; ++y) {
    for (int x = kBlock; x < 2 * kBlock; ++x) {
      const double dx = x + 0.5 - 1.5 * kBlock;
      const double dy = y + 0.5 - 1.5 * kBlock;
      if (dx * dx + dy * dy <= kPlayerRadius * kPlayerRadius) image[PixelAt(x, y)] = kPlayer;
    }
  }
}

void DrawThroughEyes(const TilePlace& place, TileImage& image) {
  constexpr double kHalf = kTileViewSide / 2;
  const Unit ahead = UnitOf(place.direction);
  for (int column = 0; column < kTileViewSide; ++column) {
    const double aside = ((column + 0.5) / kHalf - 1) * kHalfFieldOfView;
    const Hit hit = FirstWall(place, ahead.x - aside * ahead.y, ahead.y + aside * ahead.x);
    // Of a wall whose height is that of the picture at distance 1.
    const int half_height =
        static_cast<int>(std::min(kHalf, std::floor(kHalf / hit.distance + 0.5)));
    const int top = static_cast<int>(kHalf) - half_height;
    for (int y = 0; y < kTileViewSide; ++y) {
      image[PixelAt(column, y)] = y < top                    ? kCeiling
                                  : y >= kTileViewSide - top ? kFloor
                                  : hit.across_x             ? kWallAcrossX
                                                             : kWallAcrossY;
    }
  }
}

}  // namespace dne
