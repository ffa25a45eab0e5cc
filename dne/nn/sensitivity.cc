// SPDX-License-Identifier: MIT
#include "dne/nn/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "dne/base/error.h"
#include "dne/nn/run_check.h"
#include "dne/nn/tape.h"

namespace dne {
namespace {

using nn::Block;
using nn::Gradients;
using nn::Matrix;
using nn::Tape;

}  // namespace

class OutputSensitivity::Implementation {
 public:
  Implementation(const Network& network, Isa isa)
      : network_(network), tape_(network, isa), child_(network, isa) {}

  void SetExperiences(std::span<const float> parameters, const Experiences& experiences) {
    DNE_CHECK(TakesBytes(network_) ? experiences.floats.empty() : experiences.bytes.empty());
    const size_t values = experiences.bytes.size() + experiences.floats.size();
    DNE_CHECK(values > 0 && values % network_.input().size() == 0);
    const std::vector<size_t> lengths = LengthsOf(experiences, values / network_.input().size());
    DNE_CHECK(!lengths.empty());
    sequences_ = lengths.size();
    steps_ = *std::ranges::max_element(lengths);
    counting_.clear();
    for (size_t s = 0; s < sequences_; ++s) {
      const bool last_only = experiences.last_outputs_only && network_.has_state();
      for (size_t t = last_only ? lengths[s] - 1 : 0; t < lengths[s]; ++t) {
        counting_.push_back(s * steps_ + t);
      }
    }
    tape_.Run(parameters, InputsOf(experiences, lengths), steps_);
  }

  void Sum(std::span<float> out) {
    AddSquares(1, out, [this](size_t output, std::span<float> gradient) {
      tape_.Pull(All(), OnesAt(counting_, output), gradient, Gradients::kSum);
    });
  }

  void Abs(std::span<float> out) {
    AddSquares(static_cast<double>(counting_.size()), out,
               [this](size_t output, std::span<float> gradient) {
                 if (network_.has_state()) return AddPrefixes(output, gradient);
                 tape_.Pull(All(), OnesAt(counting_, output), gradient, Gradients::kAbsolute);
               });
  }

  void SecondOrder(std::span<const float> direction, std::span<float> out) {
    DNE_CHECK(has_experiences());
    const Matrix pushed = tape_.Push(direction);
    Matrix changes(pushed.rows, pushed.columns);
    for (size_t r : counting_) std::copy_n(pushed.row(r), pushed.columns, changes.row(r));
    std::ranges::fill(out, 0.0f);
    tape_.Pull(All(), std::move(changes), out, Gradients::kSum);
    const double factor = 2 / static_cast<double>(counting_.size());
    for (float& value : out) {
      value = static_cast<float>(std::sqrt(std::abs(factor * static_cast<double>(value))));
    }
  }

  double Divergence(std::span<const float> parameters) {
    DNE_CHECK(has_experiences());
    const Matrix& child = child_.Run(parameters, tape_.inputs(), steps_);
    double sum = 0;
    for (size_t r : counting_) {
      for (size_t k = 0; k < child.columns; ++k) {
        const double difference =
            static_cast<double>(child.row(r)[k]) - static_cast<double>(tape_.outputs().row(r)[k]);
        sum += difference * difference;
      }
    }
    return sum / static_cast<double>(counting_.size());
  }

 private:
  bool has_experiences() const { return steps_ > 0; }

  // Of each sequence; networks without a state have sequences of one observation.
  std::vector<size_t> LengthsOf(const Experiences& experiences, size_t observations) const {
    if (!network_.has_state()) return std::vector<size_t>(observations, 1);
    std::vector<size_t> lengths(experiences.lengths.begin(), experiences.lengths.end());
    size_t sum = 0;
    for (size_t length : lengths) {
      DNE_CHECK(length > 0);
      sum += length;
    }
    DNE_CHECK(sum == observations);
    return lengths;
  }

  // Zeros follow the end of sequences that are shorter than the longest.
  Matrix InputsOf(const Experiences& experiences, std::span<const size_t> lengths) const {
    Matrix inputs(sequences_ * steps_, network_.input().size());
    size_t at = 0;
    for (size_t s = 0; s < sequences_; ++s) {
      float* to = inputs.row(s * steps_);
      const size_t count = lengths[s] * inputs.columns;
      for (size_t i = 0; i < count; ++i, ++at) {
        to[i] = TakesBytes(network_) ? static_cast<float>(experiences.bytes[at]) * kByteScale
                                     : experiences.floats[at];
      }
    }
    return inputs;
  }

  Block All() const { return {.first = 0, .sequences = sequences_, .steps = steps_}; }

  Matrix OnesAt(std::span<const size_t> rows, size_t output) const {
    Matrix ones(sequences_ * steps_, static_cast<size_t>(network_.num_outputs()));
    for (size_t r : rows) ones.row(r)[output] = 1;
    return ones;
  }

  // Each x alone: the sequence up to it, which ends in a one.
  void AddPrefixes(size_t output, std::span<float> absolute) {
    std::vector<float> gradient(absolute.size());
    for (size_t r : counting_) {
      const size_t step = r % steps_;
      Matrix one(step + 1, static_cast<size_t>(network_.num_outputs()));
      one.row(step)[output] = 1;
      std::ranges::fill(gradient, 0.0f);
      tape_.Pull({.first = r - step, .sequences = 1, .steps = step + 1}, std::move(one), gradient,
                 Gradients::kSum);
      for (size_t i = 0; i < gradient.size(); ++i) absolute[i] += std::abs(gradient[i]);
    }
  }

  // The square root of the sum over the outputs of (what add_gradient adds / divisor)^2.
  template <class AddGradient>
  void AddSquares(double divisor, std::span<float> out, const AddGradient& add_gradient) {
    DNE_CHECK(has_experiences() && out.size() == network_.num_parameters());
    std::vector<double> squares(out.size(), 0.0);
    for (size_t k = 0; k < static_cast<size_t>(network_.num_outputs()); ++k) {
      std::ranges::fill(out, 0.0f);
      add_gradient(k, out);
      for (size_t i = 0; i < out.size(); ++i) {
        const double part = static_cast<double>(out[i]) / divisor;
        squares[i] += part * part;
      }
    }
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(std::sqrt(squares[i]));
  }

  const Network& network_;
  Tape tape_;
  Tape child_;
  size_t sequences_ = 0;
  size_t steps_ = 0;
  std::vector<size_t> counting_;  // rows whose outputs count
};

OutputSensitivity::OutputSensitivity(const Network& network, Isa isa) {
  if (network.virtual_batch_norm()) {
    throw Error(
        "virtual_batch_norm has no output sensitivities: leave it out, or use mutations "
        "that need none");
  }
  implementation_ = std::make_unique<Implementation>(network, isa);
}

OutputSensitivity::~OutputSensitivity() = default;

void OutputSensitivity::SetExperiences(std::span<const float> parameters,
                                       const Experiences& experiences) {
  implementation_->SetExperiences(parameters, experiences);
}
void OutputSensitivity::Sum(std::span<float> out) { implementation_->Sum(out); }
void OutputSensitivity::Abs(std::span<float> out) { implementation_->Abs(out); }
void OutputSensitivity::SecondOrder(std::span<const float> direction, std::span<float> out) {
  implementation_->SecondOrder(direction, out);
}
double OutputSensitivity::Divergence(std::span<const float> child) {
  return implementation_->Divergence(child);
}

}  // namespace dne
