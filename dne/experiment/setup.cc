// SPDX-License-Identifier: MIT
#include "dne/experiment/setup.h"

#include <utility>

#include "dne/base/bytes.h"
#include "dne/base/error.h"
#include "dne/cluster/cluster.h"
#include "dne/gpu/device_sums.h"
#include "dne/gpu/gpu_evaluator.h"
#include "dne/novelty/trajectory.h"

namespace dne {
namespace {

constexpr const char* kReferenceBatch = "reference_batch";  // of 128 observations, packed
constexpr const char* kDataDigest = "data_digest";          // of files that it learns from

std::vector<uint8_t> DigestBytes(uint64_t digest) {
  ByteWriter out;
  out.Add(digest);
  return out.TakeBytes();
}

}  // namespace

Setup MakeSetup(const ExperimentConfig& config,
                std::shared_ptr<const std::vector<uint8_t>> reference_batch) {
  Setup setup = config.task.kind->make(config.task.options,
                                       {.network = config.network.spec,
                                        .seed = config.seed,
                                        .reference_batch = std::move(reference_batch),
                                        .may_start_programs = config.trust.may_start_programs});
  // Of programs, which say it when they are started.
  const bool has_behaviour = !setup.world || setup.world->spec().behaviour.size > 0;
  if (!has_behaviour && config.algorithm.kind->uses_behaviours()) {
    throw Error(std::string(config.algorithm.kind->name) + " learns from behaviours, but " +
                config.environment() +
                " says nothing of what an episode came to: give it a behaviour "
                "(docs/environment-protocol.md)");
  }
  const auto archive = config.archive();
  if (setup.world && archive) {
    ExpectCoordinates(archive->axes, static_cast<size_t>(setup.world->spec().behaviour.size));
  }
  return setup;
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

namespace {

// An experiment as other ranks make it again.
std::vector<uint8_t> RankSetupOf(const ExperimentConfig& config, const Setup& setup) {
  ByteWriter out;
  out.Add(kExperimentSetup);
  out.AddText(ConfigToToml(config));
  const auto attachments = AttachmentsOf(setup);
  out.Add(uint64_t{attachments.size()});
  for (const auto& [name, data] : attachments) {
    out.AddText(name);
    out.AddBytes(data);
  }
  return out.TakeBytes();
}

class Experiment final : public RankSetup {
 public:
  Experiment(std::span<const uint8_t> bytes, const EvaluatorOptions& options) {
    ByteReader in({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    DNE_CHECK(in.Read<uint8_t>() == kExperimentSetup);
    RunInfo info{.config = std::string(in.ReadText())};
    for (uint64_t left = in.ReadCount(); left > 0; --left) {
      std::string name(in.ReadText());
      info.attachments[std::move(name)] = in.ReadBytes();
    }
    in.ExpectEnd();
    ExperimentConfig config = ParsePlayedConfig(info.config, "rank 0's configuration");
    config.trust.may_start_programs = true;  // rank 0 has started them
    setup_ = MakeSetup(config, ReferenceBatchOf(info));
    ExpectSameData(setup_, info);
    algorithm_ = MakeAlgorithm(config, *setup_.task, options);
  }

  const Task& task() const override { return *setup_.task; }
  const CentreSource* source() const override { return algorithm_.get(); }
  std::vector<Centre> FirstCentres() const override { return algorithm_->Ask().centres; }

 private:
  Setup setup_;
  std::unique_ptr<Algorithm> algorithm_;  // as it is at the beginning of the run
};

}  // namespace

std::unique_ptr<Evaluator> MakeEvaluator(const ExperimentConfig& config, const Setup& setup,
                                         Algorithm* algorithm, const EvaluatorOptions& options,
                                         Watch& watch) {
  if (options.cluster == nullptr) return MakeLocalEvaluator(*setup.task, options, watch);
  auto evaluator = std::make_unique<ClusterEvaluator>(*options.cluster, RankSetupOf(config, setup),
                                                      *setup.task, options, watch, algorithm);
  if (algorithm != nullptr) {
    algorithm->OnMove([&ranks = *evaluator](const CentreMove& move) { ranks.Announce(move); });
  }
  return evaluator;
}

std::unique_ptr<Evaluator> MakeLocalEvaluator(const Task& task, const EvaluatorOptions& options,
                                              Watch& watch) {
  if (options.device != nullptr) return MakeGpuEvaluator(task, options, watch);
  return MakeThreadEvaluator(task, options, watch);
}

std::shared_ptr<NoiseSums> MakeNoiseSums(const EvaluatorOptions& options) {
  return options.device != nullptr ? gpu::SumsOn(options.device) : nullptr;
}

std::unique_ptr<RankSetup> MakeRankSetup(std::span<const uint8_t> bytes,
                                         const EvaluatorOptions& options) {
  return std::make_unique<Experiment>(bytes, options);
}

PolicySpace SpaceOf(const Task& task, Isa isa) {
  return {.layout = task.layout(),
          .initialise = task.initialiser(isa),
          .step_limit = task.step_limit(),
          .point = [&task](std::span<const uint8_t> descriptor) { return task.Point(descriptor); }};
}

std::unique_ptr<Algorithm> MakeAlgorithm(const ExperimentConfig& config, const Task& task,
                                         const EvaluatorOptions& options) {
  return config.algorithm.kind->make(config.algorithm.options,
                                     {.run_seed = config.seed,
                                      .space = SpaceOf(task, options.isa),
                                      .parallel = ThreadsFor(options.threads),
                                      .isa = options.isa,
                                      .sums = MakeNoiseSums(options)});
}

}  // namespace dne
