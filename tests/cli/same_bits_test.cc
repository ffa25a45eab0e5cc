// SPDX-License-Identifier: MIT
// Same configuration and seed, same bits: whatever computes them.
#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;

class SameBits : public CliTest {};

const fs::path kSignatureFile = fs::path(DNE_SOURCE_DIR) / "tests/golden/signature.txt";

// Through the kernels of a paper's network.
constexpr const char* kRun =
    "run small.toml --set algorithm.max_episode_steps=8 --set algorithm.test_max_episode_steps=8 ";

std::string SmallExperiment() {
  const std::string tiny = TinyExperiment();
  const size_t begin = tiny.find("[[network.layers]]");
  return tiny.substr(0, begin) + "[network]\npreset = \"uber_small\"\n\n" +
         tiny.substr(tiny.find("[algorithm]"));
}

TEST_F(SameBits, GenerationsAgreeOnAnyThreadsAndCodePath) {
  WriteFile(folder() / "small.toml", SmallExperiment());
  Ok(std::string(kRun) + "--out expected --threads 1 --isa scalar");
  const auto expected = Digests("expected");
  ASSERT_EQ(expected.size(), 3u);
  for (const std::string& isa : CodePaths()) {
    for (const std::string threads : {"2", "5"}) {
      const std::string name = isa + threads;
      Ok(kRun + ("--out " + name + " --threads " + threads + " --isa " + isa));
      EXPECT_EQ(Digests(name), expected) << name;
    }
  }
}

TEST_F(SameBits, SignatureIsTheCommittedOne) {
  const std::string committed = ReadFile(kSignatureFile);
  int threads = 5;
  for (const std::string& isa : CodePaths()) {
    EXPECT_EQ(Ok("signature --isa " + isa + " --threads " + std::to_string(threads)), committed)
        << "results changed: if on purpose, write the new value to " << kSignatureFile
        << " and say why in the commit";
    threads = threads / 2;
  }
}

}  // namespace
}  // namespace dne::cli
