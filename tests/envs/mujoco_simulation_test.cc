// SPDX-License-Identifier: MIT
// What becomes of simulations that break down, and of models that do not load.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "dne/base/error.h"
#include "dne/envs/mujoco/environment.h"
#include "dne/envs/mujoco/simulation.h"

namespace dne {
namespace {

// A ball on the floor, in so little memory that what its contact needs does not fit.
constexpr const char* kNoMemory = R"(
<mujoco>
  <size memory="2K"/>
  <worldbody>
    <geom type="plane" size="1 1 1"/>
    <body pos="0 0 0.05"><freejoint/><geom size="0.1"/></body>
  </worldbody>
</mujoco>)";

constexpr const char* kBall = R"(
<mujoco>
  <worldbody><body><joint type="slide"/><geom size="0.1"/></body></worldbody>
</mujoco>)";

std::string MessageOf(const std::string& path) {
  try {
    LoadModelFile(path, {});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Simulation, AnErrorOfTheEngineIsAnException) {
  Simulation simulation(LoadModelText(kNoMemory, {}));
  const std::vector<double> positions(simulation.initial_positions().begin(),
                                      simulation.initial_positions().end());
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  EXPECT_THROW(simulation.Reset(positions, std::vector<double>(6)), EngineError);
  EXPECT_FALSE(simulation.Advance({}, 1, false));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_FALSE(std::filesystem::exists("MUJOCO_LOG.TXT"));
}

TEST(Simulation, BadNumbersBreakItDownUntilTheNextReset) {
  Simulation simulation(LoadModelText(kBall, {}));
  testing::internal::CaptureStderr();
  const std::vector<double> zero = {0}, small = {1};
  for (const double bad : {1e11, std::numeric_limits<double>::quiet_NaN()}) {
    simulation.Reset(zero, std::vector{bad});
    EXPECT_FALSE(simulation.Advance({}, 1, false));
    simulation.Reset(zero, small);
    EXPECT_TRUE(simulation.Advance({}, 1, false));
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_FALSE(std::filesystem::exists("MUJOCO_LOG.TXT"));
}

TEST(BodyEnvironment, AnActionThatIsNoNumberLeavesNothingBehind) {
  const auto environment = LoadMujocoBody("hopper", {})->MakeEnvironment();
  environment->Reset({.seed = 1});
  const std::vector<float> good(3, 0.5f), bad(3, std::nanf(""));
  const double reward = environment->Step({.values = good}).reward;
  EXPECT_TRUE(environment->Step({.values = bad}).invalid);
  EXPECT_TRUE(
      std::ranges::all_of(environment->observation().floats, [](float x) { return x == 0; }));
  EXPECT_THROW(environment->Step({.values = good}), BugError);
  environment->Reset({.seed = 1});
  EXPECT_EQ(environment->Step({.values = good}).reward, reward);
}

TEST(BodyEnvironment, AStateThatRunsAwayEndsTheEpisodeAsInvalid) {
  // A motor strong enough to leave the range of numbers.
  constexpr const char* kRocket = R"(
<mujoco>
  <worldbody><body><joint name="j" type="slide"/><geom size="0.1"/></body></worldbody>
  <actuator><motor joint="j" gear="1e12" ctrllimited="true" ctrlrange="-1 1"/></actuator>
</mujoco>)";
  const Body rocket{.name = "rocket", .frames_per_step = 1};
  BodyEnvironment environment(std::make_shared<const BodyWorld>(
      rocket, MujocoOptions{}, LoadModelText(kRocket, {}),
      EnvironmentSpec{.observation = {.channels = 2},
                      .action = {.type = ActionType::kContinuous, .size = 1}}));
  environment.Reset({.seed = 1});
  const std::vector<float> full = {1};
  StepResult step;
  for (int i = 0; i < 10 && !step.terminal; ++i) step = environment.Step({.values = full});
  EXPECT_TRUE(step.invalid);
  EXPECT_EQ(step.reward, 0);
}

TEST(Model, AMissingFileIsNamed) {
  const std::string message = MessageOf("/no/such/humanoid.xml");
  EXPECT_EQ(message.find("cannot read the model /no/such/humanoid.xml (scripts/fetch_mujoco.sh "
                         "fetches it): "),
            0u)
      << message;
}

TEST(Model, AFileThatTheEngineDoesNotTakeIsNamed) {
  const auto path = std::filesystem::path(testing::TempDir()) / "wrong_body.xml";
  std::ofstream(path) << "<mujoco><worldbody><body><joint/></body></worldbody></mujoco>";
  const std::string message = MessageOf(path.string());
  std::filesystem::remove(path);
  EXPECT_EQ(message.find("cannot compile the model " + path.string() + ": "), 0u) << message;
}

}  // namespace
}  // namespace dne
