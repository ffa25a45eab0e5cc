// SPDX-License-Identifier: MIT
// The walls of the deceptive trap: they stop what runs into them, and one can go around.
#include <gtest/gtest.h>

#include <algorithm>

#include "dne/base/error.h"
#include "dne/envs/mujoco/environment.h"
#include "play.h"

namespace dne {
namespace {

// The point pushed this way for some steps.
void Push(Environment& environment, float x, float y, int steps) {
  const std::vector<float> action = {x, y};
  for (int i = 0; i < steps; ++i) environment.Step({.values = action});
}

double XAfterPush(bool trap) {
  const auto environment = LoadMujocoBody("point", {.trap = trap})->MakeEnvironment();
  environment->Reset({.seed = 1});
  Push(*environment, 1, 0, 400);
  return PlaceOf(*environment)[0];
}

TEST(Trap, StopsThePointThatHeadsForward) {
  EXPECT_GT(XAfterPush(false), 15);
  EXPECT_NEAR(XAfterPush(true), 10.8 - 0.3, 0.05);  // the wall's face, the ball's radius
}

TEST(Trap, HoldsThePointAtItsSides) {
  const auto environment = LoadMujocoBody("point", {.trap = true})->MakeEnvironment();
  environment->Reset({.seed = 1});
  Push(*environment, 1, 0, 400);
  Push(*environment, 0, 1, 100);
  EXPECT_NEAR(PlaceOf(*environment)[1], 2.8 - 0.3, 0.05);
  Push(*environment, 0, -1, 150);
  EXPECT_NEAR(PlaceOf(*environment)[1], -2.8 + 0.3, 0.05);
}

TEST(Trap, CanBeWalkedAroundWithinAnEpisode) {
  const auto environment = LoadMujocoBody("point", {.trap = true})->MakeEnvironment();
  environment->Reset({.seed = 1});
  Push(*environment, 0, 1, 100);
  Push(*environment, 1, 0, 300);
  EXPECT_GT(PlaceOf(*environment)[0], 12);
}

class TrapOfBody : public testing::TestWithParam<const char*> {
 protected:
  static const Body& TheBody() {
    return *std::ranges::find(Bodies(), std::string_view(GetParam()), &Body::name);
  }
};
INSTANTIATE_TEST_SUITE_P(Bodies, TrapOfBody, testing::Values("ant", "humanoid", "humanoid_v4"),
                         [](const auto& param_info) { return std::string(param_info.param); });

TEST_P(TrapOfBody, StopsABodyThatIsThrownAtIt) {
  const double scale = TheBody().trap_scale;
  const std::string file = std::string(DNE_MUJOCO_BODY_DIR) + "/" + TheBody().model_file;
  for (const bool trap : {false, true}) {
    const auto walls = trap ? TrapOf(TheBody()) : std::vector<Wall>();
    Simulation simulation(LoadModelFile(file, walls));
    std::vector<double> positions(simulation.initial_positions().begin(),
                                  simulation.initial_positions().end());
    std::vector<double> velocities(simulation.velocities().size());
    positions[0] = 4.4 * scale;
    velocities[0] = 5 * scale;
    simulation.Reset(positions, velocities);
    const std::vector<double> idle(simulation.control_limits().size() / 2);
    EXPECT_TRUE(simulation.Advance(idle, 200, false));
    EXPECT_EQ(simulation.positions()[0] < 5.4 * scale, trap);
  }
}

TEST_P(TrapOfBody, ChangesNothingFarAwayFromIt) {
  const auto open = LoadMujocoBody(GetParam(), {.terminate_when_unhealthy = false});
  const auto trap = LoadMujocoBody(GetParam(), {.trap = true, .terminate_when_unhealthy = false});
  EXPECT_EQ(Play(*trap, {.seed = 1}, 30), Play(*open, {.seed = 1}, 30));
}

TEST(Trap, IsRefusedByBodiesThatMoveAlongALine) {
  for (const char* body : {"half_cheetah", "hopper", "swimmer", "walker2d"}) {
    try {
      LoadMujocoBody(body, {.trap = true});
      FAIL() << body;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), std::string(body) +
                                  " cannot walk around a trap: leave the trap out, or take ant, "
                                  "humanoid, humanoid_v4, point");
    }
  }
}

TEST(Trap, StandsWhereItsRectanglesSay) {
  const std::vector<FloorRectangle> plan = TrapRectangles("point");
  ASSERT_EQ(plan.size(), 3u);
  EXPECT_NEAR(plan[0].x - plan[0].half_x, 10.8, 1e-12) << "the front wall's face";
  EXPECT_NEAR(plan[1].y - plan[1].half_y, 2.8, 1e-12);
  EXPECT_NEAR(plan[2].y + plan[2].half_y, -2.8, 1e-12);
  EXPECT_THROW(TrapRectangles("hopper"), Error);
}

}  // namespace
}  // namespace dne
