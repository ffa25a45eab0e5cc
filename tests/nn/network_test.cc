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

LayerSpec MaxPool(int kernel, int stride) {
  return {.type = LayerType::kMaxPool, .kernel = kernel, .stride = stride};
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
  EXPECT_EQ(count("mnist_cnn", {28, 28, 1}, 10), 3274634u);
  EXPECT_EQ(count("mnist_small", {28, 28, 1}, 10), 28938u);
}

// The networks of 1712.06563, as configurations spell them.
TEST(Network, HasTheParameterCountsOfSafeMutations) {
  const auto dense = [](int layers, int units, Activation activation, int skip_every) {
    return Network({.hidden = {{.units = units, .activation = activation, .repeat = layers}},
                    .output_activation = Activation::kSigmoid,
                    .skip_every = skip_every},
                   {1, 1, 11}, 2)
        .num_parameters();
  };
  // Theirs are "16 x 8" and so on: a layer from the inputs and 16 behind it.
  EXPECT_EQ(dense(17, 8, Activation::kSelu, 0), 1266u);
  EXPECT_EQ(dense(33, 125, Activation::kTanh, 4), 505752u);
  EXPECT_EQ(dense(65, 125, Activation::kTanh, 4), 1009752u);
  EXPECT_EQ(dense(102, 48, Activation::kTanh, 4), 238226u);
  const auto parity = [](LayerType type) {
    return Network({.hidden = {{.type = type, .units = 20, .repeat = 2}}}, {1, 1, 1}, 2)
        .num_parameters();
  };
  EXPECT_EQ(parity(LayerType::kRnn), 1342u);
  EXPECT_EQ(parity(LayerType::kGru), 3942u);
  EXPECT_EQ(parity(LayerType::kLstm), 5242u);
}

TEST(Network, HasTheParameterCountsOfMazesFromPixels) {
  LayerSpec small = Conv(12, 3, 1);
  small.repeat = 12;
  const Network topdown({.hidden = {Conv(12, 5, 2),
                                    Conv(12, 5, 2),
                                    small,
                                    {.type = LayerType::kAveragePool},
                                    {.type = LayerType::kLstm, .units = 20, .repeat = 2}}},
                        {64, 64, 1}, 5);
  EXPECT_EQ(topdown.num_parameters(), 25805u);
  EXPECT_EQ(topdown.layers()[13].output, (Shape{16, 16, 12}));
  EXPECT_EQ(topdown.layers()[14].output, (Shape{1, 1, 12}));
  EXPECT_TRUE(topdown.layers()[14].maps().empty());
  EXPECT_EQ(topdown.layers()[15].maps().size(), 2u);
  EXPECT_TRUE(topdown.has_state());
  // The paper gives its first-person network 20,573 parameters: these layers with three outputs.
  small = Conv(8, 3, 1);
  small.repeat = 11;
  for (const auto& [outputs, parameters] : {std::pair{3, 20573u}, std::pair{4, 20604u}}) {
    EXPECT_EQ(Network({.hidden = {Conv(8, 5, 2),
                                  Conv(8, 5, 2),
                                  small,
                                  {.type = LayerType::kAveragePool},
                                  {.type = LayerType::kLstm, .units = 30, .repeat = 2}}},
                      {64, 64, 1}, outputs)
                  .num_parameters(),
              parameters);
  }
  EXPECT_FALSE(Network(NetworkPreset("uber_small"), kAtari, 3).has_state());
}

TEST(Network, SkipsFromTheLayerSoManyBefore) {
  const Network network({.hidden = {{.units = 6, .repeat = 10}}, .skip_every = 4}, {1, 1, 3}, 2);
  for (size_t i = 0; i < network.layers().size(); ++i) {
    // Counted from 1 these are layers 5 and 9, and the ones added are 1 and 5.
    const std::optional<size_t> from = i == 4   ? std::optional<size_t>(0)
                                       : i == 8 ? std::optional<size_t>(4)
                                                : std::nullopt;
    EXPECT_EQ(network.layers()[i].skip_from, from) << i;
    EXPECT_EQ(network.layers()[i].spec.repeat, 1) << i;
  }
}

TEST(Network, RefusesSkipsThatDoNotFit) {
  const auto error = [](std::vector<LayerSpec> hidden, int every) {
    return MessageOf([&] { Network({.hidden = hidden, .skip_every = every}, {6, 5, 2}, 3); });
  };
  EXPECT_EQ(error({{.units = 4, .repeat = 2}, {.units = 5}}, 2),
            "skip_every 2 adds the output of layer 1, 4 units, to that of layer 3, which has 5: "
            "give both the same");
  EXPECT_EQ(error({{.units = 4, .repeat = 4}}, 4),
            "skip_every 4 skips nothing, since there are 4 hidden layers: use more of them, or "
            "leave it out");
  EXPECT_EQ(error({Conv(4, 3, 1), {.units = 4, .repeat = 2}}, 2),
            "skip_every 2 needs dense hidden layers, but layer 1 is a convolution: leave it out");
  EXPECT_EQ(error({{.units = 4}, {.type = LayerType::kGru, .units = 4}, {.units = 4}}, 2),
            "skip_every 2 needs dense hidden layers, but layer 2 is a recurrent layer: leave it "
            "out");
}

TEST(Network, RefusesLayersOfImagesOnVectors) {
  const auto error = [](const LayerSpec& layer) {
    return MessageOf([&] { Network({.hidden = {layer}}, {1, 1, 7}, 1); });
  };
  const std::string why = ", but its input is a vector of 7 numbers: it needs an image";
  EXPECT_EQ(error({.type = LayerType::kAveragePool}), "layer 1 is average pooling" + why);
  EXPECT_EQ(error(MaxPool(1, 1)), "layer 1 is max pooling" + why);
  EXPECT_EQ(error(Conv(4, 1, 1)), "layer 1 is a convolution" + why);
  EXPECT_EQ(error(Conv(4, 3, 1)), "layer 1 is a convolution" + why);
}

TEST(Network, RefusesLayersInTheWrongOrder) {
  constexpr LayerSpec kPool{.type = LayerType::kAveragePool};
  const std::string order =
      ": put convolutions and max pooling first, and average pooling right behind them";
  EXPECT_EQ(BuildError({{.units = 7}, kPool}),
            "layer 2 is average pooling after a dense layer" + order);
  EXPECT_EQ(BuildError({kPool, kPool}), "layer 2 is average pooling after average pooling" + order);
  EXPECT_EQ(BuildError({kPool, Conv(4, 1, 1)}),
            "layer 2 is a convolution after average pooling" + order);
  EXPECT_EQ(BuildError({{.type = LayerType::kRnn, .units = 2}, Conv(4, 1, 1)}),
            "layer 2 is a convolution after a recurrent layer" + order);
  EXPECT_EQ(BuildError({kPool, MaxPool(2, 2)}),
            "layer 2 is max pooling after average pooling" + order);
  EXPECT_EQ(BuildError({{.units = 7}, MaxPool(2, 2)}),
            "layer 2 is max pooling after a dense layer" + order);
  EXPECT_EQ(BuildError({MaxPool(2, 1), Conv(4, 3, 1), MaxPool(2, 1), Conv(4, 3, 1), kPool}),
            "no error");
  EXPECT_EQ(BuildError({Conv(4, 3, 1), kPool, {.type = LayerType::kLstm, .units = 2}}), "no error");
  EXPECT_EQ(BuildError({kPool}), "no error");
  EXPECT_EQ(BuildError({{.units = 7, .repeat = 0}}),
            "layer 1 has repeat 0: it must be from 1 to 1000");
}

TEST(Network, RefusesVirtualBatchNormalisationOfOtherLayers) {
  const auto error = [](std::vector<LayerSpec> hidden, int skip_every) {
    return MessageOf([&] {
      Network({.hidden = hidden, .skip_every = skip_every, .virtual_batch_norm = true}, {6, 5, 2},
              3);
    });
  };
  EXPECT_EQ(error({Conv(4, 3, 1), {.type = LayerType::kAveragePool}}, 0),
            "virtual_batch_norm is for convolutions and dense layers, but layer 2 is average "
            "pooling: leave it out");
  EXPECT_EQ(error({Conv(4, 3, 1), MaxPool(2, 2)}, 0),
            "virtual_batch_norm is for convolutions and dense layers, but layer 2 is max pooling: "
            "leave it out");
  EXPECT_EQ(error({{.type = LayerType::kLstm, .units = 3}}, 0),
            "virtual_batch_norm is for convolutions and dense layers, but layer 1 is a recurrent "
            "layer: leave it out");
  EXPECT_EQ(error({{.units = 4, .repeat = 3}}, 2),
            "virtual_batch_norm and skip_every do not go together: leave one out");
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
            "unknown network 'nature': use one of uber_large, uber_small, nature_dqn, mlp, "
            "parity_rnn, mnist_cnn, mnist_small");
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
            "layer 3 is a convolution after a dense layer: put convolutions and max pooling "
            "first, and average pooling right behind them");
}

TEST(Network, RefusesAValidKernelLargerThanItsInput) {
  EXPECT_EQ(BuildError({Conv(4, 6, 1, Padding::kValid)}),
            "layer 1 has kernel 6 with VALID padding, but its input is only 5 wide or high: use a "
            "kernel of 5 or less, or SAME padding");
  EXPECT_EQ(BuildError({Conv(4, 6, 1, Padding::kSame)}), "no error");
}

TEST(Network, RefusesMaxPoolingThatDoesNotFit) {
  EXPECT_EQ(BuildError({MaxPool(6, 1)}),
            "layer 1 has kernel 6, but its input is only 5 wide or high: use a kernel of 5 or "
            "less");
  EXPECT_EQ(BuildError({MaxPool(0, 1)}), "layer 1 has kernel 0: it must be from 1 to 1024");
  EXPECT_EQ(BuildError({MaxPool(2, 0)}), "layer 1 has stride 0: it must be from 1 to 1024");
}

// Windows that reach beyond the image are left out, as by TensorFlow's VALID padding.
TEST(Network, PoolsWindowsWithinTheImage) {
  const Network network({.hidden = {MaxPool(2, 2), MaxPool(3, 2)}}, {14, 15, 3}, 2);
  EXPECT_EQ(network.layers()[0].output, (Shape{7, 7, 3}));
  EXPECT_EQ(network.layers()[1].output, (Shape{3, 3, 3}));
  EXPECT_EQ(network.layers()[1].padded, (Shape{7, 7, 3}));
  EXPECT_TRUE(network.layers()[0].maps().empty());
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

TEST(Network, InitialisesByXavierEachGateForItself) {
  const Network network({.hidden = {Conv(3, 5, 1), {.type = LayerType::kLstm, .units = 5}},
                         .initialisation = Initialisation::kXavier,
                         .output_scale = 0.5f},
                        {4, 4, 2}, 3);
  const StreamId id{.seed = 7, .item = 3};
  std::vector<float> parameters(network.num_parameters());
  std::vector<float> normal(network.num_parameters());
  network.Initialise(id, parameters, BestIsa());
  FillNormal(id, 0, normal, BestIsa());
  std::vector<AffineMap> maps;
  for (const Layer& layer : network.layers()) {
    for (const AffineMap& map : layer.maps()) maps.push_back(map);
  }
  const float scales[] = {std::sqrt(2 / (50.0f + 75)), std::sqrt(2 / (48.0f + 5)),
                          std::sqrt(2 / (5.0f + 5)), 0.5f * std::sqrt(2 / (5.0f + 3))};
  ASSERT_EQ(maps.size(), std::size(scales));
  size_t next = 0;
  for (size_t m = 0; m < maps.size(); ++m) {
    EXPECT_EQ(maps[m].weights, next);
    for (; next < maps[m].biases; ++next) {
      ASSERT_FLOAT_EQ(parameters[next], normal[next] * scales[m]) << "parameter " << next;
    }
    for (; next < maps[m].end(); ++next) EXPECT_EQ(parameters[next], 0.0f);
  }
  EXPECT_EQ(next, parameters.size());
}

// PyTorch's variance is b * b / 3 with b = 1 / sqrt(fan-in), of its cells 1 / sqrt(units); weights
// and biases alike. Only the output layer's weights are scaled.
TEST(Network, InitialisesLikePytorchBiasesIncluded) {
  const Network network(
      {.hidden = {Conv(3, 5, 1), {.type = LayerType::kGru, .units = 7}, {.units = 4}},
       .initialisation = Initialisation::kPytorch,
       .random_biases = true,
       .output_scale = 0.5f},
      {4, 4, 2}, 3);
  const StreamId id{.seed = 7, .item = 3};
  std::vector<float> parameters(network.num_parameters());
  std::vector<float> normal(network.num_parameters());
  network.Initialise(id, parameters, BestIsa());
  FillNormal(id, 0, normal, BestIsa());
  const float fan_ins[] = {5 * 5 * 2, 7, 7, 7, 4};  // convolution, both of the GRU, dense, output
  size_t m = 0;
  for (const Layer& layer : network.layers()) {
    for (const AffineMap& map : layer.maps()) {
      const float scale = 1 / std::sqrt(3 * fan_ins[m]);
      const float output_scale = ++m == std::size(fan_ins) ? 0.5f : 1.0f;
      for (size_t i = map.weights; i < map.biases; ++i) {
        ASSERT_FLOAT_EQ(parameters[i], normal[i] * scale * output_scale) << "parameter " << i;
      }
      for (size_t i = map.biases; i < map.end(); ++i) {
        ASSERT_FLOAT_EQ(parameters[i], normal[i] * scale) << "parameter " << i;
      }
    }
  }
  EXPECT_EQ(m, std::size(fan_ins));
}

TEST(Network, RandomBiasesStandBesideAnyWeights) {
  NetworkSpec spec{.hidden = {{.units = 6}}, .initialisation = Initialisation::kXavier};
  const Network without(spec, {1, 1, 9}, 2);
  spec.random_biases = true;
  const Network with(spec, {1, 1, 9}, 2);
  std::vector<float> zeros(without.num_parameters());
  std::vector<float> drawn(with.num_parameters());
  without.Initialise({.seed = 2}, zeros, BestIsa());
  with.Initialise({.seed = 2}, drawn, BestIsa());
  for (const Layer& layer : with.layers()) {
    for (size_t i = layer.map.weights; i < layer.map.biases; ++i) ASSERT_EQ(drawn[i], zeros[i]);
    for (size_t i = layer.map.biases; i < layer.map.end(); ++i) ASSERT_NE(drawn[i], 0.0f);
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
