// SPDX-License-Identifier: MIT
#include "dne/experiment/setup.h"

#include "dne/base/error.h"
#include "dne/novelty/trajectory.h"
#include "dne/tasks/atari_task.h"
#include "dne/tasks/control_task.h"

namespace dne {
namespace {

constexpr const char* kReferenceBatch = "reference_batch";  // of 128 observations, packed

void SetUpAtari(const ExperimentConfig& config,
                std::shared_ptr<const std::vector<uint8_t>> reference_batch, Setup& setup) {
  setup.game = AtariGame::Load(config.task.game, config.task.atari);
  setup.network = MakeAtariNetwork(*setup.game, config.network.spec);
  if (config.network.spec.virtual_batch_norm) {
    setup.reference_batch =
        reference_batch ? std::move(reference_batch) : MakeReferenceBatch(*setup.game, config.seed);
  }
  setup.task = MakeAtariTask(setup.game, setup.network, setup.reference_batch);
}

void SetUpMujoco(const ExperimentConfig& config, Setup& setup) {
  setup.body = MujocoModel::Load(config.task.body, config.task.mujoco);
  setup.network = MakeControlNetwork(setup.body->spec(), config.network.spec);
  setup.task = MakeControlTask(
      setup.body->spec(), [body = setup.body] { return body->MakeEnvironment(); }, setup.network,
      config.task.control);
}

}  // namespace

Setup MakeSetup(const ExperimentConfig& config,
                std::shared_ptr<const std::vector<uint8_t>> reference_batch) {
  Setup setup;
  switch (config.task.type) {
    case TaskType::kAtari:
      SetUpAtari(config, std::move(reference_batch), setup);
      break;
    case TaskType::kMujoco:
      SetUpMujoco(config, setup);
      break;
  }
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
  const StrategyContext context{.run_seed = config.seed,
                                .space = SpaceOf(task, isa),
                                .parallel = ThreadsFor(threads),
                                .isa = isa};
  const StrategyConfig& es = config.algorithm.es;
  const NsEsOptions ns_es{es.strategy, es.ascent, es.meta_population, es.novelty};
  GaOptions ga = config.algorithm.ga;
  switch (config.algorithm.type) {
    case AlgorithmType::kRandomSearch:
      ga.random_search = true;
      return MakeGa(ga, config.seed);
    case AlgorithmType::kGa:
      return MakeGa(ga, config.seed);
    case AlgorithmType::kEs:
      return MakeEs({es.strategy, es.ascent, es.top_directions}, context);
    case AlgorithmType::kPgpe:
      return MakePgpe({es.strategy, es.ascent, es.spreads, es.growth}, context);
    case AlgorithmType::kSnes:
      return MakeSnes(config.algorithm.snes, context);
    case AlgorithmType::kNsEs:
      return MakeNsEs(ns_es, context);
    case AlgorithmType::kNsrEs:
      return MakeNsrEs(ns_es, context);
    case AlgorithmType::kNsraEs:
      return MakeNsraEs({ns_es, es.weight}, context);
  }
  DNE_CHECK(false);
}

}  // namespace dne
