// SPDX-License-Identifier: MIT
// Safe mutations on the command line: a genome decodes to the same policy wherever it is taken.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kParity = R"(seed = 4
[task]
type = "parity"
[algorithm]
type = "steady_state_ga"
population_size = 20
num_children = 5
sigma = 0.05
mutation = "gaussian"
max_episode_steps = 1
[budget]
generations = 40
)";

constexpr const char* kBreadcrumbs = R"(seed = 4
[task]
type = "maze"
reward = "breadcrumb"
action_repeat = 3
[[network.layers]]
type = "gru"
units = 4
[algorithm]
type = "ga"
population_size = 8
num_parents = 3
num_candidates = 2
validation_episodes = 1
test_episodes = 0
sigma = 0.05
mutation = "gaussian"
max_episode_steps = 134
[budget]
generations = 4
)";

class SafeMutation : public CliTest {
 protected:
  SafeMutation() {
    WriteFile(folder() / "parity.toml", kParity);
    WriteFile(folder() / "maze.toml", kBreadcrumbs);
  }
  std::string DigestOf(const std::string& words) {
    const std::string run = "run" + std::to_string(++runs_);
    Ok("run " + words + " --out " + run);
    return json::parse(Ok("show " + run + " --json"))["generations"].back()["digest"];
  }

 private:
  int runs_ = 0;
};

TEST_F(SafeMutation, EveryKindGivesTheSameBitsForAnyThreadsAndIsa) {
  for (const std::string experiment : {"parity.toml", "maze.toml"}) {
    std::set<std::string> digests;
    for (const std::string kind : {"gaussian", "sm_r", "sm_g_sum", "sm_g_abs", "sm_g_so"}) {
      const std::string words = experiment + " --set algorithm.mutation=" + kind;
      const std::string digest = DigestOf(words + " --threads 2");
      EXPECT_EQ(DigestOf(words + " --threads 1 --isa scalar"), digest) << words;
      digests.insert(digest);
    }
    EXPECT_EQ(digests.size(), 5u);
  }
}

TEST_F(SafeMutation, AGenomeIsTheSamePolicyFromItsRunAndFromItsFile) {
  for (const std::string experiment : {"parity", "maze"}) {
    for (const std::string kind : {"sm_r", "sm_g_sum", "sm_g_abs", "sm_g_so"}) {
      const std::string run = experiment + "_" + kind;
      Ok("run " + experiment + ".toml --out " + run + " --set algorithm.mutation=" + kind);
      const std::string individual =
          run + (experiment == "maze" ? " --individual 3.5" : " --individual 39.4");
      const json genome = json::parse(Ok("genome " + individual + " --json"));
      ASSERT_GE(genome["mutations"], experiment == "maze" ? 3 : 1);
      Ok("genome " + individual + " --out " + run + ".dne-genome --weights " + run +
         ".safetensors");
      for (const std::string& policy : {individual, run + ".dne-genome", run + ".safetensors"}) {
        const json scores = json::parse(Ok("evaluate " + policy + " --episodes 1 --json"));
        EXPECT_EQ(scores["mean"], genome["lineage"].back()["fitness"]) << policy;
      }
    }
  }
}

TEST_F(SafeMutation, AnOverrideOfTheMutationLeavesOutWhatOnlyTheOtherOneUses) {
  WriteFile(folder() / "clip.toml",
            std::string(kParity).replace(std::string(kParity).find("\"gaussian\""), 10,
                                         "\"sm_g_abs\"\nmutation_clip = 0.2"));
  EXPECT_EQ(DigestOf("clip.toml --set algorithm.mutation=gaussian"), DigestOf("parity.toml"));
}

// --- Tasks that are no environments --------------------------------------------------------------

TEST_F(SafeMutation, WhatIsNoEnvironmentHasNothingToWatch) {
  EXPECT_THAT(Ok("run parity.toml --out run"), Not(HasSubstr("Watch the champion")));
  ExpectError(Dne("replay run"), 1,
              "parity is no environment, so there are no steps to replay: use dne evaluate");
}

TEST_F(SafeMutation, WhatHasNoNetworkHasNoTensors) {
  Ok("run " + (fs::path(DNE_SOURCE_DIR) / "configs/simple_model/washout-sm.toml").string() +
     " --out run --set budget.generations=300 --set budget.until_solved=false");
  ExpectError(Dne("genome run --weights w.safetensors"), 1,
              "cannot write w.safetensors: washout has no network, so there are no tensors: write "
              "the genome instead (--out FILE)");
  Ok("genome run --out champion.dne-genome");
  EXPECT_EQ(json::parse(Ok("evaluate champion.dne-genome --episodes 1 --json"))["mean"],
            json::parse(Ok("show run --json"))["generations"].back()["elite_validation"]);
}

TEST_F(SafeMutation, QuickGenerationsDoNotFloodTheScreen) {
  const std::string washout =
      (fs::path(DNE_SOURCE_DIR) / "configs/simple_model/washout-sm.toml").string();
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  const std::string values = " --set budget.generations=1500 --set budget.until_solved=false";
  const auto printed = lines(Ok("run " + washout + " --out text" + values));
  EXPECT_GE(printed, 200);
  EXPECT_LT(printed, 1500);
  EXPECT_EQ(lines(Ok("run " + washout + " --out json --log json" + values)), 1500);
}

}  // namespace
}  // namespace dne::cli
