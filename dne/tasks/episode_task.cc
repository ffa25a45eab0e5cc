// SPDX-License-Identifier: MIT
#include "dne/tasks/episode_task.h"

#include <algorithm>
#include <utility>

#include "dne/base/error.h"
#include "dne/episode/descriptor.h"
#include "dne/tasks/network_model.h"
#include "dne/tasks/random_player.h"

namespace dne {
namespace {

// Parameters of a network of which a worker keeps one for each lane: a megabyte, so that what they
// all need stays in a core's cache or near it.
constexpr size_t kMostMixed = size_t{1} << 18;

Shape ShapeOf(const ObservationSpec& spec) {
  return {.height = spec.height, .width = spec.width, .channels = spec.channels};
}

// Of episodes in a world: all that a policy sees in one of them.
class EpisodeModel final : public NetworkModel {
 public:
  EpisodeModel(const Task& task, const EpisodeSetup& setup, Isa isa)
      : NetworkModel(*setup.network, isa),
        task_(task),
        isa_(isa),
        observation_size_(setup.network->input().size()),
        has_state_(setup.network->has_state()) {}

  Experience Play(std::span<const float> policy, const StreamId& episodes,
                  const EpisodeOptions& how) override {
    Stream stream(episodes);
    const EpisodeStart start = task_.DrawStart(stream);
    EpisodeOptions capped = how;
    capped.max_steps = task_.CapSteps(how.max_steps);
    std::atomic<uint64_t> steps = 0;
    const std::atomic<bool> cancel = false;
    if (!worker_) worker_ = task_.MakeWorker(isa_);
    Result played = worker_->Run({policy}, {&start, 1}, capped, steps, cancel);
    return std::move(played.notes.front().experience);
  }

  void SetParent(std::span<const float> policy, const Experience& experience) override {
    const size_t numbers = experience.bytes.size() + experience.floats.size();
    const auto length = static_cast<uint32_t>(numbers / observation_size_);
    SetExperiences(task_.layout().PartsOf(policy).parameters,
                   {.bytes = experience.bytes,
                    .floats = experience.floats,
                    .lengths = has_state_ ? std::span(&length, 1) : std::span<const uint32_t>()});
  }

 private:
  const Task& task_;
  Isa isa_;
  size_t observation_size_;
  bool has_state_;
  std::unique_ptr<TaskWorker> worker_;  // made when first needed
};

class EpisodeTask final : public Task {
 public:
  explicit EpisodeTask(const EpisodeSetup& setup) : setup_(setup), layout_(LayoutOf(setup)) {}

  const PolicyLayout& layout() const override { return layout_; }

  Initialiser initialiser(Isa isa) const override {
    return [this, isa](const StreamId& id, std::span<float> policy) {
      const auto parts = layout_.PartsOf(policy);
      setup_.network->Initialise(id, parts.parameters, isa);
      std::ranges::fill(parts.means(), 0.0f);
      std::ranges::fill(parts.inverse_deviations(), 1.0f);
    };
  }

  EpisodeStart DrawStart(Stream& stream) const override { return setup_.world->DrawStart(stream); }

  std::vector<double> Point(std::span<const uint8_t> descriptor) const override {
    if (spec().behaviour.type == BehaviourType::kBytes) return Task::Point(descriptor);
    return PointFromDescriptor(descriptor);
  }

  uint32_t step_limit() const override { return static_cast<uint32_t>(spec().max_episode_steps); }
  // Under virtual batch normalisation a layer follows from the whole weights.
  bool plays_factors() const override { return !setup_.network->virtual_batch_norm(); }
  const EpisodeSetup* episodes() const override { return &setup_; }
  int lanes() const override { return spec().lanes; }
  bool mixes_policies() const override {
    return spec().steps_together && setup_.network->num_parameters() <= kMostMixed &&
           !setup_.network->virtual_batch_norm();
  }
  std::unique_ptr<TaskWorker> MakeWorker(Isa isa) const override {
    return MakeEpisodeWorker(setup_, isa);
  }
  std::unique_ptr<OutputModel> MakeOutputModel(Isa isa) const override {
    if (setup_.network->virtual_batch_norm()) return nullptr;
    return std::make_unique<EpisodeModel>(*this, setup_, isa);
  }

 private:
  const EnvironmentSpec& spec() const { return setup_.world->spec(); }

  EpisodeSetup setup_;
  PolicyLayout layout_;
};

}  // namespace

std::unique_ptr<Task> MakeEpisodeTask(const EpisodeSetup& setup) {
  const EnvironmentSpec& spec = setup.world->spec();
  const bool bytes = spec.observation.type == ObservationType::kBytes;
  DNE_CHECK(setup.network->input() == ShapeOf(spec.observation));
  DNE_CHECK(setup.network->num_outputs() == spec.action.size);
  DNE_CHECK(!(bytes && setup.options.normalise_observations));
  return std::make_unique<EpisodeTask>(setup);
}

PolicyLayout LayoutOf(const Network& network, size_t num_normalised) {
  PolicyLayout layout{
      .num_parameters = network.num_parameters(), .num_normalised = num_normalised, .layers = {}};
  for (const Layer& layer : network.layers()) {
    for (const AffineMap& map : layer.maps()) {
      layout.layers.push_back(
          {.offset = map.weights, .inputs = map.inputs, .outputs = map.outputs});
    }
  }
  return layout;
}

PolicyLayout LayoutOf(const EpisodeSetup& setup) {
  const bool normalises = setup.options.normalise_observations;
  return LayoutOf(*setup.network, normalises ? setup.world->spec().observation.size() : 0);
}

std::shared_ptr<const Network> MakeNetwork(const EnvironmentSpec& world, const NetworkSpec& spec) {
  return std::make_shared<const Network>(spec, ShapeOf(world.observation), world.action.size);
}

std::shared_ptr<const std::vector<uint8_t>> MakeReferenceBatch(const World& world,
                                                               uint64_t run_seed) {
  constexpr size_t kObservations = 128;
  DNE_CHECK(world.spec().observation.type == ObservationType::kBytes);
  const std::unique_ptr<Environment> environment = world.MakeEnvironment();
  Stream stream(
      {.seed = run_seed, .generation = 0, .item = 0, .purpose = Purpose::kReferenceBatch});
  RandomPlayer player(world.spec().action, stream);
  auto batch = std::make_shared<std::vector<uint8_t>>();
  bool over = true;
  for (size_t i = 0; i < kObservations; ++i) {
    if (over) environment->Reset(world.DrawStart(stream));
    const auto observation = environment->observation().bytes;
    batch->insert(batch->end(), observation.begin(), observation.end());
    over = environment->Step(player.Next()).terminal;
  }
  return batch;
}

}  // namespace dne
