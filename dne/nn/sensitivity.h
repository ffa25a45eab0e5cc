// SPDX-License-Identifier: MIT
// How much a network's outputs change with each of its parameters: what safe mutations (1712.06563)
// scale their noise by. Derivatives are exact, through time for networks with a state; the maths is
// in docs/safe-mutations.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "dne/base/isa.h"
#include "dne/nn/network.h"

namespace dne {

// Observations one after the other, as the network is given them: bytes of images, else floats.
struct Experiences {
  std::span<const uint8_t> bytes;
  std::span<const float> floats;
  // Networks with a state: observations of each sequence, which begins with the zero state. Others
  // have none, and may leave it empty.
  std::span<const uint32_t> lengths;
  // Only the outputs at the end of each sequence count; else those at all steps. Networks without
  // a state: of no meaning, all count.
  bool last_outputs_only = false;
};

// Below, x stands for an output that counts: for a network without a state an observation, else a
// step of a sequence, with the sequence up to it. There are |X| of them, and y_k(x; w) is what
// output k gives there under the parameters w.
//
// Sums over x are chains in the order of the experiences, in float, so that every code path gives
// the same bits; so is every other sum. Values that are not finite stay what they are.
//
// Private to one thread.
class OutputSensitivity {
 public:
  // The network must outlive it. Throws Error for virtual batch normalisation.
  OutputSensitivity(const Network& network, Isa isa);
  ~OutputSensitivity();

  // Runs them through the network with these parameters and keeps what derivatives need: memory
  // for all values of the network at each observation. Nothing given is used afterwards. At least
  // one observation.
  void SetExperiences(std::span<const float> parameters, const Experiences& experiences);

  // Each writes one number a parameter, nothing floored or clipped, of the last experiences set.
  //   SM-G-SUM   sqrt(sum_k (sum_x dy_k(x)/dw_i)^2)
  void Sum(std::span<float> out);
  //   SM-G-ABS   sqrt(sum_k (1/|X| sum_x |dy_k(x)/dw_i|)^2)
  // Networks with a state take time that grows with the square of a sequence's counting steps.
  void Abs(std::span<float> out);
  //   SM-G-SO    sqrt(|(H d)_i|), H the Hessian of the divergence at the unperturbed parameters and
  //              d the direction: H d = 2/|X| sum_x J_x^T J_x d
  void SecondOrder(std::span<const float> direction, std::span<float> out);

  // SM-R: 1/|X| sum_x sum_k (y_k(x; child) - y_k(x; w))^2.
  double Divergence(std::span<const float> child);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace dne
