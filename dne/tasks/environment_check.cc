// SPDX-License-Identifier: MIT
#include "dne/tasks/environment_check.h"

#include <algorithm>
#include <bit>
#include <deque>
#include <memory>
#include <span>

#include "dne/base/digest.h"
#include "dne/tasks/random_player.h"

namespace dne {
namespace {

// A step, or a reset, as it came out.
struct Moment {
  uint64_t observation = 0;  // digests
  uint64_t behaviour = 0;
  double reward = 0;
  bool terminal = false;
  bool truncated = false;

  bool operator==(const Moment&) const = default;
};

// An episode; the first moment is its reset.
using Record = std::vector<Moment>;

using Environments = std::span<const std::unique_ptr<Environment>>;

class Check {
 public:
  Check(const World& world, const EnvironmentCheckOptions& options, const std::atomic<bool>& cancel)
      : spec_(world.spec()), options_(options), cancel_(cancel) {
    Stream stream({.seed = options.seed, .purpose = Purpose::kBenchmark});
    const int least = spec_.steps_together ? 2 : 1;  // none is beside another otherwise
    for (int i = 0; i < std::max(options.episodes, least); ++i) {
      starts_.push_back(world.DrawStart(stream));
    }
  }

  size_t size() const { return starts_.size(); }
  uint64_t steps() const { return steps_; }

  // Random actions, the same ones whenever the episode is played.
  Record Play(Environment& environment, size_t episode) {
    Playing alone(*this, environment, episode);
    alone.Begin();
    while (GoesOn(alone)) {
      Start(alone);
      Finish(alone);
    }
    return alone.record;
  }

  // All episodes, as many at a time as there are environments: every step is started in each of
  // them before it is finished in any, as workers do.
  std::vector<Record> PlayTogether(Environments environments) {
    std::vector<Record> records;
    while (records.size() < size() && !cancel_) {
      std::deque<Playing> together;
      for (size_t i = records.size(); i < std::min(size(), records.size() + environments.size());
           ++i) {
        together.emplace_back(*this, *environments[together.size()], i);
      }
      PlayThrough(together);
      for (Playing& each : together) records.push_back(std::move(each.record));
    }
    records.resize(size());
    return records;
  }

  static std::string Difference(const Record& first, const Record& second) {
    const size_t common = std::min(first.size(), second.size());
    size_t at = 0;
    while (at < common && first[at] == second[at]) ++at;
    if (at == common && first.size() == second.size()) return "";
    if (at == common) {
      return "one ends after step " + std::to_string(common - 1) + ", the other goes on";
    }
    const std::string where = at == 0 ? "after the reset" : "after step " + std::to_string(at);
    const Moment& a = first[at];
    const Moment& b = second[at];
    if (a.observation != b.observation) return "the observation differs " + where;
    if (std::bit_cast<uint64_t>(a.reward) != std::bit_cast<uint64_t>(b.reward)) {
      return "the reward differs " + where + ": " + std::to_string(a.reward) + " and " +
             std::to_string(b.reward);
    }
    if (a.behaviour != b.behaviour) return "the behaviour differs " + where;
    return "one ends " + where + ", the other does not";
  }

 private:
  // An episode in play.
  struct Playing {
    Playing(const Check& check, Environment& plays, size_t episode)
        : environment(plays),
          start(check.starts_[episode]),
          stream({.seed = check.options_.seed,
                  .item = static_cast<uint32_t>(episode + 1),
                  .purpose = Purpose::kBenchmark}),
          player(check.spec_.action, stream) {
      environment.WatchCancel(check.cancel_);
    }
    void Begin() {
      environment.Reset(start);
      record = {MomentOf(environment, {})};
    }

    Environment& environment;
    EpisodeStart start;
    Stream stream;
    RandomPlayer player;
    Action action;
    Record record;
  };

  bool GoesOn(const Playing& playing) const {
    return playing.record.size() <= options_.max_steps && !playing.record.back().terminal &&
           !cancel_;
  }
  void Start(Playing& playing) const {
    playing.action = playing.player.Next();
    playing.environment.StartStep(playing.action);
  }
  void Finish(Playing& playing) {
    const StepResult result = playing.environment.Step(playing.action);
    playing.record.push_back(MomentOf(playing.environment, result));
    ++steps_;
  }

  void PlayThrough(std::deque<Playing>& together) {
    for (Playing& each : together) each.environment.StartReset(each.start);
    for (Playing& each : together) each.Begin();
    std::vector<Playing*> live;
    for (Playing& each : together) live.push_back(&each);
    const auto drop_ended = [&] {
      std::erase_if(live, [&](const Playing* each) { return !GoesOn(*each); });
    };
    for (drop_ended(); !live.empty(); drop_ended()) {
      for (Playing* each : live) Start(*each);
      for (Playing* each : live) Finish(*each);
    }
  }

  static Moment MomentOf(const Environment& environment, const StepResult& result) {
    const Observation seen = environment.observation();
    const auto floats = std::as_bytes(seen.floats);
    Moment moment{
        .reward = result.reward, .terminal = result.terminal, .truncated = result.truncated};
    Digest observation;
    observation.AddBytes(seen.bytes);
    observation.AddBytes({reinterpret_cast<const uint8_t*>(floats.data()), floats.size()});
    moment.observation = observation.value();
    Digest behaviour;
    behaviour.AddBytes(environment.descriptor());
    moment.behaviour = behaviour.value();
    return moment;
  }

  EnvironmentSpec spec_;
  EnvironmentCheckOptions options_;
  const std::atomic<bool>& cancel_;
  std::vector<EpisodeStart> starts_;
  uint64_t steps_ = 0;
};

// Two at least, as a worker has them where it has several.
std::vector<std::unique_ptr<Environment>> MakeSeveral(const World& world) {
  if (world.spec().lanes > 1) return world.MakeEnvironments(world.spec().lanes);
  std::vector<std::unique_ptr<Environment>> two;
  for (int i = 0; i < 2; ++i) two.push_back(world.MakeEnvironment());
  return two;
}

// What to do where an episode differs only beside others.
std::string Advice(const EnvironmentSpec& spec) {
  return spec.steps_together
             ? ", beside others in its process: task.num_envs = 1 gives each a process of its own"
             : "";
}

}  // namespace

bool EnvironmentReport::AllHold() const {
  return std::ranges::all_of(findings, &EnvironmentFinding::holds);
}

EnvironmentReport CheckEnvironment(const World& world, const EnvironmentCheckOptions& options,
                                   const std::function<double()>& clock,
                                   const std::atomic<bool>& cancel) {
  Check check(world, options, cancel);
  const auto first = world.MakeEnvironment();
  const auto several = MakeSeveral(world);
  EnvironmentReport report;
  const double start = clock();
  std::vector<Record> records;
  for (size_t i = 0; i < check.size(); ++i) records.push_back(check.Play(*first, i));

  const auto compare = [&](const std::string& what, const auto& play) {
    EnvironmentFinding finding{.what = what, .holds = true, .detail = ""};
    for (size_t i = 0; i < check.size() && finding.holds && !cancel; ++i) {
      finding.detail = Check::Difference(records[i], play(i));
      finding.holds = finding.detail.empty();
    }
    report.findings.push_back(finding);
  };
  compare("the same seed and actions give the same episode",
          [&](size_t i) { return check.Play(*first, i); });
  const std::vector<Record> together = check.PlayTogether(several);
  compare("they do in other environments, stepped together", [&](size_t i) { return together[i]; });
  EnvironmentFinding& beside = report.findings.back();
  if (!beside.holds && report.findings.front().holds) beside.detail += Advice(world.spec());
  // Backwards: each episode follows another one than before.
  std::vector<Record> backwards(check.size());
  for (size_t i = check.size(); i-- > 0 && !cancel;) backwards[i] = check.Play(*first, i);
  compare("a reset forgets what was before it", [&](size_t i) { return backwards[i]; });
  report.seconds = clock() - start;
  report.steps = check.steps();

  const uint32_t limit = static_cast<uint32_t>(world.spec().max_episode_steps);
  EnvironmentFinding limited{
      .what = "no episode is longer than the environment's own limit", .holds = true, .detail = ""};
  for (const Record& record : records) {
    const bool goes_on = limit > 0 && record.size() > limit && !record[limit].terminal;
    if (!goes_on) continue;
    limited.holds = false;
    limited.detail = "one goes on after step " + std::to_string(limit);
  }
  if (limit > 0) report.findings.push_back(limited);
  const bool differ = records.size() < 2 || std::ranges::any_of(records, [&](const Record& record) {
                        return record.front().observation != records.front().front().observation ||
                               record.size() != records.front().size();
                      });
  report.findings.push_back({.what = "seeds make episodes differ",
                             .holds = differ,
                             .detail = differ ? "" : "all begin alike and are of one length"});
  return report;
}

std::string FindDifference(const World& world, const EnvironmentCheckOptions& options,
                           const std::atomic<bool>& cancel) {
  Check check(world, options, cancel);
  const EnvironmentSpec& spec = world.spec();
  const auto environments = world.MakeEnvironments(spec.steps_together ? spec.lanes : 1);
  const Record record = check.Play(*environments[0], 0);
  const std::string difference = Check::Difference(record, check.Play(*environments[0], 0));
  if (!difference.empty() || !spec.steps_together || cancel) return difference;
  const std::string beside = Check::Difference(record, check.PlayTogether(environments)[0]);
  return beside.empty() ? "" : beside + Advice(spec);
}

}  // namespace dne
