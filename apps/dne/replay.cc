// SPDX-License-Identifier: MIT
// `dne replay`: one episode of a policy, step by step, in words or as a video.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/dne/command.h"
#include "apps/dne/policy_words.h"
#include "dne/base/error.h"
#include "dne/base/json_text.h"
#include "dne/policy/play.h"
#include "dne/policy/policy_run.h"
#include "dne/policy/video.h"

namespace dne::app {
namespace {

constexpr size_t kTimelineLines = 20;
constexpr double kBarWidth = 30;

struct ReplayWords {
  PolicyWords policy;
  std::string video;
  std::optional<uint32_t> noops;
  std::optional<uint64_t> seed;
  std::optional<uint32_t> max_episode_steps;
  bool json = false;
  IsaOption isa;
};

EpisodeStart ChooseStart(const Policy& policy, const ReplayWords& words,
                         const std::vector<Episode>& recorded) {
  const Episode* typical = TypicalEpisode(recorded);
  EpisodeStart start = typical != nullptr && !words.seed
                           ? typical->start
                           : DrawEvaluationStart(policy, words.seed.value_or(policy.config.seed));
  if (words.noops) start.noops = *words.noops;
  return start;
}

const Episode* FindStart(const std::vector<Episode>& recorded, const EpisodeStart& start) {
  const auto found = std::ranges::find(recorded, start, &Episode::start);
  return found == recorded.end() ? nullptr : &*found;
}

uint32_t ChooseCap(const Policy& policy, const ReplayWords& words, const Episode* recorded) {
  if (words.max_episode_steps) return policy.setup.task->CapSteps(*words.max_episode_steps);
  return recorded != nullptr ? RecordedStepCap(policy, *recorded) : TestStepCap(policy);
}

// The last line, on whether the run tells the same; throws Error where it does not.
std::string Comparison(const Policy& policy, const Episode* recorded, const Episode& played,
                       uint32_t cap) {
  if (!policy.run) return "";
  if (recorded == nullptr) return "The run has no recorded episode with this start.\n";
  const bool same_cap =
      recorded->end == EpisodeEnd::kStepLimit ? cap == recorded->steps : cap >= recorded->steps;
  if (!same_cap) {
    return fmt::format("Not compared: the recorded episode has {} steps, --max-episode-steps {}.\n",
                       recorded->steps, cap);
  }
  if (*recorded == played) {
    return "The replay matches the recorded episode: same score, steps and final behaviour.\n";
  }
  throw Error(fmt::format(
      "the replay differs from the recorded episode (score {} after {} steps, recorded {} after "
      "{}): the run was made with another emulator, math library or dne, or is damaged; see "
      "dne show",
      played.score, played.steps, recorded->score, recorded->steps));
}

std::string Actions(const Policy& policy, const Replay& replay) {
  const ActionSpec& actions = policy.setup.world->spec().action;
  if (actions.type != ActionType::kDiscrete) return "";
  const std::vector<std::string>& names = actions.names;
  std::vector<size_t> counts(names.size());
  for (const ReplayedStep& step : replay.steps) ++counts[static_cast<size_t>(step.choice)];
  std::string text = "\nActions:\n";
  for (size_t i = 0; i < names.size(); ++i) {
    const double share = static_cast<double>(counts[i]) / static_cast<double>(replay.steps.size());
    const std::string bar(static_cast<size_t>(share * kBarWidth + 0.5), '#');
    text += fmt::format("  {:<14} {:>8} {:>5.1f} %{}\n", names[i], counts[i], 100 * share,
                        bar.empty() ? "" : "  " + bar);
  }
  return text;
}

// When the rewards came: one line each, or equal spans of steps where there are many.
std::string Timeline(const Replay& replay) {
  if (replay.steps.empty()) return "";
  const auto rewarded = static_cast<size_t>(std::ranges::count_if(
      replay.steps, [](const ReplayedStep& step) { return step.reward != 0; }));
  if (rewarded == 0) return "\nNo rewards.\n";
  const bool each = rewarded <= kTimelineLines;
  const size_t spans = each ? replay.steps.size() : kTimelineLines;
  std::string text = "\nRewards:\n";
  double score = 0;
  for (size_t i = 0; i < spans; ++i) {
    const size_t first = i * replay.steps.size() / spans;
    const size_t last = (i + 1) * replay.steps.size() / spans;
    double reward = 0;
    for (size_t step = first; step < last; ++step) reward += replay.steps[step].reward;
    if (each && reward == 0) continue;
    score += reward;
    const std::string when =
        last - first == 1 ? fmt::format("{}", last) : fmt::format("{}-{}", first + 1, last);
    text += fmt::format("  step {:<14} {:>8}   score {}\n", when,
                        (reward > 0 ? "+" : "") + ScoreText(reward), ScoreText(score));
  }
  return text;
}

const char* EndName(EpisodeEnd end) {
  switch (end) {
    case EpisodeEnd::kTerminal:
      return "a terminal state";
    case EpisodeEnd::kStepLimit:
      return "the step limit";
    case EpisodeEnd::kInvalid:
      return "a breakdown of the simulation";
    case EpisodeEnd::kSolved:
      return "reaching the goal";
  }
  DNE_CHECK(false);
}

std::string Text(const Policy& policy, const Replay& replay) {
  const Episode& episode = replay.episode;
  std::string text = PolicyTitle(policy);
  text += fmt::format("  start      {} no-ops{}\n", episode.start.noops,
                      episode.start.seed ? fmt::format(", seed {}", *episode.start.seed) : "");
  text += fmt::format("  score      {}\n", ScoreText(episode.score));
  text += fmt::format("  steps      {} ({} frames)\n", Thousands(episode.steps),
                      Thousands(static_cast<double>(episode.frames)));
  text += fmt::format("  ended by   {}\n", EndName(episode.end));
  if (policy.setup.world->spec().behaviour.type == BehaviourType::kPoint) {
    text += fmt::format("  came to    ({:.2f})\n",
                        fmt::join(policy.setup.task->Point(episode.descriptor), ", "));
  }
  return text + Actions(policy, replay) + Timeline(replay) + "\n";
}

std::string Json(const Policy& policy, const Replay& replay) {
  const ActionSpec& actions = policy.setup.world->spec().action;
  const Episode& episode = replay.episode;
  const EpisodeStart& start = episode.start;
  nlohmann::ordered_json json = {
      {"policy", policy.name},
      {"environment", policy.config.environment()},
      {"noops", start.noops},
      {"seed", start.seed ? nlohmann::ordered_json(*start.seed) : nullptr},
      {"score", episode.score},
      {"steps", episode.steps},
      {"frames", episode.frames},
      {"game_over", episode.end == EpisodeEnd::kTerminal},
      {"invalid", episode.end == EpisodeEnd::kInvalid},
      {"solved", episode.end == EpisodeEnd::kSolved},
      {"actions", nlohmann::ordered_json::array()},
      {"rewards", nlohmann::ordered_json::array()}};
  for (const ReplayedStep& step : replay.steps) {
    if (actions.type == ActionType::kDiscrete) {
      json["actions"].push_back(actions.names[static_cast<size_t>(step.choice)]);
    } else {
      json["actions"].push_back(step.values);
    }
    json["rewards"].push_back(step.reward);
  }
  return JsonText(json) + "\n";
}

void ReplayPolicy(const ReplayWords& words) {
  std::optional<Video> video;
  FrameSink sink;
  if (!words.video.empty()) {
    video.emplace(words.video);
    sink = [&video](const Frame& frame) { video->Add(frame); };
  }
  const Isa isa = words.isa.Resolve();
  const Policy policy = LoadPolicy(words.policy.Source(), isa);
  std::vector<Episode> recorded;
  if (policy.run) {
    recorded = RecordedEpisodes(*policy.run, policy.generation, policy.genome->birth());
  }
  const EpisodeStart start = ChooseStart(policy, words, recorded);
  const Episode* same_start = FindStart(recorded, start);
  const uint32_t cap = ChooseCap(policy, words, same_start);
  Interruptible([&](Watch& watch) {
    const Replay replay = ReplayEpisode(policy, start, cap, isa, sink, watch);
    if (video) video->Finish();
    const std::string comparison = Comparison(policy, same_start, replay.episode, cap);
    if (words.json) {
      fmt::print("{}", Json(policy, replay));
      return;
    }
    fmt::print("{}{}", Text(policy, replay), comparison);
    if (video) fmt::print("Wrote {}.\n", words.video);
  });
}

}  // namespace

void AddReplayCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("replay", "Play one episode of a policy, also as a video");
  auto words = std::make_shared<ReplayWords>();
  AddPolicyWords(*command, words->policy);
  command->add_option("--video", words->video, "Write a video: FILE.mp4, FILE.gif or FILE.webp");
  command->add_option("--noops", words->noops,
                      "Frames without action before the policy plays (default: as recorded)");
  command
      ->add_option("--seed", words->seed,
                   "Draw the start from this seed instead of taking a recorded one")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--max-episode-steps", words->max_episode_steps,
                   "Longest episode (default: as recorded, else test_max_episode_steps)")
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", words->json, "One JSON object, every action and reward in it");
  AddIsaOption(*command, words->isa);
  command->footer("Example: dne replay runs/frostbite --video champion.mp4");
  command->callback([words] { ReplayPolicy(*words); });
}

}  // namespace dne::app
