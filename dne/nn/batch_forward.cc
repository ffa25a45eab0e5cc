// SPDX-License-Identifier: MIT
#include "dne/nn/batch_forward.h"

#include <array>
#include <string>

#include "dne/base/error.h"
#include "dne/nn/forward.h"
#include "dne/nn/run_check.h"
#include "dne/nn/stage.h"
#include "dne/nn/vector_batch_forward.h"

namespace dne {
namespace {

using nn::Size;

class PlainBatchForward final : public BatchForward {
 public:
  explicit PlainBatchForward(const Network& network)
      : network_(network), forward_(MakeForward(network, Isa::kScalar, 1)) {}

  void SetParameters(std::span<const float> parameters) override {
    forward_->SetParameters(parameters);
    has_parameters_ = true;
  }
  void SetChange(const LowRankChange* change) override { forward_->SetChange(0, change); }
  void RunMembers(std::span<const LowRankChange> members, std::span<const uint8_t> observations,
                  std::span<float> outputs) override {
    for (size_t i = 0; i < members.size(); ++i) {
      SetChange(&members[i]);
      RunAll(ShareOf(observations, i, members.size()), ShareOf(outputs, i, members.size()));
    }
    SetChange(nullptr);
  }
  void Run(std::span<const uint8_t> observations, std::span<float> outputs) override {
    RunAll(observations, outputs);
  }
  void Run(std::span<const float> observations, std::span<float> outputs) override {
    RunAll(observations, outputs);
  }

 private:
  template <class T>
  void RunAll(std::span<const T> observations, std::span<float> outputs) {
    const size_t count = CheckBatch(network_, has_parameters_, observations.size(), outputs.size());
    const size_t inputs = network_.input().size();
    const size_t num_outputs = Size(network_.num_outputs());
    for (size_t i = 0; i < count; ++i) {
      forward_->Run(std::array{0}, observations.subspan(i * inputs, inputs),
                    outputs.subspan(i * num_outputs, num_outputs));
    }
  }

  const Network& network_;
  std::unique_ptr<Forward> forward_;
  bool has_parameters_ = false;
};

}  // namespace

std::unique_ptr<BatchForward> MakeBatchForward(const Network& network, Isa isa) {
  DNE_CHECK(IsaSupported(isa));
  const std::string only =
      ": a batch of observations needs a network whose outputs follow from one observation; ";
  if (network.has_state()) {
    throw Error("the network has a state" + only + "use layers other than rnn, gru and lstm");
  }
  if (network.virtual_batch_norm()) {
    throw Error("the network has virtual_batch_norm" + only + "leave it out");
  }
  if (isa == Isa::kScalar) return std::make_unique<PlainBatchForward>(network);
  return MakeVectorBatchForward(network, isa);
}

}  // namespace dne
