// SPDX-License-Identifier: MIT
// Environments that are programs of the user's own: the promises of a run hold for them too, and a
// file from elsewhere starts nothing unasked.
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kExperiment = R"(seed = 4
[task]
type = "process"
command = ["python3", "environment.py"]
step_seconds = 100
[[network.layers]]
type = "dense"
units = 6
[algorithm]
type = "TYPE"
population_size = 12
sigma = 0.1
max_episode_steps = 30
validation_episodes = 2
MORE
[budget]
generations = 4
)";

class Process : public CliTest {
 protected:
  void SetUp() override {
    WriteExperiment("ga");
    fs::create_directory(folder() / "interfaces");
    for (const char* file : {"interfaces/dne_environment.py", "examples/process_environment.py"}) {
      WriteFile(folder() / fs::path(file).filename(), ReadFile(fs::path(DNE_SOURCE_DIR) / file));
    }
    fs::rename(folder() / "process_environment.py", folder() / "environment.py");
  }
  void WriteExperiment(const std::string& type) const {
    std::string text = kExperiment;
    text.replace(text.find("TYPE"), 4, type);
    text.replace(text.find("MORE"), 4,
                 type == "ga" ? "num_parents = 4\nnum_candidates = 2\ntest_episodes = 2"
                              : "optimizer = \"sgd\"\nlearning_rate = 0.1");
    WriteFile(folder() / "own.toml", text);
  }

  void ExpectSameBits() const {
    Ok("run own.toml --out one --threads 1");
    const auto expected = Digests("one");
    ASSERT_EQ(expected.size(), 4u);
    for (const char* threads : {"2", "5"}) {
      Ok("run own.toml --out of" + std::string(threads) + " --threads " + threads);
      EXPECT_EQ(Digests("of" + std::string(threads)), expected);
    }
    for (const char* num_envs : {"1", "3"}) {
      Ok("run own.toml --out with" + std::string(num_envs) +
         " --threads 2 --set task.num_envs=" + num_envs);
      EXPECT_EQ(Digests("with" + std::string(num_envs)), expected);
    }
    // Killed here and there, and gone on with.
    Program program(SplitWords("run own.toml --out killed --threads 2"), Here());
    program.WaitForOutput("generation    1");
    program.Signal(SIGKILL);
    program.Finish();
    Ok("resume killed --allow-command");
    EXPECT_EQ(Digests("killed"), expected);
  }

  std::string ErrorOf(const std::string& words) const {
    const Outcome outcome = Dne(words);
    EXPECT_EQ(outcome.exit_code, 1) << words << outcome.out;
    return outcome.err;
  }

  // How many processes play this test's environment.
  int NumEnvironments() const {
    int count = 0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      std::error_code none;
      if (fs::read_symlink(entry.path() / "cwd", none) != folder()) continue;
      std::ifstream file(entry.path() / "cmdline");
      const std::string words((std::istreambuf_iterator<char>(file)), {});
      count += words.find("environment.py") != std::string::npos;
    }
    return count;
  }
  void ExpectNoEnvironments() const {
    for (int look = 0; look < 100 && NumEnvironments() > 0; ++look) usleep(50'000);
    EXPECT_EQ(NumEnvironments(), 0);
  }
};

TEST_F(Process, OfTheGaHasTheSameBitsOnAnyThreadsAndKilled) { ExpectSameBits(); }

TEST_F(Process, OfAnEvolutionStrategyHasTheSameBitsOnAnyThreadsAndKilled) {
  WriteExperiment("es");
  ExpectSameBits();
}

TEST_F(Process, OfTheExampleRuns) {
  const Outcome outcome = Dne({"run", "examples/process-environment.toml", "--out",
                               (folder() / "run").string(), "--set", "budget.generations=1"},
                              {.folder = DNE_SOURCE_DIR});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("deep GA on process_environment.py"));
}

TEST_F(Process, IsReplayedEvaluatedAndTakenAway) {
  Ok("run own.toml --out run");
  EXPECT_THAT(Ok("replay run --allow-command"), HasSubstr("The replay matches"));
  EXPECT_THAT(Ok("evaluate run --episodes 3 --allow-command"), HasSubstr("environment.py"));
  Ok("genome run --allow-command --weights champion.safetensors --out champion.dne-genome");
  for (const char* file : {"champion.safetensors", "champion.dne-genome"}) {
    Ok(std::string("evaluate ") + file + " --episodes 3 --allow-command");
  }
}

TEST_F(Process, FromElsewhereStartsNothingUnasked) {
  EXPECT_THAT(Ok("run own.toml --out run"), HasSubstr("dne resume run --allow-command"));
  Ok("genome run --allow-command --weights champion.safetensors --out champion.dne-genome");
  WriteFile(folder() / "environment.py", "open('started', 'w')\n");
  EXPECT_THAT(Ok("show run"), HasSubstr("Watch the champion:  dne replay run --allow-command"));
  for (const char* words : {"resume run", "evaluate run", "replay run", "robustness run",
                            "genome run --weights w.safetensors", "evaluate champion.safetensors",
                            "evaluate champion.dne-genome"}) {
    EXPECT_THAT(ErrorOf(words), HasSubstr("its experiment starts a program: [\"python3\", "
                                          "\"environment.py\"]; where you trust it, repeat the "
                                          "command with --allow-command"))
        << words;
  }
  EXPECT_FALSE(fs::exists(folder() / "started"));
}

TEST_F(Process, ThatBreaksNamesTheIndividualAndLosesNothing) {
  Ok("run own.toml --out run");
  const auto before = Digests("run");
  const std::string good = ReadFile(folder() / "environment.py");
  WriteFile(folder() / "environment.py",
            std::string(good).replace(good.find("self.steps += 1"), 15, "raise ValueError('oh')"));
  const std::string error =
      ErrorOf("resume run --allow-command --set budget.generations=6 --threads 1");
  EXPECT_THAT(error, HasSubstr("generation 4, round train, item 0, individual"));
  EXPECT_THAT(error, HasSubstr("while it made step 1 of an episode of seed"));
  EXPECT_THAT(error, HasSubstr("ValueError: oh"));
  EXPECT_EQ(Digests("run"), before);
  WriteFile(folder() / "environment.py", good);
  Ok("resume run --allow-command --set budget.generations=6");
  EXPECT_EQ(Digests("run").size(), 6u);
}

TEST_F(Process, IsRefusedWhatOnlyOthersHave) {
  WriteExperiment("es");
  EXPECT_THAT(
      ErrorOf("run own.toml --out run --set task.action_noise=0.1"),
      HasSubstr("action_noise is for continuous actions, but environment.py's are discrete: "
                "leave it out"));
  const std::string good = ReadFile(folder() / "environment.py");
  WriteFile(folder() / "environment.py",
            std::string(good).replace(good.find("behaviour_size = 1"), 18, "behaviour_size = 0"));
  EXPECT_THAT(
      ErrorOf("run own.toml --out run --set algorithm.type=nsr_es"),
      HasSubstr("nsr_es learns from behaviours, but environment.py says nothing of what an episode "
                "came to: give it a behaviour"));
}

TEST_F(Process, IsChecked) {
  EXPECT_THAT(Ok("check-env own.toml --episodes 3 --max-episode-steps 30"),
              testing::AllOf(HasSubstr("environment.py: observes 2 floats, one of 3 actions"),
                             HasSubstr("yes  the same seed and actions give the same episode"),
                             HasSubstr("a second in one environment")));
  EXPECT_THAT(Ok("check-env own.toml --seed 3 --set seed=5 --json"), HasSubstr("\"holds\":true"));
  const std::string good = ReadFile(folder() / "environment.py");
  WriteFile(folder() / "environment.py",
            std::string(good).replace(good.find("random.Random(seed)"), 19, "random.Random()"));
  const Outcome checked = Dne("check-env own.toml");
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.out, HasSubstr("NO   the same seed and actions give the same episode: the "
                                     "observation differs after the reset"));
  EXPECT_THAT(checked.err, HasSubstr("environment.py does not keep the contract of environments"));
  const Outcome run = Dne("run own.toml --out run");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr("Note: the environment does not repeat itself"));
  WriteFile(folder() / "patches.toml", TinySupervisedExperiment());
  EXPECT_THAT(ErrorOf("check-env patches.toml"),
              HasSubstr("is no environment in which policies act step by step"));
}

TEST_F(Process, OfWhichSeveralShareWhatIsRandomIsFoundOut) {
  std::string text = ReadFile(folder() / "environment.py");
  const auto replace = [&](const std::string& what, const std::string& by) {
    text.replace(text.find(what), what.size(), by);
  };
  replace("self.random = random.Random(seed)", "random.seed(seed)");
  replace("self.random.uniform", "random.uniform");
  replace("self.random.gauss", "random.gauss");
  WriteFile(folder() / "environment.py", text);
  constexpr const char* kAdvice =
      "beside others in its process: task.num_envs = 1 gives each a process of its own";
  const Outcome checked = Dne("check-env own.toml");
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.out, HasSubstr("yes  the same seed and actions give the same episode"));
  EXPECT_THAT(checked.out, HasSubstr("NO   they do in other environments, stepped together: the "
                                     "observation differs after step 1, "));
  EXPECT_THAT(checked.out, HasSubstr(kAdvice));
  const Outcome run = Dne("run own.toml --out run");
  EXPECT_THAT(run.err, HasSubstr("Note: the environment does not repeat itself"));
  EXPECT_THAT(run.err, HasSubstr(kAdvice));
  Ok("check-env own.toml --set task.num_envs=1");
  EXPECT_EQ(Dne("run own.toml --out alone --set task.num_envs=1").err.find("Note"),
            std::string::npos);
}

TEST_F(Process, HoldsNoMoreThanItCan) {
  EXPECT_THAT(ErrorOf("run own.toml --out run --set task.num_envs=9"),
              HasSubstr("can hold 8 of the environments of which task.num_envs wants 9"));
}

TEST_F(Process, ItsOwnLimitOfStepsHoldsWhereNoneIsGiven) {
  WriteExperiment("es");
  Ok("run own.toml --out run --set algorithm.max_episode_steps=0 --set budget.generations=1");
  const std::string good = ReadFile(folder() / "environment.py");
  WriteFile(folder() / "environment.py",
            std::string(good).replace(good.find("max_episode_steps = 100"), 23, "pass"));
  EXPECT_THAT(ErrorOf("run own.toml --out none --set algorithm.max_episode_steps=0"),
              HasSubstr("max_episode_steps is 0, but the environment has no limit of its own: give "
                        "a number"));
}

TEST_F(Process, ThatHangsLetsACtrlCThroughAndDiesWithDne) {
  const std::string good = ReadFile(folder() / "environment.py");
  WriteFile(
      folder() / "environment.py",
      std::string(good).replace(good.find("self.steps += 1"), 15, "import time; time.sleep(1000)"));
  for (const int number : {SIGINT, SIGKILL}) {
    fs::remove_all(folder() / "run");
    Program program(SplitWords("run own.toml --out run --threads 2"), Here());
    program.WaitForOutput("2 threads");
    program.RunFor(1.5);
    EXPECT_GT(NumEnvironments(), 0);
    program.Signal(number);
    EXPECT_EQ(program.Finish().exit_code, number == SIGINT ? 130 : 128 + SIGKILL);
    ExpectNoEnvironments();
  }
}

}  // namespace
}  // namespace dne::cli
