// SPDX-License-Identifier: MIT
// `dne show`: a run's story.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "apps/dne/command.h"
#include "apps/dne/progress.h"
#include "apps/dne/story.h"
#include "dne/base/error.h"
#include "dne/base/file.h"
#include "dne/base/json_text.h"
#include "dne/experiment/archive_view.h"
#include "dne/experiment/config.h"
#include "dne/experiment/floor_view.h"
#include "dne/experiment/run_report.h"
#include "dne/experiment/session.h"
#include "dne/policy/play.h"

namespace dne::app {
namespace {

namespace fs = std::filesystem;

constexpr size_t kStoryLines = 20;

std::string Row(const std::string& name, const std::string& value) {
  return fmt::format("  {:<22} {}\n", name, value);
}

// Up to kStoryLines generations, evenly spread, the last one among them.
std::string Curve(const std::vector<GenerationRecord>& generations) {
  std::string text;
  const size_t lines = std::min(kStoryLines, generations.size());
  for (size_t i = 0; i < lines; ++i) {
    const size_t index = (i + 1) * generations.size() / lines - 1;
    text += GenerationLine(generations[index]) + "\n";
  }
  return text;
}

// The limits that the run had, twice as far as it came.
std::string MoreBudget(const BudgetConfig& budget, const GenerationRecord& last) {
  std::string text;
  const auto add = [&](const char* name, const std::optional<uint64_t>& limit, double spent) {
    if (limit) text += fmt::format(" --set budget.{}={:.0f}", name, 2 * spent);
  };
  add("generations", budget.generations, last.generation + 1.0);
  add("steps", budget.steps, MetricOf(last, "steps_total"));
  add("frames", budget.frames, MetricOf(last, "frames_total"));
  if (budget.until_solved && last.metrics.contains("evaluations_until_solved")) {
    text += " --set budget.until_solved=false";
  }
  return text;
}

// The first training trial that reached the goal; none: none did.
std::optional<Birth> FirstSolver(const RunStore& store,
                                 const std::vector<GenerationRecord>& generations) {
  for (const GenerationRecord& record : generations) {
    if (!record.metrics.contains("solved")) continue;
    const std::vector<TrialRecord> trials = store.Trials(record.generation, "train");
    const auto first = std::ranges::find_if(trials, &TrialRecord::solved);
    if (first != trials.end()) return first->individual;
  }
  return {};
}

// The champion's way over the floor, where every episode begins at one place and there is a
// champion.
std::vector<FloorPoint> ChampionPath(const std::string& dir, const RunStore& store) {
  const ExperimentConfig config = ParseStoredConfig(store.info().config, "its configuration");
  if (!config.task.kind->floor_plan || !store.LastGeneration()) return {};
  if (!config.task.kind->floor_plan(config.task.options).start) return {};
  const Policy policy = LoadPolicy({.where = dir}, BestIsa());
  std::vector<FloorPoint> path;
  Interruptible([&](Watch& watch) {
    const Replay replay = ReplayEpisode(policy, DrawEvaluationStart(policy, policy.config.seed),
                                        TestStepCap(policy), BestIsa(), {}, watch);
    for (const std::vector<double>& place : PlacesOf(policy, replay)) {
      path.push_back({place[0], place[1]});
    }
  });
  return path;
}

void WriteSvg(const NamedRun& named, const std::string& file) {
  const ExperimentConfig config = ParseStoredConfig(named.run->info().config, "its configuration");
  if (!config.task.kind->floor_plan) {
    throw Error(fmt::format("--svg: behaviours of {} are no places on a floor: leave it out",
                            config.environment()));
  }
  WriteFileAtomically(file, FloorSvg(ViewOfRun(*named.run, config, named.path), named.name));
}

void WriteCsv(const NamedRun& named, const std::string& file) {
  const ExperimentConfig config = ParseStoredConfig(named.run->info().config, "its configuration");
  if (!config.archive()) {
    throw Error(fmt::format("--csv: algorithm.type is \"{}\", which has no archive: leave it out",
                            config.algorithm.kind->name));
  }
  WriteFileAtomically(file, ArchiveCsv(ArchiveOfRun(*named.run, config)));
}

std::string WatchLines(const TaskFacts& task, const std::string& run,
                       const std::optional<Birth>& solver) {
  if (!task.is_environment) return "";
  std::string text = fmt::format("Watch the champion:  dne replay {}{}\n", run,
                                 task.records_frames ? " --video champion.mp4" : "");
  if (solver) {
    text += fmt::format("Watch the solution:  dne replay {} --individual {}\n", run,
                        BirthName(*solver));
  }
  return text;
}

}  // namespace

std::string FinalTable(const RunStore& store, const fs::path& dir) {
  const std::vector<GenerationRecord> generations = store.Generations();
  if (generations.empty()) return "No generation has finished yet.\n";
  const GenerationRecord& last = generations.back();
  const auto metric = [&](const char* name) { return MetricOf(last, name); };
  double best = -std::numeric_limits<double>::infinity();
  for (const GenerationRecord& g : generations) {
    if (g.metrics.contains("fitness_max")) best = std::max(best, MetricOf(g, "fitness_max"));
  }

  std::string text = "\n";
  text += Row("generations", Thousands(static_cast<double>(generations.size())));
  if (std::isfinite(best)) text += Row("best episode", ScoreText(best));
  text += Row("elite, validation", ScoreText(metric("elite_validation")));
  if (last.metrics.contains("accuracy")) {
    text += Row("accuracy", fmt::format("{:.2f} %", 100 * metric("accuracy")));
  }
  if (last.metrics.contains("elite_test")) {
    text += Row("elite, test", fmt::format("{:.1f} ({} episodes)", metric("elite_test"),
                                           Thousands(metric("test_episodes"))));
  }
  text += Row("steps", fmt::format("{} ({} frames)", Thousands(metric("steps_total")),
                                   Thousands(metric("frames_total"))));
  text += Row("steps/s", Thousands(metric("steps_per_second")));
  if (last.metrics.contains("genome_bytes")) {
    text += Row("genome",
                fmt::format("{} bytes for {} bytes of weights ({}x smaller)",
                            Thousands(metric("genome_bytes")), Thousands(metric("weight_bytes")),
                            Thousands(metric("weight_bytes") / metric("genome_bytes"))));
  }
  const std::optional<Birth> solver = FirstSolver(store, generations);
  if (solver) {
    text += Row("solved", fmt::format("by individual {} after {} evaluations", BirthName(*solver),
                                      Thousands(metric("evaluations_until_solved"))));
  }
  if (last.metrics.contains("coverage")) {
    text +=
        Row("archive", fmt::format("{} elites in {:.2f} % of the cells",
                                   Thousands(metric("archive_size")), 100 * metric("coverage")));
    text += Row("QD score", Thousands(metric("qd_score")));
  }
  text += Row("digest", fmt::format("{:016x}", last.digest));
  const ExperimentConfig config = ParseStoredConfig(store.info().config, "its configuration");
  const TaskFacts task = config.task.kind->facts(config.task.options);
  const std::string run = ShellWord(dir.string()) + AllowCommandText(task);
  text += "\n" + WatchLines(task, run, solver);
  text += fmt::format(
      "Test it:             dne evaluate {0}\n"
      "Go on with the run:  dne resume {0}{1}{2}\n",
      run, BeganElsewhere(config, store.info()) ? " --allow-architecture" : "",
      MoreBudget(config.budget, last));
  return text;
}

std::string StandingOf(const RankReport& rank) {
  constexpr double kSilent = 10;  // seconds
  if (rank.is_lost) return "lost";
  if (rank.silent_seconds > kSilent) {
    return fmt::format("silent for {:.0f} s", rank.silent_seconds);
  }
  return "plays";
}

// The processes of the last start, where it had several.
std::string RankTable(const std::vector<RankReport>& ranks) {
  std::string text;
  for (const RankReport& rank : ranks) {
    text += fmt::format("{:>6}  {:<20}  {:>7}  {:>9}  {:>6.1f} %  {}\n", rank.rank, rank.host,
                        rank.threads, Thousands(static_cast<double>(rank.shares)),
                        100 * rank.waited(), StandingOf(rank));
  }
  if (text.empty()) return text;
  return fmt::format("\n{:>6}  {:<20}  {:>7}  {:>9}  {:>8}\n", "rank", "machine", "threads",
                     "shares", "waited") +
         text;
}

std::string StoryText(const RunStore& store, const fs::path& dir) {
  const RunInfo& info = store.info();
  std::string text = fmt::format("{}\n", dir.string());
  text += Row("begun", info.created);
  text += Row("dne", fmt::format("{}, {}", info.dne_version, info.build));
  text += Row("machine", info.machine);
  text += Row("seed", std::to_string(info.seed));
  text += Row("size on disk", Thousands(static_cast<double>(store.SizeOnDisk())) + " bytes");
  return text + "\n" + Curve(store.Generations()) + RankTable(store.Ranks()) +
         FinalTable(store, dir);
}

std::string StoryJson(const RunStore& store, const fs::path& dir) {
  const RunInfo& info = store.info();
  nlohmann::json json = {{"dir", dir.string()},
                         {"created", info.created},
                         {"dne", info.dne_version},
                         {"build", info.build},
                         {"machine", info.machine},
                         {"seed", info.seed},
                         {"size", store.SizeOnDisk()},
                         {"config", info.config},
                         {"generations", nlohmann::json::array()}};
  for (const GenerationRecord& record : store.Generations()) {
    json["generations"].push_back(nlohmann::json::parse(GenerationJson(record)));
  }
  for (const RankReport& rank : store.Ranks()) {
    json["ranks"].push_back({{"rank", rank.rank},
                             {"host", rank.host},
                             {"threads", rank.threads},
                             {"lost", rank.is_lost},
                             {"shares", rank.shares},
                             {"waited", rank.waited()},
                             {"silent_seconds", rank.silent_seconds}});
  }
  return JsonText(json, 2) + "\n";
}

void AddShowCommand(CLI::App& app) {
  struct Words {
    std::vector<std::string> dirs;
    std::string html;
    std::string svg;
    std::string csv;
    bool json = false;
    bool config = false;
  };
  CLI::App* command = app.add_subcommand("show", "Tell a run's story, also while it goes on");
  auto words = std::make_shared<Words>();
  command->add_option("dir", words->dirs, "Run directory, or several")->required();
  CLI::Option* json =
      command->add_flag("--json", words->json, "Everything as JSON, one object a run");
  CLI::Option* config =
      command->add_flag("--config", words->config, "The resolved configuration alone, as TOML")
          ->excludes(json);
  command
      ->add_option("--html", words->html,
                   "Write a page with the curves of all runs and, of mazes and bodies, where "
                   "episodes ended")
      ->excludes(json)
      ->excludes(config);
  command
      ->add_option("--svg", words->svg,
                   "Write a picture of one run in a maze or of a body, seen from above: where "
                   "episodes ended, and the champion's way")
      ->excludes(json)
      ->excludes(config)
      ->excludes("--html");
  command
      ->add_option("--csv", words->csv,
                   "Write the archive of one run of MAP-Elites: a line a cell, with its elite")
      ->excludes(json)
      ->excludes(config)
      ->excludes("--html")
      ->excludes("--svg");
  command->footer("Example: dne show runs/frostbite --html frostbite.html");
  command->callback([words] {
    std::vector<std::unique_ptr<RunStore>> stores;
    std::vector<NamedRun> runs;
    for (const std::string& dir : words->dirs) {
      stores.push_back(RunStore::OpenReadOnly(dir));
      runs.push_back({dir, stores.back().get(), {}});
    }
    for (const auto& [name, file] : {std::pair("--svg", words->svg), {"--csv", words->csv}}) {
      if (file.empty() || runs.size() == 1) continue;
      throw Error(fmt::format("{} shows one run, got {}: name one", name, runs.size()));
    }
    if (!words->csv.empty()) {
      WriteCsv(runs.front(), words->csv);
      fmt::print("Wrote {}\n", words->csv);
      return;
    }
    if (!words->html.empty() || !words->svg.empty()) {
      for (NamedRun& run : runs) run.path = ChampionPath(run.name, *run.run);
    }
    if (!words->svg.empty()) {
      WriteSvg(runs.front(), words->svg);
      fmt::print("Wrote {}\n", words->svg);
      return;
    }
    if (!words->html.empty()) {
      RunReport(runs).Write(words->html);
      fmt::print("Wrote {}\n", words->html);
      return;
    }
    for (const NamedRun& run : runs) {
      const std::string text = words->config ? run.run->info().config
                               : words->json ? StoryJson(*run.run, run.name)
                                             : StoryText(*run.run, run.name);
      fmt::print("{}", text);
    }
  });
}

}  // namespace dne::app
