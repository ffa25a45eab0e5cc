// SPDX-License-Identifier: MIT
#include "dne/genome/safe_mutation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "dne/base/error.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

std::vector<float> NoiseOf(const Noise& noise, size_t size, Isa isa) {
  std::vector<float> drawn(size);
  FillNormal(noise.stream, 0, drawn, isa);
  return drawn;
}

// Of length 1, but for the rounding of each number.
std::vector<float> DirectionOf(std::vector<float> noise) {
  double squares = 0;
  for (const float n : noise) squares += double{n} * double{n};
  const double length = std::sqrt(squares);
  for (float& n : noise) n = static_cast<float>(n / length);
  return noise;
}

// SM-R. A line search over the length of a step in a given direction.
class Rescaled final : public Perturbation {
 public:
  ParentNeeds needs() const override { return ParentNeeds::kOutputs; }

  void Perturb(const Noise& noise, const ParentView& parent, std::span<float> child,
               Isa isa) const override {
    const std::vector<float> direction = DirectionOf(NoiseOf(noise, child.size(), isa));
    std::vector<float> tried(child.size());
    const auto divergence_at = [&](double length) {
      const auto scale = static_cast<float>(noise.mirrored ? -length : length);
      for (size_t i = 0; i < tried.size(); ++i) {
        tried[i] = std::fma(scale, direction[i], parent.parameters[i]);
      }
      return parent.outputs->Divergence(tried);
    };
    if (noise.sigma > 0) Search(divergence_at, noise.sigma);
    std::ranges::copy(noise.sigma > 0 ? std::span<const float>(tried) : parent.parameters,
                      child.begin());
  }

 private:
  // Ends with the try that counts.
  template <class DivergenceAt>
  static void Search(const DivergenceAt& divergence_at, double target) {
    double below = 0;  // the longest length found too short; 0: none yet
    double above = 0;  // the shortest one found too long; 0: none yet
    double length = 1;
    for (int tries = 0; tries < kMostTries; ++tries) {
      const double divergence = divergence_at(length);
      if (std::abs(divergence - target) <= target / 100) return;
      (divergence < target ? below : above) = length;
      if (above == 0) {
        length = 2 * below;
      } else {
        length = below == 0 ? above / 2 : std::sqrt(below * above);
      }
    }
  }
};

// SM-G: noise divided by sensitivities.
class Graded : public Perturbation {
 public:
  explicit Graded(const PerturbationSpec& spec) : spec_(spec) {}

  ParentNeeds needs() const override { return ParentNeeds::kSensitivity; }

  void FindSensitivity(OutputModel& outputs, std::span<float> sensitivity) const override {
    if (spec_.kind == PerturbationKind::kSafeSum) return outputs.SumSensitivity(sensitivity);
    outputs.AbsSensitivity(sensitivity);
  }

  void Perturb(const Noise& noise, const ParentView& parent, std::span<float> child,
               Isa isa) const override {
    Add(noise, parent, NoiseOf(noise, child.size(), isa), parent.sensitivity, child);
  }

 protected:
  void Add(const Noise& noise, const ParentView& parent, std::span<const float> drawn,
           std::span<const float> sensitivity, std::span<float> child) const {
    DNE_CHECK(sensitivity.size() == child.size());
    for (size_t i = 0; i < child.size(); ++i) {
      // One that is not a number counts as none.
      const float s = sensitivity[i] > 0 ? std::max(sensitivity[i], kLeastSensitivity) : 1;
      const float step = noise.scale() * drawn[i] / s;
      const float kept = spec_.clip > 0 ? std::clamp(step, -spec_.clip, spec_.clip) : step;
      child[i] = parent.parameters[i] + kept;
    }
  }

 private:
  PerturbationSpec spec_;
};

class SecondOrder final : public Graded {
 public:
  using Graded::Graded;

  ParentNeeds needs() const override { return ParentNeeds::kOutputs; }

  void Perturb(const Noise& noise, const ParentView& parent, std::span<float> child,
               Isa isa) const override {
    const std::vector<float> drawn = NoiseOf(noise, child.size(), isa);
    std::vector<float> sensitivity(child.size());
    parent.outputs->SecondOrderSensitivity(DirectionOf(drawn), sensitivity);
    Add(noise, parent, drawn, sensitivity, child);
  }
};

}  // namespace

std::unique_ptr<const Perturbation> MakeSafeMutation(const PerturbationSpec& spec) {
  switch (spec.kind) {
    case PerturbationKind::kSafeRescaled:
      return std::make_unique<Rescaled>();
    case PerturbationKind::kSafeSum:
    case PerturbationKind::kSafeAbs:
      return std::make_unique<Graded>(spec);
    case PerturbationKind::kSafeSecondOrder:
      return std::make_unique<SecondOrder>(spec);
    default:
      DNE_CHECK(false);
  }
}

}  // namespace dne
