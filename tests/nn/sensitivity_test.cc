// SPDX-License-Identifier: MIT
// Output sensitivities against central differences in double precision, and every code path
// against the plain one.
#include "dne/nn/sensitivity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "dne/base/error.h"
#include "tests/nn/forward_checks.h"
#include "tests/nn/plain_network.h"

namespace dne {
namespace {

constexpr Shape kVector{1, 1, 5};
constexpr Shape kImage{7, 6, 2};

struct Case {
  std::string name;
  NetworkSpec spec;
  Shape input;
};

LayerSpec Conv(int units, Activation activation, int stride, Padding padding = Padding::kSame) {
  return {LayerType::kConv2d, units, 3, stride, padding, activation};
}

LayerSpec Dense(int units, Activation activation) {
  return {.units = units, .activation = activation};
}

LayerSpec Recurrent(LayerType type, int units) { return {.type = type, .units = units}; }

const std::vector<Case>& Cases() {
  constexpr LayerSpec kPool{.type = LayerType::kAveragePool};
  static const std::vector<Case> kCases = {
      {"linear", {}, kVector},
      {"dense",
       {.hidden = {Dense(7, Activation::kTanh), Dense(4, Activation::kRelu),
                   Dense(6, Activation::kSelu), Dense(3, Activation::kSigmoid),
                   Dense(5, Activation::kLinear)}},
       kVector},
      {"output_activation",
       {.hidden = {Dense(9, Activation::kSelu)}, .output_activation = Activation::kSigmoid},
       kVector},
      {"skips",
       {.hidden = {Dense(5, Activation::kTanh), Dense(6, Activation::kSelu),
                   Dense(5, Activation::kTanh), Dense(4, Activation::kRelu),
                   Dense(5, Activation::kTanh)},
        .output_activation = Activation::kTanh,
        .skip_every = 2},
       kVector},
      {"dense_on_image", {.hidden = {Dense(4, Activation::kTanh)}}, kImage},
      {"conv",
       {.hidden = {Conv(3, Activation::kSelu, 2), Conv(4, Activation::kTanh, 1, Padding::kValid),
                   Dense(5, Activation::kRelu)}},
       kImage},
      {"pool",
       {.hidden = {Conv(3, Activation::kRelu, 1), Conv(2, Activation::kLinear, 2), kPool,
                   Dense(4, Activation::kTanh)}},
       kImage},
      {"max_pool",
       {.hidden = {Conv(3, Activation::kSelu, 1), MaxPool(2, 2), Conv(4, Activation::kTanh, 1),
                   MaxPool(2, 1), Dense(4, Activation::kTanh)}},
       kImage},
      {"rnn", {.hidden = {Recurrent(LayerType::kRnn, 4), Recurrent(LayerType::kRnn, 3)}}, kVector},
      {"gru", {.hidden = {Recurrent(LayerType::kGru, 4), Recurrent(LayerType::kGru, 3)}}, kVector},
      {"lstm",
       {.hidden = {Recurrent(LayerType::kLstm, 4), Recurrent(LayerType::kLstm, 3)}},
       kVector},
      {"mixed",
       {.hidden = {Conv(2, Activation::kTanh, 2), kPool, Dense(4, Activation::kSelu),
                   Recurrent(LayerType::kLstm, 3), Dense(3, Activation::kRelu),
                   Recurrent(LayerType::kGru, 2)},
        .output_activation = Activation::kSigmoid},
       kImage},
  };
  return kCases;
}

constexpr int kOutputs = 3;
const std::vector<uint32_t> kLengths = {3, 1, 5, 2};
constexpr size_t kObservations = 11;

// What a network of a case is asked about, with parameters large enough for every slope to matter.
struct Question {
  Network network;
  std::vector<float> parameters;
  std::vector<float> direction;
  std::vector<uint8_t> bytes;
  std::vector<float> floats;
  bool last_outputs_only;

  Question(const Case& c, bool last_only)
      : network(c.spec, c.input, kOutputs), last_outputs_only(last_only) {
    Stream random = Random(71);
    const auto draw = [&](float size) { return (random.NextFloat() * 2 - 1) * size; };
    for (size_t i = 0; i < network.num_parameters(); ++i) {
      parameters.push_back(draw(0.8f));
      direction.push_back(draw(1));
    }
    for (size_t i = 0; i < kObservations * c.input.size(); ++i) {
      if (c.input.positions() > 1) {
        bytes.push_back(static_cast<uint8_t>(random.Below(256)));
      } else {
        floats.push_back(draw(2));
      }
    }
  }

  Experiences experiences() const {
    return {.bytes = bytes,
            .floats = floats,
            .lengths = kLengths,
            .last_outputs_only = last_outputs_only};
  }

  Doubles Observation(size_t index) const {
    const size_t size = network.input().size();
    Doubles values;
    for (size_t i = index * size; i < (index + 1) * size; ++i) {
      values.push_back(bytes.empty() ? double{floats[i]} : bytes[i] / 255.0);
    }
    return values;
  }

  // All outputs that count, one x after the other.
  Doubles Outputs(const Doubles& at) const {
    PlainNetwork plain(network, at);
    const bool has_state = network.has_state();
    Doubles outputs;
    size_t next = 0;
    for (uint32_t length : kLengths) {
      plain.Forget();
      for (uint32_t t = 0; t < length; ++t) {
        const Doubles y = plain.Step(Observation(next++));
        if (has_state && last_outputs_only && t + 1 < length) continue;
        outputs.insert(outputs.end(), y.begin(), y.end());
      }
    }
    return outputs;
  }
};

// dy/dw_i of each output that counts, by central differences: the error of the method is some 1e-9.
std::vector<Doubles> Jacobian(const Question& q) {
  constexpr double kStep = 1e-5;
  std::vector<Doubles> columns;
  Doubles at(q.parameters.begin(), q.parameters.end());
  for (double& parameter : at) {
    const double middle = parameter;
    parameter = middle + kStep;
    Doubles column = q.Outputs(at);
    parameter = middle - kStep;
    const Doubles low = q.Outputs(at);
    parameter = middle;
    for (size_t i = 0; i < low.size(); ++i) column[i] = (column[i] - low[i]) / (2 * kStep);
    columns.push_back(column);
  }
  return columns;
}

Doubles ExpectedSum(const std::vector<Doubles>& jacobian) {
  Doubles result;
  for (const Doubles& column : jacobian) {
    Doubles sums(kOutputs);
    for (size_t i = 0; i < column.size(); ++i) sums[i % kOutputs] += column[i];
    result.push_back(std::hypot(sums[0], sums[1], sums[2]));
  }
  return result;
}

Doubles ExpectedAbs(const std::vector<Doubles>& jacobian) {
  Doubles result;
  for (const Doubles& column : jacobian) {
    const double observations = static_cast<double>(column.size()) / kOutputs;
    Doubles sums(kOutputs);
    for (size_t i = 0; i < column.size(); ++i) {
      sums[i % kOutputs] += std::abs(column[i]) / observations;
    }
    result.push_back(std::hypot(sums[0], sums[1], sums[2]));
  }
  return result;
}

// |H d| itself, whose root SecondOrder gives: a root would hide nothing but make zeros uncertain.
Doubles ExpectedSecondOrder(const std::vector<Doubles>& jacobian, std::span<const float> d) {
  Doubles changes(jacobian.front().size());
  for (size_t i = 0; i < jacobian.size(); ++i) {
    for (size_t y = 0; y < changes.size(); ++y) changes[y] += jacobian[i][y] * double{d[i]};
  }
  Doubles result;
  const double observations = static_cast<double>(changes.size()) / kOutputs;
  for (const Doubles& column : jacobian) {
    const double product = std::inner_product(column.begin(), column.end(), changes.begin(), 0.0);
    result.push_back(std::abs(2 / observations * product));
  }
  return result;
}

// To 2e-5 of the largest: float's rounding through a few layers and some tens of terms.
void ExpectClose(std::span<const float> got, const Doubles& expected, const std::string& what) {
  ASSERT_EQ(got.size(), expected.size());
  const double largest = *std::ranges::max_element(expected);
  ASSERT_GT(largest, 1e-3) << what << ": nothing to compare";
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], expected[i], 2e-5 * largest) << what << ", parameter " << i;
  }
}

class SensitivityOf : public testing::TestWithParam<std::tuple<size_t, bool>> {
 protected:
  const Case& case_() const { return Cases()[std::get<0>(GetParam())]; }
  Question question() const { return Question(case_(), std::get<1>(GetParam())); }
};

INSTANTIATE_TEST_SUITE_P(All, SensitivityOf,
                         testing::Combine(testing::Range<size_t>(0, Cases().size()),
                                          testing::Bool()),
                         [](const auto& info) {
                           return Cases()[std::get<0>(info.param)].name +
                                  (std::get<1>(info.param) ? "_last" : "_all");
                         });

TEST_P(SensitivityOf, IsWhatCentralDifferencesSay) {
  const Question q = question();
  const std::vector<Doubles> jacobian = Jacobian(q);
  OutputSensitivity sensitivity(q.network, BestIsa());
  sensitivity.SetExperiences(q.parameters, q.experiences());
  std::vector<float> got(q.parameters.size());
  sensitivity.Sum(got);
  ExpectClose(got, ExpectedSum(jacobian), "sum");
  sensitivity.Abs(got);
  ExpectClose(got, ExpectedAbs(jacobian), "abs");
  sensitivity.SecondOrder(q.direction, got);
  for (float& value : got) value *= value;
  ExpectClose(got, ExpectedSecondOrder(jacobian, q.direction), "second order");
}

TEST_P(SensitivityOf, DivergenceIsTheMeanSquaredChangeOfOutputs) {
  const Question q = question();
  std::vector<float> child = q.parameters;
  for (size_t i = 0; i < child.size(); ++i) child[i] += 0.3f * q.direction[i];
  const Doubles before = q.Outputs({q.parameters.begin(), q.parameters.end()});
  const Doubles after = q.Outputs({child.begin(), child.end()});
  double expected = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    expected += (after[i] - before[i]) * (after[i] - before[i]);
  }
  expected /= static_cast<double>(before.size()) / kOutputs;
  OutputSensitivity sensitivity(q.network, BestIsa());
  sensitivity.SetExperiences(q.parameters, q.experiences());
  EXPECT_NEAR(sensitivity.Divergence(child), expected, 1e-5 * expected);
  EXPECT_EQ(sensitivity.Divergence(q.parameters), 0);
}

TEST(Sensitivity, RefusesVirtualBatchNormalisation) {
  const Network network({.virtual_batch_norm = true}, kImage, 2);
  try {
    OutputSensitivity(network, BestIsa());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "virtual_batch_norm has no output sensitivities: leave it out, or use mutations that "
              "need none");
  }
}

TEST(Sensitivity, RefusesExperiencesThatDoNotFit) {
  const Network flat({}, {1, 1, 2}, 1);
  const Network image({}, {2, 1, 1}, 1);
  const Network recurrent({.hidden = {{.type = LayerType::kRnn, .units = 1}}}, {1, 1, 2}, 1);
  const std::vector<float> floats(6);
  const std::vector<uint8_t> bytes(6);
  const auto set = [&](const Network& network, const Experiences& experiences) {
    OutputSensitivity sensitivity(network, BestIsa());
    sensitivity.SetExperiences(std::vector<float>(network.num_parameters()), experiences);
  };
  const std::vector<uint32_t> fits = {1, 2};
  const std::vector<uint32_t> empty = {3, 0};
  const std::vector<uint32_t> longer = {1, 3};
  EXPECT_NO_THROW(set(flat, {.floats = floats}));
  EXPECT_NO_THROW(set(image, {.bytes = bytes}));
  EXPECT_NO_THROW(set(recurrent, {.floats = floats, .lengths = fits}));
  EXPECT_THROW(set(flat, {}), BugError);
  EXPECT_THROW(set(flat, {.bytes = bytes}), BugError);
  EXPECT_THROW(set(image, {.floats = floats}), BugError);
  EXPECT_THROW(set(flat, {.floats = std::span(floats).first(5)}), BugError);
  EXPECT_THROW(set(recurrent, {.floats = floats}), BugError);
  EXPECT_THROW(set(recurrent, {.floats = floats, .lengths = empty}), BugError);
  EXPECT_THROW(set(recurrent, {.floats = floats, .lengths = longer}), BugError);
}

TEST(Sensitivity, NeedsExperiencesAndVectorsOfTheNetworksSize) {
  const Network network({}, {1, 1, 2}, 1);
  OutputSensitivity sensitivity(network, BestIsa());
  const std::vector<float> observation(2);
  std::vector<float> three(3);
  std::vector<float> two(2);
  EXPECT_THROW(sensitivity.Sum(three), BugError);
  EXPECT_THROW(sensitivity.Abs(three), BugError);
  EXPECT_THROW(sensitivity.SecondOrder(three, three), BugError);
  EXPECT_THROW(sensitivity.Divergence(three), BugError);
  EXPECT_THROW(sensitivity.SetExperiences(two, {.floats = observation}), BugError);
  sensitivity.SetExperiences(three, {.floats = observation});
  EXPECT_THROW(sensitivity.Sum(two), BugError);
  EXPECT_THROW(sensitivity.Abs(two), BugError);
  EXPECT_THROW(sensitivity.SecondOrder(two, three), BugError);
  EXPECT_THROW(sensitivity.SecondOrder(std::vector<float>(3), two), BugError);
  EXPECT_THROW(sensitivity.Divergence(two), BugError);
}

std::vector<float> Everything(const Question& q, Isa isa) {
  OutputSensitivity sensitivity(q.network, isa);
  sensitivity.SetExperiences(q.parameters, q.experiences());
  const size_t size = q.parameters.size();
  std::vector<float> all(3 * size + 1);
  sensitivity.Sum(std::span(all).first(size));
  sensitivity.Abs(std::span(all).subspan(size, size));
  sensitivity.SecondOrder(q.direction, std::span(all).subspan(2 * size, size));
  all.back() = static_cast<float>(sensitivity.Divergence(q.direction));
  return all;
}

TEST_P(SensitivityOf, IsThatOfTheLastExperiencesAndParameters) {
  const Question q = question();
  Question other = question();
  std::ranges::reverse(other.parameters);
  std::ranges::reverse(other.floats);
  std::ranges::reverse(other.bytes);
  OutputSensitivity sensitivity(q.network, BestIsa());
  std::vector<float> got(q.parameters.size());
  std::vector<float> expected = got;
  for (const Question* one : {&std::as_const(other), &q}) {
    sensitivity.SetExperiences(one->parameters, one->experiences());
    sensitivity.Sum(got);
    OutputSensitivity fresh(q.network, BestIsa());
    fresh.SetExperiences(one->parameters, one->experiences());
    fresh.Sum(expected);
    EXPECT_EQ(FirstDifference(got, expected), -1);
  }
}

TEST_P(SensitivityOf, HasTheSameBitsOnEveryCodePath) {
  const Question q = question();
  const std::vector<float> expected = Everything(q, Isa::kScalar);
  for (Isa isa : SupportedIsas()) {
    EXPECT_EQ(FirstDifference(Everything(q, isa), expected), -1) << IsaName(isa);
  }
}

}  // namespace
}  // namespace dne
