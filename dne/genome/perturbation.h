// SPDX-License-Identifier: MIT
// The contract of a perturbation: how a parent's numbers and a stream of noise become a child's,
// and how the noise of many children adds up to an update of their parent. An algorithm has one
// kind; its plans carry the name.
//
// A kind sees the parent through a view, so that others than these can follow. Where a kind has
// factors, networks play its children by them and their parent's weights: nobody writes a child's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "dne/base/isa.h"
#include "dne/genome/output_model.h"
#include "dne/genome/policy_layout.h"
#include "dne/random/low_rank_change.h"
#include "dne/random/stream.h"
#include "dne/random/weighted_noise.h"

namespace dne {

// The numbers are part of plans in their form as bytes: append, never renumber.
enum class PerturbationKind : uint8_t {
  kGaussian = 0,  // sigma * a normal number for each parameter
  kSpread = 1,    // the same, times the parameter's spread (PGPE, SNES)
  // Safe mutations (1712.06563), which look at the parent's outputs: docs/safe-mutations.md.
  kSafeRescaled = 2,     // SM-R: a random direction, as far as outputs change by sigma
  kSafeSum = 3,          // SM-G-SUM: sigma * a normal number / the parameter's sensitivity
  kSafeAbs = 4,          // SM-G-ABS: likewise, by another sensitivity
  kSafeSecondOrder = 5,  // SM-G-SO: likewise, by one along the mutation's direction
  kSigns = 6,            // sigma or -sigma for each parameter (SPSA)
  kBucket = 7,           // as Gaussian, on one bucket of the parameters (1712.06564, LPES)
  kLowRank = 8,          // sigma * a product of two thin matrices for each layer (2511.16652)
  kProbe = 9,  // as Gaussian, by streams that no run uses: what studies do to a policy (1712.06568)
};
inline constexpr PerturbationKind kLastPerturbation = PerturbationKind::kProbe;

bool IsSafe(PerturbationKind kind);
// Whether children can be played by factors in place of weights: DrawChange.
bool HasFactors(PerturbationKind kind);

// A kind with what it may be told.
struct PerturbationSpec {
  PerturbationKind kind = PerturbationKind::kGaussian;
  // Of safe mutations: SM-G changes no parameter by more than this (0: no limit). They look at so
  // many observations of the parent at most, from its episode of so many steps at most.
  float clip = 0;
  uint32_t experience = 0;
  uint32_t max_steps = 0;
  uint32_t bucket_size = 0;  // of buckets: parameters, a multiple of 4; the last may have fewer
  uint32_t rank = 0;         // of low rank

  // How the parent's episode is played for them.
  EpisodeOptions how() const {
    return {.max_steps = max_steps, .notes = {.experience = experience}};
  }
  bool operator==(const PerturbationSpec&) const = default;
};

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
  std::span<const float> sensitivity;  // where needs() says so: one for each parameter
  OutputModel* outputs = nullptr;      // likewise; the parent is its parent
};

// What a perturbation must be given of a parent besides its numbers.
enum class ParentNeeds {
  kNothing,
  kSensitivity,  // the same for all its children
  kOutputs,      // looked at for each child
};

// Where sums of noise may be cut: parameters.
inline constexpr size_t kNoiseCut = 128;

struct ParameterRange {
  size_t first = 0;
  size_t size = 0;

  bool operator==(const ParameterRange&) const = default;
};
// What both hold; of size 0 where that is nothing.
ParameterRange Common(const ParameterRange& a, const ParameterRange& b);

// Immutable and pure: any thread may call, and every `isa` gives the same bits.
class Perturbation {
 public:
  virtual ~Perturbation() = default;

  // Whether its parents end in spreads (PolicyLayout::centre_size).
  virtual bool has_spreads() const { return false; }
  virtual ParentNeeds needs() const { return ParentNeeds::kNothing; }
  // Where that is a sensitivity: writes it for the model's parent.
  virtual void FindSensitivity(OutputModel& outputs, std::span<float> sensitivity) const;

  // Which parameters a stream's noise changes; all others are the parent's, bit for bit.
  virtual ParameterRange Touched(const StreamId& stream, const PolicyLayout& layout) const;

  // Writes the child's parameters. `child` may be the parent's own.
  virtual void Perturb(const Noise& noise, const ParentView& parent, std::span<float> child,
                       Isa isa) const = 0;

  // Both halves of an antithetic pair for one pass of noise: the same bits as Perturb by `noise`,
  // and by `noise` turned round. Parent and children are three different places.
  virtual void PerturbPair(const Noise& noise, const ParentView& parent, std::span<float> child,
                           std::span<float> mirrored, Isa isa) const;

  // Of kinds with factors, and where each parameter is a layer's: what makes the child of the
  // parent. Weights that stand for it are those that Perturb writes, but for rounding; its biases
  // are the same bits.
  virtual void DrawChange(const Noise& noise, const ParentView& parent, LowRankChange& change,
                          Isa isa) const;

  // For each term in order, adds weight * its noise to a block of a sum over the parameters, which
  // begins with parameter `first`, a multiple of kNoiseCut. Noise counts as drawn, before sigma and
  // spreads scale it. Blocks cut at such multiples change no bit: threads may share one sum. Of
  // kinds that clouds are made by.
  virtual void AddNoise(std::span<const NoiseTerm> terms, const PolicyLayout& layout, size_t first,
                        std::span<float> sum, Isa isa) const;

  // The same for noise^2 - 1, which spreads follow. Of kinds with spreads.
  virtual void AddSquares(std::span<const NoiseTerm> terms, const PolicyLayout& layout,
                          size_t first, std::span<float> sum, Isa isa) const;
};

std::unique_ptr<const Perturbation> MakePerturbation(const PerturbationSpec& spec);

}  // namespace dne
