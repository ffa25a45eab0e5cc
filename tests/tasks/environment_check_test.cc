// SPDX-License-Identifier: MIT
#include "dne/tasks/environment_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "dne/envs/classic/classic.h"
#include "tests/tasks/toy_world.h"

namespace dne {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::atomic<bool> kGoOn{false};

std::map<std::string, EnvironmentFinding> Findings(const World& world) {
  const EnvironmentReport report = CheckEnvironment(
      world, {.episodes = 3, .max_steps = 50}, [] { return 0.0; }, kGoOn);
  std::map<std::string, EnvironmentFinding> findings;
  for (const EnvironmentFinding& finding : report.findings) findings[finding.what] = finding;
  EXPECT_EQ(report.AllHold(), std::ranges::all_of(report.findings, &EnvironmentFinding::holds));
  EXPECT_GT(report.steps, 0u);
  return findings;
}

// A classic one that is disturbed.
class Disturbed : public World {
 public:
  enum class Fault { kNone, kForgetsSeed, kCounts, kHasNoLimit, kRemembers, kShares };
  explicit Disturbed(Fault fault) : fault_(fault), spec_(inner_->spec()) {
    if (fault == Fault::kHasNoLimit) spec_.max_episode_steps = 5;
    if (fault == Fault::kShares) {
      spec_.lanes = 3;
      spec_.steps_together = true;
    }
  }
  const EnvironmentSpec& spec() const override { return spec_; }
  EpisodeStart DrawStart(Stream& stream) const override { return inner_->DrawStart(stream); }
  std::unique_ptr<Environment> MakeEnvironment() const override {
    return std::make_unique<Playing>(fault_, shared_, inner_->MakeEnvironment());
  }

 private:
  class Playing final : public Environment {
   public:
    Playing(Fault fault, int& shared, std::unique_ptr<Environment> inner)
        : fault_(fault), shared_(shared), inner_(std::move(inner)) {}
    void Reset(const EpisodeStart& start) override {
      inner_->Reset(fault_ == Fault::kForgetsSeed ? EpisodeStart{.seed = 1} : start);
      before_ = std::exchange(seed_, start.seed_code());
      ++resets_;
      shared_ = 0;
    }
    StepResult Step(const Action& action) override {
      StepResult result = inner_->Step(action);
      if (fault_ == Fault::kCounts) result.reward += resets_;
      if (fault_ == Fault::kShares) result.reward += ++shared_;
      if (fault_ == Fault::kRemembers) result.reward += static_cast<double>(before_ % 1000);
      return result;
    }
    Observation observation() const override { return inner_->observation(); }
    std::vector<uint8_t> descriptor() const override { return inner_->descriptor(); }

   private:
    Fault fault_;
    int& shared_;
    std::unique_ptr<Environment> inner_;
    uint64_t seed_ = 0;
    uint64_t before_ = 0;
    int resets_ = 0;
  };

  Fault fault_;
  std::shared_ptr<const World> inner_ = LoadClassicControl("Pendulum-v1");
  EnvironmentSpec spec_;
  mutable int shared_ = 0;  // by all environments, as a program's global variables are
};

constexpr const char* kSame = "the same seed and actions give the same episode";
constexpr const char* kTogether = "they do in other environments, stepped together";
constexpr const char* kForgets = "a reset forgets what was before it";
constexpr const char* kLimit = "no episode is longer than the environment's own limit";
constexpr const char* kDiffer = "seeds make episodes differ";

TEST(EnvironmentCheck, FindsNothingInASoundWorld) {
  for (const auto& [what, finding] : Findings(Disturbed(Disturbed::Fault::kNone))) {
    EXPECT_TRUE(finding.holds) << what << finding.detail;
  }
}

TEST(EnvironmentCheck, FindsWhatIsNotRepeated) {
  const auto findings = Findings(Disturbed(Disturbed::Fault::kCounts));
  EXPECT_FALSE(findings.at(kSame).holds);
  EXPECT_THAT(findings.at(kSame).detail, HasSubstr("the reward differs after step 1"));
  EXPECT_THAT(FindDifference(Disturbed(Disturbed::Fault::kCounts), {}, kGoOn),
              HasSubstr("the reward differs after step 1"));
  EXPECT_EQ(FindDifference(Disturbed(Disturbed::Fault::kNone), {}, kGoOn), "");
}

TEST(EnvironmentCheck, FindsWhatEnvironmentsShare) {
  const auto findings = Findings(Disturbed(Disturbed::Fault::kShares));
  EXPECT_TRUE(findings.at(kSame).holds);
  EXPECT_FALSE(findings.at(kTogether).holds);
  constexpr const char* kAdvice =
      ", beside others in its process: task.num_envs = 1 gives each a process of its own";
  EXPECT_THAT(findings.at(kTogether).detail,
              AllOf(StartsWith("the reward differs after step 2: "), EndsWith(kAdvice)));
  EXPECT_THAT(FindDifference(Disturbed(Disturbed::Fault::kShares), {.episodes = 1}, kGoOn),
              AllOf(StartsWith("the reward differs after step 2: "), EndsWith(kAdvice)));
}

TEST(EnvironmentCheck, FindsWhatAResetRemembers) {
  EXPECT_FALSE(Findings(Disturbed(Disturbed::Fault::kRemembers)).at(kForgets).holds);
}

TEST(EnvironmentCheck, FindsALimitThatDoesNotHold) {
  const auto findings = Findings(Disturbed(Disturbed::Fault::kHasNoLimit));
  EXPECT_FALSE(findings.at(kLimit).holds);
  EXPECT_EQ(findings.at(kLimit).detail, "one goes on after step 5");
}

TEST(EnvironmentCheck, FindsASeedThatIsNotUsed) {
  const auto findings = Findings(Disturbed(Disturbed::Fault::kForgetsSeed));
  EXPECT_FALSE(findings.at(kDiffer).holds);
  EXPECT_TRUE(findings.at(kSame).holds);
}

}  // namespace
}  // namespace dne
