// SPDX-License-Identifier: MIT
// A network with virtual batch normalisation plays the same by every way its policy is loaded: its
// reference batch follows from the genome's run seed, whichever seed an experiment file names.
#include <optional>
#include <vector>

#include "dne/base/file.h"
#include "dne/nn/forward.h"
#include "dne/policy/play.h"
#include "dne/policy/safetensors.h"
#include "tests/policy/policy_fixture.h"

namespace dne {
namespace {

constexpr uint64_t kRunSeed = 5;  // TinyGenome's

ExperimentConfig NormalisedConfig(uint64_t seed) {
  ExperimentConfig config = TinyConfig();
  config.network.spec.virtual_batch_norm = true;
  config.seed = seed;
  return config;
}

std::vector<double> Scores(const Policy& policy) {
  Watch watch;
  return EvaluatePolicy(policy, 4, 1, 200, {.threads = 1, .isa = BestIsa()}, watch).scores;
}

// The same policy, and therefore the same scores.
void ExpectSame(const Policy& policy, const Policy& expected) {
  EXPECT_EQ(policy.config, expected.config) << policy.name;
  EXPECT_EQ(policy.parameters, expected.parameters) << policy.name;
  EXPECT_EQ(*policy.setup.reference_batch, *expected.setup.reference_batch) << policy.name;
  EXPECT_EQ(Scores(policy), Scores(expected)) << policy.name;
}

class ReferenceBatch : public PolicyTest {
 protected:
  // A run of one founder's child, which is its elite.
  void WriteRun() {
    const ExperimentConfig config = NormalisedConfig(kRunSeed);
    const auto store =
        RunStore::Create(Path("run"), {.config = ConfigToToml(config),
                                       .seed = kRunSeed,
                                       .attachments = AttachmentsOf(MakeSetup(config))});
    store->Write(
        {.generations = {GenerationRecord{.generation = 0, .elite = EncodeGenome(TinyGenome())}},
         .next_generation = 1});
  }

  Policy Load(const std::string& name) { return LoadPolicy({.where = Path(name)}, BestIsa()); }
};

TEST_F(ReferenceBatch, IsTheRunsByEveryWayOfLoading) {
  WriteRun();
  const Policy expected = Load("run");
  SaveGenomeFile(expected, Path("genome"));
  SaveWeightFile(expected, Path("weights"));
  ExpectSame(Load("genome"), expected);
  ExpectSame(Load("weights"), expected);
  WriteFileAtomically(Path("c.toml"), ConfigToToml(NormalisedConfig(1)));
  const Policy text =
      LoadPolicy({.where = GenomeToText(*expected.genome), .config = Path("c.toml")}, BestIsa());
  ExpectSame(text, expected);
  SaveWeightFile(text, Path("weights of the text"));
  ExpectSame(Load("weights of the text"), expected);
}

// As files were written whose policy had been loaded from text beside another seed.
TEST_F(ReferenceBatch, IsTheGenomesInFilesWithAnotherSeed) {
  WriteRun();
  const Policy expected = Load("run");
  Policy other = Load("run");
  other.experiment = ConfigToToml(NormalisedConfig(1));
  SaveGenomeFile(other, Path("genome"));
  SaveWeightFile(other, Path("weights"));
  ExpectSame(Load("genome"), expected);
  ExpectSame(Load("weights"), expected);
}

// Nothing but the configuration says which run they come from.
TEST_F(ReferenceBatch, IsTheConfigurationsForWeightsWithoutGenome) {
  Policy policy = PolicyFromGenome(NormalisedConfig(kRunSeed), TinyGenome(), BestIsa());
  policy.genome.reset();
  SaveWeightFile(policy, Path("weights"));
  ExpectSame(Load("weights"), policy);
  policy.experiment = ConfigToToml(NormalisedConfig(1));
  SaveWeightFile(policy, Path("others"));
  EXPECT_NE(*Load("others").setup.reference_batch, *policy.setup.reference_batch);
}

}  // namespace
}  // namespace dne
