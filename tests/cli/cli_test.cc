// SPDX-License-Identifier: MIT
#include "tests/cli/cli_test.h"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

namespace dne::cli {
namespace {

size_t Count(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

}  // namespace

CliTest::CliTest() { WriteFile(folder() / "tiny.toml", TinyExperiment()); }

Outcome CliTest::Dne(std::string_view words) const { return Dne(SplitWords(words), Here()); }

Outcome CliTest::Dne(const Words& words, const Circumstances& circumstances) const {
  return RunProgram(words, circumstances);
}

std::string CliTest::Ok(std::string_view words) const { return Ok(SplitWords(words)); }

std::string CliTest::Ok(const Words& words) const {
  const Outcome outcome = Dne(words, Here());
  std::string line;
  for (const std::string& word : words) line += " " + word;
  EXPECT_EQ(outcome.exit_code, 0) << "dne" << line << "\n" << outcome.err;
  EXPECT_EQ(outcome.err, "") << "dne" << line;
  return outcome.out;
}

std::vector<std::string> CliTest::Digests(const std::string& dir) const {
  std::vector<std::string> digests;
  const auto story = nlohmann::json::parse(Ok(Words{"show", dir, "--json"}));
  for (const auto& generation : story["generations"]) digests.push_back(generation["digest"]);
  return digests;
}

std::vector<std::string> CliTest::ExpectedDigests(size_t generations) const {
  const std::string dir = "unbroken" + std::to_string(generations);
  Ok("run tiny.toml --out " + dir + " --set budget.generations=" + std::to_string(generations));
  return Digests(dir);
}

void CliTest::ExpectError(const Outcome& outcome, int exit_code, std::string_view message) {
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_THAT(outcome.err, testing::HasSubstr(std::string(message)));
  EXPECT_THAT(outcome.err, testing::StartsWith("error: "));
  EXPECT_EQ(Count(outcome.err, "error:"), 1u) << outcome.err;
  EXPECT_THAT(outcome.err, testing::EndsWith("\n"));
  EXPECT_EQ(outcome.out, "");
}

std::vector<std::string> CodePaths() {
  const Outcome outcome = RunProgram({"version", "--json"}, {});
  return SplitWords(nlohmann::json::parse(outcome.out)["isa"].get<std::string>());
}

std::vector<std::string> OptionsInHelp(const std::string& help) {
  std::vector<std::string> names;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    const Words words = SplitWords(line);
    if (words.empty() || !line.starts_with("  ")) continue;
    if (words[0].starts_with("--")) names.push_back(words[0]);
  }
  return names;
}

bool HasFfmpeg() {
  const Circumstances anywhere{.folder = {}, .env = {}, .prepare = {}, .program = "/usr/bin/env"};
  return RunProgram({"ffprobe", "-version"}, anywhere).exit_code == 0;
}

std::string ShapeOf(const std::filesystem::path& video) {
  return RunProgram(
             {"ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
              "stream=width,height,r_frame_rate,nb_read_frames", "-of", "csv=p=0", video.string()},
             {.folder = {}, .env = {}, .prepare = {}, .program = "/usr/bin/env"})
      .out;
}

std::vector<std::string> CommandNames() {
  const std::string help = RunProgram({"--help"}, {}).out;
  std::vector<std::string> names;
  std::istringstream lines(help.substr(help.find("Subcommands:")));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line.starts_with("  ")) names.push_back(SplitWords(line)[0]);
  return names;
}

std::string ExampleInHelp(const std::string& help) {
  const size_t at = help.find("Example: ");
  if (at == std::string::npos) return "";
  const size_t begin = help.find("dne ", at);
  return help.substr(begin, help.find('\n', begin) - begin);
}

void BecomeNobody() {
  constexpr unsigned kNobody = 65534;
  if (geteuid() != 0) return;
  if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(125);
}

}  // namespace dne::cli
