// SPDX-License-Identifier: MIT
#include "dne/envs/maze/kind.h"

#include <algorithm>
#include <array>

#include "dne/base/error.h"
#include "dne/base/file.h"
#include "dne/envs/maze/tile_maze.h"
#include "dne/envs/maze/tile_view.h"

namespace dne {
namespace {

constexpr std::string_view kCustom = "custom_maze";
constexpr std::string_view kFirstPerson = "first_person_maze";
constexpr std::string_view kHard = "hard_maze";
constexpr std::string_view kImageHard = "image_hard_maze";
constexpr std::string_view kMedium = "medium_maze";
constexpr std::string_view kTopdown = "topdown_maze";

constexpr std::array<Choice<MazeReward>, 2> kRewards = {
    {{"distance", MazeReward::kDistance}, {"breadcrumb", MazeReward::kBreadcrumb}}};
constexpr std::array<Choice<bool>, 2> kSolvedAt = {{{"last_step", false}, {"any_step", true}}};

bool IsOfSquares(const MazeWorldOptions& options) {
  return options.environment == kTopdown || options.environment == kFirstPerson;
}

// The walls, where a robot drives.
Maze WallsOf(const MazeWorldOptions& options) {
  if (options.environment == kCustom) return ParseMaze(options.maze, "maze");
  return options.environment == kMedium ? MediumMaze() : HardMaze();
}

MazeView ViewOf(const MazeWorldOptions& options) {
  return options.environment == kImageHard ? MazeView::kFromAbove : MazeView::kSensors;
}

// 0 where the walls are missing, which is a mistake of its own.
int RewardStep(const MazeWorldOptions& options) {
  if (options.environment == kCustom && options.maze.empty()) return 0;
  return MaxDecisions(WallsOf(options), options.robot);
}

FloorPlan FloorPlanOf(const Maze& maze) {
  const auto place = [](MazePoint p) { return FloorPoint{p.x, p.y}; };
  FloorPlan plan{.unit = "units",
                 .y_points_down = true,
                 .rectangles = {},
                 .segments = {},
                 .start = place(maze.start),
                 .goal = place(maze.goal)};
  for (const MazeWall& wall : maze.walls) {
    plan.segments.push_back({place(wall.a), place(wall.b)});
  }
  return plan;
}

FloorPlan FloorPlanOfSquares() {
  FloorPlan plan{.unit = "squares",
                 .y_points_down = true,
                 .rectangles = {},
                 .segments = {},
                 .start = FloorPoint{kTileStart.x, kTileStart.y},
                 .goal = FloorPoint{kTileGoal.x, kTileGoal.y}};
  for (int row = 0; row < kTileRows; ++row) {
    for (int column = 0; column < kTileColumns; ++column) {
      if (IsWall(column, row)) plan.rectangles.push_back({column + 0.5, row + 0.5, 0.5, 0.5});
    }
  }
  return plan;
}

// A path is a line; a maze's text is many.
bool IsPath(std::string_view given) { return given.find('\n') == std::string_view::npos; }

// A maze's text, or the path of a file that holds it, whose text it then becomes: stored runs hold
// their maze.
std::string ReadMaze(std::string_view name, const Value& given, std::string& maze) {
  std::string word;
  const std::string mistake = ReadInto(word, Names{}, name, given);
  if (!mistake.empty()) return mistake;
  const std::string origin = IsPath(word) ? word : std::string(name);
  std::string text = word;
  try {
    if (IsPath(word)) text = ReadFile(word) + "\n";
  } catch (const Error& error) {
    return origin + ": " + error.what();
  }
  try {
    ParseMaze(text, origin);
  } catch (const Error& error) {
    return error.what();
  }
  maze = text;
  return "";
}

void AddMazeField(Fields& fields, MazeWorldOptions& options) {
  Field& field = fields.AddNew("maze", &options.maze, "text", "",
                               "a file in the published format, or its text (docs/mazes.md)");
  field.read = [&options](std::string_view name, const Value& given) {
    return ReadMaze(name, given, options.maze);
  };
  field.write = [&options] { return ToToml(options.maze); };
  field.NeededIf(options.environment == kCustom, options.environment, "it has no walls of its own");
}

}  // namespace

std::vector<std::string> MazeNames() {
  return {std::string(kCustom),    std::string(kFirstPerson), std::string(kHard),
          std::string(kImageHard), std::string(kMedium),      std::string(kTopdown)};
}

void MazeWorldOptions::Visit(Fields& fields) {
  fields.Add("environment", environment, Names{"maze", MazeNames, /*listed=*/true},
             "the maze, and how it is seen (docs/mazes.md)");
  AddMazeField(fields, *this);
  const bool robot_drives = !IsOfSquares(*this);
  fields
      .Add(
          "reward", robot.reward, kRewards,
          "one at the end: minus the straight-line distance to the goal (1712.06567), or minus the "
          "length of the path to it (1712.06563)")
      .OnlyIf(robot_drives, environment);
  fields
      .Add("action_repeat", robot.action_repeat, Range<int>{1, 100},
           "steps of the simulation per decision (1712.06563: 3)")
      .OnlyIf(robot_drives, environment);
  fields
      .Add("action_offset", robot.action_offset, Range<float>{-1, 1},
           "added to both outputs, which then are cut to 0 to 1; 0 where they are sigmoids")
      .OnlyIf(robot_drives, environment);
  fields
      .Add("goal_radius", robot.goal_radius, Range<float>{0.1f, 100},
           "solved is a maze by a robot that comes nearer to the goal (1712.06563: 10)")
      .OnlyIf(robot_drives, environment);
  fields
      .Add("solved_at", robot.solved_at_any_step, kSolvedAt,
           "when it has to be there: at the last step, or at any, which ends the episode "
           "(1712.06563)")
      .OnlyIf(robot_drives, environment);
}

const WorldKind kMazeKind = {
    .name = "maze",
    .network_preset = "mlp",
    .defaults = DefaultsOf<MazeWorldOptions>,
    .facts =
        [](const Options& options) {
          const auto& maze = options.As<MazeWorldOptions>();
          const bool squares = IsOfSquares(maze);
          const bool image = squares || ViewOf(maze) == MazeView::kFromAbove;
          return WorldFacts{
              .observation = image ? ObservationType::kBytes : ObservationType::kFloats,
              .action = squares ? ActionType::kDiscrete : ActionType::kContinuous,
              .behaviour = BehaviourType::kPoint,
              .has_step_limit = true,
              .reward_step = squares ? 0 : RewardStep(maze),
              .can_be_solved = true,
              .records_frames = true,
              .uses_math_library = true};
        },
    .environments = MazeNames,
    .environment =
        [](const Options& options) { return options.As<MazeWorldOptions>().environment; },
    .load = [](const Options& options, bool) -> std::shared_ptr<const World> {
      const auto& maze = options.As<MazeWorldOptions>();
      if (maze.environment == kTopdown) return MakeTopdownMaze();
      if (maze.environment == kFirstPerson) return MakeFirstPersonMaze();
      return MakeRobotMaze(WallsOf(maze), ViewOf(maze), maze.robot);
    },
    .floor_plan =
        [](const Options& options) {
          const auto& maze = options.As<MazeWorldOptions>();
          return IsOfSquares(maze) ? FloorPlanOfSquares() : FloorPlanOf(WallsOf(maze));
        }};

}  // namespace dne
