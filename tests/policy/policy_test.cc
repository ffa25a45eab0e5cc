// SPDX-License-Identifier: MIT
#include "dne/policy/policy.h"

#include <algorithm>
#include <string>

#include "dne/base/digest.h"
#include "dne/base/file.h"
#include "dne/policy/policy_file.h"
#include "dne/policy/policy_run.h"
#include "dne/policy/safetensors.h"
#include "tests/policy/policy_fixture.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

constexpr Isa kIsa = Isa::kScalar;

// A genome file's checksum made good again after a change.
std::string Resealed(std::string bytes) {
  const size_t content = bytes.size() - 8;
  Digest digest;
  digest.AddText(std::string_view(bytes).substr(0, content));
  for (size_t i = 0; i < 8; ++i) {
    bytes[content + i] = static_cast<char>(digest.value() >> (8 * i));
  }
  return bytes;
}

TEST(GenomeFile, RoundTripsBitForBit) {
  const GenomeFile file{.experiment = ConfigToToml(TinyConfig()), .genome = TinyGenome()};
  const std::string bytes = EncodeGenomeFile(file);
  EXPECT_EQ(DecodeGenomeFile(bytes), file);
  EXPECT_EQ(EncodeGenomeFile(DecodeGenomeFile(bytes)), bytes);
}

TEST(GenomeFile, EveryFlippedBitIsAnError) {
  const std::string bytes =
      EncodeGenomeFile({.experiment = ConfigToToml(TinyConfig()), .genome = TinyGenome()});
  for (size_t i = 8; i < bytes.size(); ++i) {
    for (int bit : {0, 7}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      EXPECT_THROW(DecodeGenomeFile(damaged), Error) << "byte " << i;
    }
  }
}

TEST(GenomeFile, EveryTruncationIsAnError) {
  const std::string bytes =
      EncodeGenomeFile({.experiment = ConfigToToml(TinyConfig()), .genome = TinyGenome()});
  for (size_t size = 8; size < bytes.size(); ++size) {
    EXPECT_THROW(DecodeGenomeFile(bytes.substr(0, size)), Error) << size << " bytes";
  }
}

TEST(GenomeFile, SaysWhatIsWrongWithIt) {
  const std::string bytes =
      EncodeGenomeFile({.experiment = ConfigToToml(TinyConfig()), .genome = TinyGenome()});
  EXPECT_ERROR(DecodeGenomeFile(bytes.substr(0, 12)), "ends too early");
  std::string damaged = bytes;
  damaged[bytes.size() / 2] ^= 1;
  EXPECT_ERROR(DecodeGenomeFile(damaged), "checksum does not match");
  std::string newer = bytes;
  newer[8] = 2;
  EXPECT_ERROR(DecodeGenomeFile(newer), "has version 2, this dne reads up to 1: use a newer dne");
  // Made by a careless program: sealed, but no genome file inside.
  std::string longer = bytes;
  longer.insert(longer.size() - 8, "more");
  EXPECT_ERROR(DecodeGenomeFile(Resealed(longer)), "bytes left over");
}

TEST_F(PolicyTest, GenomeFileOfAnUnknownEnvironmentIsRefused) {
  std::string bytes =
      EncodeGenomeFile({.experiment = ConfigToToml(TinyConfig()), .genome = TinyGenome()});
  bytes[bytes.find("frostbite")] = 'x';
  WriteFileAtomically(Path("p"), Resealed(bytes));
  EXPECT_ERROR(LoadPolicy({.where = Path("p")}, kIsa), "did you mean 'frostbite'?");
}

TEST_F(PolicyTest, GenomeFileGivesTheSamePolicy) {
  const Policy policy = PolicyFromGenome(TinyConfig(), TinyGenome(), kIsa);
  SaveGenomeFile(policy, Path("p"));
  const Policy back = LoadPolicy({.where = Path("p")}, kIsa);
  EXPECT_EQ(back.parameters, policy.parameters);
  EXPECT_EQ(back.genome, policy.genome);
  EXPECT_EQ(back.config, policy.config);
  EXPECT_EQ(back.name, Path("p") + " (individual 4.0)");
}

TEST_F(PolicyTest, WeightFileGivesTheSamePolicy) {
  const Policy policy = PolicyFromGenome(TinyConfig(), TinyGenome(), kIsa);
  SaveWeightFile(policy, Path("p"));
  const Policy back = LoadPolicy({.where = Path("p")}, kIsa);
  EXPECT_EQ(back.parameters, policy.parameters);
  EXPECT_EQ(back.genome, policy.genome);
  EXPECT_EQ(back.config, policy.config);
  EXPECT_EQ(back.name, Path("p") + " (weights of individual 4.0)");
}

TEST_F(PolicyTest, WeightFileNeedsNoGenome) {
  Policy policy = PolicyFromGenome(TinyConfig(), TinyGenome(), kIsa);
  policy.genome.reset();
  policy.parameters.front() = 2;
  SaveWeightFile(policy, Path("p"));
  const Policy back = LoadPolicy({.where = Path("p")}, kIsa);
  EXPECT_EQ(back.parameters, policy.parameters);
  EXPECT_EQ(back.genome, std::nullopt);
}

TEST_F(PolicyTest, WeightsThatAreNotTheirGenomesAreRefused) {
  Policy policy = PolicyFromGenome(TinyConfig(), TinyGenome(), kIsa);
  policy.parameters.front() += 1;
  SaveWeightFile(policy, Path("p"));
  EXPECT_ERROR(LoadPolicy({.where = Path("p")}, kIsa), "the weights are not those of the genome");
}

TEST_F(PolicyTest, WeightFilesOfOthersSayWhatTheyLack) {
  const Policy policy = PolicyFromGenome(TinyConfig(), TinyGenome(), kIsa);
  const auto write = [&](const TensorMetadata& metadata) {
    WriteFileAtomically(Path("p"),
                        EncodeSafetensors(*policy.setup.network, policy.setup.task->layout(),
                                          policy.parameters, metadata));
  };
  write({});
  EXPECT_ERROR(LoadPolicy({.where = Path("p")}, kIsa), "has no metadata \"dne_format\"");
  write({{"dne_format", "1"}});
  EXPECT_ERROR(LoadPolicy({.where = Path("p")}, kIsa), "has no metadata \"config\"");
  write({{"dne_format", "2"}});
  EXPECT_ERROR(LoadPolicy({.where = Path("p")}, kIsa),
               "has version 2, this dne reads 1: use a newer dne");
  ExperimentConfig other = TinyConfig();
  other.network.spec.hidden.back().units = 3;
  write({{"dne_format", "1"}, {"config", ConfigToToml(other)}});
  EXPECT_ERROR(LoadPolicy({.where = Path("p")}, kIsa),
               "tensor dense_1.weight has shape [484,2], the policy needs [484,3]");
}

// Trained by another program: nothing says how, and the statistics of observations need no
// algorithm of this one.
TEST_F(PolicyTest, WeightFileNeedsNeitherAlgorithmNorBudget) {
  const std::string experiment = R"([task]
type = "classic"
environment = "CartPole-v1"
normalise_observations = true
[[network.layers]]
type = "dense"
units = 2
)";
  const Network network({.hidden = {{.type = LayerType::kDense, .units = 2}}},
                        {.height = 1, .width = 1, .channels = 4}, 2);
  const std::vector<float> policy(network.num_parameters() + 2 * 4, 0.5f);
  WriteFileAtomically(Path("p"), EncodeSafetensors(network, LayoutOf(network, 4), policy,
                                                   {{"dne_format", "1"}, {"config", experiment}}));
  const Policy loaded = LoadPolicy({.where = Path("p")}, kIsa);
  EXPECT_EQ(loaded.parameters, policy);
  EXPECT_EQ(loaded.experiment, experiment);
  EXPECT_EQ(loaded.config.environment(), "CartPole-v1");
  EXPECT_EQ(TestStepCap(loaded), 500u);  // the environment's own
  SaveWeightFile(loaded, Path("copy"));
  EXPECT_EQ(ReadFile(Path("copy")), ReadFile(Path("p")));
}

TEST_F(PolicyTest, WhatAWeightFilePlaysIsCheckedLikeAnExperiment) {
  const Policy policy = PolicyFromGenome(TinyConfig(), TinyGenome(), kIsa);
  for (const auto& [lines, mistake] : std::vector<std::pair<std::string, std::string>>{
           {"[task]\ntype = \"classic\"\nenvironment = \"x\"", "unknown environment 'x'"},
           {"[budget]\nsteps = 0", "steps must be"},
           {"[task]\ntype = \"classic\"\n[network]\nvirtual_batch_norm = true\npreset = \"mlp\"",
            "virtual_batch_norm needs an environment with images"},
           {"[task]\ntype = \"simple_model\"",
            "washout has no network, so no tensors are its policy: use the genome's file"}}) {
    WriteFileAtomically(
        Path("p"), EncodeSafetensors(*policy.setup.network, policy.setup.task->layout(),
                                     policy.parameters, {{"dne_format", "1"}, {"config", lines}}));
    EXPECT_ERROR(LoadPolicy({.where = Path("p")}, kIsa), mistake);
  }
}

TEST_F(PolicyTest, GenomeTextNeedsItsConfiguration) {
  const std::string text = GenomeToText(TinyGenome());
  EXPECT_ERROR(LoadPolicy({.where = text}, kIsa), "does not say what it plays");
  WriteFileAtomically(Path("c.toml"), ConfigToToml(TinyConfig()));
  const Policy policy = LoadPolicy({.where = text, .config = Path("c.toml")}, kIsa);
  EXPECT_EQ(policy.parameters, PolicyFromGenome(TinyConfig(), TinyGenome(), kIsa).parameters);
}

TEST_F(PolicyTest, GenomeOfNoRunsSeedIsRefused) {
  Genome genome = TinyGenome();
  genome.run_seed = kLargestSeed;
  EXPECT_EQ(PolicyFromGenome(TinyConfig(), genome, kIsa).config.seed, kLargestSeed);
  genome.run_seed += 1;
  EXPECT_ERROR(PolicyFromGenome(TinyConfig(), genome, kIsa),
               "run seed is 9223372036854775808, but no run has one above 9223372036854775807");
}

TEST_F(PolicyTest, GenomeTextMayBeLongerThanAFileName) {
  Genome genome = TinyGenome();
  for (uint32_t i = 0; i < 2000; ++i) {
    genome.mutations.push_back({.birth = {.generation = 5 + i, .item = i}, .sigma = 0.5f});
  }
  EXPECT_ERROR(LoadPolicy({.where = GenomeToText(genome)}, kIsa), "...: a genome in text form");
}

TEST_F(PolicyTest, SaysWhyThereIsNone) {
  EXPECT_ERROR(LoadPolicy({.where = Path("none")}, kIsa), "none: no such file or directory");
  WriteFileAtomically(Path("p"), "hello");
  EXPECT_ERROR(LoadPolicy({.where = Path("p")}, kIsa), "p: neither a run directory nor a policy");
  EXPECT_ERROR(LoadPolicy({.where = folder_.path()}, kIsa), "no run in");
  SaveGenomeFile(PolicyFromGenome(TinyConfig(), TinyGenome(), kIsa), Path("p"));
  EXPECT_ERROR(LoadPolicy({.where = Path("p"), .generation = 1}, kIsa), "p: it holds one policy");
  EXPECT_ERROR(LoadPolicy({.where = Path("p"), .individual = Birth{}}, kIsa), "holds one policy");
  EXPECT_ERROR(LoadPolicy({.where = Path("p"), .config = "c.toml"}, kIsa),
               "it says itself what it plays");
}

// --- Policies of runs ----------------------------------------------------------------------------

TrialRecord Trial(uint32_t generation, const std::string& round, uint32_t index,
                  const Genome& genome, double fitness) {
  TrialRecord trial{.generation = generation,
                    .round = round,
                    .index = index,
                    .individual = genome.birth(),
                    .fitness = fitness,
                    .episodes = {{.start = {.noops = index}, .score = fitness, .steps = 1}},
                    .draws = {1}};
  if (genome.mutations.empty()) return trial;
  Genome parent = genome;
  parent.mutations.pop_back();
  trial.parent = parent.birth();
  trial.sigma = genome.mutations.back().sigma;
  return trial;
}

// A run of three generations of two: 0.0 0.1, 1.0 1.1 (children of 0.1), 2.0 (of 1.0) 2.1 (of 0.1);
// elites 0.1, 1.0, 2.1; generation 3 in work.
class RunPolicy : public PolicyTest {
 protected:
  RunPolicy()
      : store_(RunStore::Create(folder_.path() / "run",
                                {.config = ConfigToToml(TinyConfig()), .seed = kSeed})) {}

  static Genome Founder(uint32_t item) {
    return {.run_seed = kSeed, .founder = {.generation = 0, .item = item}};
  }

  void Write(uint32_t generation, const std::vector<Genome>& children, const Genome& elite) {
    Commit commit{.generations = {{.generation = generation, .elite = EncodeGenome(elite)}},
                  .next_generation = generation + 1};
    for (uint32_t i = 0; i < children.size(); ++i) {
      commit.trials.push_back(Trial(generation, "train", i, children[i], 10 * generation + i));
    }
    commit.trials.push_back(Trial(generation, "validate", 7, elite, 70));
    commit.trials.push_back(Trial(generation, "test", 8, elite, 80));
    store_->Write(commit);
  }

  void WriteAll() {
    Write(0, {Founder(0), Founder(1)}, Founder(1));
    first_ = Child(Founder(1), {{1, 0}, 0.5f});
    Write(1, {first_, Child(Founder(1), {{1, 1}, 0.5f})}, first_);
    second_ = Child(first_, {{2, 0}, 0.25f});
    elite_ = Child(Founder(1), {{2, 1}, 0.25f});
    Write(2, {second_, elite_}, elite_);
    store_->Write({.trials = {Trial(3, "train", 0, Child(second_, {{3, 0}, 0.1f}), 5)},
                   .next_generation = 3});
  }

  Policy Load(std::optional<uint32_t> generation, std::optional<Birth> individual) {
    return LoadPolicy({.where = Path("run"), .generation = generation, .individual = individual},
                      kIsa);
  }

  static constexpr uint64_t kSeed = 5;
  std::unique_ptr<RunStore> store_;
  Genome first_, second_, elite_;
};

TEST_F(RunPolicy, IsTheLastElite) {
  WriteAll();
  const Policy policy = Load({}, {});
  EXPECT_EQ(policy.genome, elite_);
  EXPECT_EQ(policy.parameters, PolicyFromGenome(TinyConfig(), elite_, kIsa).parameters);
  EXPECT_EQ(policy.experiment, ConfigToToml(TinyConfig()));
  EXPECT_EQ(policy.generation, 2u);
  EXPECT_EQ(policy.name, Path("run") + ", elite of generation 2 (individual 2.1)");
}

TEST_F(RunPolicy, IsTheEliteOfAGeneration) {
  WriteAll();
  EXPECT_EQ(Load(0, {}).genome, Founder(1));
  EXPECT_EQ(Load(1, {}).genome, first_);
}

TEST_F(RunPolicy, IsAnyIndividualRebuiltFromItsParents) {
  WriteAll();
  EXPECT_EQ(Load({}, Birth{0, 0}).genome, Founder(0));
  EXPECT_EQ(Load({}, Birth{2, 0}).genome, second_);
  EXPECT_EQ(Load({}, Birth{2, 1}).genome, elite_);
  // Also of a generation that has not finished.
  EXPECT_EQ(Load({}, Birth{3, 0}).genome, Child(second_, {{3, 0}, 0.1f}));
  EXPECT_FALSE(Load({}, Birth{3, 0}).perturbed) << "only members of a cloud are";
  EXPECT_EQ(Load({}, Birth{2, 0}).name, Path("run") + ", individual 2.0");
}

TEST_F(RunPolicy, MustBeInTheRun) {
  EXPECT_ERROR(Load({}, {}), "run: no generation has finished yet: let it run longer");
  EXPECT_ERROR(Load({}, Birth{0, 0}), "of which no generation has finished yet");
  WriteAll();
  EXPECT_ERROR(Load(3, {}), "generation 3 has not finished: the last is 2");
  EXPECT_ERROR(Load({}, Birth{1, 2}), "1.2 was never tried: generation 1 has 1.0 to 1.1");
  EXPECT_ERROR(Load({}, Birth{9, 0}), "9.0 was never tried: generation 9 is not in the run");
}

TEST_F(RunPolicy, AGenerationMayHoldACopyOfAnOlderIndividual) {
  Write(0, {Founder(0), Founder(1)}, Founder(1));
  Write(1, {Founder(1), Child(Founder(1), {{1, 1}, 0.5f})}, Founder(1));
  EXPECT_EQ(Load({}, Birth{1, 1}).genome, Child(Founder(1), {{1, 1}, 0.5f}));
  EXPECT_ERROR(Load({}, Birth{1, 0}), "1.0 was never tried: generation 1 has 1.1 to 1.1");
}

TEST_F(RunPolicy, RefusesADamagedAncestry) {
  TrialRecord own_parent = Trial(0, "train", 0, Founder(0), 1);
  own_parent.parent = own_parent.individual;
  store_->Write({.trials = {own_parent}, .next_generation = 0});
  EXPECT_ERROR(Load({}, Birth{0, 0}),
               "the run is damaged: individual 0.0 cannot be a child of 0.0");
}

TEST_F(RunPolicy, LineageKnowsEachAncestorsFitnessAtBirth) {
  WriteAll();
  const std::vector<Ancestor> lineage = Lineage(second_, store_.get());
  ASSERT_EQ(lineage.size(), 3u);
  EXPECT_EQ(lineage[0].mutation.birth, (Birth{0, 1}));
  EXPECT_EQ(lineage[0].mutation.sigma, 0);
  EXPECT_EQ(lineage[0].fitness, 1);
  EXPECT_EQ(lineage[1].mutation.birth, (Birth{1, 0}));
  EXPECT_EQ(lineage[1].fitness, 10);
  EXPECT_EQ(lineage[2].mutation.birth, (Birth{2, 0}));
  EXPECT_EQ(lineage[2].mutation.sigma, 0.25f);
  EXPECT_EQ(lineage[2].fitness, 20);
  EXPECT_EQ(Lineage(second_, nullptr)[1].fitness, std::nullopt);
}

TEST_F(RunPolicy, RecordedEpisodesAreTheTestsFirst) {
  WriteAll();
  const std::vector<Episode> episodes = RecordedEpisodes(*store_, 2, elite_.birth());
  ASSERT_EQ(episodes.size(), 3u);
  EXPECT_EQ(episodes[0].score, 80);
  EXPECT_EQ(episodes[1].score, 70);
  EXPECT_EQ(episodes[2].score, 21);
  EXPECT_TRUE(RecordedEpisodes(*store_, 1, elite_.birth()).empty());
}

}  // namespace
}  // namespace dne
