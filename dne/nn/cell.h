// SPDX-License-Identifier: MIT
// One step of a recurrent layer, once its two affine maps are evaluated: PyTorch's RNN, GRU and
// LSTM cells (its documentation of RNN, GRU, LSTM). Here as plain loops; the vector kernels follow
// operation by operation.
#pragma once

#include <cmath>
#include <cstddef>

#include "dne/nn/activation.h"
#include "dne/nn/network.h"

namespace dne::nn {

struct Cell {
  LayerType type;
  size_t units;
  // The sums of the map from the input, gate by gate; afterwards the gates' values: of an RNN its
  // output, of a GRU reset, update and new, of an LSTM input, forget, cell and output.
  float* gates;
  // The sums of the map from the state; of an LSTM afterwards, in front, tanh of the memory.
  float* state_sums;
  const float* last_output;  // may be `output`
  float* output;
  const float* last_memory;  // LSTM only; may be `memory`
  float* memory;
};

[[gnu::always_inline]] inline void StepRnn(const Cell& cell, size_t j) {
  cell.gates[j] = Tanh(cell.gates[j] + cell.state_sums[j]);
  cell.output[j] = cell.gates[j];
}

[[gnu::always_inline]] inline void StepGru(const Cell& cell, size_t j) {
  float* gates = cell.gates + j;
  const float* sums = cell.state_sums + j;
  const size_t u = cell.units;
  gates[0] = Sigmoid(gates[0] + sums[0]);
  gates[u] = Sigmoid(gates[u] + sums[u]);
  gates[2 * u] = Tanh(std::fma(gates[0], sums[2 * u], gates[2 * u]));
  cell.output[j] = std::fma(gates[u], cell.last_output[j] - gates[2 * u], gates[2 * u]);
}

[[gnu::always_inline]] inline void StepLstm(const Cell& cell, size_t j) {
  float* gates = cell.gates + j;
  float* sums = cell.state_sums + j;
  const size_t u = cell.units;
  gates[0] = Sigmoid(gates[0] + sums[0]);
  gates[u] = Sigmoid(gates[u] + sums[u]);
  gates[2 * u] = Tanh(gates[2 * u] + sums[2 * u]);
  gates[3 * u] = Sigmoid(gates[3 * u] + sums[3 * u]);
  cell.memory[j] = std::fma(gates[u], cell.last_memory[j], gates[0] * gates[2 * u]);
  sums[0] = Tanh(cell.memory[j]);
  cell.output[j] = gates[3 * u] * sums[0];
}

[[gnu::always_inline]] inline void StepCell(const Cell& cell) {
  for (size_t j = 0; j < cell.units; ++j) {
    if (cell.type == LayerType::kLstm) {
      StepLstm(cell, j);
    } else if (cell.type == LayerType::kGru) {
      StepGru(cell, j);
    } else {
      StepRnn(cell, j);
    }
  }
}

}  // namespace dne::nn
