// SPDX-License-Identifier: MIT
// Runs that are stopped, watched, written twice at once, or out of room; and what a terminal sees.
#include <signal.h>
#include <sys/resource.h>

#include <regex>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Interrupt : public CliTest {
 protected:
  void ExpectResumable(int signal) {
    Program program(SplitWords("run tiny.toml --out run --set budget.generations=100000"), Here());
    program.WaitForOutput("generation    1");
    program.Signal(signal);
    const Outcome outcome = program.Finish();
    EXPECT_EQ(outcome.exit_code, 130);
    EXPECT_EQ(
        outcome.err,
        "Interrupted; every episode that has ended is stored. Continue with: dne resume run\n");
    const size_t generations = Digests("run").size() + 1;
    Ok("resume run --set budget.generations=" + std::to_string(generations));
    EXPECT_EQ(Digests("run"), ExpectedDigests(generations));
  }
};

TEST_F(Interrupt, CtrlCLeavesARunThatGoesOnWithTheSameBits) { ExpectResumable(SIGINT); }

TEST_F(Interrupt, TerminateLeavesARunThatGoesOnWithTheSameBits) { ExpectResumable(SIGTERM); }

TEST_F(Interrupt, ByTimeoutWhichSignalsTwiceLosesNothing) {
  Program program({"run", "tiny.toml", "--out", "run", "--set", "budget.generations=100000"},
                  Here());
  program.WaitForOutput("generation    1");
  program.Signal(SIGTERM);
  program.Signal(SIGTERM);
  const Outcome outcome = program.Finish();
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_THAT(outcome.err, HasSubstr("every episode that has ended is stored"));
}

TEST_F(Interrupt, OfAResumedRunNamesItsLimitsAgain) {
  MakeRun();
  Program program(SplitWords("resume run --set budget.generations=100000"), Here());
  program.WaitForOutput("generation    3");
  program.Signal(SIGINT);
  EXPECT_THAT(program.Finish().err, HasSubstr("dne resume run --set budget.generations=100000\n"));
}

TEST_F(Interrupt, StopsAnEvaluation) {
  MakeRun();
  Circumstances slow = Here();
  Program program(SplitWords("evaluate run --episodes 2000 --max-episode-steps 100000"), slow);
  program.RunFor(0.5);
  program.Signal(SIGINT);
  EXPECT_EQ(program.Finish().exit_code, 130);
}

class Running : public CliTest {};

TEST_F(Running, IsReadButWrittenByOneProcessOnly) {
  Program first(SplitWords("run tiny.toml --out run --set budget.generations=100000"), Here());
  first.RunFor(3);  // commits come a second late
  EXPECT_THAT(Ok("show run"), HasSubstr("  generations   "));
  Ok("evaluate run --episodes 1");
  ExpectError(Dne("resume run"), 1, "run is in use by process ");
  ExpectError(Dne("run tiny.toml --out run"), 1, "run is in use by process ");
  const size_t before = Digests("run").size();
  first.RunFor(0.2);
  first.Signal(SIGINT);
  EXPECT_EQ(first.Finish().exit_code, 130);
  const auto digests = Digests("run");
  EXPECT_GT(digests.size(), before);
  EXPECT_EQ(digests, ExpectedDigests(digests.size()));
}

class FullDisk : public CliTest {};

// No file may grow beyond this, and writing is told so, as on a full disk.
void LimitFiles() {
  const rlimit limit{1'000'000, 1'000'000};
  setrlimit(RLIMIT_FSIZE, &limit);
  signal(SIGXFSZ, SIG_IGN);
}

TEST_F(FullDisk, EndsTheRunWithAReasonAndItGoesOnOnceThereIsRoom) {
  Circumstances full = Here();
  full.prepare = LimitFiles;
  const Words words =
      SplitWords("run tiny.toml --out run --log json --set budget.generations=100000");
  const Outcome outcome = Dne(words, full);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, AllOf(testing::StartsWith("error: run/run.sqlite: "),
                                 HasSubstr("everything committed before is intact")));
  const size_t generations = Digests("run").size();
  ASSERT_GT(generations, 0u);
  Ok("resume run --set budget.generations=" + std::to_string(generations + 2));
  EXPECT_EQ(Digests("run"), ExpectedDigests(generations + 2));
}

TEST_F(FullDisk, DoesNotSwallowOutput) {
  Circumstances full = Here();
  full.prepare = [] { (void)freopen("/dev/full", "w", stdout); };
  const Outcome outcome = Dne({"version"}, full);
  ExpectError(outcome, 1, "write");
}

class Terminal : public CliTest {};

TEST_F(Terminal, SeesALiveLine) {
  Circumstances terminal = Here();
  terminal.terminal = true;
  Program program(SplitWords("run tiny.toml --out run --set budget.generations=100000"), terminal);
  const std::regex live(
      "\r[^\r\n]*generation [0-9]+ (train|validate|test) [0-9]+/[0-9]+  best [0-9,]+  elite "
      "[0-9.]+  [0-9,]+ steps/s  [0-9:]+ left");
  for (int i = 0; i < 600 && !std::regex_search(program.out(), live); ++i) program.RunFor(0.1);
  program.Signal(SIGINT);
  const Outcome outcome = program.Finish();
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_TRUE(std::regex_search(outcome.out, live)) << outcome.out;
  EXPECT_THAT(outcome.out, testing::EndsWith("\033[K")) << "the live line does not stay";
}

TEST_F(Terminal, IsNotAssumedOfAPipe) {
  for (const char* words : {"run tiny.toml --out run", "show run", "replay run", "list"}) {
    for (char c : Ok(words)) {
      ASSERT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << words << ": " << int{c};
    }
  }
}

}  // namespace
}  // namespace dne::cli
