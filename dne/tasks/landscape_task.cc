// SPDX-License-Identifier: MIT
#include "dne/tasks/landscape_task.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "dne/base/error.h"
#include "dne/base/nearest.h"
#include "dne/episode/descriptor.h"

namespace dne {
namespace {

constexpr std::string_view kNames[] = {"donut", "gradient_gap", "gradient_cliff", "fleeting_peaks",
                                       "narrowing_path"};

double Square(double x) { return x * x; }

double Slope(double x, double y) { return (x + 1) / 2 * std::exp(-5 * Square(y)); }

double Donut(double x, double y) {
  const double square = Square(x) + Square(y);
  return square < Square(0.07) ? 0 : std::exp(-8 * square);
}

double FleetingPeaks(double x, double y) {
  double height = 1.5 * (x + 1) * std::exp(-10 * Square(y));
  for (const double centre : {-0.4, -0.1, 0.2, 0.5}) {
    height += 0.7 * std::exp(-1000 * (Square(x - centre) + Square(y)));
  }
  return height;
}

double NarrowingPath(double x, double y) {
  return std::sqrt(std::max(0.0, (x + 1) / 2)) * std::exp(-5 * Square(y) * Square(Square(x + 2)));
}

class LandscapeWorker final : public TaskWorker {
 public:
  explicit LandscapeWorker(Landscape landscape) : landscape_(landscape) {}

  Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts, const EpisodeOptions&,
             std::atomic<uint64_t>& steps_run, const std::atomic<bool>&) override {
    const std::span<const float> point = policy.numbers;
    const std::vector<double> place(point.begin(), point.end());
    Result result;
    for (const EpisodeStart& start : starts) {
      const double height = LandscapeFitness(landscape_, point[0], point[1]);
      result.episodes.push_back({.start = start,
                                 .score = height,
                                 .steps = 1,
                                 .frames = 1,
                                 .end = EpisodeEnd::kTerminal,
                                 .descriptor = DescriptorFromPoint(place)});
    }
    steps_run += starts.size();
    return result;
  }

 private:
  Landscape landscape_;
};

class LandscapeTask final : public Task {
 public:
  explicit LandscapeTask(Landscape landscape) : landscape_(landscape) {}

  const PolicyLayout& layout() const override { return layout_; }
  Initialiser initialiser(Isa) const override {
    return [](const StreamId&, std::span<float> point) {
      std::ranges::copy(kLandscapeStart, point.begin());
    };
  }
  EpisodeStart DrawStart(Stream&) const override { return {}; }
  std::vector<double> Point(std::span<const uint8_t> descriptor) const override {
    return PointFromDescriptor(descriptor);
  }
  int lanes() const override { return 1; }
  std::unique_ptr<TaskWorker> MakeWorker(Isa) const override {
    return std::make_unique<LandscapeWorker>(landscape_);
  }

 private:
  PolicyLayout layout_ = {.num_parameters = std::size(kLandscapeStart)};
  Landscape landscape_;
};

}  // namespace

std::vector<std::string> LandscapeNames() { return {std::begin(kNames), std::end(kNames)}; }

Landscape LandscapeFromName(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found != std::end(kNames)) return static_cast<Landscape>(found - std::begin(kNames));
  throw Error(UnknownName("landscape", name, LandscapeNames()));
}

double LandscapeFitness(Landscape landscape, double x, double y) {
  switch (landscape) {
    case Landscape::kDonut:
      return Donut(x, y);
    case Landscape::kGradientGap:
      return x >= 0.10 && x <= 0.20 ? 0 : Slope(x, y);
    case Landscape::kGradientCliff:
      return x >= 0.10 ? 0 : Slope(x, y);
    case Landscape::kFleetingPeaks:
      return FleetingPeaks(x, y);
    case Landscape::kNarrowingPath:
      return NarrowingPath(x, y);
  }
  DNE_CHECK(false);
}

std::unique_ptr<Task> MakeLandscapeTask(Landscape landscape) {
  return std::make_unique<LandscapeTask>(landscape);
}

}  // namespace dne
