// SPDX-License-Identifier: MIT
// Cross-entropies by hand; their gradients against central differences in double precision, and
// every code path against the plain one.
#include "dne/nn/loss.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "dne/base/error.h"
#include "tests/nn/forward_checks.h"
#include "tests/nn/plain_network.h"

namespace dne {
namespace {

TEST(CrossEntropy, IsMinusTheLogarithmOfTheLabelsShare) {
  constexpr std::array kOutputs = {0.5f, -1.0f, 2.0f};
  const double sum = std::exp(0.5) + std::exp(-1) + std::exp(2);
  EXPECT_NEAR(CrossEntropy(kOutputs, 0), -std::log(std::exp(0.5) / sum), 1e-14);
  EXPECT_NEAR(CrossEntropy(kOutputs, 1), -std::log(std::exp(-1) / sum), 1e-14);
  EXPECT_NEAR(CrossEntropy(kOutputs, 2), -std::log(std::exp(2) / sum), 1e-14);
  EXPECT_THROW(CrossEntropy(kOutputs, 3), BugError);
}

TEST(CrossEntropy, StandsLargeOutputs) {
  EXPECT_EQ(CrossEntropy(std::array{3e38f, -3e38f}, 0), 0);
  EXPECT_NEAR(CrossEntropy(std::array{3e38f, -3e38f}, 1), 6e38, 1e32);
  EXPECT_NEAR(CrossEntropy(std::array{7.0f, 7.0f}, 1), std::log(2), 1e-15);
  constexpr float kInf = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isnan(CrossEntropy(std::array{kInf, 0.0f}, 0)));
  EXPECT_TRUE(std::isnan(CrossEntropy(std::array{0.0f, std::nanf("")}, 0)));
}

TEST(LargestOutput, IsTheFirstOfEqualOnes) {
  EXPECT_EQ(LargestOutput(std::array{1.0f, 1.0f}), 0u);
  EXPECT_EQ(LargestOutput(std::array{0.0f, 3.0f, 3.0f}), 1u);
}

constexpr Shape kImage{7, 6, 2};
constexpr int kOutputs = 3;

LayerSpec Conv(int units, Activation activation) {
  return {LayerType::kConv2d, units, 3, 1, Padding::kSame, activation};
}

Network TestNetwork() {
  return Network({.hidden = {Conv(3, Activation::kSelu),
                             MaxPool(2, 2),
                             Conv(4, Activation::kTanh),
                             {.units = 5, .activation = Activation::kSigmoid}}},
                 kImage, kOutputs);
}

struct Question {
  std::vector<float> parameters;
  std::vector<uint8_t> images;
  std::vector<uint8_t> labels;

  Question(const Network& network, size_t count) {
    Stream random = Random(71);
    for (size_t i = 0; i < network.num_parameters(); ++i) {
      parameters.push_back(random.NextFloat() * 1.6f - 0.8f);
    }
    for (size_t i = 0; i < count * network.input().size(); ++i) {
      images.push_back(static_cast<uint8_t>(random.Below(256)));
    }
    for (size_t i = 0; i < count; ++i) {
      labels.push_back(static_cast<uint8_t>(random.Below(kOutputs)));
    }
  }
};

double PlainLoss(const Network& network, const Question& q, const Doubles& parameters) {
  PlainNetwork plain(network, parameters);
  double sum = 0;
  for (size_t i = 0; i < q.labels.size(); ++i) {
    Doubles image;
    const size_t size = network.input().size();
    for (size_t p = i * size; p < (i + 1) * size; ++p) image.push_back(q.images[p] / 255.0);
    const Doubles y = plain.Step(image);
    double exponentials = 0;
    for (double value : y) exponentials += std::exp(value);
    sum += std::log(exponentials) - y[q.labels[i]];
  }
  return sum / static_cast<double>(q.labels.size());
}

std::vector<float> GradientOf(const Network& network, const Question& q, Isa isa) {
  LossGradient gradients(network, isa);
  std::vector<float> gradient(network.num_parameters(), 9.0f);
  gradients.Run(q.parameters, q.images, q.labels, gradient);
  return gradient;
}

TEST(LossGradient, IsWhatCentralDifferencesSay) {
  constexpr double kStep = 1e-5;
  const Network network = TestNetwork();
  const Question q(network, 5);
  const std::vector<float> got = GradientOf(network, q, BestIsa());
  Doubles at(q.parameters.begin(), q.parameters.end());
  double largest = 0;
  for (size_t i = 0; i < at.size(); ++i) {
    const double middle = at[i];
    at[i] = middle + kStep;
    const double high = PlainLoss(network, q, at);
    at[i] = middle - kStep;
    const double low = PlainLoss(network, q, at);
    at[i] = middle;
    const double expected = (high - low) / (2 * kStep);
    ASSERT_NEAR(got[i], expected, 1e-6) << "parameter " << i;
    largest = std::max(largest, std::abs(expected));
  }
  EXPECT_GT(largest, 0.05) << "nothing to compare";
}

TEST(LossGradient, TellsTheLossOfTheBatch) {
  const Network network = TestNetwork();
  const Question q(network, 70);
  LossGradient gradients(network, BestIsa());
  std::vector<float> gradient(network.num_parameters());
  const BatchLoss loss = gradients.Run(q.parameters, q.images, q.labels, gradient);
  EXPECT_NEAR(loss.sum / 70, PlainLoss(network, q, {q.parameters.begin(), q.parameters.end()}),
              1e-6);
  EXPECT_GT(loss.right, 0u);
  EXPECT_LT(loss.right, 70u);
}

// Halves of a batch, each of which is a mean by itself, against the whole.
TEST(LossGradient, IsTheMeanOverImagesHoweverManyGoThroughTogether) {
  const Network network = TestNetwork();
  const Question q(network, 192);
  const std::vector<float> whole = GradientOf(network, q, BestIsa());
  std::vector<double> mean(whole.size());
  for (size_t half = 0; half < 2; ++half) {
    Question part = q;
    const size_t bytes = 96 * network.input().size();
    part.images.assign(q.images.begin() + static_cast<ptrdiff_t>(half * bytes),
                       q.images.begin() + static_cast<ptrdiff_t>((half + 1) * bytes));
    part.labels.assign(q.labels.begin() + static_cast<ptrdiff_t>(half * 96),
                       q.labels.begin() + static_cast<ptrdiff_t>((half + 1) * 96));
    const std::vector<float> gradient = GradientOf(network, part, BestIsa());
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += 0.5 * double{gradient[i]};
  }
  for (size_t i = 0; i < mean.size(); ++i) ASSERT_NEAR(whole[i], mean[i], 1e-6) << i;
}

void ExpectSameBits(const Network& network, size_t count, const std::string& what) {
  const Question q(network, count);
  const std::vector<float> expected = GradientOf(network, q, Isa::kScalar);
  for (Isa isa : SupportedIsas()) {
    EXPECT_EQ(FirstDifference(GradientOf(network, q, isa), expected), -1)
        << what << ", " << IsaName(isa);
  }
}

TEST(LossGradient, HasTheSameBitsOnEveryCodePath) {
  ExpectSameBits(TestNetwork(), 70, "more images than go through together");
  ExpectSameBits(Network(NetworkPreset("mnist_small"), {28, 28, 1}, kOutputs), 5, "mnist_small");
  // Sums longer than a block, tiles of every width and height.
  ExpectSameBits(Network({.hidden = {{.units = 87, .repeat = 2}, {.units = 300}}}, {17, 19, 1}, 19),
                 23, "dense");
  for (uint32_t item = 0; item < 30; ++item) {
    const Network network = RandomNetwork(item);
    if (network.num_outputs() >= kOutputs) {
      ExpectSameBits(network, 1 + item % 20, "network " + std::to_string(item));
    }
  }
}

TEST(LossGradient, RefusesWhatDoesNotFit) {
  const auto error = [](const NetworkSpec& spec) -> std::string {
    const Network network(spec, kImage, kOutputs);
    try {
      LossGradient(network, BestIsa());
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  const std::string rest =
      ": gradients of a loss are for networks whose outputs follow from one observation; leave it "
      "out";
  EXPECT_EQ(error({.virtual_batch_norm = true}), "the network has virtual_batch_norm" + rest);
  EXPECT_EQ(error({.hidden = {{.type = LayerType::kRnn, .units = 2}}}),
            "the network has a state" + rest);
  const Network network = TestNetwork();
  Question q(network, 2);
  LossGradient gradients(network, BestIsa());
  std::vector<float> gradient(network.num_parameters());
  const auto run = [&](size_t bytes, size_t labels, size_t parameters) {
    gradients.Run(q.parameters, std::span(q.images).first(bytes), std::span(q.labels).first(labels),
                  std::span(gradient).first(parameters));
  };
  const size_t all = gradient.size();
  EXPECT_NO_THROW(run(2 * 84, 2, all));
  EXPECT_THROW(run(2 * 84, 1, all), BugError);
  EXPECT_THROW(run(83, 1, all), BugError);
  EXPECT_THROW(run(0, 0, all), BugError);
  EXPECT_THROW(run(2 * 84, 2, all - 1), BugError);
  q.labels[0] = kOutputs;
  EXPECT_THROW(run(84, 1, all), BugError);
}

}  // namespace
}  // namespace dne
