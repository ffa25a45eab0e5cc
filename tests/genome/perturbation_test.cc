// SPDX-License-Identifier: MIT
// Every kind keeps the contract; what each one does is compared with the noise itself.
#include "dne/genome/perturbation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "dne/base/error.h"
#include "dne/random/normal.h"
#include "dne/random/signs.h"

namespace dne {
namespace {

constexpr size_t kSize = 1003;
// Weights and biases of two layers whose rows no vector and no block divides, and more behind them.
const PolicyLayout kLayout{.num_parameters = kSize,
                           .layers = {{.offset = 2, .inputs = 9, .outputs = 67},
                                      {.offset = 673, .inputs = 67, .outputs = 3}}};
constexpr StreamId kStream{.seed = 5, .generation = 9, .item = 2, .purpose = Purpose::kMutation};
constexpr Noise kNoise{.stream = kStream, .sigma = 0.1f};

std::vector<float> Normals(const StreamId& stream, size_t count = kSize) {
  std::vector<float> numbers(count);
  FillNormal(stream, 0, numbers, Isa::kScalar);
  return numbers;
}

std::vector<float> Signs(const StreamId& stream) {
  std::vector<float> numbers(kSize);
  AddSigns(stream, 1, numbers, numbers, Isa::kScalar);
  return numbers;
}

// Those of the stream's bucket, 0 elsewhere.
std::vector<float> OfBucket(const StreamId& stream, size_t bucket_size) {
  StreamId choice = stream;
  choice.purpose = Purpose::kBucketChoice;
  const auto count = static_cast<uint32_t>((kSize + bucket_size - 1) / bucket_size);
  const size_t bucket = Stream(choice).Below(count);
  std::vector<float> numbers = Normals(stream);
  for (size_t i = 0; i < kSize; ++i) {
    if (i / bucket_size != bucket) numbers[i] = 0;
  }
  return numbers;
}

// A column of a factor at a time, as low_rank.h has it.
void AddProducts(const StreamId& stream, float weight, size_t rank, std::vector<float>& sum) {
  const auto up = [](size_t count) { return (count + 3) / 4 * 4; };
  const float root = static_cast<float>(1 / std::sqrt(static_cast<double>(rank)));
  size_t at = up(kSize);
  for (const LayerShape& layer : kLayout.layers) {
    const size_t right = at + rank * up(layer.inputs);
    const size_t next = right + rank * up(layer.outputs);
    const std::vector<float> numbers = Normals(stream, next);
    for (size_t i = 0; i < layer.inputs; ++i) {
      for (size_t o = 0; o < layer.outputs; ++o) {
        float& value = sum[layer.offset + i * layer.outputs + o];
        for (size_t k = 0; k < rank; ++k) {
          value = std::fma((weight * root) * numbers[at + k * up(layer.inputs) + i],
                           numbers[right + k * up(layer.outputs) + o], value);
        }
      }
    }
    at = next;
  }
}

bool IsWeight(size_t i) {
  return std::ranges::any_of(kLayout.layers, [&](const LayerShape& layer) {
    return i >= layer.offset && i < layer.offset + layer.inputs * layer.outputs;
  });
}

// What the kind says of the noise of a stream, with a weight on it.
std::vector<float> Plus(const PerturbationSpec& spec, std::vector<float> sum,
                        const StreamId& stream, float weight) {
  const bool is_low_rank = spec.kind == PerturbationKind::kLowRank;
  const std::vector<float> noise = spec.kind == PerturbationKind::kSigns ? Signs(stream)
                                   : spec.kind == PerturbationKind::kBucket
                                       ? OfBucket(stream, spec.bucket_size)
                                       : Normals(stream);
  for (size_t i = 0; i < kSize; ++i) {
    if (!is_low_rank || !IsWeight(i)) sum[i] = std::fma(weight, noise[i], sum[i]);
  }
  if (is_low_rank) AddProducts(stream, weight, spec.rank, sum);
  return sum;
}

class AnyPerturbation : public testing::TestWithParam<PerturbationSpec> {
 protected:
  AnyPerturbation()
      : perturbation_(MakePerturbation(GetParam())),
        parameters_(Normals({.seed = 1})),
        spreads_(Normals({.seed = 2})) {}

  const Perturbation& perturbation() const { return *perturbation_; }
  ParentView Parent() const {
    return {.parameters = parameters_,
            .spreads = std::span(spreads_).first(perturbation().has_spreads() ? kSize : 0),
            .layout = kLayout};
  }
  std::vector<float> Child(const Noise& noise, Isa isa = Isa::kScalar) const {
    std::vector<float> child(kSize);
    perturbation().Perturb(noise, Parent(), child, isa);
    return child;
  }

  std::unique_ptr<const Perturbation> perturbation_;
  std::vector<float> parameters_;
  std::vector<float> spreads_;
};

TEST_P(AnyPerturbation, AddsItsNoise) {
  std::vector<float> expected = Plus(GetParam(), parameters_, kStream, kNoise.sigma);
  if (perturbation().has_spreads()) {
    const std::vector<float> drawn = Normals(kStream);
    for (size_t i = 0; i < kSize; ++i) {
      expected[i] = std::fma(kNoise.sigma, spreads_[i] * drawn[i], parameters_[i]);
    }
  }
  for (const Isa isa : SupportedIsas()) EXPECT_EQ(Child(kNoise, isa), expected);
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

// Streams and weights, and a cut into two blocks.
constexpr StreamId kOther{.seed = 5, .generation = 9, .item = 3, .purpose = Purpose::kMutation};
const std::vector<NoiseTerm> kTerms = {{.id = kStream, .weight = 0.5f},
                                       {.id = kOther, .weight = -2}};
constexpr size_t kCut = 3 * kNoiseCut;
constexpr std::pair<size_t, size_t> kBlocks[] = {{0, kCut}, {kCut, kSize - kCut}};

TEST_P(AnyPerturbation, SumsTakeNoiseAsItWasDrawn) {
  const std::vector<float> ones(kSize, 1);
  const std::vector<float> expected =
      Plus(GetParam(), Plus(GetParam(), ones, kStream, 0.5f), kOther, -2);
  for (const Isa isa : SupportedIsas()) {
    std::vector<float> noise = ones;
    for (const auto& [first, size] : kBlocks) {
      perturbation().AddNoise(kTerms, kLayout, first, std::span(noise).subspan(first, size), isa);
    }
    ASSERT_EQ(noise, expected);
  }
}

TEST_P(AnyPerturbation, SquaresAreOfKindsWithSpreads) {
  std::vector<float> squares(kSize, 1);
  const auto add = [&](size_t first, size_t size) {
    const auto block = std::span(squares).subspan(first, size);
    perturbation().AddSquares(kTerms, kLayout, first, block, BestIsa());
  };
  if (!perturbation().has_spreads()) {
    EXPECT_THROW(add(0, kSize), BugError);
    return;
  }
  for (const auto& [first, size] : kBlocks) add(first, size);
  const std::vector<float> a = Normals(kStream);
  const std::vector<float> b = Normals(kOther);
  for (size_t i = 0; i < kSize; ++i) {
    ASSERT_EQ(squares[i], (1 + 0.5f * (a[i] * a[i] - 1)) + -2 * (b[i] * b[i] - 1));
  }
}

TEST_P(AnyPerturbation, SumsAreTheSameInParts) {
  std::vector<NoiseTerm> terms;  // more than factors are drawn for at a time, some without weight
  for (uint32_t i = 0; i < 150; ++i) {
    terms.push_back({.id = {.seed = 7, .item = i}, .weight = static_cast<float>(i % 5) - 2});
  }
  std::vector<float> whole(kSize, 1);
  perturbation().AddNoise(terms, kLayout, 0, whole, Isa::kScalar);
  for (const Isa isa : SupportedIsas()) {
    std::vector<float> parts(kSize, 1);
    for (size_t first = 0; first < kSize; first += kNoiseCut) {
      const size_t size = std::min(kNoiseCut, kSize - first);
      perturbation().AddNoise(terms, kLayout, first, std::span(parts).subspan(first, size), isa);
    }
    ASSERT_EQ(parts, whole);
  }
}

TEST_P(AnyPerturbation, TellsWhatItTouches) {
  for (uint32_t i = 0; i < 20; ++i) {
    const Noise noise{.stream = {.seed = 7, .item = i}, .sigma = 0.1f};
    const std::vector<float> child = Child(noise);
    const ParameterRange range = perturbation().Touched(noise.stream, kLayout);
    for (size_t j = 0; j < kSize; ++j) {
      const bool is_within = j >= range.first && j < range.first + range.size;
      ASSERT_EQ(child[j] != parameters_[j], is_within) << i << " " << j;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Perturbation, AnyPerturbation,
    testing::Values(PerturbationSpec{PerturbationKind::kGaussian},
                    PerturbationSpec{PerturbationKind::kSpread},
                    PerturbationSpec{PerturbationKind::kSigns},
                    PerturbationSpec{.kind = PerturbationKind::kBucket, .bucket_size = 300},
                    PerturbationSpec{.kind = PerturbationKind::kBucket, .bucket_size = 4},
                    PerturbationSpec{.kind = PerturbationKind::kBucket, .bucket_size = 2000},
                    PerturbationSpec{.kind = PerturbationKind::kLowRank, .rank = 1},
                    PerturbationSpec{.kind = PerturbationKind::kLowRank, .rank = 3},
                    PerturbationSpec{.kind = PerturbationKind::kLowRank, .rank = 200}));

// Every bucket is chosen about as often, the last one, which is smaller, too.
TEST(Perturbation, BucketsAreAsLikely) {
  const auto buckets = MakePerturbation({.kind = PerturbationKind::kBucket, .bucket_size = 300});
  std::map<size_t, int> chosen;
  for (uint32_t i = 0; i < 4000; ++i) {
    const ParameterRange range = buckets->Touched({.seed = 7, .item = i}, kLayout);
    EXPECT_EQ(range.size, std::min<size_t>(300, kSize - range.first));
    ++chosen[range.first];
  }
  ASSERT_EQ(chosen.size(), 4u);
  for (const auto& [first, count] : chosen) {
    EXPECT_EQ(first % 300, 0u);
    EXPECT_NEAR(count, 1000, 4 * std::sqrt(750.0)) << first;
  }
}

// From which the weights follow bit for bit as Perturb writes them.
TEST(Perturbation, ALowRankChangeHoldsTheFactorsOfTheWeightsAndTheBiases) {
  const std::vector<LayerShape> layers = {{0, 9, 5}, {50, 5, 3}};
  const PolicyLayout layout{.num_parameters = 68, .num_normalised = 0, .layers = layers};
  const std::vector<float> parameters = Normals({.seed = 1}, 68);
  const ParentView parent{.parameters = parameters, .layout = layout};
  for (const Isa isa : SupportedIsas()) {
    for (const bool mirrored : {false, true}) {
      const Noise noise{.stream = kStream, .sigma = kNoise.sigma, .mirrored = mirrored};
      const auto low_rank = MakePerturbation({.kind = PerturbationKind::kLowRank, .rank = 3});
      LowRankChange change{.rank = 7, .scale = 1, .numbers = {1, 2, 3}};
      low_rank->DrawChange(noise, parent, change, isa);
      EXPECT_EQ(change.rank, 3u);
      std::vector<float> child = parameters;
      const float* a = change.numbers.data();
      for (const LayerShape& layer : layers) {
        const float* b = a + 3 * layer.inputs;
        for (size_t i = 0; i < layer.inputs * layer.outputs; ++i) {
          for (size_t k = 0; k < 3; ++k) {
            float& weight = child[layer.offset + i];
            weight = std::fma(change.scale * a[k * layer.inputs + i / layer.outputs],
                              b[k * layer.outputs + i % layer.outputs], weight);
          }
        }
        const float* biases = b + 3 * layer.outputs;
        std::copy_n(biases, layer.outputs,
                    child.data() + layer.offset + layer.inputs * layer.outputs);
        a = biases + layer.outputs;
      }
      EXPECT_EQ(change.numbers.data() + change.numbers.size(), a + LowRankChange::kSlack);
      std::vector<float> expected(68);
      low_rank->Perturb(noise, parent, expected, isa);
      EXPECT_EQ(child, expected);
    }
  }
}

TEST(Perturbation, OnlyLowRankHasFactorsAndNeedsLayersEverywhere) {
  for (int kind = 0; kind <= static_cast<int>(kLastPerturbation); ++kind) {
    const auto named = static_cast<PerturbationKind>(kind);
    EXPECT_EQ(HasFactors(named), named == PerturbationKind::kLowRank);
  }
  const std::vector<float> parameters = Normals({.seed = 1});
  const ParentView parent{.parameters = parameters, .layout = kLayout};  // which has gaps
  LowRankChange change;
  EXPECT_THROW(MakePerturbation({.kind = PerturbationKind::kLowRank, .rank = 1})
                   ->DrawChange(kNoise, parent, change, BestIsa()),
               BugError);
  EXPECT_THROW(MakePerturbation({})->DrawChange(kNoise, parent, change, BestIsa()), BugError);
}

TEST(Perturbation, WithoutLayersLowRankIsPlainNoise) {
  const PolicyLayout layout{.num_parameters = kSize};
  const std::vector<float> parameters = Normals({.seed = 1});
  const ParentView parent{.parameters = parameters, .layout = layout};
  std::vector<float> plain(kSize), child(kSize);
  MakePerturbation({})->Perturb(kNoise, parent, plain, BestIsa());
  MakePerturbation({.kind = PerturbationKind::kLowRank, .rank = 2})
      ->Perturb(kNoise, parent, child, BestIsa());
  EXPECT_EQ(child, plain);
}

// Parts that begin and end within one row.
TEST(Perturbation, RowsOfLowRankMayBeWiderThanParts) {
  const PolicyLayout layout{.num_parameters = 1000,
                            .layers = {{.offset = 0, .inputs = 2, .outputs = 500}}};
  const auto low_rank = MakePerturbation({.kind = PerturbationKind::kLowRank, .rank = 2});
  const NoiseTerm term{.id = kStream, .weight = 0.5f};
  std::vector<float> whole(layout.num_parameters, 1), parts = whole;
  low_rank->AddNoise({&term, 1}, layout, 0, whole, Isa::kScalar);
  for (size_t first = 0; first < parts.size(); first += kNoiseCut) {
    const size_t size = std::min(kNoiseCut, parts.size() - first);
    low_rank->AddNoise({&term, 1}, layout, first, std::span(parts).subspan(first, size), BestIsa());
  }
  EXPECT_EQ(parts, whole);
}

// Mean 0, variance 1, uncorrelated: as plain noise, whatever the rank.
TEST(Perturbation, NumbersOfLowRankHaveTheMomentsOfPlainOnes) {
  for (const uint32_t rank : {1u, 4u}) {
    const auto low_rank = MakePerturbation({.kind = PerturbationKind::kLowRank, .rank = rank});
    double sum = 0, squares = 0, products = 0;
    constexpr int kDraws = 20000;
    for (uint32_t i = 0; i < kDraws; ++i) {
      const NoiseTerm term{.id = {.seed = 7, .item = i}, .weight = 1};
      std::vector<float> noise(kNoiseCut);
      low_rank->AddNoise({&term, 1}, kLayout, 0, noise, BestIsa());
      sum += double{noise[5]};
      squares += double{noise[5]} * double{noise[5]};
      products += double{noise[5]} * double{noise[6]};  // of one row
    }
    EXPECT_NEAR(sum / kDraws, 0, 4 / std::sqrt(kDraws));
    EXPECT_NEAR(squares / kDraws, 1, 4 * std::sqrt(8.0 / kDraws));  // of rank 1 E n^4 is 9
    EXPECT_NEAR(products / kDraws, 0, 4 * std::sqrt(3.0 / kDraws));
  }
}

TEST(Perturbation, SpreadsOfOneAreNone) {
  const PolicyLayout layout{.num_parameters = kSize};
  const std::vector<float> parameters = Normals({.seed = 1});
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
