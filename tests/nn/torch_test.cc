// SPDX-License-Identifier: MIT
// Outputs, sensitivities and gradients of losses against PyTorch's, which
// tests/nn/torch_sensitivities.py wrote down.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "dne/nn/forward.h"
#include "dne/nn/loss.h"
#include "dne/nn/sensitivity.h"
#include "tests/nn/forward_checks.h"

namespace dne {

NLOHMANN_JSON_SERIALIZE_ENUM(LayerType, {{LayerType::kConv2d, "conv2d"},
                                         {LayerType::kDense, "dense"},
                                         {LayerType::kAveragePool, "average_pool"},
                                         {LayerType::kMaxPool, "max_pool"},
                                         {LayerType::kRnn, "rnn"},
                                         {LayerType::kGru, "gru"},
                                         {LayerType::kLstm, "lstm"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Activation, {{Activation::kLinear, "linear"},
                                          {Activation::kRelu, "relu"},
                                          {Activation::kTanh, "tanh"},
                                          {Activation::kSelu, "selu"},
                                          {Activation::kSigmoid, "sigmoid"}})

namespace {

using Json = nlohmann::json;

NetworkSpec SpecOf(const Json& json) {
  NetworkSpec spec{.output_activation = json.value("output_activation", Activation::kLinear),
                   .skip_every = json.value("skip_every", 0)};
  for (const Json& layer : json["layers"]) {
    spec.hidden.push_back({.type = layer["type"],
                           .units = layer.value("units", 0),
                           .kernel = layer.value("kernel", 0),
                           .stride = layer.value("stride", 0),
                           .activation = layer.value("activation", Activation::kRelu)});
  }
  return spec;
}

struct TorchCase {
  explicit TorchCase(const Json& json)
      : network(SpecOf(json), {json["input"][0], json["input"][1], json["input"][2]}, 2),
        lengths(json["lengths"]),
        last_outputs_only(json.value("last_outputs_only", false)),
        parameters(json["parameters"]),
        direction(json["direction"]) {
    if (network.input().positions() > 1) {
      bytes = json["observations"].get<std::vector<uint8_t>>();
    } else {
      floats = json["observations"].get<std::vector<float>>();
    }
  }

  Network network;
  std::vector<uint32_t> lengths;
  bool last_outputs_only;
  std::vector<float> parameters;
  std::vector<float> direction;
  std::vector<uint8_t> bytes;
  std::vector<float> floats;
};

// To this part of the largest: float's rounding.
void ExpectClose(std::span<const float> got, const Json& json, double part, const char* what) {
  const auto expected = json.get<std::vector<double>>();
  ASSERT_EQ(got.size(), expected.size()) << what;
  double largest = 0;
  for (double value : expected) largest = std::max(largest, std::abs(value));
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], expected[i], part * largest) << what << ", number " << i;
  }
}

std::vector<float> OutputsOf(const TorchCase& c, Isa isa) {
  auto forward = MakeForward(c.network, isa, 1);
  forward->SetParameters(c.parameters);
  const size_t size = c.network.input().size();
  std::vector<float> outputs;
  size_t at = 0;
  for (uint32_t length : c.lengths) {
    forward->ForgetLane(0);
    for (uint32_t t = 0; t < length; ++t, at += size) {
      std::vector<float> y(2);
      const int lane[] = {0};
      if (c.bytes.empty()) {
        forward->Run(lane, std::span(c.floats).subspan(at, size), y);
      } else {
        forward->Run(lane, std::span(c.bytes).subspan(at, size), y);
      }
      const bool counts = !c.last_outputs_only || t + 1 == length;
      if (counts) outputs.insert(outputs.end(), y.begin(), y.end());
    }
  }
  return outputs;
}

class Torch : public testing::TestWithParam<Isa> {};

INSTANTIATE_TEST_SUITE_P(All, Torch, testing::ValuesIn(SupportedIsas()),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

TEST_P(Torch, HasTheSameOutputsAndSensitivities) {
  std::ifstream file(DNE_SOURCE_DIR "/tests/nn/data/torch_sensitivities.json");
  const Json cases = Json::parse(file);
  EXPECT_EQ(cases.size(), 9u);
  for (const Json& json : cases) {
    SCOPED_TRACE(json["name"].get<std::string>());
    const TorchCase c(json);
    ExpectClose(OutputsOf(c, GetParam()), json["outputs"], 5e-6, "outputs");
    OutputSensitivity sensitivity(c.network, GetParam());
    sensitivity.SetExperiences(c.parameters, {.bytes = c.bytes,
                                              .floats = c.floats,
                                              .lengths = c.lengths,
                                              .last_outputs_only = c.last_outputs_only});
    std::vector<float> got(c.parameters.size());
    sensitivity.Sum(got);
    ExpectClose(got, json["sum"], 2e-5, "sum");
    sensitivity.Abs(got);
    ExpectClose(got, json["abs"], 2e-5, "abs");
    sensitivity.SecondOrder(c.direction, got);
    for (float& value : got) value *= value;
    ExpectClose(got, json["hessian_product"], 5e-5, "hessian product");
    std::vector<float> child = c.parameters;
    for (size_t i = 0; i < child.size(); ++i) child[i] += c.direction[i];
    EXPECT_NEAR(sensitivity.Divergence(child), json["divergence"],
                1e-5 * double{json["divergence"]});
  }
}

// Labels go through the outputs in turn.
TEST_P(Torch, HasTheSameLossesAndGradients) {
  std::ifstream file(DNE_SOURCE_DIR "/tests/nn/data/torch_sensitivities.json");
  int images = 0;
  for (const Json& json : Json::parse(file)) {
    if (!json.contains("losses")) continue;
    ++images;
    SCOPED_TRACE(json["name"].get<std::string>());
    const TorchCase c(json);
    const std::vector<float> outputs = OutputsOf(c, GetParam());
    const std::vector<double> losses = json["losses"];
    double sum = 0;
    std::vector<uint8_t> labels;
    for (size_t i = 0; i < losses.size(); ++i) {
      labels.push_back(i % 2);
      sum += losses[i];
      EXPECT_NEAR(CrossEntropy(std::span(outputs).subspan(2 * i, 2), labels[i]), losses[i], 2e-6);
    }
    std::vector<float> gradient(c.parameters.size());
    LossGradient gradients(c.network, GetParam());
    EXPECT_NEAR(gradients.Run(c.parameters, c.bytes, labels, gradient).sum, sum, 5e-6);
    ExpectClose(gradient, json["loss_gradient"], 2e-5, "loss gradient");
  }
  EXPECT_EQ(images, 2);
}

}  // namespace
}  // namespace dne
