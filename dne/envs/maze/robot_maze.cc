// SPDX-License-Identifier: MIT
#include "dne/envs/maze/robot_maze.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "dne/base/error.h"
#include "dne/envs/maze/breadcrumbs.h"
#include "dne/envs/maze/picture.h"
#include "dne/envs/maze/picture_stack.h"
#include "dne/envs/maze/robot.h"
#include "dne/episode/descriptor.h"

namespace dne {
namespace {

constexpr int kVideoSide = 480;
constexpr float kVideoMargin = 12;

EnvironmentSpec SpecOf(const Maze& maze, MazeView view, const RobotMazeOptions& options) {
  const bool sensors = view == MazeView::kSensors;
  return {.observation =
              sensors ? ObservationSpec{.type = ObservationType::kFloats, .channels = kNumSensors}
                      : ObservationSpec{.type = ObservationType::kBytes,
                                        .height = kPictureSide,
                                        .width = kPictureSide,
                                        .channels = kPictureStack},
          .action = {.type = ActionType::kContinuous, .size = 2, .names = {}},
          .behaviour = {.type = BehaviourType::kPoint, .size = 2},
          .frames_per_step = options.action_repeat,
          .max_episode_steps = MaxDecisions(maze, options),
          .records_frames = true};
}

// What all environments of one world share.
struct RobotMaze {
  RobotMaze(const Maze& the_maze, MazeView the_view, const RobotMazeOptions& the_options)
      : maze(the_maze),
        walls(maze.walls),
        options(the_options),
        spec(SpecOf(maze, the_view, options)),
        video_view(maze, kVideoSide, kVideoMargin),
        video_ground(DrawMaze(maze, video_view, kVideoSide, options.goal_radius)) {
    if (options.reward == MazeReward::kBreadcrumb) breadcrumbs.emplace(maze);
    if (the_view == MazeView::kFromAbove) pictures.emplace(maze);
  }

  double RewardAt(const Robot& robot) const {
    return breadcrumbs ? -breadcrumbs->PathLength(robot.location())
                       : -double{robot.DistanceToGoal()};
  }

  Maze maze;
  WallTable walls;
  RobotMazeOptions options;
  EnvironmentSpec spec;
  std::optional<Breadcrumbs> breadcrumbs;
  std::optional<MazePictures> pictures;
  View video_view;
  ColourPicture video_ground;
};

class RobotMazeEnvironment final : public Environment {
 public:
  explicit RobotMazeEnvironment(std::shared_ptr<const RobotMaze> shared)
      : shared_(std::move(shared)), robot_(shared_->maze, shared_->walls) {
    if (shared_->pictures) stack_.emplace(*shared_->pictures);
  }

  void Reset(const EpisodeStart&) override {
    robot_.Reset();
    frames_ = 0;
    running_ = true;
    if (stack_) stack_->Fill(robot_.location(), robot_.heading());
    Sense();
  }

  StepResult Step(const Action& action) override {
    DNE_CHECK(running_ && action.values.size() == 2);
    const RobotMazeOptions& options = shared_->options;
    const float turn = action.values[0] + options.action_offset;
    const float drive = action.values[1] + options.action_offset;
    if (std::isnan(turn) || std::isnan(drive)) {
      running_ = false;
      return {.frames = options.action_repeat, .terminal = true, .invalid = true};
    }
    StepResult result;
    while (result.frames < options.action_repeat && !result.solved && !IsOver()) {
      robot_.Step(turn, drive);
      ++frames_;
      ++result.frames;
      result.solved = IsSolved();
      if (sink_) Film();
    }
    if (result.solved || IsOver()) result.reward = shared_->RewardAt(robot_);
    result.terminal = result.solved || IsOver();
    running_ = !result.terminal;
    if (stack_) stack_->Push(robot_.location(), robot_.heading());
    Sense();
    return result;
  }

  Observation observation() const override {
    if (stack_) return {.bytes = stack_->bytes()};
    return {.floats = sensors_};
  }

  std::vector<uint8_t> descriptor() const override {
    const auto [x, y] = robot_.location();
    return DescriptorFromPoint(std::array{double{x}, double{y}});
  }

  void RecordFrames(FrameSink sink) override { sink_ = std::move(sink); }

 private:
  bool IsOver() const { return frames_ >= shared_->maze.steps; }

  bool IsSolved() const {
    if (!shared_->options.solved_at_any_step && !IsOver()) return false;
    return robot_.DistanceToGoal() < shared_->options.goal_radius;
  }

  void Sense() {
    if (!stack_) robot_.Sense(sensors_);
  }

  void Film() const {
    ColourPicture picture = shared_->video_ground;
    picture.DrawRobot(ShapeOf(shared_->video_view, robot_.location(), robot_.heading()));
    sink_({.width = picture.side(), .height = picture.side(), .rgb = picture.rgb()});
  }

  std::shared_ptr<const RobotMaze> shared_;
  Robot robot_;
  int frames_ = 0;
  bool running_ = false;
  std::array<float, kNumSensors> sensors_{};
  std::optional<PictureStack> stack_;  // where it sees from above
  FrameSink sink_;
};

class RobotMazeWorld final : public World {
 public:
  explicit RobotMazeWorld(std::shared_ptr<const RobotMaze> shared) : shared_(std::move(shared)) {}

  const EnvironmentSpec& spec() const override { return shared_->spec; }
  EpisodeStart DrawStart(Stream&) const override { return {}; }
  std::unique_ptr<Environment> MakeEnvironment() const override {
    return std::make_unique<RobotMazeEnvironment>(shared_);
  }

 private:
  std::shared_ptr<const RobotMaze> shared_;
};

}  // namespace

int MaxDecisions(const Maze& maze, const RobotMazeOptions& options) {
  return (maze.steps + options.action_repeat - 1) / options.action_repeat;
}

std::shared_ptr<const World> MakeRobotMaze(const Maze& maze, MazeView view,
                                           const RobotMazeOptions& options) {
  return std::make_shared<const RobotMazeWorld>(
      std::make_shared<const RobotMaze>(maze, view, options));
}

}  // namespace dne
