// SPDX-License-Identifier: MIT
// Weights for other tools: the safetensors format (github.com/huggingface/safetensors): the
// header's size as 8 bytes, a JSON header, the tensors' bytes. One weight and one bias tensor a
// layer, named by type and place: "conv2d_0.weight" [height, width, in, out], "dense_3.weight" [in,
// out], "dense_3.bias" [out]; dense layers number an image's inputs channels last. A recurrent
// layer has two of each: "lstm_2.weight_ih" [in, gates * units], "lstm_2.bias_ih" [gates * units],
// "lstm_2.weight_hh" [units, gates * units], "lstm_2.bias_hh". Where the policy normalises its
// observations, "observation.mean" and "observation.inverse_std" [in].
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dne/genome/policy_layout.h"
#include "dne/nn/network.h"
#include "dne/policy/tensor_file.h"

namespace dne {

// `layout`: of the network's policies, one of which `policy` is.
std::string EncodeSafetensors(const Network& network, const PolicyLayout& layout,
                              std::span<const float> policy, const TensorMetadata& metadata);

// Read in two steps, since the metadata says which network it is.
class Safetensors {
 public:
  // Views into `bytes`. Throws Error where they are damaged or hold no float32 tensors.
  explicit Safetensors(std::string_view bytes);
  ~Safetensors();

  const TensorMetadata& metadata() const;
  // Throws Error, naming the tensor, where names, shapes or values are not the network's.
  std::vector<float> Policy(const Network& network, const PolicyLayout& layout) const;

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

// Whether the bytes begin as a safetensors file does.
bool LooksLikeSafetensors(std::string_view bytes);

}  // namespace dne
