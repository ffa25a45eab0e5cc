// SPDX-License-Identifier: MIT
#include "dne/nn/loss.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "dne/base/error.h"
#include "dne/nn/run_check.h"
#include "dne/nn/tape.h"

namespace dne {
namespace {

using nn::Matrix;

// Images that go through the tape together.
constexpr size_t kRows = 64;

// sum_k exp(y_k - largest).
double SumOfExponentials(std::span<const float> outputs, double largest) {
  double sum = 0;
  for (float y : outputs) sum += std::exp(static_cast<double>(y) - largest);
  return sum;
}

double Largest(std::span<const float> outputs) {
  return static_cast<double>(outputs[LargestOutput(outputs)]);
}

void AddImage(std::span<const float> outputs, size_t label, BatchLoss& loss) {
  loss.sum += CrossEntropy(outputs, label);
  if (LargestOutput(outputs) == label) ++loss.right;
}

// Puts the gradient of the row's cross-entropy / count in the outputs' place: softmax, less one at
// the label.
void DifferentiateRow(std::span<float> outputs, size_t label, double count) {
  const double largest = Largest(outputs);
  const double sum = SumOfExponentials(outputs, largest);
  for (size_t k = 0; k < outputs.size(); ++k) {
    const double share = std::exp(static_cast<double>(outputs[k]) - largest) / sum;
    outputs[k] = static_cast<float>((share - (k == label ? 1 : 0)) / count);
  }
}

}  // namespace

size_t LargestOutput(std::span<const float> outputs) {
  return static_cast<size_t>(std::ranges::max_element(outputs) - outputs.begin());
}

double CrossEntropy(std::span<const float> outputs, size_t label) {
  DNE_CHECK(label < outputs.size());
  const double largest = Largest(outputs);
  return std::log(SumOfExponentials(outputs, largest)) -
         (static_cast<double>(outputs[label]) - largest);
}

class LossGradient::Implementation {
 public:
  Implementation(const Network& network, Isa isa) : network_(network), tape_(network, isa) {}

  BatchLoss Run(std::span<const float> parameters, std::span<const uint8_t> images,
                std::span<const uint8_t> labels, std::span<float> gradient) {
    const size_t size = network_.input().size();
    DNE_CHECK(TakesBytes(network_) && images.size() == labels.size() * size);
    DNE_CHECK(!labels.empty());
    std::ranges::fill(gradient, 0.0f);
    BatchLoss loss;
    for (size_t first = 0; first < labels.size(); first += kRows) {
      const size_t rows = std::min(kRows, labels.size() - first);
      AddRows(parameters, images.subspan(first * size, rows * size), labels.subspan(first, rows),
              static_cast<double>(labels.size()), loss, gradient);
    }
    return loss;
  }

 private:
  // Chains over images go on in the gradient, so that it is no matter how many rows these are.
  void AddRows(std::span<const float> parameters, std::span<const uint8_t> images,
               std::span<const uint8_t> labels, double count, BatchLoss& loss,
               std::span<float> gradient) {
    Matrix inputs(labels.size(), network_.input().size());
    for (size_t i = 0; i < images.size(); ++i) {
      inputs.values[i] = static_cast<float>(images[i]) * kByteScale;
    }
    Matrix outputs = tape_.Run(parameters, std::move(inputs), /*steps=*/1);
    for (size_t r = 0; r < labels.size(); ++r) {
      const std::span row(outputs.row(r), outputs.columns);
      AddImage(row, labels[r], loss);
      DifferentiateRow(row, labels[r], count);
    }
    tape_.Pull({.first = 0, .sequences = labels.size(), .steps = 1}, std::move(outputs), gradient,
               nn::Gradients::kSum);
  }

  const Network& network_;
  nn::Tape tape_;
};

LossGradient::LossGradient(const Network& network, Isa isa) {
  if (network.has_state() || network.virtual_batch_norm()) {
    throw Error(std::string("the network has ") +
                (network.has_state() ? "a state" : "virtual_batch_norm") +
                ": gradients of a loss are for networks whose outputs follow from one observation; "
                "leave it out");
  }
  implementation_ = std::make_unique<Implementation>(network, isa);
}

LossGradient::~LossGradient() = default;

BatchLoss LossGradient::Run(std::span<const float> parameters, std::span<const uint8_t> images,
                            std::span<const uint8_t> labels, std::span<float> gradient) {
  return implementation_->Run(parameters, images, labels, gradient);
}

}  // namespace dne
