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
