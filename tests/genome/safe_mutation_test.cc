// SPDX-License-Identifier: MIT
// Safe mutations against their formulas, on outputs that are known.
#include "dne/genome/safe_mutation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "dne/genome/parent_cache.h"
#include "dne/random/normal.h"
#include "tests/genome/fake_model.h"
#include "tests/genome/lineages.h"

namespace dne {
namespace {

constexpr size_t kSize = 101;
constexpr StreamId kStream{.seed = 5, .generation = 9, .item = 2, .purpose = Purpose::kMutation};
constexpr PerturbationKind kSafe[] = {PerturbationKind::kSafeRescaled, PerturbationKind::kSafeSum,
                                      PerturbationKind::kSafeAbs,
                                      PerturbationKind::kSafeSecondOrder};

std::vector<float> Drawn(const StreamId& stream) {
  std::vector<float> numbers(kSize);
  FillNormal(stream, 0, numbers, Isa::kScalar);
  return numbers;
}

double Norm(std::span<const float> numbers) {
  double squares = 0;
  for (const float n : numbers) squares += double{n} * double{n};
  return std::sqrt(squares);
}

class SafeMutation : public testing::Test {
 protected:
  SafeMutation() : parameters_(Drawn({.seed = 1})) { model_.SetParent(parameters_, seen_); }

  std::vector<float> Child(const PerturbationSpec& spec, float sigma, bool mirrored = false) {
    std::vector<float> child(kSize);
    MakePerturbation(spec)->Perturb({kStream, sigma, mirrored}, View(), child, Isa::kScalar);
    return child;
  }

  ParentView View() {
    return {.parameters = parameters_,
            .spreads = {},
            .layout = layout_,
            .sensitivity = sensitivity_,
            .outputs = &model_};
  }

  // How far the child is from the parent.
  std::vector<float> Steps(std::span<const float> child) const {
    std::vector<float> steps;
    for (size_t i = 0; i < kSize; ++i) steps.push_back(child[i] - parameters_[i]);
    return steps;
  }

  PolicyLayout layout_{.num_parameters = kSize};
  Experience seen_{.bytes = {}, .floats = {0.5f}};
  std::vector<float> parameters_;
  std::vector<float> sensitivity_ = std::vector<float>(kSize, 1.0f);
  FakeModel model_;
};

TEST_F(SafeMutation, NoiseIsDividedBySensitivity) {
  const std::vector<float> noise = Drawn(kStream);
  for (const auto kind : {PerturbationKind::kSafeSum, PerturbationKind::kSafeAbs}) {
    for (size_t i = 0; i < kSize; ++i) sensitivity_[i] = 0.5f + static_cast<float>(i);
    const std::vector<float> child = Child({kind}, 0.1f);
    const std::vector<float> mirrored = Child({kind}, 0.1f, true);
    for (size_t i = 0; i < kSize; ++i) {
      ASSERT_EQ(child[i], parameters_[i] + 0.1f * noise[i] / sensitivity_[i]);
      ASSERT_EQ(mirrored[i], parameters_[i] - 0.1f * noise[i] / sensitivity_[i]);
    }
  }
}

TEST_F(SafeMutation, SensitivitiesHaveAFloorAndNoneCountsAsOne) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const struct {
    float sensitivity;
    float divisor;
  } kCases[] = {{0, 1},          {-0.0f, 1},          {1e-30f, kLeastSensitivity},
                {0.009f, 0.01f}, {0.01f, 0.01f},      {0.02f, 0.02f},
                {nan, 1},        {infinity, infinity}};
  const std::vector<float> noise = Drawn(kStream);
  for (const auto& [sensitivity, divisor] : kCases) {
    sensitivity_.assign(kSize, sensitivity);
    const std::vector<float> child = Child({PerturbationKind::kSafeSum}, 0.1f);
    for (size_t i = 0; i < kSize; ++i) {
      ASSERT_EQ(child[i], parameters_[i] + 0.1f * noise[i] / divisor) << sensitivity;
    }
  }
}

TEST_F(SafeMutation, NoParameterChangesByMoreThanTheClip) {
  sensitivity_.assign(kSize, 0.05f);
  const std::vector<float> free = Child({PerturbationKind::kSafeAbs}, 0.1f);
  const std::vector<float> cut = Child({.kind = PerturbationKind::kSafeAbs, .clip = 0.2f}, 0.1f);
  const std::vector<float> noise = Drawn(kStream);
  int clipped = 0;
  for (size_t i = 0; i < kSize; ++i) {
    const float step = 0.1f * noise[i] / 0.05f;
    if (std::abs(step) > 0.2f) {
      ++clipped;
      ASSERT_EQ(cut[i], parameters_[i] + std::copysign(0.2f, step));
    } else {
      ASSERT_EQ(cut[i], free[i]);
    }
  }
  EXPECT_GT(clipped, 50);
  EXPECT_LT(clipped, static_cast<int>(kSize));
}

TEST_F(SafeMutation, SecondOrderLooksAlongTheMutationsDirection) {
  const std::vector<float> noise = Drawn(kStream);
  const std::vector<float> child = Child({PerturbationKind::kSafeSecondOrder}, 0.1f);
  EXPECT_NEAR(Norm(model_.direction()), 1, 1e-6);
  const double length = Norm(noise);
  for (size_t i = 0; i < kSize; ++i) {
    ASSERT_EQ(model_.direction()[i], static_cast<float>(noise[i] / length));
    const float sensitivity = std::abs(model_.direction()[i]) + 0.5f;
    ASSERT_EQ(child[i], parameters_[i] + 0.1f * noise[i] / sensitivity);
  }
}

TEST_F(SafeMutation, RescaledReachesTheDivergenceInTheNoisesDirection) {
  const std::vector<float> noise = Drawn(kStream);
  for (const float target : {1e-4f, 0.005f, 0.5f, 1.0f, 300.0f}) {
    for (const bool mirrored : {false, true}) {
      model_.looks = 0;
      const std::vector<float> child = Child({PerturbationKind::kSafeRescaled}, target, mirrored);
      EXPECT_LE(model_.looks, kMostTries);
      EXPECT_NEAR(model_.Divergence(child), target, 0.0101 * target);
      const std::vector<float> steps = Steps(child);
      double along = 0;
      for (size_t i = 0; i < kSize; ++i) along += double{steps[i]} * noise[i];
      EXPECT_NEAR(along / Norm(steps) / Norm(noise), mirrored ? -1 : 1, 1e-4);
    }
  }
}

// The divergence grows with the square of the length, from 1 on: twice and half of what it is there
// lie at the geometric means of 1 and the next try.
TEST_F(SafeMutation, RescaledTriesTheGeometricMeanOfTwoLengths) {
  const std::vector<float> noise = Drawn(kStream);
  std::vector<float> child = parameters_;
  for (size_t i = 0; i < kSize; ++i) child[i] += noise[i] / static_cast<float>(Norm(noise));
  const double at_one = model_.Divergence(child);
  for (const double factor : {2.0, 0.5}) {
    model_.looks = 0;
    child = Child({PerturbationKind::kSafeRescaled}, static_cast<float>(factor * at_one));
    EXPECT_EQ(model_.looks, 3) << factor;
    EXPECT_NEAR(Norm(Steps(child)), std::sqrt(factor), 1e-4);
  }
}

TEST_F(SafeMutation, RescaledStaysWhereOutputsAreNumbers) {
  model_.limit = 0.01;
  const std::vector<float> child = Child({PerturbationKind::kSafeRescaled}, 0.005f);
  EXPECT_NEAR(model_.Divergence(child), 0.005, 0.0001);
  model_.ceiling = 0.001;  // less than the target everywhere
  model_.looks = 0;
  const std::vector<float> last = Child({PerturbationKind::kSafeRescaled}, 0.005f);
  EXPECT_EQ(model_.looks, kMostTries);
  EXPECT_NEAR(Norm(Steps(last)), std::exp2(kMostTries - 1), 1) << "doubled at every try";
}

TEST_F(SafeMutation, WithoutSigmaTheChildIsItsParent) {
  for (const auto kind : kSafe) EXPECT_EQ(Child({kind}, 0), parameters_);
}

TEST_F(SafeMutation, MayWriteOverTheParent) {
  for (const auto kind : kSafe) {
    const std::vector<float> expected = Child({kind}, 0.1f);
    std::vector<float> numbers = parameters_;
    ParentView view = View();
    view.parameters = numbers;
    MakePerturbation({kind})->Perturb({kStream, 0.1f}, view, numbers, Isa::kScalar);
    EXPECT_EQ(numbers, expected);
  }
}

// --- Among parents -------------------------------------------------------------------------------

class SafeParents : public testing::TestWithParam<PerturbationKind> {
 protected:
  static ParentCache Cache() {
    return {{.num_parameters = kSize}, InitialiseForTest, Isa::kScalar};
  }
  PerturbationSpec Spec() const {
    return {.kind = GetParam(), .clip = 0.2f, .experience = 7, .max_steps = 40};
  }
  std::vector<float> Express(const ParentCache& cache, const Genome& genome) {
    std::vector<float> out(kSize);
    cache.Express(genome, out, &model_);
    return out;
  }

  FakeModel model_;
  Genome founder_{.run_seed = 5, .founder = {0, 3}};
  Genome parent_ = Child(founder_, {{1, 7}, 0.1f});
  Genome child_ = Child(parent_, {{3, 2}, 0.05f});
};

TEST_P(SafeParents, HeldOrFromScratchTheBitsAreTheSame) {
  ParentCache scratch = Cache();
  scratch.Hold({}, {}, Spec(), &model_);
  const std::vector<float> expected = Express(scratch, child_);
  EXPECT_EQ(model_.plays, 2) << "of the founder and of the parent";
  EXPECT_EQ(model_.last_episodes, BirthEpisodes(5, {1, 7}));
  EXPECT_EQ(model_.last_how, (EpisodeOptions{.max_steps = 40, .notes = {.experience = 7}}));

  ParentCache held = Cache();
  held.Hold({&parent_, 1}, {}, Spec(), &model_);
  EXPECT_EQ(Express(held, child_), expected);
  held.Hold({&child_, 1}, {}, Spec(), &model_);  // in the parent's own place
  EXPECT_EQ(Express(held, child_), expected);

  ParentCache plain = Cache();
  EXPECT_NE(Express(plain, child_), expected);
}

TEST_P(SafeParents, WhatIsRememberedIsNotPlayed) {
  ParentCache scratch = Cache();
  scratch.Hold({}, {}, Spec(), &model_);
  const std::vector<float> expected = Express(scratch, child_);
  const Experience seen{.bytes = {}, .floats = {Express(scratch, parent_)[0]}};

  ParentCache cache = Cache();
  model_.plays = 0;
  std::vector<Birth> asked;
  cache.Hold({&parent_, 1}, {}, Spec(), &model_, [&](Birth individual) {
    asked.push_back(individual);
    return &seen;
  });
  EXPECT_EQ(model_.plays, 1) << "the founder, which nobody holds";
  EXPECT_EQ(Express(cache, child_), expected);
  EXPECT_EQ(model_.plays, 1);
  EXPECT_EQ(asked, std::vector<Birth>{parent_.birth()});
}

TEST_P(SafeParents, AParentIsLookedAtOnceWhereThatIsEnough) {
  ParentCache cache = Cache();
  cache.Hold({&parent_, 1}, {}, Spec(), &model_);
  model_.plays = model_.parents = 0;
  for (uint32_t i = 0; i < 5; ++i) Express(cache, Child(parent_, {{3, i}, 0.05f}));
  EXPECT_EQ(model_.plays, 1);
  const bool each = MakePerturbation(Spec())->needs() == ParentNeeds::kOutputs;
  EXPECT_EQ(model_.parents, each ? 5 : 1);
}

INSTANTIATE_TEST_SUITE_P(SafeMutation, SafeParents, testing::ValuesIn(kSafe));

}  // namespace
}  // namespace dne
