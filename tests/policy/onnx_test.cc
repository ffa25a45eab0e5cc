// SPDX-License-Identifier: MIT
// What the files consist of; what they compute is held to onnxruntime by
// tests/oracle/onnx_oracle.py.
#include "dne/policy/onnx.h"

#include <gmock/gmock.h>

#include <cstring>
#include <map>
#include <numeric>

#include "dne/base/file.h"
#include "dne/nn/reference.h"
#include "dne/policy/protobuf_writer.h"
#include "dne/tasks/episode_task.h"
#include "tests/policy/policy_fixture.h"

namespace dne {
namespace {

using testing::ElementsAre;

// --- Reading protobuf ----------------------------------------------------------------------------

uint64_t TakeVarint(std::string_view& bytes) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes.at(0));
    bytes.remove_prefix(1);
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
}

// A message: of each field its values in order, numbers in decimal.
using Message = std::map<uint64_t, std::vector<std::string>>;

Message Parse(std::string_view bytes) {
  Message message;
  while (!bytes.empty()) {
    const uint64_t tag = TakeVarint(bytes);
    const uint64_t value = TakeVarint(bytes);
    if (tag % 8 == 0) {
      message[tag / 8].push_back(std::to_string(value));
      continue;
    }
    EXPECT_EQ(tag % 8, 2u);
    EXPECT_LE(value, bytes.size());
    message[tag / 8].emplace_back(bytes.substr(0, value));
    bytes.remove_prefix(value);
  }
  return message;
}

// Of the messages in a field, one of their fields.
std::vector<std::string> Each(Message& message, uint64_t field, uint64_t inner) {
  std::vector<std::string> values;
  for (const std::string& bytes : message[field]) values.push_back(Parse(bytes)[inner].at(0));
  return values;
}

Message GraphOf(std::string_view file) { return Parse(Parse(file)[7].at(0)); }

std::vector<std::string> Operators(std::string_view file) {
  Message graph = GraphOf(file);
  return Each(graph, 1, 4);
}

std::vector<float> Constant(std::string_view file, const std::string& name) {
  Message graph = GraphOf(file);
  for (const std::string& bytes : graph[5]) {
    Message tensor = Parse(bytes);
    if (tensor[8].at(0) != name) continue;
    const std::string data = tensor[9].at(0);
    std::vector<float> values(data.size() / sizeof(float));
    std::memcpy(values.data(), data.data(), data.size());
    return values;
  }
  ADD_FAILURE() << "no constant " << name;
  return {};
}

TEST(ProtobufWriter, WritesTheExamplesOfItsDocumentation) {
  ProtobufWriter inner;
  inner.AddInt(1, 150);
  ProtobufWriter message;
  message.Append(inner);
  message.AddBytes(2, "testing");
  message.AddMessage(3, inner);
  message.AddInt(16, -2);
  EXPECT_EQ(message.Take(),
            "\x08\x96\x01"
            "\x12\x07testing"
            "\x1a\x03\x08\x96\x01"
            "\x80\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

// --- Networks ------------------------------------------------------------------------------------

std::string Encode(const Network& network, size_t num_normalised, float clip) {
  const PolicyLayout layout = LayoutOf(network, num_normalised);
  std::vector<float> policy(layout.policy_size());
  std::iota(policy.begin(), policy.end(), 0.5f);
  return EncodeOnnx(network, layout.PartsOf(std::span<const float>(policy)), clip,
                    {{"b", "2"}, {"a", "1"}});
}

Network DenseNetwork() {
  return Network({.hidden = {{.units = 3, .activation = Activation::kTanh}}}, {1, 1, 2}, 1);
}

TEST(Onnx, SaysWhatItIs) {
  const std::string file = Encode(DenseNetwork(), 0, 5);
  Message model = Parse(file);
  EXPECT_THAT(model[1], ElementsAre("8"));
  EXPECT_THAT(model[2], ElementsAre("dne"));
  EXPECT_THAT(Each(model, 8, 2), ElementsAre("17"));
  EXPECT_THAT(Each(model, 14, 1), ElementsAre("a", "b"));
  EXPECT_THAT(Each(model, 14, 2), ElementsAre("1", "2"));
  Message graph = GraphOf(file);
  EXPECT_THAT(Each(graph, 11, 1), ElementsAre("observation"));
  EXPECT_THAT(Each(graph, 12, 1), ElementsAre("outputs"));
  EXPECT_EQ(file, Encode(DenseNetwork(), 0, 5));
}

TEST(Onnx, HasTheWeightsAsTheyLie) {
  const std::string file = Encode(DenseNetwork(), 0, 5);
  EXPECT_THAT(Operators(file), ElementsAre("Gemm", "Tanh", "Gemm", "Identity"));
  EXPECT_THAT(Constant(file, "dense_0.weight"), ElementsAre(0.5f, 1.5f, 2.5f, 3.5f, 4.5f, 5.5f));
  EXPECT_THAT(Constant(file, "dense_0.bias"), ElementsAre(6.5f, 7.5f, 8.5f));
  EXPECT_THAT(Constant(file, "dense_1.weight"), ElementsAre(9.5f, 10.5f, 11.5f));
  EXPECT_THAT(Constant(file, "dense_1.bias"), ElementsAre(12.5f));
}

TEST(Onnx, NormalisesWhatItObserves) {
  const std::string file = Encode(DenseNetwork(), 2, 5);
  EXPECT_THAT(Operators(file),
              ElementsAre("Sub", "Mul", "Clip", "Gemm", "Tanh", "Gemm", "Identity"));
  EXPECT_THAT(Constant(file, "observation.mean"), ElementsAre(13.5f, 14.5f));
  EXPECT_THAT(Constant(file, "observation.inverse_std"), ElementsAre(15.5f, 16.5f));
  EXPECT_THAT(Constant(file, "observation.low"), ElementsAre(-5.0f));
  EXPECT_THAT(Constant(file, "observation.high"), ElementsAre(5.0f));
  EXPECT_THAT(Operators(Encode(DenseNetwork(), 2, 0)),
              ElementsAre("Sub", "Mul", "Gemm", "Tanh", "Gemm", "Identity"));
}

TEST(Onnx, TurnsImagesForConvolutionsAndBack) {
  const Network network(
      {.hidden = {{LayerType::kConv2d, 2, 1, 1, Padding::kSame, Activation::kRelu},
                  {.type = LayerType::kMaxPool, .kernel = 2, .stride = 1}}},
      {2, 3, 2}, 1);
  const std::string file = Encode(network, 0, 5);
  EXPECT_THAT(Operators(file), ElementsAre("Cast", "Mul", "Transpose", "Conv", "Relu", "MaxPool",
                                           "Transpose", "Flatten", "Gemm", "Identity"));
  EXPECT_THAT(Constant(file, "conv2d_0.weight"), ElementsAre(0.5f, 2.5f, 1.5f, 3.5f));
}

TEST(Onnx, HandsStatesOnInTheGatesOrder) {
  const Network network(
      {.hidden = {{.type = LayerType::kLstm, .units = 1}, {.type = LayerType::kGru, .units = 1}}},
      {1, 1, 1}, 1);
  const std::string file = Encode(network, 0, 5);
  Message graph = GraphOf(file);
  EXPECT_THAT(Each(graph, 11, 1), ElementsAre("observation", "state_0", "state_1", "state_2"));
  EXPECT_THAT(Each(graph, 12, 1),
              ElementsAre("outputs", "next_state_0", "next_state_1", "next_state_2"));
  // From input, forget, cell, output to input, output, forget, cell.
  EXPECT_THAT(Constant(file, "lstm_0.weight_ih"), ElementsAre(0.5f, 3.5f, 1.5f, 2.5f));
  EXPECT_THAT(Constant(file, "lstm_0.bias"),
              ElementsAre(4.5f, 7.5f, 5.5f, 6.5f, 12.5f, 15.5f, 13.5f, 14.5f));
  // From reset, update, new to update, reset, new.
  EXPECT_THAT(Constant(file, "gru_1.weight_hh"), ElementsAre(23.5f, 22.5f, 24.5f));
}

// --- Policies ------------------------------------------------------------------------------------

class OnnxFile : public PolicyTest {
 protected:
  std::string Save(const Policy& policy) {
    SaveOnnxFile(policy, Path("p.onnx"));
    return ReadFile(Path("p.onnx"));
  }
};

TEST_F(OnnxFile, HasTheMetadataOfWeightFiles) {
  Policy policy = PolicyFromGenome(TinyConfig(), TinyGenome(), BestIsa());
  Message model = Parse(Save(policy));
  EXPECT_THAT(Each(model, 14, 1), ElementsAre("config", "dne_format", "genome"));
  EXPECT_THAT(Each(model, 14, 2), ElementsAre(policy.experiment, "1", GenomeToText(TinyGenome())));
  policy.genome.reset();
  model = Parse(Save(policy));
  EXPECT_THAT(Each(model, 14, 1), ElementsAre("config", "dne_format"));
}

TEST_F(OnnxFile, UnderVirtualBatchNormHasWhatItsLayersComeTo) {
  ExperimentConfig config = TinyConfig();
  config.network.spec.virtual_batch_norm = true;
  const Policy policy = PolicyFromGenome(config, TinyGenome(), BestIsa());
  const Network& network = *policy.setup.network;
  const std::vector<float> folded =
      FoldReferenceBatch(network, policy.parameters, *policy.setup.reference_batch);
  const AffineMap& map = network.layers()[1].map;
  const auto weights = folded.begin() + static_cast<ptrdiff_t>(map.weights);
  EXPECT_EQ(Constant(Save(policy), "dense_1.weight"),
            std::vector<float>(weights, weights + static_cast<ptrdiff_t>(map.num_weights())));
}

TEST_F(OnnxFile, SaysWhyThereIsNone) {
  const Policy policy = PolicyFromGenome(TinyConfig(), TinyGenome(), BestIsa());
  EXPECT_ERROR(SaveOnnxFile(policy, Path("nowhere/p.onnx")),
               "cannot write " + Path("nowhere/p.onnx"));
  const Policy washout = PolicyFromGenome(
      ParseConfig("[task]\ntype = \"simple_model\"\n[budget]\ngenerations = 1\n", "x.toml"),
      {.run_seed = 5}, BestIsa());
  EXPECT_ERROR(SaveOnnxFile(washout, Path("p.onnx")),
               "washout has no network, so there are no tensors: write the genome instead");
  EXPECT_FALSE(std::filesystem::exists(Path("p.onnx")));
}

}  // namespace
}  // namespace dne
