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
//   relu         x > 0 ? x : +0
//   tanh         Tanh(x) of dne/nn/tanh.h
// So an output position whose input patch did not change since the lane's last observation keeps
// its value, and the fast path computes only the others.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dne/nn/network.h"

namespace dne {

// Private to one thread.
class Forward {
 public:
  virtual ~Forward() = default;

  // Evaluates this policy from now on; every lane forgets what it saw. The parameters must stay
  // alive and unchanged until the next call. Any alignment will do; 64 bytes and, for networks
  // beyond the cache, huge pages are fastest.
  virtual void SetParameters(std::span<const float> parameters) = 0;

  // The lane's next observation has nothing to do with its last one. Never needed for correct
  // results: reuse is decided by comparing observations.
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
