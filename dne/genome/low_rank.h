// SPDX-License-Identifier: MIT
// Noise of low rank (2511.16652, EGGROLL): that of a layer's weight matrix, [inputs][outputs], is
// A B^T / sqrt(rank), A being [inputs][rank] and B [outputs][rank], all of normal numbers. What
// lies in no weight matrix (biases) has plain normal noise.
//
// The numbers are those of the member's stream: number j for parameter j where noise is plain. From
// number num_parameters on come the factors, a layer after the other, in each A and then B, of each
// one column (of `inputs` or `outputs` numbers) after the other; every column begins at the next
// multiple of 4.
//
// With weight w (sigma or -sigma for a child, a score for an update) and the float r nearest to
// 1 / sqrt(rank), a matrix becomes
//   for k = 0 .. rank - 1: m[i][o] = fma((w * r) * A[i][k], B[o][k], m[i][o])
// These are the weights of an update and of a child that is decoded: to be saved, or where a
// network cannot play factors. A member that is played has none: its outputs follow from its
// parent's weights and its factors (DrawChange, of scale w * r) as dne/nn/forward.h defines, which
// rounds otherwise.
#pragma once

#include <memory>

#include "dne/genome/perturbation.h"

namespace dne {

// spec.kind is kLowRank, its rank 1 or more.
std::unique_ptr<const Perturbation> MakeLowRank(const PerturbationSpec& spec);

}  // namespace dne
