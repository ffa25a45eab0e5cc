// SPDX-License-Identifier: MIT
// Environments of Gymnasium, where a Python that has it is there.
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

using testing::HasSubstr;

std::string Experiment(const std::string& task) {
  return "seed = 4\n[task]\ntype = \"gymnasium\"\npython = \"" DNE_ORACLE_PYTHON "\"\n" + task +
         "[[network.layers]]\ntype = \"dense\"\nunits = 6\n[algorithm]\ntype = \"ga\"\n"
         "population_size = 10\nnum_parents = 4\nnum_candidates = 2\nsigma = 0.2\n"
         "max_episode_steps = 40\ntest_max_episode_steps = 40\n"
         "validation_episodes = 2\ntest_episodes = 2\n[budget]\ngenerations = 2\n";
}

class Gymnasium : public CliTest {
 protected:
  std::string Run(const std::string& task, const std::string& more = "") const {
    WriteFile(folder() / "gym.toml", Experiment(task));
    std::filesystem::remove_all(folder() / "run");
    return Ok("run gym.toml --out run" + more);
  }
  std::string RunError(const std::string& task) const {
    WriteFile(folder() / "gym.toml", Experiment(task));
    const Outcome outcome = Dne("run gym.toml --out run");
    EXPECT_EQ(outcome.exit_code, 1);
    return outcome.err;
  }
  // A module that makes an environment of these spaces, which gives what it samples by its seed.
  void WriteModule(const std::string& observations, const std::string& actions) const {
    WriteFile(folder() / "mine.py",
              "import gymnasium, numpy\n"
              "from gymnasium import spaces\n"
              "class Env(gymnasium.Env):\n"
              "    observation_space = " +
                  observations +
                  "\n"
                  "    action_space = " +
                  actions +
                  "\n"
                  "    def reset(self, seed=None, options=None):\n"
                  "        super().reset(seed=seed)\n"
                  "        self.observation_space.seed(seed % 2**31)\n"
                  "        return self.observation_space.sample(), {'x': 1}\n"
                  "    def step(self, action):\n"
                  "        assert self.action_space.contains(action), action\n"
                  "        return self.observation_space.sample(), 1, False, False, {'x': 2}\n"
                  "def make(scale=1):\n"
                  "    return Env()\n");
  }
};

TEST_F(Gymnasium, HasTheSameBitsOnAnyThreadsWithAnyNumberInAProcess) {
  for (const char* environment : {"CartPole-v1", "Pendulum-v1"}) {
    const std::string task = "environment = \"" + std::string(environment) + "\"\n";
    Run(task, " --threads 1");
    const auto expected = Digests("run");
    EXPECT_EQ(expected.size(), 2u);
    for (const char* more : {" --threads 3", " --set task.num_envs=1", " --set task.num_envs=11"}) {
      Run(task, more);
      EXPECT_EQ(Digests("run"), expected) << environment << more;
    }
  }
}

TEST_F(Gymnasium, HoldsOneOfAFunctionsInAProcessAndSeveralWhereTold) {
  WriteFile(folder() / "mine.py",
            "import gymnasium\n"
            "def make():\n"
            "    open('made', 'a').write('.')\n"
            "    return gymnasium.make('CartPole-v1')\n");
  const std::string task = "environment = \"mine:make\"\n";
  Run(task, " --threads 1");
  // One in the process that plays, and one in that which looked whether it repeats itself.
  EXPECT_EQ(ReadFile(folder() / "made").size(), 2u);
  std::filesystem::remove(folder() / "made");
  Run(task, " --threads 1 --set task.num_envs=3");
  EXPECT_EQ(ReadFile(folder() / "made").size(), 2u + 3);
}

TEST_F(Gymnasium, TakesKeywordArguments) {
  Run("environment = \"MountainCarContinuous-v0\"\narguments = { goal_velocity = 0.02 }\n");
  EXPECT_THAT(Ok("show run --json"), HasSubstr("goal_velocity"));
  EXPECT_THAT(Ok("replay run --allow-command"), HasSubstr("The replay matches"));
  EXPECT_THAT(RunError("environment = \"CartPole-v1\"\narguments = { no_such = 1 }\n"),
              HasSubstr("no_such"));
  EXPECT_THAT(RunError("environment = \"CartPole-v1\"\narguments = 3\n"),
              HasSubstr("arguments must be a table, { key = value }, got 3"));
}

TEST_F(Gymnasium, TakesAFunctionOfOnesOwnWithAllSpaces) {
  const std::pair<const char*, const char*> kSpaces[] = {
      {"spaces.Box(-1, 1, (2, 3))", "spaces.Discrete(3, start=5)"},
      {"spaces.Discrete(4)", "spaces.MultiDiscrete([2, 3])"},
      {"spaces.Dict({'a': spaces.Discrete(2), 'b': spaces.Box(0, 1, (2,))})",
       "spaces.Box(numpy.float32([-2, 0]), numpy.float32([0, 1]))"},
      {"spaces.MultiBinary(3)", "spaces.Box(-1, 1, (2, 2), numpy.float64)"}};
  for (const auto& [observations, actions] : kSpaces) {
    WriteModule(observations, actions);
    Run("environment = \"mine:make\"\narguments = { scale = 2 }\nbehaviour = [\"x\"]\n");
    EXPECT_EQ(Digests("run").size(), 2u) << observations;
  }
  WriteModule("spaces.Box(0, 255, (6, 5, 3), numpy.uint8)", "spaces.Discrete(2)");
  Run("environment = \"mine:make\"\nobservations = \"bytes\"\n");
  EXPECT_THAT(RunError("environment = \"mine:make\"\n"),
              HasSubstr("observes bytes: set task.observations = \"bytes\""));
}

TEST_F(Gymnasium, RefusesActionsThatNoNetworkGives) {
  WriteModule("spaces.Discrete(4)", "spaces.MultiDiscrete([100, 100])");
  EXPECT_THAT(RunError("environment = \"mine:make\"\n"),
              HasSubstr("has 10000 combinations, more than 4096"));
  WriteModule("spaces.Discrete(4)", "spaces.MultiBinary(3)");
  EXPECT_THAT(RunError("environment = \"mine:make\"\n"),
              HasSubstr("dne takes Discrete, MultiDiscrete and Box; wrap the environment"));
}

TEST_F(Gymnasium, ThatIsNotThereSaysSo) {
  EXPECT_THAT(RunError("environment = \"NoSuch-v3\"\n"),
              HasSubstr("Environment `NoSuch` doesn't exist"));
  WriteFile(folder() / "bare", "#!/bin/sh\nexec python3 -S -E \"$@\"\n");
  std::filesystem::permissions(folder() / "bare", std::filesystem::perms{0755});
  std::string text = Experiment("environment = \"CartPole-v1\"\n");
  text.replace(text.find(DNE_ORACLE_PYTHON), std::string(DNE_ORACLE_PYTHON).size(), "./bare");
  WriteFile(folder() / "gym.toml", text);
  EXPECT_THAT(Dne("run gym.toml --out run").err,
              HasSubstr("or name another Python in task.python"));
}

TEST_F(Gymnasium, IsMeasuredBesideALoopAndAsyncVectorEnv) {
  const std::string csv = (folder() / "steps.csv").string();
  const Outcome outcome =
      Dne({"bench", "gymnasium", "--environments", "CartPole-v1", "--threads", "1", "--seconds",
           "0.01", "--peers", DNE_ORACLE_PYTHON, "--csv", csv},
          {.folder = DNE_SOURCE_DIR});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("ours / a loop in Python"));
  EXPECT_THAT(ReadFile(csv), HasSubstr("ours / AsyncVectorEnv"));
}

// Here another interpreter than python3 is named.
TEST_F(Gymnasium, OfAnotherPythonNeedsPermission) {
  Run("environment = \"CartPole-v1\"\n");
  EXPECT_THAT(Dne("evaluate run --episodes 1").err, HasSubstr("--allow-command"));
  Ok("evaluate run --episodes 1 --allow-command");
}

}  // namespace
}  // namespace dne::cli
