// SPDX-License-Identifier: MIT
// The contract of a perturbation: how a parent's numbers and a stream of noise become a child's,
// and how the noise of many children adds up to an update of their parent. An algorithm has one
// kind; its plans carry the name.
//
// A kind sees the parent through a view, so that others than these can follow:
//   scaled by sensitivities  the parent has a number for each parameter, as it has spreads now
//   sparse                   the stream chooses which parameters change; the others are copied
//   low rank                 layout.layers gives each weight matrix, the stream two thin ones. A
//                            forward pass that is given the parent and a Noise then needs no
//                            weights of the child: one more function, beside Perturb
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dne/base/isa.h"
#include "dne/genome/policy_layout.h"
#include "dne/random/stream.h"
#include "dne/random/weighted_noise.h"

namespace dne {

// The numbers are part of plans in their form as bytes: append, never renumber.
enum class PerturbationKind : uint8_t {
  kGaussian = 0,  // sigma * a normal number for each parameter
  kSpread = 1,    // the same, times the parameter's spread (PGPE, SNES)
};
inline constexpr PerturbationKind kLastPerturbation = PerturbationKind::kSpread;

// What one mutation adds.
struct Noise {
  StreamId stream;
  float sigma = 0;
  bool mirrored = false;  // turned round: the second half of an antithetic pair

  float scale() const { return mirrored ? -sigma : sigma; }
};

// What a perturbation may look at: the parent's own numbers, and where they lie.
struct ParentView {
  std::span<const float> parameters;
  std::span<const float> spreads;  // where has_spreads(): one for each parameter; empty: all are 1
  const PolicyLayout& layout;
};

// Immutable and pure: any thread may call, and every `isa` gives the same bits.
class Perturbation {
 public:
  virtual ~Perturbation() = default;

  // Whether its parents end in spreads (PolicyLayout::centre_size).
  virtual bool has_spreads() const = 0;

  // Writes the child's parameters. `child` may be the parent's own.
  virtual void Perturb(const Noise& noise, const ParentView& parent, std::span<float> child,
                       Isa isa) const = 0;

  // Both halves of an antithetic pair for one pass of noise: the same bits as Perturb by `noise`,
  // and by `noise` turned round. Parent and children are three different places.
  virtual void PerturbPair(const Noise& noise, const ParentView& parent, std::span<float> child,
                           std::span<float> mirrored, Isa isa) const = 0;

  // For each term in order, adds weight * its noise to a block of a sum over the parameters, which
  // begins with parameter `first`, a multiple of 4. Noise counts as drawn, before sigma and
  // spreads scale it. Blocks cut at multiples of 4 change no bit: threads may share one sum.
  virtual void AddNoise(std::span<const NoiseTerm> terms, const PolicyLayout& layout, size_t first,
                        std::span<float> sum, Isa isa) const = 0;

  // The same for noise^2 - 1, which spreads follow.
  virtual void AddSquares(std::span<const NoiseTerm> terms, const PolicyLayout& layout,
                          size_t first, std::span<float> sum, Isa isa) const = 0;
};

const Perturbation& PerturbationOf(PerturbationKind kind);

}  // namespace dne
