// SPDX-License-Identifier: MIT
// Every kind keeps the contract; what each one does is compared with the noise itself.
#include "dne/genome/perturbation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "dne/random/normal.h"

namespace dne {
namespace {

constexpr size_t kSize = 1003;
constexpr StreamId kStream{.seed = 5, .generation = 9, .item = 2, .purpose = Purpose::kMutation};
constexpr Noise kNoise{.stream = kStream, .sigma = 0.1f};

std::vector<float> Drawn(const StreamId& stream) {
  std::vector<float> numbers(kSize);
  FillNormal(stream, 0, numbers, Isa::kScalar);
  return numbers;
}

class AnyPerturbation : public testing::TestWithParam<PerturbationKind> {
 protected:
  AnyPerturbation()
      : perturbation_(MakePerturbation({GetParam()})),
        parameters_(Drawn({.seed = 1})),
        spreads_(Drawn({.seed = 2})) {}

  const Perturbation& perturbation() const { return *perturbation_; }
  ParentView Parent() const {
    return {.parameters = parameters_,
            .spreads = std::span(spreads_).first(perturbation().has_spreads() ? kSize : 0),
            .layout = layout_};
  }
  std::vector<float> Child(const Noise& noise, Isa isa = Isa::kScalar) const {
    std::vector<float> child(kSize);
    perturbation().Perturb(noise, Parent(), child, isa);
    return child;
  }

  PolicyLayout layout_{.num_parameters = kSize};
  std::unique_ptr<const Perturbation> perturbation_;
  std::vector<float> parameters_;
  std::vector<float> spreads_;
};

TEST_P(AnyPerturbation, AddsScaledNoise) {
  const std::vector<float> drawn = Drawn(kStream);
  const std::vector<float> child = Child(kNoise);
  for (size_t i = 0; i < kSize; ++i) {
    const float spread = perturbation().has_spreads() ? spreads_[i] : 1;
    ASSERT_EQ(child[i], std::fma(kNoise.sigma, spread * drawn[i], parameters_[i]));
  }
}

TEST_P(AnyPerturbation, MayWriteOverTheParent) {
  const std::vector<float> expected = Child(kNoise);
  perturbation().Perturb(kNoise, Parent(), parameters_, Isa::kScalar);
  EXPECT_EQ(parameters_, expected);
}

TEST_P(AnyPerturbation, PairsAreBothHalvesForEveryIsa) {
  const Noise turned{.stream = kStream, .sigma = kNoise.sigma, .mirrored = true};
  for (const Isa isa : SupportedIsas()) {
    std::vector<float> child(kSize), mirrored(kSize);
    perturbation().PerturbPair(kNoise, Parent(), child, mirrored, isa);
    EXPECT_EQ(child, Child(kNoise));
    EXPECT_EQ(mirrored, Child(turned));
    EXPECT_EQ(Child(kNoise, isa), child);
  }
}

TEST_P(AnyPerturbation, SumsTakeNoiseAsItWasDrawn) {
  const StreamId other{.seed = 5, .generation = 9, .item = 3, .purpose = Purpose::kMutation};
  const std::vector<NoiseTerm> terms = {{.id = kStream, .weight = 0.5f},
                                        {.id = other, .weight = -2}};
  std::vector<float> noise(kSize, 1), squares(kSize, 1);
  constexpr size_t kCut = 400;  // two blocks
  for (const auto& [first, size] : {std::pair{size_t{0}, kCut}, std::pair{kCut, kSize - kCut}}) {
    perturbation().AddNoise(terms, layout_, first, std::span(noise).subspan(first, size),
                            BestIsa());
    perturbation().AddSquares(terms, layout_, first, std::span(squares).subspan(first, size),
                              BestIsa());
  }
  const std::vector<float> a = Drawn(kStream);
  const std::vector<float> b = Drawn(other);
  for (size_t i = 0; i < kSize; ++i) {
    ASSERT_EQ(noise[i], std::fma(-2.0f, b[i], std::fma(0.5f, a[i], 1.0f)));
    ASSERT_EQ(squares[i], (1 + 0.5f * (a[i] * a[i] - 1)) + -2 * (b[i] * b[i] - 1));
  }
}

INSTANTIATE_TEST_SUITE_P(Perturbation, AnyPerturbation,
                         testing::Values(PerturbationKind::kGaussian, PerturbationKind::kSpread));

TEST(Perturbation, SpreadsOfOneAreNone) {
  const PolicyLayout layout{.num_parameters = kSize};
  const std::vector<float> parameters = Drawn({.seed = 1});
  const std::vector<float> ones(kSize, 1.0f);
  const auto child_of = [&](PerturbationKind kind, std::span<const float> spreads) {
    std::vector<float> child(kSize);
    MakePerturbation({kind})->Perturb(
        kNoise, {.parameters = parameters, .spreads = spreads, .layout = layout}, child, BestIsa());
    return child;
  };
  const std::vector<float> expected = child_of(PerturbationKind::kGaussian, {});
  EXPECT_EQ(child_of(PerturbationKind::kSpread, ones), expected);
  EXPECT_EQ(child_of(PerturbationKind::kSpread, {}), expected);
  EXPECT_THROW(child_of(PerturbationKind::kGaussian, ones), BugError) << "they would go unused";
}

}  // namespace
}  // namespace dne
