// SPDX-License-Identifier: MIT
#include "dne/experiment/floor_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "dne/episode/descriptor.h"

namespace dne {
namespace {

constexpr double kCells = 250;    // along the longer side
constexpr double kSvgSide = 800;  // likewise
constexpr double kSvgMargin = 20;

struct Extent {
  FloorPoint low = {std::numeric_limits<double>::infinity(),
                    std::numeric_limits<double>::infinity()};
  FloorPoint high = {-low[0], -low[1]};

  void Include(const FloorPoint& p) {
    for (size_t i = 0; i < p.size(); ++i) {
      low[i] = std::min(low[i], p[i]);
      high[i] = std::max(high[i], p[i]);
    }
  }
  // Never 0, so that a single place has a picture as well.
  double side() const { return std::max({high[0] - low[0], high[1] - low[1], 1e-9}); }
};

Extent ExtentOf(const FloorView& view) {
  Extent extent;
  for (const FloorSegment& wall : view.plan.segments) {
    extent.Include(wall.from);
    extent.Include(wall.to);
  }
  for (const FloorRectangle& wall : view.plan.rectangles) {
    extent.Include({wall.x - wall.half_x, wall.y - wall.half_y});
    extent.Include({wall.x + wall.half_x, wall.y + wall.half_y});
  }
  for (const auto& place : {view.plan.start, view.plan.goal}) {
    if (place) extent.Include(*place);
  }
  for (const FinalPlace& place : view.places) extent.Include(place.at);
  for (const FloorPoint& place : view.path) extent.Include(place);
  return extent;
}

// In the order of generations, rounds and individuals.
std::vector<FinalPlace> AllPlaces(const RunStore& run) {
  std::vector<FinalPlace> places;
  const auto last = run.LastGeneration();
  for (uint32_t generation = 0; last && generation <= last->generation; ++generation) {
    for (const char* round : {"train", "validate"}) {
      for (const TrialRecord& trial : run.Trials(generation, round)) {
        for (const Episode& episode : trial.episodes) {
          const std::vector<double> place = PointFromDescriptor(episode.descriptor);
          if (place.size() >= 2) places.push_back({{place[0], place[1]}, generation});
        }
      }
    }
  }
  return places;
}

void KeepOneACell(const Extent& extent, std::vector<FinalPlace>& places) {
  const double cell = extent.side() / kCells;
  std::set<std::pair<long, long>> taken;
  std::erase_if(places, [&](const FinalPlace& place) {
    return !taken
                .emplace(std::lround(std::floor((place.at[0] - extent.low[0]) / cell)),
                         std::lround(std::floor((place.at[1] - extent.low[1]) / cell)))
                .second;
  });
}

// From blue by green to yellow.
std::string ColourOf(double share) {
  const auto between = [share](double from, double to) {
    return static_cast<int>(std::lround(from + (to - from) * share));
  };
  return fmt::format("rgb({},{},{})", between(60, 250), between(60, 220), between(160, 40));
}

// From places on the floor to those of the picture.
class SvgPicture {
 public:
  SvgPicture(const FloorView& view, const std::string& title)
      : extent_(ExtentOf(view)), y_points_down_(view.plan.y_points_down) {
    const double width = X(extent_.high[0]) + kSvgMargin;
    const double height = std::max(Y(extent_.low[1]), Y(extent_.high[1])) + kSvgMargin;
    text_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
        "width=\"{0:.0f}\" height=\"{1:.0f}\">\n<title>{2}</title>\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        width, height, Escaped(title));
  }

  void AddDisc(const FloorPoint& at, double radius, const std::string& colour) {
    text_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\"/>\n", X(at[0]),
                         Y(at[1]), radius, colour);
  }
  void AddRectangle(const FloorRectangle& r) {
    text_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"grey\"/>\n",
        X(r.x - r.half_x), std::min(Y(r.y - r.half_y), Y(r.y + r.half_y)), 2 * r.half_x * Scale(),
        2 * r.half_y * Scale());
  }
  void AddLine(const std::vector<FloorPoint>& places, double width, const char* colour) {
    text_ += fmt::format("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" points=\"",
                         colour, width);
    for (const FloorPoint& p : places) text_ += fmt::format("{:.1f},{:.1f} ", X(p[0]), Y(p[1]));
    text_ += "\"/>\n";
  }
  std::string Finish() { return text_ + "</svg>\n"; }

 private:
  static std::string Escaped(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
      escaped += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
    }
    return escaped;
  }

  double Scale() const { return kSvgSide / extent_.side(); }
  double X(double x) const { return kSvgMargin + (x - extent_.low[0]) * Scale(); }
  double Y(double y) const {
    return kSvgMargin + (y_points_down_ ? y - extent_.low[1] : extent_.high[1] - y) * Scale();
  }

  Extent extent_;
  bool y_points_down_;
  std::string text_;
};

}  // namespace

FloorView ViewOfRun(const RunStore& run, const ExperimentConfig& config,
                    std::vector<FloorPoint> path) {
  FloorView view{.plan = config.task.kind->floor_plan(config.task.options),
                 .places = AllPlaces(run),
                 .path = std::move(path)};
  KeepOneACell(ExtentOf(view), view.places);
  return view;
}

std::string FloorSvg(const FloorView& view, const std::string& title) {
  constexpr double kPlaceRadius = 1.8;
  constexpr double kMarkRadius = 9;
  SvgPicture picture(view, title);
  if (view.plan.start) picture.AddDisc(*view.plan.start, kMarkRadius, "lightgrey");
  if (view.plan.goal) picture.AddDisc(*view.plan.goal, kMarkRadius, "limegreen");
  for (const FloorRectangle& wall : view.plan.rectangles) picture.AddRectangle(wall);
  for (const FloorSegment& wall : view.plan.segments) {
    picture.AddLine({wall.from, wall.to}, 3, "black");
  }
  const double last = view.places.empty()
                          ? 0
                          : std::ranges::max(view.places, {}, &FinalPlace::generation).generation;
  for (const FinalPlace& place : view.places) {
    picture.AddDisc(place.at, kPlaceRadius, ColourOf(last > 0 ? place.generation / last : 0));
  }
  if (!view.path.empty()) picture.AddLine(view.path, 2, "red");
  return picture.Finish();
}

}  // namespace dne
