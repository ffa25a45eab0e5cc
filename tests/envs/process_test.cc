// SPDX-License-Identifier: MIT
// Programs that are no good environments, or cease to be: each is told with its seed and what it
// printed, and none is left behind.
#include "dne/envs/process/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "dne/episode/descriptor.h"
#include "tests/expect_error.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Of an environment of two floats, two actions and a behaviour; `reset` and `step` are the bodies
// of its functions, `more` stands in the class.
std::string Program(const std::string& reset, const std::string& step,
                    const std::string& more = "") {
  return "import os, sys, time\n"
         "sys.path.append('" DNE_SOURCE_DIR
         "/interfaces')\n"
         "from dne_environment import serve\n"
         "class Toy:\n"
         "    observation_size = 2\n"
         "    num_actions = 2\n"
         "    behaviour_size = 1\n"
         "    place = 0\n" +
         (more.empty() ? "" : "    " + more + "\n") +
         "    def behaviour(self):\n"
         "        return [self.place]\n"
         "    def reset(self, seed):\n"
         "        " +
         reset +
         "\n"
         "    def step(self, action):\n"
         "        " +
         step +
         "\n"
         "serve(Toy(), make=Toy, num_envs=3)\n";
}

const char* const kReset = "self.place = seed % 10; return [seed % 10, 0]";
const char* const kStep = "self.place += action; return [self.place, 1], action, False, False";

class ProcessWorld : public testing::Test {
 protected:
  ProcessOptions Options(const std::string& program, double seconds = 20) const {
    const auto file = folder_.path() / "environment.py";
    std::ofstream(file) << program;
    return {.command = {"python3", file.string()}, .start_seconds = 20, .step_seconds = seconds};
  }
  std::shared_ptr<const World> Start(const std::string& program, double seconds = 20) const {
    return StartProcessWorld(Options(program, seconds));
  }
  std::string StartError(const std::string& program) const {
    return ErrorOf([&] { Start(program); });
  }
  // Two that share a process, each in an episode; seeds 77 and 78.
  static std::vector<std::unique_ptr<Environment>> Two(const World& world) {
    auto two = world.MakeEnvironments(2);
    for (size_t i = 0; i < 2; ++i) two[i]->StartReset({.seed = 77 + i});
    for (size_t i = 0; i < 2; ++i) two[i]->Reset({.seed = 77 + i});
    return two;
  }
  // What the second of two that step together says, while the first has nothing to say.
  std::string SecondError(const std::string& program, double seconds = 20) const {
    const auto world = Start(program, seconds);
    const auto two = Two(*world);
    for (const auto& environment : two) environment->StartStep({.choice = 1});
    EXPECT_EQ(two[0]->Step({.choice = 1}).reward, 1);
    return ErrorOf([&] { two[1]->Step({.choice = 1}); });
  }
  // Of an episode of seed 77, whose steps choose action 1.
  std::string EpisodeError(const std::string& program, double seconds = 20) const {
    const auto environment = Start(program, seconds)->MakeEnvironment();
    return ErrorOf([&] {
      environment->Reset({.seed = 77});
      for (int i = 0; i < 3; ++i) environment->Step({.choice = 1});
    });
  }

  TempFolder folder_;
};

TEST_F(ProcessWorld, PlaysAProgram) {
  const auto world = Start(Program(kReset, kStep, "max_episode_steps = 50"));
  EXPECT_EQ(world->spec().observation.size(), 2u);
  EXPECT_EQ(world->spec().action.size, 2);
  EXPECT_EQ(world->spec().action.type, ActionType::kDiscrete);
  EXPECT_EQ(world->spec().behaviour.size, 1);
  EXPECT_EQ(world->spec().max_episode_steps, 50);
  const auto environment = world->MakeEnvironment();
  environment->Reset({.seed = 77});
  EXPECT_EQ(environment->observation().floats[0], 7);
  EXPECT_EQ(environment->Step({.choice = 1}).reward, 1);
  EXPECT_EQ(environment->Step({.choice = 0}).reward, 0);
  EXPECT_EQ(environment->observation().floats[0], 8);
  EXPECT_EQ(environment->descriptor(), DescriptorFromPoint(std::array{8.0}));
}

TEST_F(ProcessWorld, TellsEndsAndTimeLimitsAndSolutionsApart) {
  const auto world =
      Start(Program(kReset, "return [0, 0], 1, action == 0, self.place == 7 and action == 1"));
  const auto environment = world->MakeEnvironment();
  environment->Reset({.seed = 77});
  const StepResult truncated = environment->Step({.choice = 1});
  EXPECT_TRUE(truncated.terminal && truncated.truncated && !truncated.solved);
  environment->Reset({.seed = 77});
  const StepResult ended = environment->Step({.choice = 0});
  EXPECT_TRUE(ended.terminal && !ended.truncated);
  const auto solver = Start(Program(kReset, "return [0, 0], 1, False, False, True"));
  const auto solved_environment = solver->MakeEnvironment();
  solved_environment->Reset({.seed = 77});
  const StepResult solved = solved_environment->Step({.choice = 0});
  EXPECT_TRUE(solved.terminal && solved.solved);
}

TEST_F(ProcessWorld, CutsContinuousActionsToTheirLimits) {
  const auto world = Start(Program(kReset, "return action, 0, False, False",
                                   "action_low, action_high = [-1, 0], [1, 3]"));
  const auto environment = world->MakeEnvironment();
  environment->Reset({.seed = 77});
  const float wanted[] = {-5, 2.5f};
  environment->Step({.values = wanted});
  EXPECT_EQ(environment->observation().floats[0], -1);
  EXPECT_EQ(environment->observation().floats[1], 2.5f);
}

TEST_F(ProcessWorld, SeesImages) {
  const auto world = StartProcessWorld([&] {
    ProcessOptions options =
        Options(Program("return bytes(range(24))", "return bytes([action] * 24), 0, False, False",
                        "observation_shape = (2, 4, 3)"));
    options.observation = ObservationType::kBytes;
    return options;
  }());
  const auto environment = world->MakeEnvironment();
  environment->Reset({.seed = 77});
  EXPECT_EQ(environment->observation().bytes[23], 23);
  environment->Step({.choice = 1});
  EXPECT_EQ(environment->observation().bytes[23], 1);
}

// --- Starts ------------------------------------------------------------------------------------

TEST_F(ProcessWorld, ThatIsNotThereSaysSo) {
  EXPECT_ERROR(StartProcessWorld({.command = {"no-such-program"}, .start_seconds = 1}),
               "cannot start no-such-program: No such file or directory; task.command names the "
               "program and its arguments");
}

TEST_F(ProcessWorld, ThatCannotBeStartedLeavesNothingOpen) {
  const auto count_open = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = count_open();
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit few{.rlim_cur = static_cast<rlim_t>(before + 4), .rlim_max = limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const std::string error =
      ErrorOf([] { StartProcessWorld({.command = {"true"}, .start_seconds = 1}); });
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_THAT(error,
              HasSubstr("cannot start an environment's process: no pipe: Too many open files"));
  EXPECT_EQ(count_open(), before);
}

TEST_F(ProcessWorld, ThatEndsAtOnceShowsWhatItPrinted) {
  EXPECT_THAT(
      StartError("import no_such_module"),
      AllOf(HasSubstr("ended with exit code 1 while it started. The end of what it printed:"),
            HasSubstr("No module named 'no_such_module'")));
  EXPECT_THAT(StartError(""), HasSubstr("exit code 0 while it started. It printed nothing."));
}

TEST_F(ProcessWorld, ThatIsKilledSaysBywhichSignal) {
  EXPECT_THAT(StartError("import os; os.kill(os.getpid(), 9)"),
              HasSubstr("was ended by signal 9 (Killed) while it started"));
}

TEST_F(ProcessWorld, ThatStartsTooSlowlyIsGivenUp) {
  ProcessOptions options = Options("import time; time.sleep(1000)");
  options.start_seconds = 0.3;
  EXPECT_ERROR(StartProcessWorld(options),
               "seconds while it started: mend it, or give it more time "
               "(task.step_seconds, task.start_seconds)");
}

// What it says of itself, as Python's struct writes it.
std::string Saying(const std::string& fields) {
  return "import os, struct, time\n"
         "os.write(4, struct.pack('<4s10I', " +
         fields +
         "))\n"
         "time.sleep(1000)\n";
}

TEST_F(ProcessWorld, OfAnotherProtocolIsRefused) {
  EXPECT_THAT(StartError(Saying("b'HTTP', 1, 0, 1, 1, 2, 0, 2, 0, 0, 1")),
              HasSubstr("it does not begin with \"dneE\""));
  EXPECT_THAT(StartError(Saying("b'dneE', 7, 0, 1, 1, 2, 0, 2, 0, 0, 1")),
              HasSubstr("its protocol is version 7, this dne's is 2"));
  // Which says less.
  EXPECT_THAT(StartError("import os, struct, time\n"
                         "os.write(4, struct.pack('<4s9I', b'dneE', 1, 0, 1, 1, 2, 0, 2, 0, 0))\n"
                         "time.sleep(1000)\n"),
              HasSubstr("its protocol is version 1, this dne's is 2"));
}

TEST_F(ProcessWorld, WithAnImpossibleSpecificationIsRefused) {
  EXPECT_THAT(StartError(Saying("b'dneE', 2, 0, 1, 1, 0, 0, 2, 0, 0, 1")),
              HasSubstr("an observation of 1 x 1 x 0 floats"));
  EXPECT_THAT(StartError(Saying("b'dneE', 2, 0, 84, 84, 4, 0, 2, 0, 0, 1")),
              HasSubstr("an observation of 84 x 84 x 4 floats; images are bytes"));
  EXPECT_THAT(StartError(Saying("b'dneE', 2, 0, 1, 1, 2, 0, 0, 0, 0, 1")),
              HasSubstr("an action of size 0"));
  EXPECT_THAT(StartError(Saying("b'dneE', 2, 0, 1, 1, 2, 0, 2, 0xffffffff, 0, 1")),
              HasSubstr("its own limit of steps"));
  EXPECT_THAT(StartError(Saying("b'dneE', 2, 0, 1, 1, 2, 0, 2, 0, 0x7fffffff, 1")),
              HasSubstr("a behaviour of size 2147483647"));
  for (const char* number : {"0", "1025"}) {
    EXPECT_THAT(StartError(Saying("b'dneE', 2, 0, 1, 1, 2, 0, 2, 0, 0, " + std::string(number))),
                HasSubstr(std::string(number) + " environments in a process"));
  }
  EXPECT_THAT(StartError(Program(kReset, kStep, "action_low, action_high = [1], [0]")),
              HasSubstr("action 0 lies between 1.000000 and 0.000000"));
}

TEST_F(ProcessWorld, ThatObservesSomethingElseSaysWhatToSet) {
  EXPECT_THAT(StartError(Program(kReset, kStep, "observation_shape = (2, 2, 1)")),
              HasSubstr("observes bytes: set task.observations = \"bytes\""));
}

// --- Episodes ----------------------------------------------------------------------------------

TEST_F(ProcessWorld, ThatThrowsNamesSeedAndStep) {
  EXPECT_THAT(EpisodeError(Program("raise ValueError('no such level')", kStep)),
              AllOf(HasSubstr("while it began an episode of seed 77"),
                    HasSubstr("ValueError: no such level")));
  EXPECT_THAT(
      EpisodeError(Program(kReset, "return 1 / (1 - action)")),
      AllOf(HasSubstr("ended with exit code 1 while it made step 1 of an episode of seed 77"),
            HasSubstr("ZeroDivisionError")));
}

TEST_F(ProcessWorld, ThatDiesInAStepNamesIt) {
  EXPECT_THAT(EpisodeError(Program(kReset, "os._exit(3)")),
              HasSubstr("ended with exit code 3 while it made step 1 of an episode of seed 77"));
  EXPECT_THAT(EpisodeError(Program(kReset, "os.kill(os.getpid(), 11)")),
              HasSubstr("was ended by signal 11 (Segmentation fault)"));
}

TEST_F(ProcessWorld, ThatHangsIsGivenUp) {
  EXPECT_THAT(EpisodeError(Program(kReset, "time.sleep(1000)"), 0.3),
              HasSubstr("has not answered within 0.3 seconds while it made step 1 of an episode of "
                        "seed 77"));
}

TEST_F(ProcessWorld, WhoseNumbersAreNotFiniteIsTold) {
  EXPECT_THAT(EpisodeError(Program(kReset, "return [0, 0], float('nan'), False, False")),
              HasSubstr("gave a reward that is not finite (nan) while it made step 1 of an episode "
                        "of seed 77: mend it"));
  EXPECT_THAT(EpisodeError(Program(kReset, "return [0, float('inf')], 0, False, False")),
              HasSubstr("gave an observation that is not finite (inf)"));
  EXPECT_THAT(EpisodeError(Program("return [float('nan'), 0]", kStep)),
              HasSubstr("gave an observation that is not finite (nan) while it began"));
  EXPECT_THAT(
      EpisodeError(Program(kReset, "self.place = float('inf'); return [0, 0], 0, False, False")),
      HasSubstr("gave a behaviour that is not finite"));
}

TEST_F(ProcessWorld, WhoseNumbersAreTooManyOrTooFewIsTold) {
  EXPECT_THAT(EpisodeError(Program("return [1, 2, 3]", kStep)),
              HasSubstr("the observation has 3 numbers, but said 2"));
  EXPECT_THAT(EpisodeError(Program(kReset, "return [1], 0, False, False")),
              HasSubstr("the observation has 1 numbers, but said 2"));
}

TEST_F(ProcessWorld, ThatAnswersSomethingElseIsTold) {
  EXPECT_THAT(
      EpisodeError(Program(kReset, "os.write(4, b'?'); time.sleep(1000)")),
      HasSubstr("answered with byte 63 while it made step 1 of an episode of seed 77, where "
                "'D' ends every answer"));
}

TEST_F(ProcessWorld, ThatPrintsIsNotDisturbed) {
  const auto world = Start(Program("print('reset'); return [0, 0]",
                                   "print('x' * 100000); return [0, 0], 1, False, False"));
  const auto environment = world->MakeEnvironment();
  environment->Reset({.seed = 77});
  for (int i = 0; i < 30; ++i) EXPECT_EQ(environment->Step({.choice = 1}).reward, 1);
  environment->Reset({.seed = 78});
  EXPECT_EQ(environment->Step({.choice = 1}).reward, 1);
}

TEST_F(ProcessWorld, ThatReadsItsInputReadsNothing) {
  EXPECT_THAT(EpisodeError(Program("input(); return [0, 0]", kStep)), HasSubstr("EOFError"));
}

TEST_F(ProcessWorld, IsStartedAnewAfterAnError) {
  const auto environment =
      Start(Program("assert seed != 77; return [0, 0]", kStep))->MakeEnvironment();
  EXPECT_ERROR(environment->Reset({.seed = 77}), "AssertionError");
  environment->Reset({.seed = 78});
  EXPECT_EQ(environment->Step({.choice = 1}).reward, 1);
}

TEST_F(ProcessWorld, ThatChangesItsSpecificationIsRefused) {
  const auto mark = (folder_.path() / "mark").string();
  const auto world = Start(Program("raise ValueError()", kStep,
                                   "max_episode_steps = 5 if os.path.exists('" + mark +
                                       "') else open('" + mark + "', 'w').write('x')"));
  const auto environment = world->MakeEnvironment();
  EXPECT_ERROR(environment->Reset({.seed = 1}), "ValueError");
  EXPECT_ERROR(environment->Reset({.seed = 1}),
               "says something else of itself than when it was first started");
}

// --- Several in a process ----------------------------------------------------------------------

TEST_F(ProcessWorld, HoldsAsManyAsItSaysOrFewer) {
  EXPECT_EQ(Start(Program(kReset, kStep))->spec().lanes, 3);
  EXPECT_TRUE(Start(Program(kReset, kStep))->spec().steps_together);
  ProcessOptions options = Options(Program(kReset, kStep));
  for (const int num_envs : {1, 2}) {
    options.num_envs = num_envs;
    EXPECT_EQ(StartProcessWorld(options)->spec().lanes, num_envs);
    EXPECT_EQ(StartProcessWorld(options)->spec().steps_together, num_envs > 1);
  }
  options.num_envs = 4;
  EXPECT_ERROR(StartProcessWorld(options),
               "can hold 3 of the environments of which task.num_envs wants 4 in a process: lower "
               "that, or let it hold more (docs/environment-protocol.md)");
}

TEST_F(ProcessWorld, StepsThoseOfAProcessInOneRoundTrip) {
  const std::string trips = (folder_.path() / "trips").string();
  const auto world = Start(
      "import os\nread = os.read\n"
      "def counted(number, size):\n"
      "    open('" +
      trips +
      "', 'a').write('.')\n"
      "    return read(number, size)\n"
      "os.read = counted\n" +
      Program(kReset,
              "self.place += action; return [self.place, os.getpid()], action, False, False"));
  const auto two = Two(*world);
  EXPECT_EQ(two[0]->observation().floats[0], 7);
  EXPECT_EQ(two[1]->observation().floats[0], 8);
  for (size_t i = 0; i < 2; ++i) two[i]->StartStep({.choice = static_cast<int>(i)});
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(two[i]->Step({.choice = static_cast<int>(i)}).reward, i);
    EXPECT_EQ(two[i]->observation().floats[0], 7 + 2 * i);
    EXPECT_EQ(two[i]->observation().floats[1], two[0]->observation().floats[1]) << "one process";
  }
  // One is reset while the other steps.
  two[0]->StartReset({.seed = 3});
  two[1]->StartStep({.choice = 1});
  two[0]->Reset({.seed = 3});
  EXPECT_EQ(two[1]->Step({.choice = 1}).reward, 1);
  EXPECT_EQ(two[0]->observation().floats[0], 3);
  EXPECT_EQ(two[1]->observation().floats[0], 10);
  // Each alone while the other waits.
  EXPECT_EQ(two[1]->Step({.choice = 0}).reward, 0);
  EXPECT_EQ(two[0]->Step({.choice = 1}).reward, 1);
  EXPECT_EQ(two[1]->observation().floats[0], 10);
  // The beginning, five round trips, and the next one perhaps, for which it waits.
  EXPECT_THAT(std::filesystem::file_size(trips), testing::AnyOf(6, 7));
}

TEST_F(ProcessWorld, OfWhichOneFailsNamesThatOne) {
  const char* const kFails[] = {"os._exit(3)",
                                "raise ValueError('oh')",
                                "time.sleep(1000)",
                                "return [0, 0], float('nan'), False, False",
                                "return [1], 0, False, False",
                                "os.write(4, b'?'); time.sleep(1000)"};
  for (const char* fails : kFails) {
    const std::string step =
        std::string("if self.place == 8: ") + fails + "\n        return [0, 0], 1, False, False";
    EXPECT_THAT(SecondError(Program(kReset, step), 0.5),
                AllOf(HasSubstr("while it made step 1 of an episode of seed 78"),
                      Not(HasSubstr("seed 77"))))
        << fails;
  }
}

// What it leaves where flags go, as a program that speaks the protocol itself may.
TEST_F(ProcessWorld, ThatDoesNotCarryOutACommandIsTold) {
  const auto world = Start(
      "import mmap, os, struct\n"
      "os.write(4, struct.pack('<4s10I', b'dneE', 2, 0, 1, 1, 2, 0, 2, 0, 0, 2))\n"
      "os.read(3, 1)\n"
      "memory = mmap.mmap(5, 0)\n"
      "while os.read(3, 1):\n"
      "    memory[64] = 0\n"
      "    os.write(4, b'D')\n");
  const auto two = world->MakeEnvironments(2);
  two[0]->StartReset({.seed = 77});
  two[1]->StartReset({.seed = 78});
  two[0]->Reset({.seed = 77});
  EXPECT_ERROR(two[1]->Reset({.seed = 78}),
               "left state 82 where it began an episode of seed 78: flags go there "
               "(docs/environment-protocol.md)");
}

TEST_F(ProcessWorld, MayTakeTheLimitForEachOfSeveralSteps) {
  const auto world = Start(Program(kReset, "time.sleep(0.4); return [0, 0], 1, False, False"), 0.6);
  const auto two = Two(*world);
  for (const auto& environment : two) environment->StartStep({.choice = 1});
  for (const auto& environment : two) EXPECT_EQ(environment->Step({.choice = 1}).reward, 1);
}

TEST_F(ProcessWorld, WhoseFaultEndsThemAllBeginsAnewWithEach) {
  const auto world =
      Start(Program(kReset, "assert self.place != 8; return [0, 0], 1, False, False"));
  const auto two = Two(*world);
  EXPECT_ERROR(two[1]->Step({.choice = 1}), "AssertionError");
  EXPECT_THROW(two[0]->Step({.choice = 1}), BugError) << "its episode is gone";
  for (const auto& environment : two) environment->Reset({.seed = 77});
  for (const auto& environment : two) EXPECT_EQ(environment->Step({.choice = 1}).reward, 1);
}

// --- Ends --------------------------------------------------------------------------------------

bool IsAlive(pid_t process) { return kill(process, 0) == 0; }

TEST_F(ProcessWorld, LeavesNobodyBehind) {
  const auto file = (folder_.path() / "pids").string();
  {
    const auto world =
        Start(Program("import subprocess; child = subprocess.Popen(['sleep', '1000']); "
                      "open('" +
                          file + "', 'w').write(f'{os.getpid()} {child.pid}'); return [0, 0]",
                      kStep));
    world->MakeEnvironment()->Reset({.seed = 77});
  }
  pid_t own = 0;
  pid_t child = 0;
  ASSERT_TRUE(std::ifstream(file) >> own >> child);
  for (int look = 0; look < 100 && IsAlive(child); ++look) usleep(20'000);
  EXPECT_FALSE(IsAlive(own));
  EXPECT_FALSE(IsAlive(child));
}

TEST_F(ProcessWorld, ThatHangsEndsInTimeWhenItIsCancelled) {
  const auto environment = Start(Program(kReset, "time.sleep(1000)"))->MakeEnvironment();
  std::atomic<bool> cancel = false;
  environment->WatchCancel(cancel);
  environment->Reset({.seed = 77});
  std::thread interrupter([&] {
    usleep(200'000);
    cancel = true;
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(environment->Step({.choice = 1}).terminal);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_EQ(environment->descriptor().size(), sizeof(double));
  interrupter.join();
}

}  // namespace
}  // namespace dne
