// SPDX-License-Identifier: MIT
// Fields have the numbers that onnx.proto gives them; behind each its name there.
#include "dne/policy/onnx_graph.h"

#include "dne/base/about.h"
#include "dne/base/bytes.h"

namespace dne {
namespace {

constexpr int64_t kIrVersion = 8;
constexpr int64_t kOperatorSet = 17;
constexpr const char* kBatch = "batch";  // the size that is open

// A TensorProto. `data`: as the numbers lie, little-endian.
ProtobufWriter Tensor(const std::string& name, OnnxType type, const OnnxShape& shape,
                      std::string_view data) {
  ProtobufWriter tensor;
  for (size_t size : shape) tensor.AddInt(1, static_cast<int64_t>(size));  // dims
  tensor.AddInt(2, static_cast<int64_t>(type));                            // data_type
  tensor.AddBytes(8, name);                                                // name
  tensor.AddBytes(9, data);                                                // raw_data
  return tensor;
}

template <class T>
std::string_view BytesOf(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

// A TensorShapeProto.
ProtobufWriter BatchOf(const OnnxShape& shape) {
  ProtobufWriter batch;
  batch.AddBytes(2, kBatch);  // dim_param
  ProtobufWriter sizes;
  sizes.AddMessage(1, batch);  // dim
  for (size_t size : shape) {
    ProtobufWriter dimension;
    dimension.AddInt(1, static_cast<int64_t>(size));  // dim_value
    sizes.AddMessage(1, dimension);                   // dim
  }
  return sizes;
}

// A ValueInfoProto.
ProtobufWriter ValueInfo(const std::string& name, OnnxType type, const OnnxShape& shape) {
  ProtobufWriter tensor;
  tensor.AddInt(1, static_cast<int64_t>(type));  // elem_type
  tensor.AddMessage(2, BatchOf(shape));          // shape
  ProtobufWriter tensor_type;
  tensor_type.AddMessage(1, tensor);  // tensor_type
  ProtobufWriter value;
  value.AddBytes(1, name);           // name
  value.AddMessage(2, tensor_type);  // type
  return value;
}

// An AttributeProto.
ProtobufWriter Attribute(const std::string& name, const OnnxAttribute& value) {
  constexpr int64_t kInt = 2;
  constexpr int64_t kInts = 7;
  ProtobufWriter attribute;
  attribute.AddBytes(1, name);  // name
  if (const auto* number = std::get_if<int64_t>(&value)) {
    attribute.AddInt(3, *number);  // i
    attribute.AddInt(20, kInt);    // type
    return attribute;
  }
  for (int64_t number : std::get<OnnxInts>(value)) attribute.AddInt(8, number);  // ints
  attribute.AddInt(20, kInts);                                                   // type
  return attribute;
}

}  // namespace

void OnnxGraph::AddInput(const std::string& name, OnnxType type, const OnnxShape& shape) {
  inputs_.AddMessage(11, ValueInfo(name, type, shape));  // input
}

void OnnxGraph::AddOutput(const std::string& name, const OnnxShape& shape) {
  outputs_.AddMessage(12, ValueInfo(name, OnnxType::kFloat, shape));  // output
}

std::string OnnxGraph::AddConstant(const std::string& name, const OnnxShape& shape,
                                   std::span<const float> values) {
  constants_.AddMessage(5, Tensor(name, OnnxType::kFloat, shape, BytesOf(values)));  // initializer
  return name;
}

std::string OnnxGraph::AddConstant(const std::string& name, const OnnxInts& values) {
  const std::string_view data = BytesOf(std::span(values));
  constants_.AddMessage(5, Tensor(name, OnnxType::kInt64, {values.size()}, data));  // initializer
  return name;
}

std::string OnnxGraph::AddNode(const OnnxNode& node) {
  ProtobufWriter written;
  for (const std::string& input : node.inputs) written.AddBytes(1, input);     // input
  for (const std::string& output : node.outputs) written.AddBytes(2, output);  // output
  written.AddBytes(4, node.op);                                                // op_type
  for (const auto& [name, value] : node.attributes) {
    written.AddMessage(5, Attribute(name, value));  // attribute
  }
  nodes_.AddMessage(1, written);  // node
  return node.outputs.front();
}

std::string OnnxGraph::Encode(const std::map<std::string, std::string>& metadata) const {
  ProtobufWriter operators;
  operators.AddInt(2, kOperatorSet);  // version
  ProtobufWriter graph;
  graph.Append(nodes_);
  graph.AddBytes(2, "policy");  // name
  for (const ProtobufWriter* part : {&constants_, &inputs_, &outputs_}) graph.Append(*part);
  ProtobufWriter model;
  model.AddInt(1, kIrVersion);     // ir_version
  model.AddBytes(2, "dne");        // producer_name
  model.AddBytes(3, Version());    // producer_version
  model.AddMessage(7, graph);      // graph
  model.AddMessage(8, operators);  // opset_import
  for (const auto& [key, value] : metadata) {
    ProtobufWriter entry;
    entry.AddBytes(1, key);       // key
    entry.AddBytes(2, value);     // value
    model.AddMessage(14, entry);  // metadata_props
  }
  return model.Take();
}

}  // namespace dne
