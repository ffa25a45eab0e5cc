// SPDX-License-Identifier: MIT
#include "dne/tasks/environment_check.h"

#include <algorithm>
#include <bit>

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

class Check {
 public:
  Check(const World& world, const EnvironmentCheckOptions& options, const std::atomic<bool>& cancel)
      : spec_(world.spec()), options_(options), cancel_(cancel) {
    Stream stream({.seed = options.seed, .purpose = Purpose::kBenchmark});
    for (int i = 0; i < options.episodes; ++i) starts_.push_back(world.DrawStart(stream));
  }

  size_t size() const { return starts_.size(); }
  uint64_t steps() const { return steps_; }

  // Random actions, the same ones whenever the episode is played.
  Record Play(Environment& environment, size_t episode) {
    environment.WatchCancel(cancel_);
    environment.Reset(starts_[episode]);
    Record record{MomentOf(environment, {})};
    Stream stream({.seed = options_.seed,
                   .item = static_cast<uint32_t>(episode + 1),
                   .purpose = Purpose::kBenchmark});
    RandomPlayer player(spec_.action, stream);
    while (record.size() <= options_.max_steps && !record.back().terminal && !cancel_) {
      const StepResult result = environment.Step(player.Next());
      record.push_back(MomentOf(environment, result));
      ++steps_;
    }
    return record;
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

}  // namespace

bool EnvironmentReport::AllHold() const {
  return std::ranges::all_of(findings, &EnvironmentFinding::holds);
}

EnvironmentReport CheckEnvironment(const World& world, const EnvironmentCheckOptions& options,
                                   const std::function<double()>& clock,
                                   const std::atomic<bool>& cancel) {
  Check check(world, options, cancel);
  const auto first = world.MakeEnvironment();
  const auto second = world.MakeEnvironment();
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
  compare("they do in another environment, beside the first",
          [&](size_t i) { return check.Play(*second, i); });
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
  const auto environment = world.MakeEnvironment();
  const Record record = check.Play(*environment, 0);
  return Check::Difference(record, check.Play(*environment, 0));
}

}  // namespace dne
