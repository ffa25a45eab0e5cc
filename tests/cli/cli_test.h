// SPDX-License-Identifier: MIT
// What the command line's tests share: a folder with an experiment file, and dne run in it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/cli/program.h"
#include "tests/temp_folder.h"

namespace dne::cli {

class CliTest : public testing::Test {
 protected:
  CliTest();  // writes tiny.toml, an experiment of 3 generations

  const std::filesystem::path& folder() const { return folder_.path(); }
  Circumstances Here() const { return {.folder = folder(), .env = {}, .prepare = {}}; }

  // Words are split at spaces.
  Outcome Dne(std::string_view words) const;
  Outcome Dne(const Words& words, const Circumstances& circumstances) const;
  // Its standard output; fails the test unless it exits with 0 and nothing on standard error.
  std::string Ok(std::string_view words) const;
  std::string Ok(const Words& words) const;

  // A finished run of tiny.toml in `run`.
  void MakeRun() const { Ok("run tiny.toml --out run"); }
  // Of every finished generation.
  std::vector<std::string> Digests(const std::string& dir) const;
  // What an unbroken run of so many generations gives.
  std::vector<std::string> ExpectedDigests(size_t generations) const;

  // Exit code and message, one error, nothing on standard output.
  static void ExpectError(const Outcome& outcome, int exit_code, std::string_view message);

 private:
  TempFolder folder_;
};

// The code paths that this machine has.
std::vector<std::string> CodePaths();

// Names of the options in the output of --help, without --help itself.
std::vector<std::string> OptionsInHelp(const std::string& help);

// Without it there are no videos.
bool HasFfmpeg();
// Width, height, frames a second and their number: "640,420,60/1,37\n".
std::string ShapeOf(const std::filesystem::path& video);

// Names of the commands.
std::vector<std::string> CommandNames();

// The example in the output of --help, from "dne" on.
std::string ExampleInHelp(const std::string& help);

// For Circumstances::prepare: a user who owns nothing, also where the tests run as root.
void BecomeNobody();

}  // namespace dne::cli
