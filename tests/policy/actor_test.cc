// SPDX-License-Identifier: MIT
#include "dne/policy/actor.h"

#include "dne/policy/play.h"
#include "tests/policy/policy_fixture.h"

namespace dne {
namespace {

constexpr uint32_t kSteps = 60;

Policy PolicyOf(const std::string& toml) {
  return PolicyFromGenome(ParseConfig(toml + "\n[budget]\ngenerations = 1\n", "x.toml"),
                          {.run_seed = 5, .founder = {.item = 4}}, BestIsa());
}

// Two episodes by hand: the actions that workers take.
void ExpectSameActions(const Policy& policy) {
  Watch watch;
  Actor actor(policy, BestIsa());
  const bool is_discrete = policy.setup.world->spec().action.type == ActionType::kDiscrete;
  const auto environment = policy.setup.world->MakeEnvironment();
  for (const uint64_t seed : {1u, 2u}) {
    const EpisodeStart start = DrawEvaluationStart(policy, seed);
    const Replay replay = ReplayEpisode(policy, start, kSteps, BestIsa(), {}, watch);
    environment->Reset(start);
    actor.Reset();
    for (const ReplayedStep& step : replay.steps) {
      const Observation seen = environment->observation();
      const auto outputs =
          seen.bytes.empty() ? actor.Outputs(seen.floats) : actor.Outputs(seen.bytes);
      Action action{.choice =
                        static_cast<int>(std::ranges::max_element(outputs) - outputs.begin())};
      if (is_discrete) {
        ASSERT_EQ(action.choice, step.choice);
      } else {
        ASSERT_TRUE(std::ranges::equal(outputs, step.values));
        action.values = outputs;
      }
      environment->Step(action);
    }
  }
}

TEST(Actor, ActsAsInEpisodes) {
  ExpectSameActions(
      PolicyFromGenome(TinyConfig(), {.run_seed = 5, .founder = {.item = 4}}, BestIsa()));
  ExpectSameActions(PolicyOf("[task]\ntype = \"classic\"\nenvironment = \"Pendulum-v1\"\n"));
  ExpectSameActions(
      PolicyOf("[task]\ntype = \"classic\"\nenvironment = \"CartPole-v1\"\n"
               "[[network.layers]]\ntype = \"lstm\"\nunits = 5\n"));
}

TEST(Actor, SeesNormalisedObservations) {
  Policy policy = PolicyOf(
      "[task]\ntype = \"classic\"\nenvironment = \"Pendulum-v1\"\nnormalise_observations = true\n"
      "[algorithm]\ntype = \"es\"\n");
  const PolicyParts<float> parts =
      policy.setup.task->layout().PartsOf(std::span(policy.parameters));
  ASSERT_EQ(parts.normaliser.size(), 6u);
  for (size_t i = 0; i < parts.normaliser.size(); ++i) {
    parts.normaliser[i] = 0.3f * static_cast<float>(i + 1);
  }
  ExpectSameActions(policy);
}

TEST(Actor, RefusesOtherObservations) {
  const Policy pendulum = PolicyOf("[task]\ntype = \"classic\"\nenvironment = \"Pendulum-v1\"\n");
  Actor actor(pendulum, BestIsa());
  EXPECT_EQ(ErrorOf([&] { actor.Outputs(std::vector<float>(4)); }),
            "the policy observes 3 floats, but was given 4 floats");
  EXPECT_EQ(ErrorOf([&] { actor.Outputs(std::vector<uint8_t>(3)); }),
            "the policy observes 3 floats, but was given 3 bytes");
  const Policy parity = PolicyOf("[task]\ntype = \"parity\"\n");
  EXPECT_EQ(ErrorOf([&] { Actor(parity, BestIsa()); }),
            "parity is no environment: there is nothing to act in");
}

}  // namespace
}  // namespace dne
