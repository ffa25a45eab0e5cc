// SPDX-License-Identifier: MIT
#include "dne/tasks/atari_task.h"

#include <algorithm>
#include <numeric>

#include "dne/base/error.h"
#include "dne/nn/forward.h"
#include "dne/novelty/trajectory.h"
#include "dne/tasks/sign.h"

namespace dne {
namespace {

// Lanes share each weight block while it is in cache; more than this gain little.
constexpr int kLanes = 8;

constexpr size_t kRamSize = 128;

// The emulator and the policy are deterministic, so the number of no-ops is the whole start
// (1..max_noops, papers 2.4); with sticky actions every episode has its own seed.
EpisodeStart DrawAtariStart(const AtariOptions& options, Stream& stream) {
  const uint32_t noops =
      options.max_noops > 0 ? 1 + stream.Below(static_cast<uint32_t>(options.max_noops)) : 0;
  const uint64_t seed = options.sticky_probability > 0 ? stream.Next64() : 0;
  return {.noops = noops, .seed = seed};
}

class AtariWorker final : public TaskWorker {
 public:
  AtariWorker(const AtariGame& game, const Network& network,
              const std::vector<uint8_t>* reference_batch, Isa isa)
      : game_(game),
        forward_(MakeForward(network, isa, kLanes)),
        observation_size_(static_cast<size_t>(network.input().size())),
        num_outputs_(static_cast<size_t>(network.num_outputs())),
        observations_(kLanes * observation_size_),
        outputs_(kLanes * num_outputs_),
        recorders_(kLanes, TrajectoryRecorder(kRamSize)) {
    if (reference_batch != nullptr) forward_->SetReferenceBatch(*reference_batch);
  }

  Result Run(std::span<const float> parameters, std::span<const EpisodeStart> starts,
             const EpisodeOptions& how, std::atomic<uint64_t>& steps_run,
             const std::atomic<bool>& cancel) override {
    Result result;
    result.episodes.resize(starts.size());
    result.notes.resize(starts.size());
    forward_->SetParameters(parameters);
    for (size_t first = 0; first < starts.size(); first += kLanes) {
      const size_t count = std::min<size_t>(kLanes, starts.size() - first);
      PlayTogether(starts.subspan(first, count), how,
                   std::span(result.episodes).subspan(first, count),
                   std::span(result.notes).subspan(first, count), steps_run, cancel);
    }
    if (!how.notes.any()) result.notes.clear();
    return result;
  }

 private:
  void PlayTogether(std::span<const EpisodeStart> starts, const EpisodeOptions& how,
                    std::span<Episode> episodes, std::span<EpisodeNotes> notes,
                    std::atomic<uint64_t>& steps_run, const std::atomic<bool>& cancel) {
    std::vector<int> live;
    for (size_t i = 0; i < starts.size(); ++i) {
      if (environments_.size() <= i) environments_.push_back(game_.MakeEnvironment());
      environments_[i]->Reset(starts[i].noops, starts[i].seed);
      forward_->ForgetLane(static_cast<int>(i));
      episodes[i].start = starts[i];
      recorders_[i] = TrajectoryRecorder(kRamSize);
      live.push_back(static_cast<int>(i));
    }
    while (!live.empty() && !cancel.load(std::memory_order_relaxed)) {
      Decide(live);
      steps_run.fetch_add(live.size(), std::memory_order_relaxed);
      std::vector<int> next;
      for (size_t i = 0; i < live.size(); ++i) {
        const auto lane = static_cast<size_t>(live[i]);
        if (!Act(lane, i, how, episodes[lane], notes[lane])) next.push_back(live[i]);
      }
      live = std::move(next);
    }
  }

  // One forward pass over the live lanes; outputs_ holds a row a lane.
  void Decide(std::span<const int> live) {
    const std::span outputs(outputs_.data(), live.size() * num_outputs_);
    if (live.size() == 1) {
      forward_->Run(live, Environment(live[0]).observation(), outputs);
      return;
    }
    for (size_t i = 0; i < live.size(); ++i) {
      std::ranges::copy(Environment(live[i]).observation(),
                        observations_.begin() + static_cast<ptrdiff_t>(i * observation_size_));
    }
    forward_->Run(live,
                  std::span<const uint8_t>(observations_.data(), live.size() * observation_size_),
                  outputs);
  }

  // Steps the lane by the largest of output row `row`; true at the episode's end.
  bool Act(size_t lane, size_t row, const EpisodeOptions& how, Episode& episode,
           EpisodeNotes& notes) {
    const auto outputs = std::span(outputs_).subspan(row * num_outputs_, num_outputs_);
    const auto action = std::ranges::max_element(outputs) - outputs.begin();
    const StepResult step = environments_[lane]->Step(static_cast<int>(action));
    episode.score += step.reward;
    if (how.notes.sign_sum) notes.sign_sum += Sign(step.reward);
    episode.frames += static_cast<uint64_t>(step.frames);
    ++episode.steps;
    if (how.notes.trajectory) recorders_[lane].Add(environments_[lane]->descriptor());
    if (!step.terminal && episode.steps < how.max_steps) return false;
    episode.end = step.terminal ? EpisodeEnd::kTerminal : EpisodeEnd::kStepLimit;
    episode.descriptor = environments_[lane]->descriptor();
    if (how.notes.trajectory) notes.trajectory = recorders_[lane].Take();
    return true;
  }

  dne::Environment& Environment(int lane) { return *environments_[static_cast<size_t>(lane)]; }

  const AtariGame& game_;
  std::unique_ptr<Forward> forward_;
  size_t observation_size_;
  size_t num_outputs_;
  std::vector<std::unique_ptr<dne::Environment>> environments_;
  std::vector<uint8_t> observations_;
  std::vector<float> outputs_;
  std::vector<TrajectoryRecorder> recorders_;  // one a lane
};

class AtariTask final : public Task {
 public:
  AtariTask(std::shared_ptr<const AtariGame> game, std::shared_ptr<const Network> network,
            std::shared_ptr<const std::vector<uint8_t>> reference_batch)
      : game_(std::move(game)),
        network_(std::move(network)),
        reference_batch_(std::move(reference_batch)) {}

  size_t num_parameters() const override { return network_->num_parameters(); }

  Initialiser initialiser(Isa isa) const override {
    return [network = network_, isa](const StreamId& id, std::span<float> parameters) {
      network->Initialise(id, parameters, isa);
    };
  }

  EpisodeStart DrawStart(Stream& stream) const override {
    return DrawAtariStart(game_->options(), stream);
  }

  int lanes() const override { return kLanes; }

  std::unique_ptr<TaskWorker> MakeWorker(Isa isa) const override {
    return std::make_unique<AtariWorker>(*game_, *network_, reference_batch_.get(), isa);
  }

 private:
  std::shared_ptr<const AtariGame> game_;
  std::shared_ptr<const Network> network_;
  std::shared_ptr<const std::vector<uint8_t>> reference_batch_;  // null: none
};

}  // namespace

std::unique_ptr<Task> MakeAtariTask(std::shared_ptr<const AtariGame> game,
                                    std::shared_ptr<const Network> network,
                                    std::shared_ptr<const std::vector<uint8_t>> reference_batch) {
  const EnvironmentSpec& spec = game->spec();
  DNE_CHECK((network->input() == Shape{spec.height, spec.width, spec.channels}));
  DNE_CHECK(network->num_outputs() == spec.num_actions);
  return std::make_unique<AtariTask>(std::move(game), std::move(network),
                                     std::move(reference_batch));
}

std::shared_ptr<const std::vector<uint8_t>> MakeReferenceBatch(const AtariGame& game,
                                                               uint64_t run_seed) {
  constexpr size_t kObservations = 128;  // 1712.06560, 6.5
  const std::unique_ptr<Environment> environment = game.MakeEnvironment();
  const auto num_actions = static_cast<uint32_t>(game.spec().num_actions);
  Stream stream(
      {.seed = run_seed, .generation = 0, .item = 0, .purpose = Purpose::kReferenceBatch});
  auto batch = std::make_shared<std::vector<uint8_t>>();
  bool over = true;
  for (size_t i = 0; i < kObservations; ++i) {
    if (over) {
      const EpisodeStart start = DrawAtariStart(game.options(), stream);
      environment->Reset(start.noops, start.seed);
    }
    const auto observation = environment->observation();
    batch->insert(batch->end(), observation.begin(), observation.end());
    over = environment->Step(static_cast<int>(stream.Below(num_actions))).terminal;
  }
  return batch;
}

std::shared_ptr<const Network> MakeAtariNetwork(const AtariGame& game, const NetworkSpec& spec) {
  const EnvironmentSpec& env = game.spec();
  return std::make_shared<const Network>(spec, Shape{env.height, env.width, env.channels},
                                         env.num_actions);
}

}  // namespace dne
