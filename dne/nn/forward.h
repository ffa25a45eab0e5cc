// SPDX-License-Identifier: MIT
// Running a network: one policy, a batch of independent episodes ("lanes"), bit-identical on every
// code path and for every batch size.
//
// What an output is, exactly (the definition that reference and fast kernels share):
//   input        bytes: float(byte) * (1 / 255.0f); floats as they are
//   convolution  acc = bias; over ky, kx, c in order: acc = fma(input, weight, acc), padding
//                being inputs of +0
//   dense        a sum over the input's positions p in order, out = bias + partial_0 + partial_1
//   ...,
//                each partial_p one chain over its channels whose value is not zero:
//                acc = +0; acc = fma(input, weight, acc)
//   average pool acc = +0; over the input's positions in order: acc = acc + input; then
//                acc / float(number of positions)
//   max pool     most = the window's first input; over the others in order (ky, kx):
//                most = input > most ? input : most
//   recurrent    a = a dense sum over the input, b = one over the state (one position), each with
//                biases of its own; then the cell of dne/nn/cell.h. The state is +0 at first
//   activation   that of dne/nn/activation.h; relu: x > 0 ? x : +0
//   skip         after the activation: x + the output of the layer that is added
// Weights and biases are the policy's numbers or, of a network with weights of 16 bits, these
// rounded (dne/nn/half.h) before anything else is made of them; what a member of low rank adds is
// not rounded.
// A member of low rank (dne/random/low_rank_change.h) has no weights of its own. Its outputs are
// those of its parent's weights and its own biases, but that every affine map with an input x adds
// to its sums, before the activation or the cell,
//   low rank     for k = 0 .. rank - 1: h = scale * (x A_k), out = fma(h, B_k[o], out)
//   x A_k        sixteen chains from +0, number i % 16 over the values i of each row of x in order:
//                chain = fma(x_i, A_k[i], chain); then by halves: chain_i + chain_(i + 8), of these
//                sums sum_i + sum_(i + 4), and so on. A convolution has a row for each ky, of its
//                taps (kx, c); other maps have one, of all inputs. Zeros count like others
// which differs by rounding from what the weights W + scale * A B^T would give: those are other
// numbers, and whoever plays them (a weight file, say) may play another episode.
// A layer under virtual batch normalisation is, with the reference batch and the policy given, a
// plain layer of other weights and biases (weight * scale and shift), and is evaluated as that:
//   z     the sums above with bias +0, for every observation of the reference batch; the inputs of
//         the first layer are the observations, those of a later one the values x of the one before
//   mean  of a channel: the sum of z over observations, rows and columns in order / their number
//   var   the sum of (z - mean) * (z - mean) in the same order / their number
//   scale float(1 / sqrt(var + 0.001))
//   shift float(bias - mean * scale)
//   x     activation(fma(z, scale, shift))
// all in double but z, scale, shift and x, which are float.
// So an output position whose input patch did not change since the lane's last observation keeps
// its value, and the fast path computes only the others.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dne/nn/network.h"
#include "dne/random/low_rank_change.h"

namespace dne {

// Private to one thread.
class Forward {
 public:
  virtual ~Forward() = default;

  // Only for networks with virtual batch normalisation, and needed there before the first call of
  // SetParameters: the observations to normalise over, one after the other, at least one. They
  // count from the next SetParameters on, and must stay alive and unchanged until they are
  // replaced.
  virtual void SetReferenceBatch(std::span<const uint8_t> observations) = 0;

  // Evaluates this policy from now on; every lane forgets what it saw. The parameters must stay
  // alive and unchanged until the next call. Any alignment will do; 64 bytes and, for networks
  // beyond the cache, huge pages are fastest. Under virtual batch normalisation this runs the
  // reference batch through the network, which takes as long as some tens of steps an episode.
  virtual void SetParameters(std::span<const float> parameters) = 0;

  // From now on, until the next call of SetParameters, the lane evaluates a member of low rank: the
  // parameters changed so or, where it is null, as they are. It forgets what it saw. Members share
  // what is read of the parameters: many lanes of a large network cost little more than one. The
  // change must stay alive and unchanged as long as the lane runs with it. Not under virtual batch
  // normalisation, which needs weights.
  virtual void SetChange(int lane, const LowRankChange* change) = 0;

  // An episode begins in the lane: its next observation has nothing to do with its last one. Called
  // at each episode's start, since a network with a state starts it anew here. For networks without
  // one no result needs it: reuse is decided by comparing observations.
  virtual void ForgetLane(int lane) = 0;

  // One observation a lane: lanes[i] sees observations[i * input.size() ...] and its outputs go to
  // outputs[i * num_outputs ...]. Each lane number at most once in a call.
  // Bytes for image networks (scaled by 1/255), floats for flat ones; the other one is a bug.
  virtual void Run(std::span<const int> lanes, std::span<const uint8_t> observations,
                   std::span<float> outputs) = 0;
  virtual void Run(std::span<const int> lanes, std::span<const float> observations,
                   std::span<float> outputs) = 0;
};

// Isa::kScalar: the plain reference, a full evaluation each time. The network must outlive it.
std::unique_ptr<Forward> MakeForward(const Network& network, Isa isa, int num_lanes);

}  // namespace dne
