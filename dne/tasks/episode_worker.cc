// SPDX-License-Identifier: MIT
// The loop that plays episodes, for training, evaluation and replay alike.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/float_buffer.h"
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

// Numbers of its own that a lane plays.
struct OwnPolicy {
  FloatBuffer numbers;
  std::unique_ptr<Forward> forward;  // with one lane
  std::optional<size_t> job;         // whose they are
};

// An episode in play.
struct Lane {
  enum class State { kIdle, kBegins, kPlays };

  State state = State::kIdle;
  std::unique_ptr<Environment> environment;
  size_t job = 0;
  size_t number = 0;  // among the job's episodes
  EpisodeOptions how;
  PolicyParts<const float> policy;
  LowRankChange change;  // of a member that it drew
  OwnPolicy own;         // of one that it decoded
  Action action;         // of the step that is under way
  bool is_sound = true;  // it follows from numbers
  Episode episode;
  EpisodeNotes notes;
  std::optional<TrajectoryRecorder> trajectory;  // where one is asked for
  std::optional<ExperienceRecorder> experience;  // likewise
};

class EpisodeWorker final : public TaskWorker {
 public:
  EpisodeWorker(const EpisodeSetup& setup, Isa isa, const EpisodeObserver& observer, int lanes)
      : setup_(setup),
        layout_(LayoutOf(setup)),
        spec_(setup.world->spec()),
        observer_(observer),
        isa_(isa),
        observation_size_(spec_.observation.size()),
        num_outputs_(static_cast<size_t>(spec_.action.size)),
        lanes_(static_cast<size_t>(lanes)),
        kept_observations_(setup.network->has_state() ? KeptObservations::kFirst
                                                      : KeptObservations::kEvenly),
        bytes_(observes_bytes() ? lanes_.size() * observation_size_ : 0),
        floats_(observes_bytes() ? 0 : lanes_.size() * observation_size_),
        outputs_(lanes_.size() * num_outputs_),
        noise_(num_outputs_) {}

  Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts,
             const EpisodeOptions& how, std::atomic<uint64_t>& steps_run,
             const std::atomic<bool>& cancel) override {
    Result result;
    MemberJobs alone{.jobs = {{.starts = starts, .how = how, .parent = policy.numbers}},
                     .draw = nullptr,
                     .decode = nullptr,
                     .run_networks = nullptr,
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

  // Keeps all lanes at work: the next episode begins where one has ended. Where nothing makes
  // members or runs their networks, all lanes play the parent, changed so.
  void Play(MemberJobs& members, const LowRankChange* change, std::atomic<uint64_t>& steps_run,
            const std::atomic<bool>& cancel) {
    cancel_ = &cancel;
    DNE_CHECK(!members.run_networks || !observes_bytes());
    if (!members.decode && !members.run_networks) SetParent(members.jobs.front().parent);
    for (Lane& lane : lanes_) {
      lane.state = Lane::State::kIdle;
      lane.own.job.reset();
    }
    std::vector<Progress> progress(members.jobs.size());
    size_t job = 0;  // the next to begin an episode
    std::vector<int> live;
    while (!cancel.load(std::memory_order_relaxed)) {
      bool some_begin = false;
      live.clear();
      for (int number = 0; std::cmp_less(number, lanes_.size()); ++number) {
        if (LaneOf(number).state == Lane::State::kPlays) {
          live.push_back(number);
        } else if (job < progress.size()) {
          Begin(number, job, progress[job].begun++, members, change);
          if (progress[job].begun == members.jobs[job].starts.size()) ++job;
          some_begin = true;
        }
      }
      if (live.empty() && !some_begin) return;
      if (!live.empty()) Decide(live, members);
      steps_run.fetch_add(live.size(), std::memory_order_relaxed);
      ActAll(members, progress, live);
    }
  }

  // Of all lanes.
  void SetParent(std::span<const float> numbers) {
    if (!forward_) {
      forward_ = MakeForward(*setup_.network, isa_, static_cast<int>(lanes_.size()));
      if (setup_.reference_batch) forward_->SetReferenceBatch(*setup_.reference_batch);
    }
    forward_->SetParameters(layout_.PartsOf(numbers).parameters);
  }

  // Steps the live lanes and finishes the resets of those that begin, all of them started before
  // any is finished; lanes at an episode's end become idle.
  void ActAll(MemberJobs& members, std::vector<Progress>& progress, std::span<const int> live) {
    for (size_t row = 0; row < live.size(); ++row) {
      Lane& lane = LaneOf(live[row]);
      members.in_work = lane.job;
      StartAct(lane, row);
    }
    for (Lane& lane : lanes_) {
      if (lane.state == Lane::State::kIdle) continue;
      members.in_work = lane.job;
      if (std::exchange(lane.state, Lane::State::kPlays) == Lane::State::kBegins) {
        lane.environment->Reset(lane.episode.start);
      } else if (FinishAct(lane)) {
        lane.state = Lane::State::kIdle;
        Collect(lane, members, progress[lane.job]);
      }
    }
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
    if (members.decode) {
      Decode(lane.own, job, members);
    } else if (!members.run_networks) {
      if (members.draw) members.draw(job, lane.change);
      if (members.draw || change) forward_->SetChange(number, change ? change : &lane.change);
      forward_->ForgetLane(number);
    }
    lane.policy =
        layout_.PartsOf(members.decode ? lane.own.numbers.values() : members.jobs[job].parent);
    BeginEpisode(lane, members.jobs[job].starts[episode]);
    lane.state = Lane::State::kBegins;
  }

  void Decode(OwnPolicy& own, size_t job, const MemberJobs& members) {
    if (!own.forward) {
      own.forward = MakeForward(*setup_.network, isa_, 1);
      own.numbers = FloatBuffer(layout_.policy_size());
    }
    if (std::exchange(own.job, job) == job) return own.forward->ForgetLane(0);
    members.decode(job, own.numbers.values());
    own.forward->SetParameters(layout_.PartsOf(own.numbers.values()).parameters);
  }

  void BeginEpisode(Lane& lane, const EpisodeStart& start) {
    if (!lane.environment) MakeEnvironment(lane);
    lane.environment->WatchCancel(*cancel_);
    lane.environment->StartReset(start);
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

  // Where they step together, those of all lanes.
  void MakeEnvironment(Lane& lane) {
    if (spec_.steps_together) {
      auto environments = setup_.world->MakeEnvironments(static_cast<int>(lanes_.size()));
      for (Lane& each : lanes_) each.environment = std::move(environments[&each - lanes_.data()]);
    } else {
      lane.environment = setup_.world->MakeEnvironment();
    }
    if (observer_.on_frame) lane.environment->RecordFrames(observer_.on_frame);
  }

  // Forward passes of the live lanes; outputs_ holds a row a lane.
  void Decide(std::span<const int> live, const MemberJobs& members) {
    const auto outputs = std::span(outputs_).first(live.size() * num_outputs_);
    const size_t size = live.size() * observation_size_;
    if (!observes_bytes()) {
      for (size_t row = 0; row < live.size(); ++row) Perceive(LaneOf(live[row]), row);
      const auto seen = std::span<const float>(floats_).first(size);
      if (members.run_networks) return RunElsewhere(live, seen, outputs, members);
      return RunNetwork(live, seen, outputs, members);
    }
    for (const int number : live) {
      Lane& lane = LaneOf(number);
      if (lane.experience) lane.experience->See(lane.environment->observation().bytes);
    }
    if (live.size() == 1) {
      const auto seen = LaneOf(live[0]).environment->observation().bytes;
      return RunNetwork(live, seen, outputs, members);
    }
    for (size_t row = 0; row < live.size(); ++row) {
      std::ranges::copy(LaneOf(live[row]).environment->observation().bytes,
                        std::span(bytes_).subspan(row * observation_size_).begin());
    }
    RunNetwork(live, std::span<const uint8_t>(bytes_).first(size), outputs, members);
  }

  template <class T>
  void RunNetwork(std::span<const int> live, std::span<const T> seen, std::span<float> outputs,
                  const MemberJobs& members) {
    if (!members.decode) return forward_->Run(live, seen, outputs);
    constexpr int kOnly = 0;
    for (size_t row = 0; row < live.size(); ++row) {
      LaneOf(live[row]).own.forward->Run({&kOnly, 1},
                                         seen.subspan(row * observation_size_, observation_size_),
                                         outputs.subspan(row * num_outputs_, num_outputs_));
    }
  }

  void RunElsewhere(std::span<const int> live, std::span<const float> seen,
                    std::span<float> outputs, const MemberJobs& members) {
    jobs_.clear();
    for (const int number : live) jobs_.push_back(LaneOf(number).job);
    members.run_networks(jobs_, seen, outputs);
  }

  // Floats, as the network is given them.
  void Perceive(Lane& lane, size_t row) {
    const std::span<const float> seen = lane.environment->observation().floats;
    if (lane.how.notes.observation_sums) AddObservation(seen, lane.notes.observation_sums);
    const auto input = std::span(floats_).subspan(row * observation_size_, observation_size_);
    std::ranges::copy(seen, input.begin());
    if (!lane.policy.normaliser.empty()) {
      NormaliseObservation(lane.policy, setup_.options.observation_clip, input);
    }
    if (lane.experience) lane.experience->See(std::span<const float>(input));
  }

  // Begins to step the lane by output row `row`. No environment is shown an output that is not a
  // number.
  void StartAct(Lane& lane, size_t row) {
    const auto outputs = std::span(outputs_).subspan(row * num_outputs_, num_outputs_);
    lane.action = Choose(outputs, lane.episode, lane.how);
    lane.is_sound = std::ranges::none_of(outputs, [](float output) { return std::isnan(output); });
    if (lane.is_sound) lane.environment->StartStep(lane.action);
  }

  // True at the episode's end.
  bool FinishAct(Lane& lane) {
    const EpisodeOptions& how = lane.how;
    Episode& episode = lane.episode;
    const StepResult step =
        lane.is_sound
            ? lane.environment->Step(lane.action)
            : StepResult{.frames = spec_.frames_per_step, .terminal = true, .invalid = true};
    if (observer_.on_step) observer_.on_step(lane.action, step);
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
  std::unique_ptr<Forward> forward_;           // of all lanes; made when first needed
  const std::atomic<bool>* cancel_ = nullptr;  // of the jobs in play
  // What the network is given, a row a live lane: one of the two.
  std::vector<uint8_t> bytes_;
  std::vector<float> floats_;
  std::vector<float> outputs_;
  std::vector<float> noise_;
  std::vector<size_t> jobs_;  // of the live lanes
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
  const EnvironmentSpec& spec = setup.world->spec();
  const bool narrow = spec.slows_after_avx512 && isa == Isa::kAvx512;
  const bool is_observed = observer.on_step || observer.on_frame;
  return std::make_unique<EpisodeWorker>(setup, narrow ? Isa::kAvx2 : isa, observer,
                                         is_observed ? 1 : spec.lanes);
}

std::unique_ptr<TaskWorker> MakeEpisodeWorker(const EpisodeSetup& setup, Isa isa, int lanes) {
  const int most = setup.world->spec().most_lanes;
  return std::make_unique<EpisodeWorker>(setup, isa, EpisodeObserver{},
                                         most > 0 ? std::min(most, lanes) : lanes);
}

}  // namespace dne
