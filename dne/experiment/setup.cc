// SPDX-License-Identifier: MIT
#include "dne/experiment/setup.h"

#include <utility>

#include "dne/novelty/trajectory.h"

namespace dne {
namespace {

constexpr const char* kReferenceBatch = "reference_batch";  // of 128 observations, packed

}  // namespace

Setup MakeSetup(const ExperimentConfig& config,
                std::shared_ptr<const std::vector<uint8_t>> reference_batch) {
  return config.task.kind->make(config.task.options,
                                {.network = config.network.spec,
                                 .seed = config.seed,
                                 .reference_batch = std::move(reference_batch)});
}

std::map<std::string, std::vector<uint8_t>> AttachmentsOf(const Setup& setup) {
  if (!setup.reference_batch) return {};
  return {{kReferenceBatch, PackTrajectory(*setup.reference_batch, setup.network->input().size())}};
}

std::shared_ptr<const std::vector<uint8_t>> ReferenceBatchOf(const RunInfo& info) {
  const auto found = info.attachments.find(kReferenceBatch);
  if (found == info.attachments.end()) return nullptr;
  return std::make_shared<const std::vector<uint8_t>>(UnpackTrajectory(found->second).states);
}

PolicySpace SpaceOf(const Task& task, Isa isa) {
  return {.layout = task.layout(),
          .initialise = task.initialiser(isa),
          .step_limit = task.step_limit(),
          .point = [&task](std::span<const uint8_t> descriptor) { return task.Point(descriptor); }};
}

std::unique_ptr<Algorithm> MakeAlgorithm(const ExperimentConfig& config, const Task& task,
                                         int threads, Isa isa) {
  return config.algorithm.kind->make(config.algorithm.options, {.run_seed = config.seed,
                                                                .space = SpaceOf(task, isa),
                                                                .parallel = ThreadsFor(threads),
                                                                .isa = isa});
}

}  // namespace dne
