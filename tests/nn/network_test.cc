// SPDX-License-Identifier: MIT
#include "dne/nn/network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>

#include "dne/base/error.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

constexpr Shape kAtari{84, 84, 4};

LayerSpec Conv(int units, int kernel, int stride, Padding padding = Padding::kSame) {
  return {LayerType::kConv2d, units, kernel, stride, padding, Activation::kRelu};
}

std::string MessageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string BuildError(std::vector<LayerSpec> hidden, int num_outputs = 3) {
  return MessageOf([&] { Network({.hidden = hidden}, {6, 5, 2}, num_outputs); });
}

TEST(NetworkPreset, HasTheParameterCountsOfThePapers) {
  const auto count = [](std::string_view name, Shape input, int outputs) {
    return Network(NetworkPreset(name), input, outputs).num_parameters();
  };
  EXPECT_EQ(count("uber_large", kAtari, 18), 4052658u);
  EXPECT_EQ(count("uber_large", kAtari, 10), 4048554u);
  EXPECT_EQ(count("uber_large", kAtari, 4), 4045476u);
  EXPECT_EQ(count("uber_large", kAtari, 3), 4044963u);
  EXPECT_EQ(count("uber_small", kAtari, 18), 1008450u);
  EXPECT_EQ(count("nature_dqn", kAtari, 18), 1693362u);
  EXPECT_EQ(count("mlp", {1, 1, 376}, 17), 166673u);
}

TEST(Network, HasTheSameParametersWithVirtualBatchNormalisation) {
  const auto network = [](int outputs, bool normalised) {
    NetworkSpec spec = NetworkPreset("uber_small");
    spec.virtual_batch_norm = normalised;
    return Network(spec, kAtari, outputs);
  };
  EXPECT_EQ(network(18, true).num_parameters(), 1008450u);
  EXPECT_EQ(network(4, true).num_parameters(), 1004852u);
  EXPECT_EQ(network(3, true).num_parameters(), 1004595u);
  EXPECT_EQ(network(18, false).num_parameters(), 1008450u);
  for (bool normalised : {true, false}) {
    const Network small = network(3, normalised);
    ASSERT_EQ(small.layers().size(), 4u);
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(small.layers()[i].normalised, normalised);
    EXPECT_FALSE(small.layers()[3].normalised);
  }
}

TEST(Network, RefusesVirtualBatchNormalisationOfVectors) {
  EXPECT_EQ(MessageOf([] {
              Network({.virtual_batch_norm = true}, {1, 1, 376}, 17);
            }),
            "virtual_batch_norm needs images, but the task's observations are vectors of 376 "
            "numbers: leave it out");
}

TEST(NetworkPreset, NamesTheKnownOnesWhenUnknown) {
  EXPECT_EQ(MessageOf([] { NetworkPreset("nature"); }),
            "unknown network 'nature': use one of uber_large, uber_small, nature_dqn, mlp");
  for (const std::string& name : NetworkPresetNames()) EXPECT_NO_THROW(NetworkPreset(name));
}

TEST(Network, RefusesLayersOutsideTheLimitsAndNamesThem) {
  EXPECT_EQ(BuildError({Conv(4, 3, 1), Conv(0, 3, 1)}),
            "layer 2 has units 0: it must be from 1 to 65536");
  EXPECT_EQ(BuildError({Conv(4, -1, 1)}), "layer 1 has kernel -1: it must be from 1 to 1024");
  EXPECT_EQ(BuildError({Conv(4, 3, 0)}), "layer 1 has stride 0: it must be from 1 to 1024");
  EXPECT_EQ(BuildError({Conv(4, 3, 1)}, -2), "layer 2 has units -2: it must be from 1 to 65536");
  EXPECT_EQ(BuildError({{.units = kMaxUnits + 1}}),
            "layer 1 has units 65537: it must be from 1 to 65536");
  EXPECT_EQ(BuildError({Conv(4, kMaxKernel + 1, 1)}),
            "layer 1 has kernel 1025: it must be from 1 to 1024");
  EXPECT_EQ(BuildError({Conv(4, 3, kMaxKernel + 1)}),
            "layer 1 has stride 1025: it must be from 1 to 1024");
}

// Numbers of parameters in 64 bits: these wrapped to few in 32.
TEST(Network, RefusesMoreParametersThanTheLargestNetworkHas) {
  EXPECT_EQ(MessageOf([] {
              Network({.hidden = {Conv(4096, 1, 84), Conv(1, 1024, 1)}}, kAtari, 9);
            }),
            "layer 2 brings the network to 4294987777 parameters, more than 67108864: use fewer "
            "units, or smaller kernels");
  EXPECT_EQ(BuildError({{.units = kMaxUnits}, {.units = kMaxUnits}}),
            "layer 2 brings the network to 4299030528 parameters, more than 67108864: use fewer "
            "units, or smaller kernels");
  // 8191 * 8192 weights and 8192 biases are as many as there may be.
  const auto build = [](int inputs) { return Network({}, {1, 1, inputs}, 8192); };
  EXPECT_EQ(build(8191).num_parameters(), kMaxParameters);
  EXPECT_EQ(MessageOf([&] { build(8192); }),
            "layer 1 brings the network to 67117056 parameters, more than 67108864: use fewer "
            "units, or smaller kernels");
}

TEST(Network, RefusesALayerWhoseInputIsTooLarge) {
  const auto build = [](int height) {
    return Network({.hidden = {Conv(1, 1, 1024)}}, {height, 8192, 1}, 1);
  };
  EXPECT_EQ(build(8192).layers()[0].padded.size(), kMaxLayerInput);
  EXPECT_EQ(MessageOf([&] { build(8193); }),
            "layer 1 has an input of 8193x8192x1 = 67117056 values with its padding, more than "
            "67108864: use a smaller kernel, a longer stride before it, or fewer units before it");
  EXPECT_EQ(Network({.hidden = {Conv(1, 9, 1)}}, {4, 5, 1}, 1).layers()[0].padded,
            (Shape{12, 13, 1}));
}

TEST(Network, RefusesAConvolutionAfterADenseLayer) {
  EXPECT_EQ(BuildError({Conv(4, 3, 1), {.units = 7}, Conv(4, 1, 1)}),
            "layer 3 is a convolution after a dense layer: put all convolutions before the first "
            "layer of another type, and pooling right behind them");
}

TEST(Network, RefusesAValidKernelLargerThanItsInput) {
  EXPECT_EQ(BuildError({Conv(4, 6, 1, Padding::kValid)}),
            "layer 1 has kernel 6 with VALID padding, but its input is only 5 wide or high: use a "
            "kernel of 5 or less, or SAME padding");
  EXPECT_EQ(BuildError({Conv(4, 6, 1, Padding::kSame)}), "no error");
}

TEST(Network, PadsLikeTensorFlow) {
  const Network same(NetworkPreset("uber_large"), kAtari, 18);
  EXPECT_EQ(same.layers()[0].output, (Shape{21, 21, 32}));
  EXPECT_EQ(same.layers()[0].pad_top, 2);  // 4 in all
  EXPECT_EQ(same.layers()[1].output, (Shape{11, 11, 64}));
  EXPECT_EQ(same.layers()[1].pad_left, 1);  // 3 in all: one before, two after
  EXPECT_EQ(same.layers()[2].output, (Shape{11, 11, 64}));
  const Network valid(NetworkPreset("nature_dqn"), kAtari, 18);
  EXPECT_EQ(valid.layers()[0].output, (Shape{20, 20, 32}));
  EXPECT_EQ(valid.layers()[2].output, (Shape{7, 7, 64}));
  EXPECT_EQ(valid.layers()[1].pad_top, 0);
  // Height and width are padded on their own; a stride beyond the kernel needs no padding.
  const Network oblong({.hidden = {Conv(1, 3, 2), Conv(1, 1, 2)}}, {5, 8, 1}, 1);
  EXPECT_EQ(oblong.layers()[0].output, (Shape{3, 4, 1}));
  EXPECT_EQ(oblong.layers()[0].pad_top, 1);
  EXPECT_EQ(oblong.layers()[0].pad_left, 0);
  EXPECT_EQ(oblong.layers()[1].output, (Shape{2, 2, 1}));
  EXPECT_EQ(oblong.layers()[1].pad_top, 0);
}

TEST(Network, InitialisesByFanInFromOneStreamOverTheWholeVector) {
  const Network network({.hidden = {Conv(3, 3, 1), {.units = 5}}}, {4, 4, 2}, 3);
  const StreamId id{.seed = 7, .item = 3};
  std::vector<float> parameters(network.num_parameters());
  std::vector<float> normal(network.num_parameters());
  network.Initialise(id, parameters, BestIsa());
  FillNormal(id, 0, normal, BestIsa());
  const auto& layers = network.layers();
  const float scales[] = {1 / std::sqrt(18.0f), 1 / std::sqrt(48.0f), 0.1f / std::sqrt(5.0f)};
  for (size_t l = 0; l < layers.size(); ++l) {
    for (size_t i = layers[l].map.weights; i < layers[l].map.biases; ++i) {
      EXPECT_FLOAT_EQ(parameters[i], normal[i] * scales[l]) << "parameter " << i;
    }
    for (int j = 0; j < layers[l].spec.units; ++j) {
      EXPECT_EQ(parameters[layers[l].map.biases + static_cast<size_t>(j)], 0.0f);
    }
  }
}

TEST(Network, InitialisesNormalisedColumnsToTheirNorm) {
  const Network network(NetworkPreset("mlp"), {1, 1, 11}, 3);
  std::vector<float> parameters(network.num_parameters(), 1.0f);
  network.Initialise({.seed = 1}, parameters, BestIsa());
  for (const Layer& layer : network.layers()) {
    const double norm = &layer == &network.layers().back() ? 0.01 : 1.0;
    const auto units = static_cast<size_t>(layer.spec.units);
    for (size_t j = 0; j < units; ++j) {
      double squares = 0;
      for (size_t i = layer.map.weights + j; i < layer.map.biases; i += units) {
        squares += double{parameters[i]} * double{parameters[i]};
      }
      EXPECT_NEAR(std::sqrt(squares), norm, norm * 1e-5);
      EXPECT_EQ(parameters[layer.map.biases + j], 0.0f);
    }
  }
}

TEST(Network, InitialisesToTheSameBitsOnEveryCodePath) {
  for (const std::string name : {"uber_small", "mlp"}) {
    const Shape input = name == "mlp" ? Shape{1, 1, 376} : kAtari;
    const Network network(NetworkPreset(name), input, 17);
    std::vector<float> expected(network.num_parameters());
    network.Initialise({.seed = 5}, expected, Isa::kScalar);
    for (Isa isa : SupportedIsas()) {
      std::vector<float> got(network.num_parameters());
      network.Initialise({.seed = 5}, got, isa);
      EXPECT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)), 0)
          << name << " " << IsaName(isa);
    }
  }
}

}  // namespace
}  // namespace dne
