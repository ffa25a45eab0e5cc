// SPDX-License-Identifier: MIT
#include "dne/policy/onnx.h"

#include <cstdint>
#include <span>
#include <vector>

#include "dne/base/error.h"
#include "dne/nn/run_check.h"
#include "dne/policy/onnx_graph.h"

namespace dne {
namespace {

// [height, width, inputs, filters] to ONNX's [filters, inputs, height, width].
std::vector<float> FiltersFirst(const Layer& layer, std::span<const float> weights) {
  const auto channels = static_cast<size_t>(layer.input.channels);
  const size_t positions = layer.map.inputs / channels;
  std::vector<float> turned;
  turned.reserve(weights.size());
  for (size_t filter = 0; filter < layer.map.outputs; ++filter) {
    for (size_t c = 0; c < channels; ++c) {
      for (size_t p = 0; p < positions; ++p) {
        turned.push_back(weights[(p * channels + c) * layer.map.outputs + filter]);
      }
    }
  }
  return turned;
}

// A recurrent layer as ONNX has it.
struct CellForm {
  const char* op;
  std::vector<size_t> gates;  // where each of ONNX's gates lies among dne's
  size_t num_states;
};

CellForm FormOf(LayerType type) {
  switch (type) {
    case LayerType::kLstm:
      return {.op = "LSTM", .gates = {0, 3, 1, 2}, .num_states = 2};  // input output forget cell
    case LayerType::kGru:
      return {.op = "GRU", .gates = {1, 0, 2}, .num_states = 1};  // update reset new
    default:
      DNE_CHECK(type == LayerType::kRnn);
      return {.op = "RNN", .gates = {0}, .num_states = 1};
  }
}

// Rows of inputs, [inputs][gates * units], to ONNX's [gates * units][inputs], its gates in order.
std::vector<float> GatesFirst(const CellForm& form, std::span<const float> rows, size_t inputs) {
  const size_t outputs = rows.size() / inputs;
  const size_t units = outputs / form.gates.size();
  std::vector<float> turned;
  turned.reserve(rows.size());
  for (size_t gate : form.gates) {
    for (size_t unit = 0; unit < units; ++unit) {
      for (size_t i = 0; i < inputs; ++i) {
        turned.push_back(rows[i * outputs + gate * units + unit]);
      }
    }
  }
  return turned;
}

// In the order of Activation.
constexpr const char* kActivations[] = {"Identity", "Relu", "Tanh", "Selu", "Sigmoid"};

size_t Size(int n) { return static_cast<size_t>(n); }

// Values are called by the layer that has them, and what they are there.
class PolicyGraph {
 public:
  PolicyGraph(const Network& network, const PolicyParts<const float>& policy, float clip)
      : network_(network), parameters_(policy.parameters) {
    graph_.AddOutput("outputs", {Size(network.num_outputs())});
    if (TakesBytes(network)) {
      ObserveImage();
    } else {
      ObserveNumbers(policy, clip);
    }
    for (const Layer& layer : network.layers()) {
      name_ = LayerName(layer, values_.size());
      AddLayer(layer);
      values_.push_back(value_);
    }
    AddNode("Identity", {value_}, "outputs");
  }

  std::string Encode(const TensorMetadata& metadata) const { return graph_.Encode(metadata); }

 private:
  // How a value lies.
  enum class Form {
    kFlat,           // [batch, size]
    kChannelsLast,   // [batch, height, width, channels]
    kChannelsFirst,  // [batch, channels, height, width]
  };

  std::string AddNode(const char* op, const std::vector<std::string>& inputs,
                      const std::string& output, const OnnxAttributes& attributes = {}) {
    return graph_.AddNode(
        {.op = op, .inputs = inputs, .outputs = {output}, .attributes = attributes});
  }
  std::string AddScalar(const std::string& name, float value) {
    return graph_.AddConstant(name, {}, std::span(&value, 1));
  }

  void ObserveImage() {
    const Shape& shape = network_.input();
    graph_.AddInput("observation", OnnxType::kUint8,
                    {Size(shape.height), Size(shape.width), Size(shape.channels)});
    value_ = AddNode("Cast", {"observation"}, "observation.floats",
                     {{"to", static_cast<int64_t>(OnnxType::kFloat)}});
    const std::string scale = AddScalar("observation.scale", kByteScale);
    value_ = AddNode("Mul", {value_, scale}, "observation.scaled");
    form_ = Form::kChannelsLast;
  }

  void ObserveNumbers(const PolicyParts<const float>& policy, float clip) {
    const OnnxShape shape = {network_.input().size()};
    value_ = "observation";
    graph_.AddInput(value_, OnnxType::kFloat, shape);
    if (policy.normaliser.empty()) return;
    const std::string mean = graph_.AddConstant("observation.mean", shape, policy.means());
    const std::string inverse_std =
        graph_.AddConstant("observation.inverse_std", shape, policy.inverse_deviations());
    value_ = AddNode("Sub", {value_, mean}, "observation.centred");
    value_ = AddNode("Mul", {value_, inverse_std}, "observation.normal");
    if (clip <= 0) return;
    const std::string low = AddScalar("observation.low", -clip);
    const std::string high = AddScalar("observation.high", clip);
    value_ = AddNode("Clip", {value_, low, high}, "observation.clipped");
  }

  void AddLayer(const Layer& layer) {
    switch (layer.spec.type) {
      case LayerType::kConv2d:
        return AddConvolution(layer);
      case LayerType::kDense:
        return AddDense(layer);
      case LayerType::kAveragePool:
        return AddPool("GlobalAveragePool", {});
      case LayerType::kMaxPool:
        return AddPool("MaxPool", WindowOf(layer));
      default:
        return AddRecurrent(layer, FormOf(layer.spec.type));
    }
  }

  void MakeChannelsFirst() {
    if (form_ == Form::kChannelsFirst) return;
    value_ =
        AddNode("Transpose", {value_}, name_ + ".channels_first", {{"perm", OnnxInts{0, 3, 1, 2}}});
    form_ = Form::kChannelsFirst;
  }

  // An image's numbers in the order in which dense layers count them.
  void MakeFlat() {
    if (form_ == Form::kFlat) return;
    if (form_ == Form::kChannelsFirst) {
      value_ = AddNode("Transpose", {value_}, name_ + ".channels_last",
                       {{"perm", OnnxInts{0, 2, 3, 1}}});
    }
    value_ = AddNode("Flatten", {value_}, name_ + ".flat");
    form_ = Form::kFlat;
  }

  static OnnxAttributes WindowOf(const Layer& layer) {
    const auto square = [](int size) { return OnnxInts{size, size}; };
    return {{"kernel_shape", square(layer.spec.kernel)}, {"strides", square(layer.spec.stride)}};
  }

  void AddPool(const char* op, const OnnxAttributes& window) {
    MakeChannelsFirst();
    value_ = AddNode(op, {value_}, name_, window);
  }

  std::span<const float> WeightsOf(const AffineMap& map) const {
    return parameters_.subspan(map.weights, map.num_weights());
  }
  std::span<const float> BiasesOf(const AffineMap& map) const {
    return parameters_.subspan(map.biases, map.outputs);
  }
  std::string AddBiases(const Layer& layer) {
    return graph_.AddConstant(name_ + ".bias", {layer.map.outputs}, BiasesOf(layer.map));
  }

  void AddConvolution(const Layer& layer) {
    MakeChannelsFirst();
    const size_t kernel = Size(layer.spec.kernel);
    const std::string weights = graph_.AddConstant(
        name_ + ".weight", {layer.map.outputs, Size(layer.input.channels), kernel, kernel},
        FiltersFirst(layer, WeightsOf(layer.map)));
    OnnxAttributes attributes = WindowOf(layer);
    attributes["pads"] = OnnxInts{layer.pad_top, layer.pad_left,
                                  layer.padded.height - layer.input.height - layer.pad_top,
                                  layer.padded.width - layer.input.width - layer.pad_left};
    value_ = AddNode("Conv", {value_, weights, AddBiases(layer)}, name_ + ".sums", attributes);
    Activate(layer);
  }

  void AddDense(const Layer& layer) {
    MakeFlat();
    const std::string weights = graph_.AddConstant(
        name_ + ".weight", {layer.map.inputs, layer.map.outputs}, WeightsOf(layer.map));
    value_ = AddNode("Gemm", {value_, weights, AddBiases(layer)}, name_ + ".sums");
    Activate(layer);
    if (layer.skip_from) {
      value_ = AddNode("Add", {value_, values_[*layer.skip_from]}, name_ + ".with_skip");
    }
  }

  void Activate(const Layer& layer) {
    if (layer.spec.activation == Activation::kLinear) return;
    value_ = AddNode(kActivations[static_cast<size_t>(layer.spec.activation)], {value_}, name_);
  }

  // ONNX's recurrent layers take sequences, [steps, batch, size], and have their tensors for each
  // direction: here one step, one direction.
  void AddRecurrent(const Layer& layer, const CellForm& form) {
    MakeFlat();
    const std::string axis = graph_.AddConstant(name_ + ".axis", {0});
    OnnxNode cell{
        .op = form.op,
        .inputs = {AddNode("Unsqueeze", {value_, axis}, name_ + ".input"),
                   AddGates(form, layer.map, ".weight_ih"),
                   AddGates(form, layer.state_map, ".weight_hh"), AddGateBiases(form, layer), ""},
        .outputs = {""},
        .attributes = {{"hidden_size", layer.spec.units}}};
    // PyTorch's reset gate scales the sums over the state, biases included.
    if (layer.spec.type == LayerType::kGru) cell.attributes["linear_before_reset"] = 1;
    const std::vector<std::string> states = NameStates(form.num_states);
    for (const std::string& state : states) {
      graph_.AddInput(state, OnnxType::kFloat, {Size(layer.spec.units)});
      cell.inputs.push_back(AddNode("Unsqueeze", {state, axis}, state + ".direction"));
      cell.outputs.push_back("next_" + state + ".direction");
    }
    graph_.AddNode(cell);
    for (const std::string& state : states) {
      graph_.AddOutput("next_" + state, {Size(layer.spec.units)});
      AddNode("Squeeze", {"next_" + state + ".direction", axis}, "next_" + state);
    }
    value_ = "next_" + states.front();
  }

  std::vector<std::string> NameStates(size_t count) {
    std::vector<std::string> names;
    while (names.size() < count) names.push_back("state_" + std::to_string(num_states_++));
    return names;
  }

  std::string AddGates(const CellForm& form, const AffineMap& map, const char* suffix) {
    return graph_.AddConstant(name_ + suffix, {1, map.outputs, map.inputs},
                              GatesFirst(form, WeightsOf(map), map.inputs));
  }
  std::string AddGateBiases(const CellForm& form, const Layer& layer) {
    std::vector<float> both = GatesFirst(form, BiasesOf(layer.map), 1);
    const std::vector<float> of_state = GatesFirst(form, BiasesOf(layer.state_map), 1);
    both.insert(both.end(), of_state.begin(), of_state.end());
    return graph_.AddConstant(name_ + ".bias", {1, both.size()}, both);
  }

  const Network& network_;
  std::span<const float> parameters_;
  OnnxGraph graph_;
  size_t num_states_ = 0;
  std::string name_;   // of the layer at hand
  std::string value_;  // what the next node reads
  Form form_ = Form::kFlat;
  std::vector<std::string> values_;  // of each layer its last
};

}  // namespace

std::string EncodeOnnx(const Network& network, const PolicyParts<const float>& policy, float clip,
                       const TensorMetadata& metadata) {
  DNE_CHECK(policy.parameters.size() == network.num_parameters());
  return PolicyGraph(network, policy, clip).Encode(metadata);
}

}  // namespace dne
