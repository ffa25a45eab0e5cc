// SPDX-License-Identifier: MIT
// From a configuration to the things it names.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dne/algorithms/algorithm.h"
#include "dne/algorithms/strategy.h"
#include "dne/cluster/serve.h"
#include "dne/evaluate/evaluator.h"
#include "dne/experiment/config.h"
#include "dne/store/store.h"
#include "dne/tasks/task_kind.h"

namespace dne {

// Loads the environment. A network with virtual batch normalisation takes the reference
// batch that is given, else plays it from the run's seed. Throws Error where the network does not
// fit the task.
Setup MakeSetup(const ExperimentConfig& config,
                std::shared_ptr<const std::vector<uint8_t>> reference_batch = nullptr);

// What a run's store keeps of a set-up, and back; null where the run has none.
std::map<std::string, std::vector<uint8_t>> AttachmentsOf(const Setup& setup);
std::shared_ptr<const std::vector<uint8_t>> ReferenceBatchOf(const RunInfo& info);
// Throws Error where the run learned from other files than those the set-up has read.
void ExpectSameData(const Setup& setup, const RunInfo& info);

// Plays the experiment's plans, which `algorithm` makes (null: somebody else does): on the threads
// of this process, on `options.device`, or on all ranks of `options.cluster`. Everything given must
// outlive it. Throws Error where a rank cannot.
std::unique_ptr<Evaluator> MakeEvaluator(const ExperimentConfig& config, const Setup& setup,
                                         Algorithm* algorithm, const EvaluatorOptions& options,
                                         Watch& watch);

// On the threads or the device of this process alone.
std::unique_ptr<Evaluator> MakeLocalEvaluator(const Task& task, const EvaluatorOptions& options,
                                              Watch& watch);
// Who adds up noise there; null: threads do.
std::shared_ptr<NoiseSums> MakeNoiseSums(const EvaluatorOptions& options);

// The same as MakeEvaluator on another rank, from the bytes that rank 0 sent (RankSetupMaker),
// which begin with this.
inline constexpr uint8_t kExperimentSetup = 'E';
std::unique_ptr<RankSetup> MakeRankSetup(std::span<const uint8_t> bytes,
                                         const EvaluatorOptions& options);

// What an evolution strategy must know of the task, which must outlive it.
PolicySpace SpaceOf(const Task& task, Isa isa);

// Updates that take long run on the threads or the device of the options, which do not show in a
// result.
std::unique_ptr<Algorithm> MakeAlgorithm(const ExperimentConfig& config, const Task& task,
                                         const EvaluatorOptions& options);

}  // namespace dne
