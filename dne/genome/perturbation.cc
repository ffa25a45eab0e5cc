// SPDX-License-Identifier: MIT
#include "dne/genome/perturbation.h"

#include "dne/base/error.h"
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

  void AddNoise(std::span<const NoiseTerm> terms, const PolicyLayout&, size_t first,
                std::span<float> sum, Isa isa) const override {
    AddWeightedNoise(terms, first, sum, isa);
  }

  void AddSquares(std::span<const NoiseTerm> terms, const PolicyLayout&, size_t first,
                  std::span<float> sum, Isa isa) const override {
    AddWeightedSquares(terms, first, sum, isa);
  }

 private:
  std::span<const float> SpreadsOf(const ParentView& parent) const {
    DNE_CHECK(has_spreads_ || parent.spreads.empty());
    return parent.spreads;
  }

  bool has_spreads_;
};

}  // namespace

const Perturbation& PerturbationOf(PerturbationKind kind) {
  static const Gaussian gaussian(/*has_spreads=*/false);
  static const Gaussian spread(/*has_spreads=*/true);
  switch (kind) {
    case PerturbationKind::kGaussian:
      return gaussian;
    case PerturbationKind::kSpread:
      return spread;
  }
  DNE_CHECK(false);
}

}  // namespace dne
