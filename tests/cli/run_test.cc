// SPDX-License-Identifier: MIT
// run, resume and show: what their pages promise, in miniature.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class Run : public CliTest {};
class Resume : public CliTest {};
class Show : public CliTest {};

TEST_F(Run, TellsEveryGenerationAndWhatToDoNext) {
  const std::string out =
      Ok("run tiny.toml --out here/run --seed 3 --threads 2 --isa scalar --log text --set "
         "algorithm.sigma=0.01 --set budget.generations=2");
  EXPECT_THAT(out, AllOf(HasSubstr("deep GA on frostbite, 4,398 parameters, 2 threads, scalar"),
                         HasSubstr("generation    0"), HasSubstr("generation    1"),
                         Not(HasSubstr("generation    2")),
                         HasSubstr("Ended: budget.generations is reached."),
                         HasSubstr("dne replay here/run --video champion.mp4\n"),
                         HasSubstr("dne evaluate here/run\n"),
                         HasSubstr("dne resume here/run --set budget.generations=4\n")));
  EXPECT_THAT(Ok("show here/run --config"),
              AllOf(HasSubstr("seed = 3\n"), HasSubstr("sigma = 0.01\n")));
}

TEST_F(Run, GoesToAFolderOfItsNameAndSeed) {
  Ok("run tiny.toml --set budget.generations=1");
  Ok("run tiny.toml --set budget.generations=1 --seed 9");
  EXPECT_THAT(Digests("runs/tiny-s7"), SizeIs(1));
  EXPECT_THAT(Digests("runs/tiny-s9"), SizeIs(1));
  EXPECT_NE(Digests("runs/tiny-s7"), Digests("runs/tiny-s9"));
}

TEST_F(Run, JsonLogIsOneObjectAGenerationAndNothingElse) {
  std::istringstream lines(Ok("run tiny.toml --out run --log json"));
  std::vector<std::string> digests;
  for (std::string line; std::getline(lines, line);) {
    const json object = json::parse(line);
    EXPECT_EQ(object["generation"], digests.size());
    EXPECT_TRUE(object["fitness_max"].is_number());
    digests.push_back(object["digest"]);
  }
  EXPECT_THAT(digests, SizeIs(3));
  EXPECT_EQ(digests, Digests("run"));
}

TEST_F(Run, SaysWhichLimitEndedItAndHowToGoOn) {
  EXPECT_THAT(Ok("run tiny.toml --out run --set budget.steps=150"),
              AllOf(HasSubstr("Ended: budget.steps is reached."),
                    HasSubstr("resume run --set budget.generations=2 --set budget.steps=400\n")));
}

TEST_F(Resume, WithALargerBudgetGivesWhatOneLongRunGives) {
  MakeRun();
  EXPECT_THAT(Ok("resume run --set budget.generations=5 --threads 1 --log text"),
              AllOf(Not(HasSubstr("generation    2")), HasSubstr("generation    3"),
                    HasSubstr("generation    4")));
  EXPECT_THAT(Digests("run"), ElementsAreArray(ExpectedDigests(5)));
}

TEST_F(Resume, OfAFinishedRunSaysThatItHasEnded) {
  MakeRun();
  const auto digests = Digests("run");
  EXPECT_THAT(
      Ok("resume run --isa scalar"),
      AllOf(Not(HasSubstr("generation    ")), HasSubstr("Ended: budget.generations is reached."),
            HasSubstr("dne resume run --set budget.generations=6\n")));
  EXPECT_EQ(Ok("resume run --log json"), "");
  EXPECT_EQ(Digests("run"), digests);
}

TEST_F(Show, TellsTheStory) {
  MakeRun();
  EXPECT_THAT(Ok("show run"),
              AllOf(HasSubstr("begun"), HasSubstr("machine"), HasSubstr("generation    2"),
                    HasSubstr("digest                 " + Digests("run").back())));
}

TEST_F(Show, JsonHoldsTheWholeStory) {
  MakeRun();
  const json story = json::parse(Ok("show run --json"));
  EXPECT_EQ(story["dir"], "run");
  EXPECT_EQ(story["seed"], 7);
  EXPECT_EQ(story["config"], Ok("show run --config"));
  EXPECT_THAT(story["generations"], SizeIs(3));
  EXPECT_EQ(story["generations"][2]["generation"], 2);
}

TEST_F(Show, SeveralRunsComeOneAfterTheOther) {
  MakeRun();
  Ok("run tiny.toml --out other --seed 9 --set budget.generations=1");
  EXPECT_THAT(Ok("show run other"),
              AllOf(HasSubstr(Digests("run").back()), HasSubstr(Digests("other").back())));
}

TEST_F(Show, APageHoldsTheCurvesOfAllRuns) {
  MakeRun();
  Ok("run tiny.toml --out other --seed 9 --set budget.generations=1");
  EXPECT_EQ(Ok("show run other --html page.html"), "Wrote page.html\n");
  const std::string page = ReadFile(folder() / "page.html");
  EXPECT_THAT(page, AllOf(HasSubstr("<title>2 runs"), HasSubstr(Digests("run").back()),
                          HasSubstr(Digests("other").back()), HasSubstr("Plotly")));
  ExpectError(Dne("show run --html nowhere/page.html"), 1, "nowhere/page.html");
}

// Members of clouds are packed in the database; the example reads them without dne.
TEST_F(Show, TheExampleReadsTheMembersOfClouds) {
  WriteFile(folder() / "es.toml", TinyPerturbedExperiments().front());
  Ok("run es.toml --out run");
  const json story = json::parse(Ok("show run --json"));
  Circumstances python = Here();
  python.program = "/usr/bin/python3";
  for (const json& generation : story["generations"]) {
    if (generation["generation"] == 0) continue;  // the first centre alone
    const std::string number = generation["generation"].dump();
    const Outcome outcome = RunProgram(
        {std::string(DNE_SOURCE_DIR) + "/examples/cloud_members.py", "run", number}, python);
    EXPECT_EQ(outcome.err, "");
    std::istringstream lines(outcome.out);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "generation,round,index,fitness,seed,draws,score,steps\r");
    double best = -1e300;
    size_t members = 0;
    for (; std::getline(lines, line); ++members) {
      EXPECT_EQ(line.find(number + ",train," + std::to_string(members) + ","), 0u) << line;
      best = std::max(best, std::stod(line.substr(line.find(',', line.find(",train,") + 7) + 1)));
    }
    EXPECT_EQ(members, 8u);
    EXPECT_EQ(best, generation["fitness_max"].get<double>());
  }
}

TEST_F(Show, TheStoredConfigurationRunsAgainToTheSameBits) {
  MakeRun();
  WriteFile(folder() / "again.toml", Ok("show run --config"));
  Ok("run again.toml --out again");
  EXPECT_EQ(Digests("again"), Digests("run"));
  EXPECT_EQ(Ok("show again --config"), Ok("show run --config"));
}

}  // namespace
}  // namespace dne::cli
