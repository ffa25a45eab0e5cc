// SPDX-License-Identifier: MIT
#include "dne/tasks/parity_task.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dne/base/error.h"
#include "dne/nn/forward.h"

namespace dne {
namespace {

std::shared_ptr<const Network> MakeNet(const NetworkSpec& spec = NetworkPreset("parity_rnn")) {
  return std::make_shared<const Network>(spec, Shape{.channels = 1}, 1);
}

std::vector<float> Founder(const Network& network, uint64_t seed) {
  std::vector<float> policy(network.num_parameters());
  network.Initialise({.seed = seed}, policy, Isa::kScalar);
  return policy;
}

Episode Play(const Task& task, std::span<const float> policy, Isa isa = BestIsa()) {
  const EpisodeStart start;
  std::atomic<uint64_t> steps = 0;
  const std::atomic<bool> cancel = false;
  const Result played = task.MakeWorker(isa)->Run({policy}, {&start, 1}, {}, steps, cancel);
  EXPECT_EQ(steps, 1u);
  return played.episodes.at(0);
}

// One string on its own, a step at a time.
double OddIsProbable(const Network& network, std::span<const float> policy, unsigned string) {
  const auto forward = MakeForward(network, Isa::kScalar, 1);
  forward->SetParameters(policy);
  forward->ForgetLane(0);
  float output = 0;
  for (int bit = 3; bit >= 0; --bit) {
    const float shown = static_cast<float>(string >> bit & 1);
    const int lane = 0;
    forward->Run({&lane, 1}, std::span<const float>(&shown, 1), {&output, 1});
  }
  return output;
}

TEST(ParityTask, HasThePapersNetwork) {
  EXPECT_EQ(MakeNet()->num_parameters(), 1321u);  // about 1,300
}

TEST(ParityTask, ScoresTheLogarithmOfTheRightAnswersProbability) {
  const auto network = MakeNet();
  const auto task = MakeParityTask(network);
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const std::vector<float> policy = Founder(*network, seed);
    double expected = 0;
    std::vector<uint8_t> answers;
    for (unsigned string = 0; string < 16; ++string) {
      const double odd = OddIsProbable(*network, policy, string);
      const bool is_odd = (string ^ string >> 1 ^ string >> 2 ^ string >> 3) & 1;
      expected += std::log(is_odd ? odd : 1 - odd) / 16;
      answers.push_back(odd > 0.5);
    }
    const Episode episode = Play(*task, policy);
    EXPECT_NEAR(episode.score, expected, 1e-12);
    EXPECT_EQ(episode.descriptor, answers);
    EXPECT_EQ(episode.end, EpisodeEnd::kTerminal);
    EXPECT_EQ(episode.steps, 1u);
    EXPECT_EQ(Play(*task, policy, Isa::kScalar), episode);
  }
}

// Each string's parity is the XOR of its bits, which two units tell: a network made by hand.
//   h1 = [state + bit > 0.5], h2 = [state + bit > 1.5], state = h1 - h2
std::vector<float> SolvingPolicy(const Network& network) {
  std::vector<float> policy(network.num_parameters(), 0.0f);
  const Layer& rnn = network.layers()[0];
  constexpr float kSteep = 40;  // tanh as a step: -1 or 1
  // bit -> h1, h2; the state s = (h1 - h2) / 2 is read from h1 and h2.
  for (size_t unit = 0; unit < 2; ++unit) {
    policy[rnn.map.weights + unit] = kSteep;
    policy[rnn.state_map.weights + 0 * 2 + unit] = kSteep / 2;
    policy[rnn.state_map.weights + 1 * 2 + unit] = -kSteep / 2;
    policy[rnn.map.biases + unit] = unit == 0 ? -0.5f * kSteep : -1.5f * kSteep;
  }
  const Layer& output = network.layers()[1];
  policy[output.map.weights + 0] = 20;
  policy[output.map.weights + 1] = -20;
  policy[output.map.biases] = -20;
  return policy;
}

TEST(ParityTask, IsSolvedByAllSixteenRightAnswers) {
  const auto network = MakeNet({.hidden = {{.type = LayerType::kRnn, .units = 2}},
                                .output_activation = Activation::kSigmoid});
  const auto task = MakeParityTask(network);
  std::vector<float> policy = SolvingPolicy(*network);
  const Episode solved = Play(*task, policy);
  EXPECT_EQ(solved.end, EpisodeEnd::kSolved);
  EXPECT_GT(solved.score, -0.01);
  EXPECT_EQ(solved.descriptor,
            (std::vector<uint8_t>{0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0}));
  policy[network->layers()[1].map.biases] = 100;  // "odd", whatever is shown
  const Episode stubborn = Play(*task, policy);
  EXPECT_EQ(stubborn.end, EpisodeEnd::kTerminal);
  EXPECT_NEAR(stubborn.score, std::log(1e-7) / 2, 1e-6);
}

TEST(ParityTask, AnswersThatAreNoNumbersAreInvalid) {
  const auto network = MakeNet();
  std::vector<float> policy = Founder(*network, 1);
  policy.back() = std::numeric_limits<float>::quiet_NaN();
  const Episode episode = Play(*MakeParityTask(network), policy);
  EXPECT_EQ(episode.end, EpisodeEnd::kInvalid);
  EXPECT_EQ(episode.score, std::log(1e-7));
  EXPECT_EQ(episode.descriptor, std::vector<uint8_t>(16, 0));
}

TEST(ParityTask, SafeMutationsLookAtTheLastOutputs) {
  const auto network = MakeNet();
  const auto task = MakeParityTask(network);
  const std::vector<float> policy = Founder(*network, 1);
  std::vector<float> child = policy;
  for (float& weight : child) weight += 0.01f;
  double expected = 0;
  for (unsigned string = 0; string < 16; ++string) {
    const double change =
        OddIsProbable(*network, child, string) - OddIsProbable(*network, policy, string);
    expected += change * change / 16;
  }
  const auto model = task->MakeOutputModel(BestIsa());
  EXPECT_TRUE(model->Play(policy, {}, {}).empty());
  model->SetParent(policy, {});
  EXPECT_NEAR(model->Divergence(child), expected, 1e-9);
  std::vector<float> sensitivity(policy.size());
  model->AbsSensitivity(sensitivity);
  EXPECT_GT(sensitivity.back(), 0) << "of the output's bias";
}

TEST(ParityTask, RefusesNetworksThatCannotDoIt) {
  const auto make = [](const NetworkSpec& spec) {
    try {
      kParityKind.make(kParityKind.defaults(), {.network = spec});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(make(NetworkPreset("parity_rnn")), "no error");
  EXPECT_EQ(make({.hidden = {}, .output_activation = Activation::kSigmoid}),
            "parity shows one bit a step, but the network remembers none: give it a layer of type "
            "\"rnn\", \"gru\" or \"lstm\"");
  EXPECT_EQ(make({.hidden = {{.type = LayerType::kLstm, .units = 2}}}),
            "parity reads the network's output as a probability: give output_activation = "
            "\"sigmoid\" in [network]");
}

}  // namespace
}  // namespace dne
