// SPDX-License-Identifier: MIT
#include "dne/studies/gradient_run.h"

#include <algorithm>
#include <cmath>

#include "dne/base/error.h"
#include "dne/base/finite.h"
#include "dne/base/parallel.h"
#include "dne/random/normal.h"
#include "dne/tasks/supervised_task.h"

namespace dne {
namespace {

// Images of each of the two gradients by which the noise of pairs is told.
constexpr size_t kModelImages = 128;

double Dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

// Over the parameters.
double Variance(std::span<const float> gradient) {
  const auto size = static_cast<double>(gradient.size());
  double sum = 0;
  for (const float g : gradient) sum += double{g};
  return Dot(gradient, gradient) / size - (sum / size) * (sum / size);
}

}  // namespace

double ExpectedCorrelation(double pairs, size_t num_parameters) {
  return std::sqrt(pairs / (pairs + static_cast<double>(num_parameters)));
}

GradientRun::GradientRun(const Setup& setup, const GradientRunOptions& options,
                         std::span<const float> parameters, Isa isa)
    : setup_(setup),
      options_(options),
      isa_(isa),
      fitness_(setup, isa),
      examiner_(setup.task->MakeWorker(isa)),
      optimizer_(
          options.ascent.optimizer.kind->make(options.ascent.optimizer.options, parameters.size())),
      parameters_(parameters.begin(), parameters.end()),
      mean_(parameters_) {
  DNE_CHECK(setup.images && parameters.size() == setup.task->layout().policy_size());
}

void GradientRun::AddNoise(double deviation, std::span<float> gradient) const {
  AddNormal({.seed = options_.seed,
             .generation = static_cast<uint32_t>(iteration_),
             .item = 0,
             .purpose = Purpose::kGradientNoise},
            static_cast<float>(deviation), gradient, gradient, isa_);
}

std::vector<float> GradientRun::Estimate() {
  if (options_.noise.pairs > 0) return EstimateOfPairs();
  std::vector<float> gradient = fitness_.Run(
      parameters_, SharedImages(setup_, options_.seed, static_cast<uint32_t>(iteration_)));
  if (!options_.noise.correlation) return gradient;
  const double rho = *options_.noise.correlation;
  AddNoise(std::sqrt(Variance(gradient) * (1 - rho * rho)) / rho, gradient);
  return gradient;
}

// Each pair's share is (g_b . noise) noise, g_b being the gradient on its own images b: the true
// gradient on average, with variance |g_b|^2 in every direction. Two gradients g, h on n other
// images each tell both parts of that: g . h is |true gradient|^2 and n |g - h|^2 / 2 the variance
// of one image's gradient, both on average.
std::vector<float> GradientRun::EstimateOfPairs() {
  const size_t n = std::min(kModelImages, setup_.images->train.size() / 2);
  Stream stream({.seed = options_.seed,
                 .generation = static_cast<uint32_t>(iteration_),
                 .item = 1,
                 .purpose = Purpose::kMiniBatch});
  const std::vector<uint32_t> images =
      DrawBatch(stream.Next64(), 2 * n, setup_.images->train.size());
  std::vector<float> gradient = fitness_.Run(parameters_, std::span(images).first(n));
  const std::vector<float> other = fitness_.Run(parameters_, std::span(images).last(n));
  const double signal = Dot(gradient, other);
  double difference = 0;
  for (size_t i = 0; i < gradient.size(); ++i) {
    difference += std::pow(double{gradient[i]} - double{other[i]}, 2);
    gradient[i] = 0.5f * (gradient[i] + other[i]);
  }
  const double of_image = static_cast<double>(n) * difference / 2;
  const double of_batch = std::max(signal, 0.0) + of_image / static_cast<double>(setup_.batch_size);
  AddNoise(std::sqrt(of_batch / static_cast<double>(options_.noise.pairs)), gradient);
  return gradient;
}

void GradientRun::Step() {
  ++iteration_;
  std::vector<float> gradient = Estimate();
  const float scale = options_.scale_schedule.ValueAt(options_.scale, iteration_);
  if (scale != 1) {
    for (float& g : gradient) g *= scale;
  }
  Metrics unused;
  Ascend(std::move(gradient), options_.ascent.l2_coefficient, iteration_, SerialFor, *optimizer_,
         parameters_, unused);
  if (!AreFinite(parameters_) || !optimizer_->IsFinite()) {
    throw Error("iteration " + std::to_string(iteration_) +
                ": the step leads to parameters that are not finite: give a lower learning_rate");
  }
  mean_.Add(iteration_, parameters_);
}

std::optional<Episode> GradientRun::Exam(std::span<const float> parameters,
                                         std::atomic<uint64_t>& images_seen,
                                         const std::atomic<bool>& cancel) {
  const EpisodeStart start;  // all test images
  Result result = examiner_->Run({.numbers = parameters}, {&start, 1},
                                 {.max_steps = setup_.task->step_limit()}, images_seen, cancel);
  if (cancel) return std::nullopt;
  return std::move(result.episodes.front());
}

bool GradientRun::Examine(std::atomic<uint64_t>& images_seen, const std::atomic<bool>& cancel) {
  const auto exam = Exam(parameters_, images_seen, cancel);
  const auto mean = Exam(mean_.value(), images_seen, cancel);
  if (!exam || !mean) return false;
  looks_.push_back({.iteration = iteration_,
                    .accuracy = setup_.task->Point(exam->descriptor).front(),
                    .loss = -exam->score,
                    .mean_accuracy = setup_.task->Point(mean->descriptor).front()});
  return true;
}

void GradientRun::Save(ByteWriter& out) const {
  out.Add(iteration_);
  out.AddFloats(parameters_);
  mean_.Save(out);
  optimizer_->Save(out);
  out.Add(static_cast<uint64_t>(looks_.size()));
  for (const Look& look : looks_) {
    out.Add(look.iteration);
    out.Add(look.accuracy);
    out.Add(look.loss);
    out.Add(look.mean_accuracy);
  }
}

void GradientRun::Restore(ByteReader& in) {
  iteration_ = in.Read<uint64_t>();
  std::vector<float> parameters = in.ReadFloats();
  if (parameters.size() != parameters_.size()) throw Error("it is of another network");
  parameters_ = std::move(parameters);
  mean_.Restore(in);
  optimizer_->Restore(in);
  looks_.clear();
  for (uint64_t n = in.ReadCount(); n > 0; --n) {
    Look look;
    look.iteration = in.Read<uint64_t>();
    look.accuracy = in.ReadDouble();
    look.loss = in.ReadDouble();
    look.mean_accuracy = in.ReadDouble();
    looks_.push_back(look);
  }
}

}  // namespace dne
