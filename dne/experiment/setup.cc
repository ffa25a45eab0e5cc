// SPDX-License-Identifier: MIT
#include "dne/experiment/setup.h"

#include <utility>

#include "dne/base/bytes.h"
#include "dne/base/error.h"
#include "dne/novelty/trajectory.h"

namespace dne {
namespace {

constexpr const char* kReferenceBatch = "reference_batch";  // of 128 observations, packed
constexpr const char* kDataDigest = "data_digest";          // of files that it learns from

std::vector<uint8_t> DigestBytes(uint64_t digest) {
  ByteWriter out;
  out.Add(digest);
  const std::string bytes = out.Take();
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Setup MakeSetup(const ExperimentConfig& config,
                std::shared_ptr<const std::vector<uint8_t>> reference_batch) {
  return config.task.kind->make(config.task.options,
                                {.network = config.network.spec,
                                 .seed = config.seed,
                                 .reference_batch = std::move(reference_batch)});
}

std::map<std::string, std::vector<uint8_t>> AttachmentsOf(const Setup& setup) {
  std::map<std::string, std::vector<uint8_t>> attachments;
  if (setup.reference_batch) {
    attachments[kReferenceBatch] =
        PackTrajectory(*setup.reference_batch, setup.network->input().size());
  }
  if (setup.data_digest) attachments[kDataDigest] = DigestBytes(*setup.data_digest);
  return attachments;
}

void ExpectSameData(const Setup& setup, const RunInfo& info) {
  const auto found = info.attachments.find(kDataDigest);
  if (!setup.data_digest || found == info.attachments.end()) return;
  if (found->second == DigestBytes(*setup.data_digest)) return;
  throw Error(
      "the run's data have changed: its configuration's folder holds other images or labels than "
      "those it learned from; put the old files back");
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
