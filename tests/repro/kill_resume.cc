// SPDX-License-Identifier: MIT
// kill_resume DIR KILLS: kills runs at random moments, resumes them each time, and holds what they
// computed against runs that were left alone.
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "tests/cli/program.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostGenerations = 2;  // of one life
constexpr double kLongestRest = 0.2;    // seconds after them; a generation takes 0.05 or more
constexpr double kPatience = 120;       // seconds without a generation

std::string Ok(const fs::path& folder, const std::string& words) {
  const Outcome outcome =
      RunProgram(SplitWords(words), {.folder = folder, .env = {}, .prepare = {}});
  if (outcome.exit_code != 0) throw std::runtime_error("dne " + words + ": " + outcome.err);
  return outcome.out;
}

std::vector<std::string> Digests(const fs::path& folder, const std::string& run) {
  std::vector<std::string> digests;
  const auto story = nlohmann::json::parse(Ok(folder, "show " + run + " --json"));
  for (const auto& generation : story["generations"]) digests.push_back(generation["digest"]);
  return digests;
}

void WaitForGenerations(Program& program, size_t count) {
  constexpr double kLook = 0.005;
  for (double waited = 0; waited < kPatience; waited += kLook) {
    const auto lines = std::ranges::count(program.out(), '\n');
    if (static_cast<size_t>(lines) >= count) return;
    program.RunFor(kLook);
  }
  throw std::runtime_error("no generation finishes: " + program.out());
}

// Begins the run, or goes on with it where there is one, and kills it some time after so many of
// its generations.
void LiveAndDie(const fs::path& folder, size_t generations, double rest) {
  const bool begun = fs::exists(folder / "killed/run.sqlite");
  Program program(SplitWords(begun ? "resume killed --log json"
                                   : "run experiment.toml --out killed --log json --set "
                                     "budget.generations=1000000"),
                  {.folder = folder, .env = {}, .prepare = {}});
  WaitForGenerations(program, generations);
  program.RunFor(rest);
  program.Signal(SIGKILL);
  const Outcome outcome = program.Finish();
  if (outcome.exit_code != 128 + SIGKILL) {
    throw std::runtime_error("ended by itself: " + outcome.out + outcome.err);
  }
}

bool KillAndCompare(const fs::path& folder, const std::string& experiment, int kills) {
  fs::remove_all(folder / "killed");
  fs::remove_all(folder / "unbroken");
  fs::create_directories(folder);
  WriteFile(folder / "experiment.toml", experiment);
  std::minstd_rand random(7);
  for (int i = 0; i < kills; ++i) {
    const size_t generations = random() % (kMostGenerations + 1);
    LiveAndDie(folder, generations, kLongestRest * static_cast<double>(random() % 1000) / 1000);
  }
  if (!fs::exists(folder / "killed/run.sqlite")) Ok(folder, "run experiment.toml --out killed");
  const size_t killed = Digests(folder, "killed").size();
  const std::string limit = " --set budget.generations=" + std::to_string(killed + 2);
  Ok(folder, "resume killed" + limit);
  Ok(folder, "run experiment.toml --out unbroken" + limit);
  std::printf("%d kills within %zu generations\n", kills, killed);
  return Digests(folder, "killed") == Digests(folder, "unbroken");
}

int Main(const std::vector<std::string>& words) {
  const int kills = words.size() == 3 ? std::atoi(words[2].c_str()) : 0;
  if (kills < 1) {
    std::fprintf(stderr, "usage: kill_resume DIR KILLS\n");
    return 2;
  }
  bool all_same = true;
  std::vector<std::string> experiments = {TinyExperiment()};
#ifdef DNE_WITH_MUJOCO
  experiments.push_back(TinyBodyExperiment());
  experiments.push_back(TinyPgpeExperiment());
#endif
  for (const std::string& experiment : experiments) {
    const bool same = KillAndCompare(words[1], experiment, kills);
    std::puts(same ? "the same digests as an unbroken run" : "DIGESTS DIFFER");
    all_same &= same;
  }
  return all_same ? 0 : 1;
}

}  // namespace
}  // namespace dne::cli

int main(int argc, char** argv) {
  try {
    return dne::cli::Main({argv, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
