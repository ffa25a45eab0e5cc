// SPDX-License-Identifier: MIT
#include "dne/experiment/centre_keeper.h"

#include <gtest/gtest.h>

namespace dne {
namespace {

// Its updates remember the generation.
class Remembering final : public Algorithm {
 public:
  explicit Remembering(size_t bytes) : bytes_(bytes) {}

  Plan Ask() const override { return {}; }
  std::optional<GenerationSummary> Tell(const Plan&, std::span<const Result>) override {
    return {};
  }
  std::string SaveState() const override { return {}; }
  void RestoreState(std::string_view) override {}
  std::vector<uint8_t> UpdateState(Birth centre) const override {
    return std::vector<uint8_t>(bytes_, static_cast<uint8_t>(centre.generation));
  }

 private:
  size_t bytes_;
};

// The generations of which member 0's centres are kept whole, of 60 that move members 0 and 1 in
// turn.
std::vector<uint32_t> KeptWhole(double seconds, size_t recipe_bytes, size_t update_bytes = 1) {
  const Remembering algorithm(update_bytes);
  CentreKeeper keeper;
  const auto numbers = std::make_shared<const std::vector<float>>(1000);
  std::vector<uint32_t> whole;
  for (uint32_t generation = 0; generation < 120; ++generation) {
    const Birth birth = CentreBirth(generation, generation % 2);
    const GenerationSummary summary{.centres = {{birth, numbers}},
                                    .moves = {{.centre = birth,
                                               .from = {generation - 2, birth.item},
                                               .recipe = std::vector<uint8_t>(recipe_bytes)}}};
    Commit commit;
    keeper.Keep(summary, algorithm, seconds, commit);
    EXPECT_EQ(commit.centres.size() + commit.moves.size(), 1u);
    if (birth.item != 0 || commit.centres.empty()) continue;
    EXPECT_EQ(commit.centres[0].update,
              std::vector<uint8_t>(update_bytes, static_cast<uint8_t>(generation)));
    whole.push_back(generation / 2);
  }
  return whole;
}

TEST(CentreKeeper, KeepsTheFirstAndThenByTheTimeOfLearning) {
  EXPECT_EQ(KeptWhole(0.1, 100), std::vector<uint32_t>{0});
  EXPECT_EQ(KeptWhole(0.75, 100), (std::vector<uint32_t>{0, 28, 56}));
}

TEST(CentreKeeper, TwentyMovesAreRecipesHoweverLongTheyTook) {
  EXPECT_EQ(KeptWhole(100, 100), (std::vector<uint32_t>{0, 20, 40}));
}

TEST(CentreKeeper, ARecipeMustBeMuchSmallerAndKnown) {
  EXPECT_EQ(KeptWhole(0.1, 1000).size(), 1u);
  EXPECT_EQ(KeptWhole(0.1, 1001).size(), 60u);
  EXPECT_EQ(KeptWhole(0.1, 0).size(), 60u);
  EXPECT_EQ(KeptWhole(0.1, 3000, 8000).size(), 1u) << "what its update remembers counts as well";
  EXPECT_EQ(KeptWhole(0.1, 3001, 8000).size(), 60u);
}

}  // namespace
}  // namespace dne
