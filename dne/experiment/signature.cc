// SPDX-License-Identifier: MIT
#include "dne/experiment/signature.h"

#include "dne/base/digest.h"
#include "dne/base/error.h"
#include "dne/experiment/run.h"
#include "dne/experiment/setup.h"

namespace dne {
namespace {

// Small, but through every layer type, both games' action sets, ties, validation and test.
constexpr const char* kExperiments[] = {
    R"(name = "signature-ga"
seed = 7
[task]
game = "frostbite"
[network]
preset = "uber_small"
[algorithm]
type = "ga"
population_size = 12
num_parents = 4
sigma = 0.02
num_candidates = 3
validation_episodes = 4
test_episodes = 4
max_episode_steps = 40
test_max_episode_steps = 60
[budget]
generations = 3
)",
    R"(name = "signature-rs"
seed = 8
[task]
game = "asteroids"
sticky_probability = 0.25
[network]
preset = "nature_dqn"
[algorithm]
type = "random_search"
population_size = 3
num_candidates = 2
validation_episodes = 2
test_episodes = 2
max_episode_steps = 12
test_max_episode_steps = 12
[budget]
generations = 1
)",
};

// Keeps nothing but the digests.
class DigestWriter final : public RunWriter {
 public:
  void Write(const Commit& commit) override {
    for (const GenerationRecord& record : commit.generations) digest_.Add(record.digest);
  }
  void Log(const LogEntry&) override {}
  std::optional<Checkpoint> LastCheckpoint() const override { return std::nullopt; }
  std::vector<LogEntry> Logged() const override { return {}; }

  uint64_t digest() const { return digest_.value(); }

 private:
  Digest digest_;
};

}  // namespace

uint64_t Signature(const EvaluatorOptions& options) {
  DigestWriter writer;
  for (const char* text : kExperiments) {
    const ExperimentConfig config = ParseConfig(text, "signature");
    const Setup setup = MakeSetup(config);
    Watch watch;
    RunObserver observer;
    const auto algorithm = MakeAlgorithm(config, *setup.task, options.threads, options.isa);
    const auto evaluator = MakeThreadEvaluator(*setup.task, options, watch);
    RunExperiment(config.budget, *algorithm, *evaluator, writer,
                  {setup.task->num_parameters(), options, watch}, observer);
  }
  return writer.digest();
}

}  // namespace dne
