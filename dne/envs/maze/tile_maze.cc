// SPDX-License-Identifier: MIT
#include "dne/envs/maze/tile_maze.h"

#include <bitset>
#include <cmath>
#include <string>
#include <utility>

#include "dne/base/error.h"
#include "dne/envs/maze/picture.h"
#include "dne/envs/maze/tile_view.h"
#include "dne/episode/descriptor.h"

namespace dne {
namespace {

using TouchedSquares = std::bitset<size_t{kTileColumns} * kTileRows>;

constexpr int kQuarterTurn = kTurnParts / 4;

char TileAt(const TilePlace& place) {
  return kTileMap[static_cast<size_t>(place.y)][static_cast<size_t>(place.x)];
}
size_t SquareOf(const TilePlace& place) {
  return static_cast<size_t>(place.y) * kTileColumns + static_cast<size_t>(place.x);
}

bool IsWallAt(double x, double y) {
  return IsWall(static_cast<int>(std::floor(x)), static_cast<int>(std::floor(y)));
}

// One of the two mazes: how its player moves, and what it sees.
struct TileGame {
  std::vector<std::string> actions;
  int frames_per_decision;
  int max_decisions;
  void (*move)(int action, TilePlace&);  // for one frame
  void (*draw)(const TilePlace&, TileImage&);
};

// To the next square; not into a wall. The player looks where it last went.
void MoveFromAbove(int action, TilePlace& place) {
  constexpr int kNoop = 4;
  if (action == kNoop) return;
  // Directions begin in the east.
  place.direction = (action + 3) % 4 * kQuarterTurn;
  const Unit way = UnitOf(place.direction);
  const double x = place.x + std::round(way.x);
  const double y = place.y + std::round(way.y);
  if (IsWallAt(x, y)) return;
  place.x = x;
  place.y = y;
}

// An eighth of a square, or a 64th of a turn. Along walls the player slides: each coordinate moves
// where the other stands.
void MoveThroughEyes(int action, TilePlace& place) {
  enum { kTurnLeft, kTurnRight, kForward, kBack };
  constexpr double kSpeed = 0.125;
  if (action == kTurnLeft || action == kTurnRight) {
    place.direction = (place.direction + (action == kTurnLeft ? kTurnParts - 1 : 1)) % kTurnParts;
    return;
  }
  const Unit ahead = UnitOf(place.direction);
  const double way = action == kForward ? kSpeed : -kSpeed;
  if (!IsWallAt(place.x + way * ahead.x, place.y)) place.x += way * ahead.x;
  if (!IsWallAt(place.x, place.y + way * ahead.y)) place.y += way * ahead.y;
}

EnvironmentSpec SpecOf(const TileGame& game) {
  return {.observation = {.type = ObservationType::kBytes,
                          .height = kTileViewSide,
                          .width = kTileViewSide,
                          .channels = 1},
          .action = {.type = ActionType::kDiscrete,
                     .size = static_cast<int>(game.actions.size()),
                     .names = game.actions},
          .behaviour = {.type = BehaviourType::kPoint, .size = 2},
          .frames_per_step = game.frames_per_decision,
          .max_episode_steps = game.max_decisions,
          .records_frames = true};
}

// --- The video -----------------------------------------------------------------------------------

constexpr int kVideoSide = 480;
constexpr float kVideoBlock = static_cast<float>(kVideoSide) / kTileColumns;

MazePoint OnVideo(double column, double row) {
  const double from_top = row + (kTileColumns - kTileRows) / 2.0;
  return {static_cast<float>(column) * kVideoBlock, static_cast<float>(from_top) * kVideoBlock};
}

// The map, targets that are not touched yet in green, the player.
ColourPicture DrawMap(const TilePlace& player, const TouchedSquares& touched) {
  ColourPicture picture(kVideoSide, {90, 90, 90});
  for (int row = 0; row < kTileRows; ++row) {
    for (int column = 0; column < kTileColumns; ++column) {
      const TilePlace place = {column + 0.5, row + 0.5};
      if (IsWall(column, row)) continue;
      const bool target = TileAt(place) == 'r' && !touched[SquareOf(place)];
      picture.DrawRectangle(OnVideo(column, row), OnVideo(column + 1, row + 1),
                            target ? Colour{150, 210, 150} : Colour{255, 255, 255});
    }
  }
  const MazePoint centre = OnVideo(player.x, player.y);
  const Unit ahead = UnitOf(player.direction);
  const MazePoint front = OnVideo(player.x + 0.3 * ahead.x, player.y + 0.3 * ahead.y);
  picture.DrawRobot({.centre = centre, .front = front, .radius = 0.3f * kVideoBlock});
  return picture;
}

// --- Playing -------------------------------------------------------------------------------------

class TileEnvironment final : public Environment {
 public:
  explicit TileEnvironment(const TileGame& game) : game_(game), spec_(SpecOf(game)) {}

  void Reset(const EpisodeStart&) override {
    place_ = kTileStart;
    touched_.reset();
    decisions_ = 0;
    running_ = true;
    game_.draw(place_, image_);
  }

  StepResult Step(const Action& action) override {
    DNE_CHECK(running_ && 0 <= action.choice && action.choice < spec_.action.size);
    StepResult result;
    while (result.frames < game_.frames_per_decision && !result.solved) {
      game_.move(action.choice, place_);
      ++result.frames;
      result.reward += Touch() ? 1 : 0;
      result.solved = touched_.count() == kNumTargets;
      if (sink_) Film();
    }
    result.terminal = result.solved || ++decisions_ >= game_.max_decisions;
    running_ = !result.terminal;
    game_.draw(place_, image_);
    return result;
  }

  Observation observation() const override { return {.bytes = image_}; }
  std::vector<uint8_t> descriptor() const override {
    return DescriptorFromPoint(std::array{place_.x, place_.y});
  }
  void RecordFrames(FrameSink sink) override { sink_ = std::move(sink); }

 private:
  // Whether it is a target's first touch.
  bool Touch() {
    if (TileAt(place_) != 'r' || touched_[SquareOf(place_)]) return false;
    touched_.set(SquareOf(place_));
    return true;
  }

  void Film() const {
    const ColourPicture picture = DrawMap(place_, touched_);
    sink_({.width = picture.side(), .height = picture.side(), .rgb = picture.rgb()});
  }

  const TileGame& game_;
  EnvironmentSpec spec_;
  TilePlace place_;
  TouchedSquares touched_;
  int decisions_ = 0;
  bool running_ = false;
  TileImage image_{};
  FrameSink sink_;
};

class TileWorld final : public World {
 public:
  // `game` outlives all.
  explicit TileWorld(const TileGame& game) : game_(game), spec_(SpecOf(game)) {}

  const EnvironmentSpec& spec() const override { return spec_; }
  EpisodeStart DrawStart(Stream&) const override { return {}; }
  std::unique_ptr<Environment> MakeEnvironment() const override {
    return std::make_unique<TileEnvironment>(game_);
  }

 private:
  const TileGame& game_;
  EnvironmentSpec spec_;
};

}  // namespace

std::shared_ptr<const World> MakeTopdownMaze() {
  static const TileGame kGame = {
      {"NORTH", "EAST", "SOUTH", "WEST", "NOOP"}, 1, 40, MoveFromAbove, DrawFromAbove};
  return std::make_shared<const TileWorld>(kGame);
}

std::shared_ptr<const World> MakeFirstPersonMaze() {
  static const TileGame kGame = {
      {"TURN_LEFT", "TURN_RIGHT", "FORWARD", "BACK"}, 4, 100, MoveThroughEyes, DrawThroughEyes};
  return std::make_shared<const TileWorld>(kGame);
}

}  // namespace dne
