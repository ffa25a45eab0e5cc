// SPDX-License-Identifier: MIT
// Same configuration and seed, same bits: whatever computes them.
#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;

class SameBits : public CliTest {
 protected:
  // Runs FILE with 1 thread, then with others, on each code path.
  void ExpectSameDigests(const std::string& words, size_t generations) const {
    Ok("run " + words + " --out expected --threads 1 --isa scalar");
    const auto expected = Digests("expected");
    ASSERT_EQ(expected.size(), generations);
    for (const std::string& isa : CodePaths()) {
      for (const std::string threads : {"2", "5"}) {
        const std::string name = isa + threads;
        Ok("run " + words + " --out " + name + " --threads " + threads + " --isa " + isa);
        EXPECT_EQ(Digests(name), expected) << name;
      }
    }
  }
};

const fs::path kSignatureFile = fs::path(DNE_SOURCE_DIR) / "tests/golden/signature.txt";

// Through the kernels of a paper's network.
constexpr const char* kRun =
    "small.toml --set algorithm.max_episode_steps=8 --set algorithm.test_max_episode_steps=8";

std::string SmallExperiment() {
  const std::string tiny = TinyExperiment();
  const size_t begin = tiny.find("[[network.layers]]");
  return tiny.substr(0, begin) + "[network]\npreset = \"uber_small\"\n\n" +
         tiny.substr(tiny.find("[algorithm]"));
}

TEST_F(SameBits, GenerationsAgreeOnAnyThreadsAndCodePath) {
  WriteFile(folder() / "small.toml", SmallExperiment());
  ExpectSameDigests(kRun, 3);
}

// Layers normalised by the reference batch, behaviours of every step's RAM.
std::string NoveltyExperiment() {
  const std::string tiny = TinyExperiment();
  return tiny.substr(0, tiny.find("[algorithm]")) + R"([network]
virtual_batch_norm = true

[algorithm]
type = "nsr_es"
population_size = 4
sigma = 0.05
max_episode_steps = 12
validation_episodes = 2
meta_population = 2

[novelty]
nearest = 3
distance = "ram_steps"

[budget]
generations = 3
)";
}

TEST_F(SameBits, NoveltySeekersOnAtariAgreeOnAnyThreadsAndCodePath) {
  WriteFile(folder() / "novelty.toml", NoveltyExperiment());
  ExpectSameDigests("novelty.toml", 3);
}

TEST_F(SameBits, GaNsAgreesOnAnyThreadsAndCodePath) {
  WriteFile(folder() / "ga_ns.toml", TinyGaNsExperiment());
  ExpectSameDigests("ga_ns.toml --set algorithm.population_size=40", 3);
}

TEST_F(SameBits, MapElitesAgreesOnAnyThreadsAndCodePath) {
  WriteFile(folder() / "map_elites.toml", TinyMapElitesExperiment());
  ExpectSameDigests("map_elites.toml", 4);
}

TEST_F(SameBits, SupervisedLearningAgreesOnAnyThreadsAndCodePath) {
  WriteFile(folder() / "supervised.toml", TinySupervisedExperiment());
  ExpectSameDigests("supervised.toml", 4);
}

TEST_F(SameBits, GaNsByTrajectoriesAgreesOnAnyThreadsAndCodePath) {
  WriteFile(folder() / "ga_ns.toml", TinyGaNsExperiment());
  ExpectSameDigests("ga_ns.toml --set novelty.distance=ram_steps", 3);
}

#ifdef DNE_WITH_MUJOCO
TEST_F(SameBits, BodiesAgreeOnAnyThreadsAndCodePath) {
  WriteFile(folder() / "body.toml", TinyBodyExperiment());
  ExpectSameDigests("body.toml", 4);
}

TEST_F(SameBits, PgpeAgreesOnAnyThreadsAndCodePath) {
  WriteFile(folder() / "pgpe.toml", TinyPgpeExperiment());
  ExpectSameDigests("pgpe.toml", 4);
}

TEST_F(SameBits, SnesAgreesOnAnyThreadsAndCodePath) {
  WriteFile(folder() / "snes.toml", TinySnesExperiment());
  ExpectSameDigests("snes.toml", 4);
}
#endif

TEST_F(SameBits, EveryPerturbationAgreesOnAnyThreadsAndCodePath) {
  for (const std::string& experiment : TinyPerturbedExperiments()) {
    WriteFile(folder() / "perturbed.toml", experiment);
    ExpectSameDigests("perturbed.toml", 4);
    for (const fs::directory_entry& entry : fs::directory_iterator(folder())) {
      if (entry.is_directory()) fs::remove_all(entry.path());
    }
  }
}

TEST_F(SameBits, SignatureIsTheCommittedOne) {
  const std::string committed = ReadFile(kSignatureFile);
  int threads = 5;
  for (const std::string& isa : CodePaths()) {
    EXPECT_EQ(Ok("signature --each --isa " + isa + " --threads " + std::to_string(threads)),
              committed)
        << "results changed: if on purpose, write the new lines to " << kSignatureFile
        << " and say why in the commit";
    threads = threads / 2;
  }
}

}  // namespace
}  // namespace dne::cli
