// SPDX-License-Identifier: MIT
// Recurrent parity (1712.06563, 5.2): a network is shown each of the 16 strings of four bits, a bit
// a step, and says at the end of each whether its number of ones is odd.
#pragma once

#include <memory>

#include "dne/nn/network.h"
#include "dne/tasks/task_kind.h"

namespace dne {

inline constexpr int kParityBits = 4;
inline constexpr int kParityStrings = 1 << kParityBits;

// One input, the bit as 0 or 1, and one output, of a sigmoid: how probable "odd" is. An episode is
// one step: all 16 strings, each from the network's zero state. Its score is the mean over them of
// the logarithm of the probability that the network gives to the right answer (of at least 1e-7);
// it is solved where all 16 answers are right, which means a probability above 1/2. Its behaviour
// is the 16 answers, a byte each. Safe mutations look at the 16 last outputs.
std::unique_ptr<Task> MakeParityTask(std::shared_ptr<const Network> network);

extern const TaskKind kParityKind;

}  // namespace dne
