// SPDX-License-Identifier: MIT
// Benchmarks: what they print and write, and that an interrupted one leaves nothing behind.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class Bench : public CliTest {
 protected:
  // Temporary files of the program go to this folder.
  Circumstances WithTemporaries() const {
    Circumstances here = Here();
    fs::create_directory(temporaries_);
    here.env["TMPDIR"] = temporaries_.string();
    return here;
  }
  void ExpectNothingTemporary() const { EXPECT_TRUE(fs::is_empty(temporaries_)); }

 private:
  fs::path temporaries_ = folder() / "tmp";
};

TEST_F(Bench, OfEsPrintsItsRowsAndWritesThem) {
  const std::string out =
      Ok("bench es --seconds 0.01 --threads 2 --cpu-time --json es.json --csv es.csv");
  EXPECT_THAT(
      out, AllOf(StartsWith("dne "), HasSubstr("(processor time)"),
                 HasSubstr("its update: gradient, Adam"), HasSubstr("memory grown since the start"),
                 HasSubstr("update from 5000 members")));
  const json es = json::parse(ReadFile(folder() / "es.json"));
  EXPECT_EQ(es["rows"][0]["measure"], "signs: generation");
  EXPECT_EQ(es["rows"][0]["threads"], 2);
  EXPECT_GT(es["rows"][0]["median"], 0);
  EXPECT_THAT(ReadFile(folder() / "es.csv"), HasSubstr("update from 5000 members"));
}

TEST_F(Bench, OfNoveltyHoldsTheTreeAgainstTheSearchOfAll) {
  const std::string out = Ok(
      "bench novelty --seconds 0.01 --threads 2 --cpu-time --isa scalar --json novelty.json --csv "
      "novelty.csv");
  EXPECT_THAT(out, AllOf(HasSubstr("(processor time)"), HasSubstr("novelty of a population of")));
  const json novelty = json::parse(ReadFile(folder() / "novelty.json"));
  for (const json& row : novelty["rows"]) {
    EXPECT_EQ(row["environment"], "points");
    if (row["measure"] == "the tree's rate / the other's") {
      EXPECT_GT(row["median"], 10);
    }
  }
  EXPECT_THAT(ReadFile(folder() / "novelty.csv"), HasSubstr("comparing with all"));
}

TEST_F(Bench, OfMazesPrintsItsRows) {
  const std::string out = Ok("bench maze --seconds 0.01 --threads 1 --csv maze.csv");
  for (const char* maze :
       {"hard_maze", "medium_maze", "image_hard_maze", "topdown_maze", "first_person_maze"}) {
    EXPECT_THAT(out, HasSubstr(maze));
  }
  EXPECT_THAT(ReadFile(folder() / "maze.csv"), HasSubstr("share of the network"));
}

TEST_F(Bench, OfMutationsPrintsItsRows) {
  const std::string out = Ok("bench mutation --seconds 0.01 --threads 1 --csv mutation.csv");
  for (const char* network : {"16x8", "64x125", "14 conv, 2 lstm"}) {
    EXPECT_THAT(out, HasSubstr(network));
  }
  EXPECT_THAT(ReadFile(folder() / "mutation.csv"), HasSubstr("SM-G-SO / plain"));
}

TEST_F(Bench, OfMembersThatIsInterruptedWritesTheRowsItHas) {
  Program program(SplitWords("bench members --seconds 0.01 --threads 1 --csv members.csv"), Here());
  program.WaitForOutput("full rank's time / rank 4's");
  program.Signal(SIGINT);
  EXPECT_EQ(program.Finish().exit_code, 130);
  EXPECT_THAT(ReadFile(folder() / "members.csv"), HasSubstr("mlp of 3 x 1024"));
}

TEST_F(Bench, OfNetworksPrintsItsRows) {
  const std::string out = Ok("bench network --seconds 0.01 --threads 1 --csv network.csv");
  for (const char* network : {"mnist_cnn", "mnist_small"}) EXPECT_THAT(out, HasSubstr(network));
  EXPECT_THAT(ReadFile(folder() / "network.csv"), HasSubstr("images/s"));
}

TEST_F(Bench, OfEsThatIsInterruptedWritesTheRowsItHas) {
  Program program(SplitWords("bench es --seconds 1 --threads 1 --json es.json"), Here());
  program.WaitForOutput("memory grown");
  program.Signal(SIGINT);
  const Outcome outcome = program.Finish();
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_EQ(outcome.err, "Interrupted.\n");
  EXPECT_EQ(json::parse(ReadFile(folder() / "es.json"))["rows"][0]["measure"], "signs: generation");
}

TEST_F(Bench, ThatIsInterruptedEndsItsPeer) {
  fs::create_directories(folder() / "bench/peers");
  WriteFile(folder() / "python", "#!/bin/sh\nexec sleep 1000\n");
  chmod((folder() / "python").c_str(), 0755);
  Program program(SplitWords("bench es --threads 1 --peers ./python"), Here());
  program.RunFor(0.5);
  program.Signal(SIGINT);
  EXPECT_EQ(program.Finish().exit_code, 130);
}

TEST_F(Bench, OfAtariThatIsInterruptedLeavesNothingBehind) {
  Program program(SplitWords("bench atari --games frostbite --networks uber_small --threads 1"),
                  WithTemporaries());
  program.WaitForOutput("commit to the store");
  program.Signal(SIGINT);
  const Outcome outcome = program.Finish();
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_EQ(outcome.err, "Interrupted.\n");
  ExpectNothingTemporary();
}

TEST_F(Bench, NeedsThePeersScripts) {
  ExpectError(Dne("bench es --peers python3"), 1,
              "--peers: bench/peers is not here: run dne in the root of its sources");
}

}  // namespace
}  // namespace dne::cli
