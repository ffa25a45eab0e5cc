// SPDX-License-Identifier: MIT
#include "dne/experiment/setup.h"

#include "dne/base/error.h"
#include "dne/envs/atari/atari.h"
#include "dne/envs/classic/classic.h"
#include "dne/envs/mujoco/mujoco.h"
#include "dne/novelty/trajectory.h"

namespace dne {
namespace {

constexpr const char* kReferenceBatch = "reference_batch";  // of 128 observations, packed

// The published strategies as points of one family.
EsOptions EsOptionsOf(const AlgorithmConfig& algorithm) {
  EsOptions options = algorithm.es;
  NoveltyOptions& novelty = options.novelty;
  options.width.adapts = algorithm.type == AlgorithmType::kPgpe;
  switch (algorithm.type) {
    case AlgorithmType::kNsEs:
      novelty.reward_weight = 0;
      break;
    case AlgorithmType::kNsrEs:
      novelty.reward_weight = 0.5;
      break;
    case AlgorithmType::kNsraEs:
      novelty.adapts_weight = true;
      break;
    default:
      novelty = {.meta_population = 1, .reward_weight = 1};
  }
  return options;
}

}  // namespace

std::shared_ptr<const World> MakeWorld(const TaskConfig& config) {
  switch (config.type) {
    case TaskType::kAtari:
      return AtariGame::Load(config.game, config.atari);
    case TaskType::kMujoco:
      return LoadMujocoBody(config.body, config.mujoco);
    case TaskType::kClassic:
      return LoadClassicControl(config.environment);
  }
  DNE_CHECK(false);
}

Setup MakeSetup(const ExperimentConfig& config,
                std::shared_ptr<const std::vector<uint8_t>> reference_batch) {
  Setup setup;
  setup.world = MakeWorld(config.task);
  setup.network = MakeNetwork(setup.world->spec(), config.network.spec);
  setup.options = config.task.play;
  if (config.network.spec.virtual_batch_norm) {
    setup.reference_batch = reference_batch ? std::move(reference_batch)
                                            : MakeReferenceBatch(*setup.world, config.seed);
  }
  setup.task = MakeEpisodeTask(setup);
  return setup;
}

std::map<std::string, std::vector<uint8_t>> AttachmentsOf(const Setup& setup) {
  if (!setup.reference_batch) return {};
  return {{kReferenceBatch, PackTrajectory(*setup.reference_batch,
                                           static_cast<size_t>(setup.network->input().size()))}};
}

std::shared_ptr<const std::vector<uint8_t>> ReferenceBatchOf(const RunInfo& info) {
  const auto found = info.attachments.find(kReferenceBatch);
  if (found == info.attachments.end()) return nullptr;
  return std::make_shared<const std::vector<uint8_t>>(UnpackTrajectory(found->second).states);
}

PolicySpace SpaceOf(const Task& task, Isa isa) {
  return {.num_parameters = task.num_parameters(),
          .num_normalised = task.num_normalised(),
          .initialise = task.initialiser(isa),
          .step_limit = task.step_limit(),
          .point = [&task](std::span<const uint8_t> descriptor) { return task.Point(descriptor); }};
}

std::unique_ptr<Algorithm> MakeAlgorithm(const ExperimentConfig& config, const Task& task,
                                         int threads, Isa isa) {
  if (config.algorithm.is_es()) {
    return MakeEs(EsOptionsOf(config.algorithm), config.seed, SpaceOf(task, isa),
                  ThreadsFor(threads), isa);
  }
  GaOptions options = config.algorithm.ga;
  options.random_search = config.algorithm.type == AlgorithmType::kRandomSearch;
  return MakeGa(options, config.seed);
}

}  // namespace dne
