// SPDX-License-Identifier: MIT
// The loop that plays episodes, for training, evaluation and replay alike.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "dne/base/error.h"
#include "dne/nn/forward.h"
#include "dne/novelty/trajectory.h"
#include "dne/random/normal.h"
#include "dne/tasks/episode_task.h"
#include "dne/tasks/experience_recorder.h"
#include "dne/tasks/sign.h"

namespace dne {
namespace {

// One observation more: their number, the sum of each, the sum of the squares of each.
void AddObservation(std::span<const float> seen, std::span<double> sums) {
  sums[0] += 1;
  for (size_t i = 0; i < seen.size(); ++i) {
    const double value = seen[i];
    sums[1 + i] += value;
    sums[1 + seen.size() + i] += value * value;
  }
}

// How far a job is.
struct Progress {
  Result result;
  size_t begun = 0;  // episodes
  size_t ended = 0;
};

// An episode in play.
struct Lane {
  std::unique_ptr<Environment> environment;
  size_t job = 0;
  size_t number = 0;  // among the job's episodes
  EpisodeOptions how;
  LowRankChange change;  // of a member that it drew
  Episode episode;
  EpisodeNotes notes;
  std::optional<TrajectoryRecorder> trajectory;  // where one is asked for
  std::optional<ExperienceRecorder> experience;  // likewise
};

class EpisodeWorker final : public TaskWorker {
 public:
  EpisodeWorker(const EpisodeSetup& setup, Isa isa, const EpisodeObserver& observer)
      : setup_(setup),
        layout_(LayoutOf(setup)),
        spec_(setup.world->spec()),
        observer_(observer),
        isa_(isa),
        observation_size_(spec_.observation.size()),
        num_outputs_(static_cast<size_t>(spec_.action.size)),
        lanes_(static_cast<size_t>(observer.on_step || observer.on_frame ? 1 : spec_.lanes)),
        kept_observations_(setup.network->has_state() ? KeptObservations::kFirst
                                                      : KeptObservations::kEvenly),
        forward_(MakeForward(*setup.network, isa, static_cast<int>(lanes_.size()))),
        bytes_(observes_bytes() ? lanes_.size() * observation_size_ : 0),
        floats_(observes_bytes() ? 0 : lanes_.size() * observation_size_),
        outputs_(lanes_.size() * num_outputs_),
        noise_(num_outputs_) {
    if (setup_.reference_batch) forward_->SetReferenceBatch(*setup_.reference_batch);
  }

  Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts,
             const EpisodeOptions& how, std::atomic<uint64_t>& steps_run,
             const std::atomic<bool>& cancel) override {
    Result result;
    MemberJobs alone{.parent = policy.numbers,
                     .jobs = {{.starts = starts, .how = how}},
                     .draw = nullptr,
                     .finish = [&](size_t, Result played) { result = std::move(played); }};
    Play(alone, policy.change, steps_run, cancel);
    return result;
  }

  void RunMembers(MemberJobs& members, std::atomic<uint64_t>& steps_run,
                  const std::atomic<bool>& cancel) override {
    Play(members, nullptr, steps_run, cancel);
  }

 private:
  bool observes_bytes() const { return spec_.observation.type == ObservationType::kBytes; }

  // Keeps all lanes at work: the next episode begins where one has ended. Where members are not
  // drawn, all lanes play the parent, changed so.
  void Play(MemberJobs& members, const LowRankChange* change, std::atomic<uint64_t>& steps_run,
            const std::atomic<bool>& cancel) {
    cancel_ = &cancel;
    parts_ = layout_.PartsOf(members.parent);
    forward_->SetParameters(parts_.parameters);
    std::vector<Progress> progress(members.jobs.size());
    size_t job = 0;  // the next to begin an episode
    std::vector<int> idle(lanes_.size());
    std::iota(idle.rbegin(), idle.rend(), 0);
    std::vector<int> live;
    while (!cancel.load(std::memory_order_relaxed)) {
      for (; !idle.empty() && job < progress.size(); idle.pop_back()) {
        live.push_back(idle.back());
        const size_t number = progress[job].begun++;
        Begin(idle.back(), job, number, members, change);
        if (progress[job].begun == members.jobs[job].starts.size()) ++job;
      }
      if (live.empty()) return;
      Decide(live);
      steps_run.fetch_add(live.size(), std::memory_order_relaxed);
      ActAll(members, progress, live, idle);
    }
  }

  // Steps the live lanes; those at an episode's end become idle.
  void ActAll(MemberJobs& members, std::vector<Progress>& progress, std::vector<int>& live,
              std::vector<int>& idle) {
    size_t still_live = 0;
    for (size_t row = 0; row < live.size(); ++row) {
      const int number = live[row];
      Lane& lane = LaneOf(number);
      members.in_work = lane.job;
      if (!Act(lane, row)) {
        live[still_live++] = number;
        continue;
      }
      idle.push_back(number);
      Collect(lane, members, progress[lane.job]);
    }
    live.resize(still_live);
  }

  static void Collect(Lane& lane, MemberJobs& members, Progress& progress) {
    Result& result = progress.result;
    const size_t count = members.jobs[lane.job].starts.size();
    result.episodes.resize(count);
    result.episodes[lane.number] = std::move(lane.episode);
    if (lane.how.notes.any()) {
      result.notes.resize(count);
      result.notes[lane.number] = std::move(lane.notes);
    }
    if (++progress.ended == count) members.finish(lane.job, std::move(result));
  }

  void Begin(int number, size_t job, size_t episode, MemberJobs& members,
             const LowRankChange* change) {
    Lane& lane = LaneOf(number);
    lane.job = members.in_work = job;
    lane.number = episode;
    lane.how = members.jobs[job].how;
    if (members.draw) members.draw(job, lane.change);
    if (members.draw || change) forward_->SetChange(number, change ? change : &lane.change);
    forward_->ForgetLane(number);
    BeginEpisode(lane, members.jobs[job].starts[episode]);
  }

  void BeginEpisode(Lane& lane, const EpisodeStart& start) {
    if (!lane.environment) {
      lane.environment = setup_.world->MakeEnvironment();
      if (observer_.on_frame) lane.environment->RecordFrames(observer_.on_frame);
    }
    lane.environment->WatchCancel(*cancel_);
    lane.environment->Reset(start);
    lane.episode = {.start = start};
    lane.notes = {};
    const WantedNotes& notes = lane.how.notes;
    if (notes.observation_sums) lane.notes.observation_sums.assign(1 + 2 * observation_size_, 0);
    if (notes.trajectory) {
      DNE_CHECK(spec_.behaviour.type == BehaviourType::kBytes);
      lane.trajectory.emplace(static_cast<size_t>(spec_.behaviour.size));
    }
    lane.experience.reset();
    if (notes.experience > 0) lane.experience.emplace(kept_observations_, notes.experience);
  }

  // One forward pass over the live lanes; outputs_ holds a row a lane.
  void Decide(std::span<const int> live) {
    const auto outputs = std::span(outputs_).first(live.size() * num_outputs_);
    const size_t size = live.size() * observation_size_;
    if (!observes_bytes()) {
      for (size_t row = 0; row < live.size(); ++row) Perceive(LaneOf(live[row]), row);
      return forward_->Run(live, std::span<const float>(floats_).first(size), outputs);
    }
    for (const int number : live) {
      Lane& lane = LaneOf(number);
      if (lane.experience) lane.experience->See(lane.environment->observation().bytes);
    }
    if (live.size() == 1) {
      return forward_->Run(live, LaneOf(live[0]).environment->observation().bytes, outputs);
    }
    for (size_t row = 0; row < live.size(); ++row) {
      std::ranges::copy(LaneOf(live[row]).environment->observation().bytes,
                        std::span(bytes_).subspan(row * observation_size_).begin());
    }
    forward_->Run(live, std::span<const uint8_t>(bytes_).first(size), outputs);
  }

  // Floats, as the network is given them.
  void Perceive(Lane& lane, size_t row) {
    const std::span<const float> seen = lane.environment->observation().floats;
    if (lane.how.notes.observation_sums) AddObservation(seen, lane.notes.observation_sums);
    const auto input = std::span(floats_).subspan(row * observation_size_, observation_size_);
    std::ranges::copy(seen, input.begin());
    if (!parts_.normaliser.empty()) {
      NormaliseObservation(parts_, setup_.options.observation_clip, input);
    }
    if (lane.experience) lane.experience->See(std::span<const float>(input));
  }

  // Steps the lane by output row `row`; true at the episode's end.
  bool Act(Lane& lane, size_t row) {
    const EpisodeOptions& how = lane.how;
    const auto outputs = std::span(outputs_).subspan(row * num_outputs_, num_outputs_);
    Episode& episode = lane.episode;
    const Action action = Choose(outputs, episode, how);
    const StepResult step = TakeStep(*lane.environment, action, outputs);
    if (observer_.on_step) observer_.on_step(action, step);
    ++episode.steps;
    episode.frames += static_cast<uint64_t>(step.frames);
    const bool leave_out_bonus = how.perturbed && !setup_.options.train_with_bonus;
    const double reward = leave_out_bonus ? step.reward - step.bonus : step.reward;
    episode.score += reward;
    if (how.notes.sign_sum) lane.notes.sign_sum += Sign(reward);
    if (how.notes.trajectory) lane.trajectory->Add(lane.environment->descriptor());
    if (!step.terminal && episode.steps < how.max_steps) return false;
    End(lane, step);
    return true;
  }

  Action Choose(std::span<float> outputs, const Episode& episode, const EpisodeOptions& how) {
    if (spec_.action.type == ActionType::kDiscrete) {
      return {.choice = static_cast<int>(std::ranges::max_element(outputs) - outputs.begin())};
    }
    if (how.perturbed && setup_.options.action_noise != 0) AddNoise(episode, outputs);
    return {.values = outputs};
  }

  void AddNoise(const Episode& episode, std::span<float> outputs) {
    FillNormal({.seed = episode.start.seed_code(),
                .generation = 0,
                .item = episode.steps,
                .purpose = Purpose::kActionNoise},
               0, noise_, isa_);
    for (size_t i = 0; i < outputs.size(); ++i) {
      outputs[i] = std::fma(setup_.options.action_noise, noise_[i], outputs[i]);
    }
  }

  // No environment is shown an output that is not a number.
  StepResult TakeStep(Environment& environment, const Action& action,
                      std::span<const float> outputs) const {
    if (std::ranges::any_of(outputs, [](float output) { return std::isnan(output); })) {
      return {.frames = spec_.frames_per_step, .terminal = true, .invalid = true};
    }
    return environment.Step(action);
  }

  static void End(Lane& lane, const StepResult& step) {
    Episode& episode = lane.episode;
    const bool is_over = step.terminal && !step.truncated;
    episode.end = step.solved ? EpisodeEnd::kSolved
                  : is_over   ? EpisodeEnd::kTerminal
                              : EpisodeEnd::kStepLimit;
    if (step.invalid) {
      episode.end = EpisodeEnd::kInvalid;
      episode.score = std::min(episode.score, 0.0);
    }
    episode.descriptor = lane.environment->descriptor();
    if (lane.how.notes.trajectory) lane.notes.trajectory = lane.trajectory->Take();
    if (lane.experience) lane.notes.experience = lane.experience->experience();
  }

  Lane& LaneOf(int lane) { return lanes_[static_cast<size_t>(lane)]; }

  EpisodeSetup setup_;
  PolicyLayout layout_;
  EnvironmentSpec spec_;
  EpisodeObserver observer_;
  Isa isa_;
  size_t observation_size_;
  size_t num_outputs_;
  std::vector<Lane> lanes_;
  KeptObservations kept_observations_;
  std::unique_ptr<Forward> forward_;
  const std::atomic<bool>* cancel_ = nullptr;  // of the jobs in play
  PolicyParts<const float> parts_;             // of the policy in play
  // What the network is given, a row a live lane: one of the two.
  std::vector<uint8_t> bytes_;
  std::vector<float> floats_;
  std::vector<float> outputs_;
  std::vector<float> noise_;
};

}  // namespace

void NormaliseObservation(const PolicyParts<const float>& policy, float clip,
                          std::span<float> observation) {
  const std::span<const float> means = policy.means();
  const std::span<const float> inverse_deviations = policy.inverse_deviations();
  for (size_t i = 0; i < observation.size(); ++i) {
    const float normal = (observation[i] - means[i]) * inverse_deviations[i];
    observation[i] = clip > 0 ? std::clamp(normal, -clip, clip) : normal;
  }
}

std::unique_ptr<TaskWorker> MakeEpisodeWorker(const EpisodeSetup& setup, Isa isa,
                                              const EpisodeObserver& observer) {
  const bool narrow = setup.world->spec().slows_after_avx512 && isa == Isa::kAvx512;
  return std::make_unique<EpisodeWorker>(setup, narrow ? Isa::kAvx2 : isa, observer);
}

}  // namespace dne
