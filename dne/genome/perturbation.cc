// SPDX-License-Identifier: MIT
#include "dne/genome/perturbation.h"

#include <algorithm>

#include "dne/base/error.h"
#include "dne/genome/low_rank.h"
#include "dne/genome/safe_mutation.h"
#include "dne/random/normal.h"
#include "dne/random/signs.h"

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
    DNE_CHECK(has_spreads_);
    AddWeightedSquares(terms, first, sum, isa);
  }

 private:
  std::span<const float> SpreadsOf(const ParentView& parent) const {
    DNE_CHECK(has_spreads_ || parent.spreads.empty());
    return parent.spreads;
  }

  bool has_spreads_;
};

// The item's number alone names the stream.
class Probes final : public Perturbation {
 public:
  void Perturb(const Noise& noise, const ParentView& parent, std::span<float> child,
               Isa isa) const override {
    const StreamId stream{.seed = noise.stream.seed,
                          .generation = 0,
                          .item = noise.stream.item,
                          .purpose = Purpose::kPerturbation};
    AddNormal(stream, noise.scale(), parent.parameters, child, isa);
  }
};

class Signs final : public Perturbation {
 public:
  void Perturb(const Noise& noise, const ParentView& parent, std::span<float> child,
               Isa isa) const override {
    AddSigns(noise.stream, noise.scale(), parent.parameters, child, isa);
  }

  void PerturbPair(const Noise& noise, const ParentView& parent, std::span<float> child,
                   std::span<float> mirrored, Isa isa) const override {
    AddSignsPair(noise.stream, noise.scale(), parent.parameters, child, mirrored, isa);
  }

  void AddNoise(std::span<const NoiseTerm> terms, const PolicyLayout&, size_t first,
                std::span<float> sum, Isa isa) const override {
    AddWeightedSigns(terms, first, sum, isa);
  }
};

// Parameters lie in buckets in order; a stream changes all of one, each by the number of the stream
// that plain noise would add to it.
class Buckets final : public Perturbation {
 public:
  explicit Buckets(size_t size) : size_(size) { DNE_CHECK(size > 0 && size % 4 == 0); }

  ParameterRange Touched(const StreamId& stream, const PolicyLayout& layout) const override {
    const size_t count = (layout.num_parameters + size_ - 1) / size_;
    StreamId choice = stream;
    choice.purpose = Purpose::kBucketChoice;
    const size_t first = size_ * Stream(choice).Below(static_cast<uint32_t>(count));
    return {first, std::min(size_, layout.num_parameters - first)};
  }

  void Perturb(const Noise& noise, const ParentView& parent, std::span<float> child,
               Isa isa) const override {
    if (child.data() != parent.parameters.data()) {
      std::ranges::copy(parent.parameters, child.begin());
    }
    const NoiseTerm term{.id = noise.stream, .weight = noise.scale()};
    AddNoise({&term, 1}, parent.layout, 0, child, isa);
  }

  void AddNoise(std::span<const NoiseTerm> terms, const PolicyLayout& layout, size_t first,
                std::span<float> sum, Isa isa) const override {
    for (const NoiseTerm& term : terms) {
      const ParameterRange part = Common(Touched(term.id, layout), {first, sum.size()});
      AddWeightedNoise({&term, 1}, part.first, sum.subspan(part.first - first, part.size), isa);
    }
  }

 private:
  size_t size_;
};

static_assert(kNoiseCut % kSignsOfBlock == 0);

}  // namespace

bool IsSafe(PerturbationKind kind) {
  return kind >= PerturbationKind::kSafeRescaled && kind <= PerturbationKind::kSafeSecondOrder;
}

bool HasFactors(PerturbationKind kind) { return kind == PerturbationKind::kLowRank; }

ParameterRange Common(const ParameterRange& a, const ParameterRange& b) {
  const size_t first = std::max(a.first, b.first);
  const size_t end = std::min(a.first + a.size, b.first + b.size);
  return end > first ? ParameterRange{first, end - first} : ParameterRange{b.first, 0};
}

ParameterRange Perturbation::Touched(const StreamId&, const PolicyLayout& layout) const {
  return {0, layout.num_parameters};
}

void Perturbation::FindSensitivity(OutputModel&, std::span<float>) const { DNE_CHECK(false); }

void Perturbation::PerturbPair(const Noise& noise, const ParentView& parent, std::span<float> child,
                               std::span<float> mirrored, Isa isa) const {
  Noise turned = noise;
  turned.mirrored = !noise.mirrored;
  Perturb(noise, parent, child, isa);
  Perturb(turned, parent, mirrored, isa);
}

void Perturbation::DrawChange(const Noise&, const ParentView&, LowRankChange&, Isa) const {
  DNE_CHECK(false);
}

void Perturbation::AddNoise(std::span<const NoiseTerm>, const PolicyLayout&, size_t,
                            std::span<float>, Isa) const {
  DNE_CHECK(false);
}

void Perturbation::AddSquares(std::span<const NoiseTerm>, const PolicyLayout&, size_t,
                              std::span<float>, Isa) const {
  DNE_CHECK(false);
}

std::unique_ptr<const Perturbation> MakePerturbation(const PerturbationSpec& spec) {
  if (IsSafe(spec.kind)) return MakeSafeMutation(spec);
  if (spec.kind == PerturbationKind::kSigns) return std::make_unique<Signs>();
  if (spec.kind == PerturbationKind::kBucket) return std::make_unique<Buckets>(spec.bucket_size);
  if (spec.kind == PerturbationKind::kLowRank) return MakeLowRank(spec);
  if (spec.kind == PerturbationKind::kProbe) return std::make_unique<Probes>();
  return std::make_unique<Gaussian>(spec.kind == PerturbationKind::kSpread);
}

}  // namespace dne
