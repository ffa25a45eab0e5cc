// SPDX-License-Identifier: MIT
// An ONNX model (onnx.ai, IR version 8, operator set 17) put together node by node: the few
// messages of its protobuf definition that networks need. Inside the policy module only, but for
// the tests.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "dne/policy/protobuf_writer.h"

namespace dne {

using OnnxShape = std::vector<size_t>;

// As TensorProto.DataType numbers them.
enum class OnnxType { kFloat = 1, kUint8 = 2, kInt64 = 7 };

using OnnxInts = std::vector<int64_t>;
using OnnxAttribute = std::variant<int64_t, OnnxInts>;
using OnnxAttributes = std::map<std::string, OnnxAttribute>;

struct OnnxNode {
  const char* op = "";  // "Gemm"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  OnnxAttributes attributes = {};
};

// Nodes come after those whose outputs they read. Names are the caller's, each but once; an empty
// one stands for an input or output that an operator may go without.
class OnnxGraph {
 public:
  // What goes in, or comes out: [batch, ...shape], any batch.
  void AddInput(const std::string& name, OnnxType type, const OnnxShape& shape);
  void AddOutput(const std::string& name, const OnnxShape& shape);
  // Returns the name, as do the next ones; a node's is that of its first output.
  std::string AddConstant(const std::string& name, const OnnxShape& shape,
                          std::span<const float> values);
  std::string AddConstant(const std::string& name, const OnnxInts& values);
  std::string AddNode(const OnnxNode& node);

  // The file.
  std::string Encode(const std::map<std::string, std::string>& metadata) const;

 private:
  ProtobufWriter nodes_;
  ProtobufWriter constants_;
  ProtobufWriter inputs_;
  ProtobufWriter outputs_;
};

}  // namespace dne
