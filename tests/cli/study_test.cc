// SPDX-License-Identifier: MIT
// study landscapes and robustness: what their pages promise, in miniature.
#include <signal.h>

#include <nlohmann/json.hpp>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

class Study : public CliTest {};
class Robustness : public CliTest {};

TEST_F(Study, OfOneLandscapeTellsItsRunsAndWritesTheReport) {
  EXPECT_THAT(Ok("study landscapes --landscape gradient_cliff --out cliff.html --seed 4"),
              AllOf(HasSubstr("gradient_cliff  ES 0.18"), HasSubstr("finite differences"),
                    HasSubstr("Charts: cliff.html\n")));
  EXPECT_THAT(ReadFile(folder() / "cliff.html"),
              AllOf(HasSubstr("dne study landscapes --landscape gradient_cliff --seed 4"),
                    HasSubstr("Plotly.newPlot")));
}

TEST_F(Study, IsTheSameOnAnyThreadsAndCodePath) {
  const std::string words = "study landscapes --landscape donut --json";
  const std::string expected = Ok(words + " --threads 1 --isa scalar");
  EXPECT_EQ(Ok(words + " --threads 3"), expected);
  const json result = json::parse(expected);
  EXPECT_THAT(result["runs"], SizeIs(4));
  EXPECT_EQ(result["runs"][0]["as_published"], true);
  EXPECT_EQ(result["runs"][3]["sigma"], nullptr);
}

TEST_F(Study, NamesTheNearestLandscape) {
  ExpectError(Dne("study landscapes --landscape donat"), 2, "did you mean 'donut'");
}

TEST_F(Study, SaysAtOnceWhereItsReportCannotBe) {
  ExpectError(Dne("study landscapes --out none/l.html"), 1,
              "cannot write none/l.html: choose a file in a folder that is there");
}

class EsVsSgd : public CliTest {
 protected:
  // Seconds of work, on images that dne makes itself.
  std::string Words(const std::string& more = "") const {
    return "study es-vs-sgd " +
           (std::filesystem::path(DNE_SOURCE_DIR) / "configs/studies/patches-es-vs-sgd.toml")
               .string() +
           " --set study.correlation_population=100 --set algorithm.population_size=20 " + more;
  }
};

TEST_F(EsVsSgd, TellsItsCurvesAndWritesTheReport) {
  EXPECT_THAT(Ok(Words("--out s --set budget.generations=10")),
              AllOf(HasSubstr("proxy, correlation 0.2"), HasSubstr("before training"),
                    HasSubstr("after 10 iterations of sgd"), HasSubstr("Charts: s/report.html")));
  EXPECT_THAT(ReadFile(folder() / "s/report.html"),
              AllOf(HasSubstr("dne study es-vs-sgd "), HasSubstr("es-no-mini-batch, predicted")));
  EXPECT_THAT(Ok("show s/es-buckets"), HasSubstr("accuracy"));
  ExpectError(Dne(Words("--out s --set budget.generations=15")), 1, "s holds another study");
}

TEST_F(EsVsSgd, IsTheSameOnAnyThreadsAndCodePath) {
  const std::string words = Words("--set budget.generations=5 --json --out ");
  json expected = json::parse(Ok(words + "a --threads 1 --isa scalar"));
  json result = json::parse(Ok(words + "b --threads 3"));
  expected.erase("report");
  result.erase("report");
  EXPECT_EQ(result, expected);
  EXPECT_THAT(result["correlations"], SizeIs(2 * 2 * 6));
}

TEST_F(EsVsSgd, CtrlCLeavesAStudyThatGoesOnWithTheSameBits) {
  const std::string words = Words("--set budget.generations=400 --json --out ");
  json expected = json::parse(Ok(words + "whole"));
  int interrupts = 0;
  for (const double seconds : {0.2, 0.5, 0.8}) {
    Program program(SplitWords(words + "parts"), Here());
    program.RunFor(seconds);
    program.Signal(SIGINT);
    const Outcome outcome = program.Finish();
    if (outcome.exit_code == 0) break;
    EXPECT_EQ(outcome.exit_code, 130);
    EXPECT_THAT(outcome.err, HasSubstr("Interrupted. Continue with: dne study es-vs-sgd "));
    ++interrupts;
  }
  EXPECT_GE(interrupts, 1);
  json result = json::parse(Ok(words + "parts"));
  expected.erase("report");
  result.erase("report");
  EXPECT_EQ(result, expected);
}

TEST_F(EsVsSgd, PredictsWhatAccuraciesCost) {
  const std::string words = Words("--set budget.generations=10 --predict --out ");
  EXPECT_THAT(Ok(words + "p"),
              AllOf(HasSubstr("core-hours"), HasSubstr("A core of this machine sees "),
                    HasSubstr("Charts: p/prediction.html")));
  const json result = json::parse(Ok(words + "q --json"));
  EXPECT_GT(result["images_per_second"], 0);
  EXPECT_THAT(result["curves"][2]["looks"], SizeIs(0));
  EXPECT_THAT(result["curves"][2]["predicted"], SizeIs(3));
}

const std::string kQuick = " --perturbations 6 --episodes 2 --baseline-episodes 3";

TEST_F(Robustness, ComparesPoliciesAndWritesTheReport) {
  MakeRun();
  Ok("run tiny.toml --out other --seed 8");
  EXPECT_THAT(Ok("robustness run other --out r.html" + kQuick),
              AllOf(HasSubstr("median ratio"), HasSubstr("run, elite of generation 2"),
                    HasSubstr("Mann-Whitney U"), HasSubstr("Box plot: r.html\n")));
  EXPECT_THAT(ReadFile(folder() / "r.html"),
              AllOf(HasSubstr("dne robustness run other --perturbations 6 --sigma 0.02"),
                    HasSubstr("\"type\":\"box\"")));
}

TEST_F(Robustness, IsTheSameOnAnyThreadsAndCodePath) {
  MakeRun();
  const std::string words = "robustness run run --json --sigma 0.5 --seed 3" + kQuick;
  const std::string expected = Ok(words + " --threads 1 --isa scalar");
  EXPECT_EQ(Ok(words + " --threads 3"), expected);
  const json result = json::parse(expected);
  EXPECT_THAT(result["policies"][0]["ratios"], SizeIs(6));
  EXPECT_EQ(result["policies"][0], result["policies"][1]);
  EXPECT_EQ(result["pairs"][0]["p"], 1);
}

TEST_F(Robustness, SaysWhichPolicyScoresNothing) {
  Ok("run tiny.toml --out zero --set task.game=atlantis");
  ExpectError(Dne("robustness zero" + kQuick), 1, "zero, elite of generation 2");
  EXPECT_THAT(Dne("robustness zero" + kQuick).err, HasSubstr("its unperturbed score is 0 "));
}

TEST_F(Robustness, StopsWithCtrlC) {
  MakeRun();
  Program program(SplitWords("robustness run --perturbations 100000"), Here());
  program.RunFor(0.5);
  program.Signal(SIGINT);
  EXPECT_EQ(program.Finish().exit_code, 130);
}

}  // namespace
}  // namespace dne::cli
