// SPDX-License-Identifier: MIT
// Recurrent layers, and their derivatives through time.
#include <algorithm>
#include <utility>

#include "dne/base/error.h"
#include "dne/nn/affine.h"
#include "dne/nn/tape.h"

namespace dne::nn {
namespace {

float SigmoidSlope(float y) { return y * (1.0f - y); }
float TanhSlope(float y) { return 1.0f - y * y; }

// What a step computed for one unit: the state before, gates and sums where gate g's number is at
// g * units.
struct UnitStep {
  size_t units;
  const float* gates;
  const float* state_sums;
  float last_output;
  float last_memory;

  float gate(size_t g) const { return gates[g * units]; }
  float squashed() const { return state_sums[0]; }  // LSTM: tanh of the memory
};

// Changes of the sums of both maps; gate g's at g * units.
struct SumChanges {
  float* input;
  float* state;
};

// Changes of what a unit hands to the next step.
struct StateChange {
  float output = 0;
  float memory = 0;
};

// How a unit's output and memory change when its sums and its state before do.
StateChange PushUnit(LayerType type, const UnitStep& s, const SumChanges& sums,
                     const StateChange& last) {
  const size_t u = s.units;
  const auto both = [&](size_t g) { return sums.input[g * u] + sums.state[g * u]; };
  if (type == LayerType::kRnn) return {.output = TanhSlope(s.gate(0)) * both(0)};
  if (type == LayerType::kGru) {
    const float reset = SigmoidSlope(s.gate(0)) * both(0);
    const float update = SigmoidSlope(s.gate(1)) * both(1);
    const float fresh = TanhSlope(s.gate(2)) * (sums.input[2 * u] + reset * s.state_sums[2 * u] +
                                                s.gate(0) * sums.state[2 * u]);
    return {.output = (1.0f - s.gate(1)) * fresh + update * (s.last_output - s.gate(2)) +
                      s.gate(1) * last.output};
  }
  const float input = SigmoidSlope(s.gate(0)) * both(0);
  const float forget = SigmoidSlope(s.gate(1)) * both(1);
  const float fresh = TanhSlope(s.gate(2)) * both(2);
  const float output = SigmoidSlope(s.gate(3)) * both(3);
  const float memory =
      forget * s.last_memory + s.gate(1) * last.memory + input * s.gate(2) + s.gate(0) * fresh;
  return {.output = output * s.squashed() + s.gate(3) * TanhSlope(s.squashed()) * memory,
          .memory = memory};
}

// From the gradient by a unit's output and memory, that by its sums; returns that by its state
// before, but for what goes through the sums.
StateChange PullUnit(LayerType type, const UnitStep& s, const StateChange& g,
                     const SumChanges& sums) {
  const size_t u = s.units;
  const auto set = [&](size_t gate, float value) {
    sums.input[gate * u] = value;
    sums.state[gate * u] = value;
  };
  if (type == LayerType::kRnn) {
    set(0, TanhSlope(s.gate(0)) * g.output);
    return {};
  }
  if (type == LayerType::kGru) {
    const float fresh = TanhSlope(s.gate(2)) * (g.output * (1.0f - s.gate(1)));
    set(0, SigmoidSlope(s.gate(0)) * (fresh * s.state_sums[2 * u]));
    set(1, SigmoidSlope(s.gate(1)) * (g.output * (s.last_output - s.gate(2))));
    sums.input[2 * u] = fresh;
    sums.state[2 * u] = fresh * s.gate(0);
    return {.output = g.output * s.gate(1)};
  }
  const float memory = g.memory + g.output * s.gate(3) * TanhSlope(s.squashed());
  set(0, SigmoidSlope(s.gate(0)) * (memory * s.gate(2)));
  set(1, SigmoidSlope(s.gate(1)) * (memory * s.last_memory));
  set(2, TanhSlope(s.gate(2)) * (memory * s.gate(0)));
  set(3, SigmoidSlope(s.gate(3)) * (g.output * s.squashed()));
  return {.memory = memory * s.gate(1)};
}

class RecurrentTape final : public LayerTape {
 public:
  RecurrentTape(const Layer& layer, const MatrixKernels& kernels)
      : type_(layer.spec.type),
        units_(static_cast<size_t>(layer.spec.units)),
        input_map_(layer.map, kernels),
        state_map_(layer.state_map, kernels),
        kernels_(kernels) {}

  void Run(const float* parameters, const Matrix& in, size_t steps, Matrix& out) override {
    in_ = &in;
    steps_ = steps;
    input_map_.SetParameters(parameters);
    state_map_.SetParameters(parameters);
    gates_ = Matrix(in.rows, input_map_.outputs());
    state_sums_ = Matrix(in.rows, state_map_.outputs());
    last_outputs_ = Matrix(in.rows, units_);
    last_memories_ = Matrix(in.rows, units_);
    Matrix memories(in.rows, units_);
    input_map_.Apply(AllRows(in), AllRows(gates_));
    for (size_t t = 0; t < steps; ++t) {
      if (t > 0) Remember(t, out, memories);
      state_map_.Apply(StepRows(last_outputs_, t), StepRows(state_sums_, t));
      for (size_t r = t; r < in.rows; r += steps) StepRow(r, out, memories);
    }
  }

  void Push(const float* direction, const Matrix& tangent_in, Matrix& tangent_out) override {
    Matrix input_sums(gates_.rows, gates_.columns);
    Matrix state_sums = input_sums;
    Matrix last(tangent_out.rows, units_);
    Matrix memory(tangent_out.rows / steps_, units_);  // a row a sequence
    input_map_.Push(direction, AllRows(*in_), AllRows(tangent_in), AllRows(input_sums));
    for (size_t t = 0; t < steps_; ++t) {
      state_map_.Push(direction, StepRows(last_outputs_, t), StepRows(last, t),
                      StepRows(state_sums, t));
      for (size_t r = t, s = 0; r < tangent_out.rows; r += steps_, ++s) {
        for (size_t j = 0; j < units_; ++j) {
          const StateChange change =
              PushUnit(type_, StepOf(r, j), {input_sums.row(r) + j, state_sums.row(r) + j},
                       {last.row(r)[j], memory.row(s)[j]});
          tangent_out.row(r)[j] = change.output;
          memory.row(s)[j] = change.memory;
        }
        if (t + 1 < steps_) std::copy_n(tangent_out.row(r), units_, last.row(r + 1));
      }
    }
  }

  void Pull(const Block& block, Matrix& gradient_out, Matrix* gradient_in, float* gradient,
            Gradients kind) override {
    DNE_CHECK(kind == Gradients::kSum);
    Matrix input_sums(block.rows(), gates_.columns);
    Matrix state_sums = input_sums;
    Matrix memory(block.sequences, units_);
    for (size_t t = block.steps; t-- > 0;) {
      PullStep(block, t, gradient_out, memory, {&input_sums, &state_sums});
      if (t == 0) break;
      // To the outputs of the step before, which lie one row before.
      const Rows<float> before{gradient_out.row(t - 1), block.sequences, block.steps * units_};
      const Rows<float> sums{state_sums.row(t), block.sequences, block.steps * gates_.columns};
      state_map_.PullInputs(sums, before);
    }
    const Rows<const float> in{in_->row(block.first), block.rows(), in_->columns};
    const Rows<const float> last{last_outputs_.row(block.first), block.rows(), units_};
    input_map_.PullParameters(in, AllRows(input_sums), input_map_.PartOf(gradient));
    state_map_.PullParameters(last, AllRows(state_sums), state_map_.PartOf(gradient));
    if (gradient_in) input_map_.PullInputs(AllRows(input_sums), AllRows(*gradient_in));
  }

 private:
  struct SumMatrices {
    Matrix* input;
    Matrix* state;
  };

  // The rows of step t, one a sequence.
  Rows<float> StepRows(Matrix& m, size_t t) const {
    return {m.row(t), m.rows / steps_, steps_ * m.columns};
  }

  // The state that step t begins with.
  void Remember(size_t t, const Matrix& out, const Matrix& memories) {
    for (size_t r = t; r < out.rows; r += steps_) {
      std::copy_n(out.row(r - 1), units_, last_outputs_.row(r));
      std::copy_n(memories.row(r - 1), units_, last_memories_.row(r));
    }
  }

  void StepRow(size_t r, Matrix& out, Matrix& memories) {
    kernels_.step_cell({.type = type_,
                        .units = units_,
                        .gates = gates_.row(r),
                        .state_sums = state_sums_.row(r),
                        .last_output = last_outputs_.row(r),
                        .output = out.row(r),
                        .last_memory = last_memories_.row(r),
                        .memory = memories.row(r)});
  }

  UnitStep StepOf(size_t r, size_t j) const {
    return {.units = units_,
            .gates = gates_.row(r) + j,
            .state_sums = state_sums_.row(r) + j,
            .last_output = last_outputs_.row(r)[j],
            .last_memory = last_memories_.row(r)[j]};
  }

  // `memory`: a row a sequence, the gradient by what step t hands on, then by what it was handed.
  void PullStep(const Block& block, size_t t, Matrix& gradient_out, Matrix& memory,
                const SumMatrices& sums) const {
    for (size_t s = 0; s < block.sequences; ++s) {
      const size_t r = s * block.steps + t;
      for (size_t j = 0; j < units_; ++j) {
        const StateChange change =
            PullUnit(type_, StepOf(block.first + r, j), {gradient_out.row(r)[j], memory.row(s)[j]},
                     {sums.input->row(r) + j, sums.state->row(r) + j});
        memory.row(s)[j] = change.memory;
        if (t > 0) gradient_out.row(r - 1)[j] += change.output;
      }
    }
  }

  LayerType type_;
  size_t units_;
  Affine input_map_;
  Affine state_map_;
  const MatrixKernels& kernels_;
  const Matrix* in_ = nullptr;
  size_t steps_ = 0;
  // A row an observation.
  Matrix gates_;
  Matrix state_sums_;
  Matrix last_outputs_;
  Matrix last_memories_;
};

}  // namespace

std::unique_ptr<LayerTape> MakeRecurrentTape(const Layer& layer, const MatrixKernels& kernels) {
  return std::make_unique<RecurrentTape>(layer, kernels);
}

}  // namespace dne::nn
