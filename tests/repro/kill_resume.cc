// SPDX-License-Identifier: MIT
// kill_resume DIR KILLS: kills runs at random moments, resumes them each time, and holds what they
// computed against runs that were left alone.
// kill_resume DIR within: the same to runs whose rounds outlive every life, which get on only by
// what they log while a round goes on.
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "dne/plan/wire.h"
#include "dne/store/store.h"
#include "tests/cli/program.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostGenerations = 2;  // of one life
constexpr double kLongestRest = 2.5;    // seconds after them; a commit comes every second
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

// --- Within rounds -------------------------------------------------------------------------------

// Seconds; results are logged every two.
constexpr double kShortestLife = 3.5;
constexpr double kLongestLife = 6;
constexpr int kMostLives = 60;

// One round of each takes longer than a life: the children of a GA, and the clouds of evolution
// strategies that note trajectories, or observations.
std::vector<std::string> LongRounds() {
  const std::string sized =
      " --set algorithm.max_episode_steps=300 --set algorithm.population_size=";
  std::vector<std::string> words = {"ga.toml --set budget.generations=1" + sized + "160",
                                    "trajectories.toml --set budget.generations=2" + sized + "160"};
#ifdef DNE_WITH_MUJOCO
  words.push_back("body.toml --set budget.generations=2 --set algorithm.first_step_cap=300" +
                  sized + "8000");
#endif
  return words;
}

constexpr const char* kTrajectories = R"(name = "trajectories"
seed = 7
[task]
game = "frostbite"
[[network.layers]]
type = "dense"
units = 4
[algorithm]
type = "nsra_es"
meta_population = 2
validation_episodes = 2
test_episodes = 2
test_max_episode_steps = 24
[novelty]
distance = "ram_steps"
)";

uint64_t StepsOf(const std::vector<Episode>& episodes) {
  uint64_t steps = 0;
  for (const Episode& episode : episodes) steps += episode.steps;
  return steps;
}

// All that the run would not play again, had it been killed now.
uint64_t SavedSteps(const fs::path& run) {
  if (!fs::exists(run / "run.sqlite")) return 0;
  const auto store = RunStore::OpenReadOnly(run);
  uint64_t steps = 0;
  for (uint32_t generation = 0; generation < 2; ++generation) {
    for (const TrialRecord& trial : store->Trials(generation)) steps += StepsOf(trial.episodes);
  }
  for (const LogEntry& entry : store->Logged()) {
    for (const JobResult& result : DecodeJobResults(entry.results)) {
      steps += StepsOf(result.played.episodes);
    }
  }
  return steps;
}

// One life of so many seconds; whether the run came to its end in it.
bool LiveFor(const fs::path& folder, const std::string& words, double seconds) {
  const bool begun = fs::exists(folder / "killed/run.sqlite");
  Program program(SplitWords(begun ? "resume killed --threads 1"
                                   : "run " + words + " --threads 1 --out killed"),
                  {.folder = folder, .env = {}, .prepare = {}});
  program.RunFor(seconds);
  program.Signal(SIGKILL);
  return program.Finish().exit_code == 0;
}

// Every life must leave more than the one before: what it played until some seconds before its end.
bool KillWithinRounds(const fs::path& folder, const std::string& words) {
  fs::remove_all(folder / "killed");
  fs::remove_all(folder / "unbroken");
  Ok(folder, "run " + words + " --threads 1 --out unbroken");
  const uint64_t all = SavedSteps(folder / "unbroken");
  std::minstd_rand random(11);
  uint64_t saved = 0;
  int lives = 0;
  double seconds = 0;
  for (bool ended = false; !ended; ++lives) {
    const double share = static_cast<double>(random() % 1000) / 1000;
    const double life = kShortestLife + share * (kLongestLife - kShortestLife);
    ended = LiveFor(folder, words, life);
    seconds += life;
    const uint64_t now = SavedSteps(folder / "killed");
    std::printf("life %d of %.1f seconds: %.1f %% are saved\n", lives + 1, life,
                100 * static_cast<double>(now) / static_cast<double>(all));
    if (!ended && (now <= saved || lives > kMostLives)) {
      std::printf("NOTHING IS GAINED from %llu steps\n", static_cast<unsigned long long>(saved));
      return false;
    }
    saved = now;
  }
  std::printf("%s: %d lives, %.1f seconds\n", words.c_str(), lives, seconds);
  return lives >= 2 && Digests(folder, "killed") == Digests(folder, "unbroken");
}

int WithinRounds(const fs::path& folder) {
  fs::create_directories(folder);
  WriteFile(folder / "ga.toml", TinyExperiment());
  WriteFile(folder / "trajectories.toml", kTrajectories);
#ifdef DNE_WITH_MUJOCO
  WriteFile(folder / "body.toml", TinyBodyExperiment());
#endif
  bool all_same = true;
  for (const std::string& words : LongRounds()) {
    const bool same = KillWithinRounds(folder, words);
    std::puts(same ? "the same digests as an unbroken run" : "NOT AS AN UNBROKEN RUN");
    all_same &= same;
  }
  return all_same ? 0 : 1;
}

int Main(const std::vector<std::string>& words) {
  if (words.size() == 3 && words[2] == "within") return WithinRounds(words[1]);
  const int kills = words.size() == 3 ? std::atoi(words[2].c_str()) : 0;
  if (kills < 1) {
    std::fprintf(stderr, "usage: kill_resume DIR KILLS|within\n");
    return 2;
  }
  bool all_same = true;
  std::vector<std::string> experiments = {TinyExperiment(), TinyGaNsExperiment(),
                                          TinyMapElitesExperiment(), TinySafeExperiment(),
                                          TinySupervisedExperiment()};
#ifdef DNE_WITH_MUJOCO
  experiments.push_back(TinyBodyExperiment());
  experiments.push_back(TinyPgpeExperiment());
#endif
  for (const std::string& each : TinyPerturbedExperiments()) experiments.push_back(each);
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
