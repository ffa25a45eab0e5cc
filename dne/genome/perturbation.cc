// SPDX-License-Identifier: MIT
#include "dne/genome/perturbation.h"

#include "dne/base/error.h"
#include "dne/genome/safe_mutation.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

// A normal number for each parameter; the two kinds differ in what scales it.
class Gaussian final : public Perturbation {
 public:
  explicit Gaussian(bool has_spreads) : has_spreads_(has_spreads) {}

  bool has_spreads() const override { return has_spreads_; }

  void Perturb(const Noise& noise, const ParentView& parent, std::span<float> child,
               Isa isa) const override {
    AddNormal(noise.stream, noise.scale(), parent.parameters, child, isa, SpreadsOf(parent));
  }

  void PerturbPair(const Noise& noise, const ParentView& parent, std::span<float> child,
                   std::span<float> mirrored, Isa isa) const override {
    AddNormalPair(noise.stream, noise.scale(), parent.parameters, child, mirrored, isa,
                  SpreadsOf(parent));
  }

 private:
  std::span<const float> SpreadsOf(const ParentView& parent) const {
    DNE_CHECK(has_spreads_ || parent.spreads.empty());
    return parent.spreads;
  }

  bool has_spreads_;
};

}  // namespace

bool IsSafe(PerturbationKind kind) { return kind >= PerturbationKind::kSafeRescaled; }

void Perturbation::FindSensitivity(OutputModel&, std::span<float>) const { DNE_CHECK(false); }

void Perturbation::PerturbPair(const Noise& noise, const ParentView& parent, std::span<float> child,
                               std::span<float> mirrored, Isa isa) const {
  Noise turned = noise;
  turned.mirrored = !noise.mirrored;
  Perturb(noise, parent, child, isa);
  Perturb(turned, parent, mirrored, isa);
}

void Perturbation::AddNoise(std::span<const NoiseTerm> terms, const PolicyLayout&, size_t first,
                            std::span<float> sum, Isa isa) const {
  AddWeightedNoise(terms, first, sum, isa);
}

void Perturbation::AddSquares(std::span<const NoiseTerm> terms, const PolicyLayout&, size_t first,
                              std::span<float> sum, Isa isa) const {
  AddWeightedSquares(terms, first, sum, isa);
}

std::unique_ptr<const Perturbation> MakePerturbation(const PerturbationSpec& spec) {
  if (IsSafe(spec.kind)) return MakeSafeMutation(spec);
  return std::make_unique<Gaussian>(spec.kind == PerturbationKind::kSpread);
}

}  // namespace dne
