// SPDX-License-Identifier: MIT
// Runs in folders of odd names: JSON and pages stay valid, and printed commands can be pasted.
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const std::string kBad = "bad\xff";
const std::string kReplaced = "bad\xef\xbf\xbd";

class OddNames : public CliTest {
 protected:
  void MakeRunIn(const std::string& dir) const { Ok({"run", "tiny.toml", "--out", dir}); }

  // What the shell makes of a printed command.
  Outcome Paste(const std::string& command) const {
    const std::string programs = fs::path(DNE_PROGRAM).parent_path().string();
    return RunProgram({"-c", command}, {.folder = folder(),
                                        .env = {{"PATH", programs + ":/usr/bin:/bin"}},
                                        .prepare = {},
                                        .program = "/bin/sh"});
  }
};

TEST_F(OddNames, PrintedCommandsCanBePasted) {
  for (const std::string& dir :
       {std::string("a c"), std::string("it's"), std::string("\"$HOME\"; `x`"), std::string("~"),
        std::string("a\\b*?#&|<>()"), kBad, std::string("two\nlines")}) {
    MakeRunIn("./" + dir);
    const std::string told = Ok({"show", "./" + dir});
    const size_t end = told.find("Go on with the run:");
    ASSERT_NE(end, std::string::npos) << dir;
    const Outcome resumed = Paste(told.substr(told.find("dne resume", end)));
    EXPECT_EQ(resumed.exit_code, 0) << dir << resumed.err;
    EXPECT_THAT(Digests("./" + dir), SizeIs(6)) << dir;
    const size_t test = told.find("dne evaluate");
    const Outcome evaluated =
        Paste(told.substr(test, told.rfind('\n', end) - test) + " --episodes 1 --json");
    EXPECT_EQ(evaluated.exit_code, 0) << dir << evaluated.err;
  }
}

TEST_F(OddNames, PlainOnesAreNotQuoted) {
  MakeRunIn("Runs_1/a-b.c+d=e,f:g@h%i");
  EXPECT_THAT(Ok("show Runs_1/a-b.c+d=e,f:g@h%i"),
              HasSubstr("dne evaluate Runs_1/a-b.c+d=e,f:g@h%i\n"));
}

TEST_F(OddNames, AnInterruptedRunNamesItsFolderAndLimitsAsAShellNeedsThem) {
  MakeRunIn("a c");
  Program program({"resume", "a c", "--set", "budget.generations= 100000"}, Here());
  program.WaitForOutput("generation    3");
  program.Signal(SIGINT);
  EXPECT_THAT(program.Finish().err,
              HasSubstr("dne resume 'a c' --set 'budget.generations= 100000'\n"));
}

TEST_F(OddNames, AreValidInEveryJsonOutput) {
  MakeRunIn(kBad);
  EXPECT_EQ(json::parse(Ok({"show", kBad, "--json"}))["dir"], kReplaced);
  for (const char* command : {"evaluate", "genome", "replay"}) {
    const json told = json::parse(Ok({command, kBad, "--json"}));
    EXPECT_THAT(told["policy"].get<std::string>(), HasSubstr(kReplaced)) << command;
  }
  const json robust = json::parse(Ok({"robustness", kBad, kBad, "--json", "--perturbations", "2",
                                      "--episodes", "1", "--baseline-episodes", "1"}));
  EXPECT_THAT(robust["policies"].dump(), HasSubstr(kReplaced));
  const json study = json::parse(Ok(
      {"study", "landscapes", "--landscape", "gradient_cliff", "--json", "--out", kBad + ".html"}));
  EXPECT_EQ(study["report"], kReplaced + ".html");
}

TEST_F(OddNames, AreValidInEveryPage) {
  MakeRunIn(kBad);
  Ok({"show", kBad, "--html", "show.html"});
  Ok({"robustness", kBad, "--out", "robustness.html", "--perturbations", "2", "--episodes", "1",
      "--baseline-episodes", "1"});
  for (const char* page : {"show.html", "robustness.html"}) {
    EXPECT_THAT(ReadFile(folder() / page), AllOf(HasSubstr(kReplaced), Not(HasSubstr(kBad))))
        << page;
  }
  EXPECT_THAT(ReadFile(folder() / "robustness.html"),
              HasSubstr("dne robustness '" + kReplaced + "' --perturbations 2"));
}

}  // namespace
}  // namespace dne::cli
