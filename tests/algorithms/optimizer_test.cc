// SPDX-License-Identifier: MIT
// Optimisers against values worked out by hand and against double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "dne/algorithms/adam.h"
#include "dne/algorithms/clipup.h"
#include "dne/algorithms/optimizer_kind.h"
#include "dne/algorithms/sgd.h"
#include "dne/base/error.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

std::unique_ptr<Optimizer> Make(const Chosen<OptimizerKind>& chosen, size_t num_parameters) {
  return chosen.kind->make(chosen.options, num_parameters);
}

Chosen<OptimizerKind> SmallSgd() {
  return {kSgd, SgdOptions{.learning_rate = 0.5, .momentum = 0.5}};
}
Chosen<OptimizerKind> SmallClipUp() {
  return {kClipUp, ClipUpOptions{.learning_rate = 1, .momentum = 0.5, .max_speed = 1.25}};
}

std::string Saved(const Optimizer& optimizer) {
  ByteWriter out;
  optimizer.Save(out);
  return out.Take();
}

std::vector<float> Noise(uint32_t item, size_t size) {
  std::vector<float> noise(size);
  FillNormal({.seed = 5, .item = item}, 0, noise, Isa::kScalar);
  return noise;
}

TEST(Adam, FirstStepIsTheLearningRateUphill) {
  const auto optimizer = Make(Chosen(kAdam), 3);
  std::vector<float> parameters(3, 1.0f);
  optimizer->Step(std::vector<float>{2.0f, -300.0f, 0.0f}, 1, parameters, SerialFor);
  EXPECT_FLOAT_EQ(parameters[0], 1.01f);
  EXPECT_FLOAT_EQ(parameters[1], 0.99f);
  EXPECT_EQ(parameters[2], 1.0f);
}

TEST(Adam, FollowsDoublePrecision) {
  constexpr size_t kSize = 1000;
  const auto optimizer = Make(Chosen(kAdam), kSize);
  std::vector<float> parameters(kSize, 0.0f);
  std::vector<double> exact(kSize, 0.0), m(kSize, 0.0), v(kSize, 0.0);
  for (uint32_t t = 1; t <= 50; ++t) {
    const std::vector<float> gradient = Noise(t, kSize);
    optimizer->Step(gradient, 1, parameters, SerialFor);
    const double rate = 0.01 * std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t));
    for (size_t i = 0; i < kSize; ++i) {
      const double g = double{gradient[i]};
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      exact[i] += rate * m[i] / (std::sqrt(v[i]) + 1e-8);
    }
  }
  for (size_t i = 0; i < kSize; ++i) EXPECT_NEAR(double{parameters[i]}, exact[i], 1e-6);
}

TEST(Sgd, MomentumIsUndamped) {
  const auto optimizer = Make(SmallSgd(), 1);
  std::vector<float> parameters{10};
  optimizer->Step(std::vector<float>{4.0f}, 1, parameters, SerialFor);  // velocity 4
  EXPECT_EQ(parameters[0], 12.0f);
  optimizer->Step(std::vector<float>{-1.0f}, 1, parameters, SerialFor);  // 2 - 1
  EXPECT_EQ(parameters[0], 12.5f);
}

TEST(ClipUp, TakesTheDirectionOfTheGradientOnly) {
  for (float scale : {1e-6f, 1.0f, 1e6f}) {
    const auto optimizer = Make(SmallClipUp(), 2);
    std::vector<float> parameters{0, 0};
    optimizer->Step(std::vector<float>{3 * scale, -4 * scale}, 1, parameters, SerialFor);
    EXPECT_FLOAT_EQ(parameters[0], 0.6f);
    EXPECT_FLOAT_EQ(parameters[1], -0.8f);
  }
}

TEST(ClipUp, ShortensStepsToTheMaximumSpeed) {
  const auto optimizer = Make(SmallClipUp(), 2);
  std::vector<float> parameters{0, 0};
  const std::vector<float> gradient{0, 7};
  EXPECT_DOUBLE_EQ(optimizer->Step(gradient, 1, parameters, SerialFor).step, 1);
  EXPECT_DOUBLE_EQ(optimizer->Step(gradient, 1, parameters, SerialFor).step, 1.25);  // not 1.5
  EXPECT_EQ(parameters[1], 2.25f);
  // The shortened velocity is the one remembered: 0.625 + 1 is too fast, 0.625 alone is not.
  EXPECT_DOUBLE_EQ(optimizer->Step(std::vector<float>{0, 0}, 1, parameters, SerialFor).step, 0.625);
}

// Steps of a quarter's length from the second generation on, and of the same direction.
template <class O>
void ExpectShorterSteps(const OptimizerKind& kind) {
  constexpr size_t kSize = 100;
  const O even{.learning_rate = 0.01};
  O scheduled = even;
  scheduled.learning_rate_schedule = {
      .type = ScheduleType::kExponential, .end = 0.0025f, .generations = 2};
  const auto a = kind.make(Options(even), kSize), b = kind.make(Options(scheduled), kSize);
  std::vector<float> far(kSize, 0.0f), near(kSize, 0.0f);
  for (uint32_t generation = 2; generation < 5; ++generation) {
    const StepNorms whole = a->Step(Noise(generation, kSize), generation, far, SerialFor);
    const StepNorms quarter = b->Step(Noise(generation, kSize), generation, near, SerialFor);
    EXPECT_NEAR(quarter.step, whole.step / 4, 1e-6 * whole.step);
  }
  for (size_t i = 0; i < kSize; ++i) EXPECT_NEAR(near[i], far[i] / 4, 1e-7);
  EXPECT_EQ(Saved(*a), Saved(*b));
}

TEST(Optimizer, StepsFollowTheSchedule) {
  ExpectShorterSteps<AdamOptions>(kAdam);
  ExpectShorterSteps<SgdOptions>(kSgd);
  ExpectShorterSteps<ClipUpOptions>(kClipUp);
}

class AnyOptimizer : public testing::TestWithParam<Chosen<OptimizerKind>> {};

TEST_P(AnyOptimizer, MeasuresItsStepAndWhatItMoved) {
  const auto optimizer = Make(GetParam(), 40000);
  std::vector<float> parameters = Noise(99, 40000);
  const std::vector<float> before = parameters;
  const StepNorms norms = optimizer->Step(Noise(1, 40000), 1, parameters, SerialFor);
  double step = 0, length = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    step += std::pow(double{parameters[i]} - double{before[i]}, 2);
    length += std::pow(double{before[i]}, 2);
  }
  EXPECT_NEAR(norms.step, std::sqrt(step), 1e-4 * norms.step);
  EXPECT_NEAR(norms.parameters, std::sqrt(length), 1e-9 * norms.parameters);
}

TEST_P(AnyOptimizer, IsTheSameOnAnyNumberOfThreads) {
  constexpr size_t kSize = 100001;
  const auto serial = Make(GetParam(), kSize), threaded = Make(GetParam(), kSize);
  std::vector<float> one = Noise(99, kSize), three = one;
  for (uint32_t t = 0; t < 3; ++t) {
    const StepNorms a = serial->Step(Noise(t, kSize), 1, one, SerialFor);
    const StepNorms b = threaded->Step(Noise(t, kSize), 1, three, ThreadsFor(3));
    EXPECT_EQ(a.step, b.step);
    EXPECT_EQ(a.parameters, b.parameters);
  }
  EXPECT_EQ(one, three);
  EXPECT_EQ(Saved(*serial), Saved(*threaded));
}

TEST_P(AnyOptimizer, GoesOnExactlyWhereItWasSaved) {
  constexpr size_t kSize = 100;
  const auto optimizer = Make(GetParam(), kSize);
  std::vector<float> parameters(kSize, 0.0f);
  for (uint32_t t = 0; t < 3; ++t) optimizer->Step(Noise(t, kSize), 1, parameters, SerialFor);
  const std::string bytes = Saved(*optimizer);

  const auto restored = Make(GetParam(), kSize);
  ByteReader in(bytes);
  restored->Restore(in);
  in.ExpectEnd();
  EXPECT_EQ(Saved(*restored), bytes);
  std::vector<float> copy = parameters;
  optimizer->Step(Noise(7, kSize), 1, parameters, SerialFor);
  restored->Step(Noise(7, kSize), 1, copy, SerialFor);
  EXPECT_EQ(copy, parameters);
}

TEST_P(AnyOptimizer, RefusesAStateOfAnotherSize) {
  const std::string bytes = Saved(*Make(GetParam(), 7));
  ByteReader in(bytes);
  const auto optimizer = Make(GetParam(), 8);
  try {
    optimizer->Restore(in);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("stored optimiser is for 7 parameters"));
  }
}

std::vector<Chosen<OptimizerKind>> AllAtTheirDefaults() {
  std::vector<Chosen<OptimizerKind>> all;
  for (const OptimizerKind* kind : OptimizerKinds()) all.emplace_back(*kind);
  return all;
}

INSTANTIATE_TEST_SUITE_P(AllKinds, AnyOptimizer, testing::ValuesIn(AllAtTheirDefaults()),
                         [](const auto& tested) { return std::string(tested.param.kind->name); });

TEST(Optimizer, RefusesTheStateOfAnotherKind) {
  const std::string bytes = Saved(*Make(SmallSgd(), 8));
  ByteReader in(bytes);
  const auto adam = Make(Chosen(kAdam), 8);
  EXPECT_THROW(adam->Restore(in), Error);
}

TEST(Optimizer, GradientOfAnotherSizeIsABug) {
  std::vector<float> parameters(8);
  EXPECT_THROW(Make(Chosen(kAdam), 8)->Step(std::vector<float>(7), 1, parameters, SerialFor),
               BugError);
}

}  // namespace
}  // namespace dne
