// SPDX-License-Identifier: MIT
#include "dne/algorithms/behaviour_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <set>
#include <utility>

#include "dne/base/error.h"

namespace dne {
namespace {

constexpr int kMaxCells = 1'000'000;  // of all axes together
constexpr int kMaxCoordinate = 999'999;
constexpr Range<double> kBounds = {-1e12, 1e12};

bool IsPlain(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// What is wrong with one; empty: nothing.
std::string MistakeOf(const GridAxis& axis) {
  if (!IsPlain(axis.name)) {
    return fmt::format("an axis's name must be letters, digits and '_', got {}: it heads a column",
                       ToToml(axis.name));
  }
  if (axis.lower < axis.upper) return "";
  return fmt::format("the axis {} goes from {} to {}: give a lower below its upper", axis.name,
                     axis.lower, axis.upper);
}

double CellsOf(std::span<const GridAxis> axes) {
  double cells = 1;
  for (const GridAxis& axis : axes) cells *= axis.cells;
  return cells;
}

}  // namespace

void GridAxis::Visit(Fields& fields) {
  fields.Add("name", name, Names{"name"}, "what tables and pictures call it: letters, digits, '_'")
      .Needed("tables and pictures call the axis by it");
  fields
      .Add("coordinate", coordinate, Range<int>{0, kMaxCoordinate},
           "of the behaviour, from 0: of a place 0 is x and 1 is y; on Atari the address of a "
           "byte of RAM, 0 to 127")
      .Needed("an axis is one number of what a policy did");
  fields.Add("lower", lower, kBounds, "where the first cell begins").Needed("cells begin there");
  fields.Add("upper", upper, kBounds, "where the last cell ends").Needed("cells end there");
  fields.Add("cells", cells, Range<int>{1, kMaxCells}, "equal parts from lower to upper")
      .Needed("the axis is cut into as many");
}

void ArchiveOptions::Visit(Fields& fields) {
  fields.Add("qd_offset", qd_offset, kBounds,
             "the least fitness there is: qd_score sums what elites have above it");
  fields.AddList("axes", axes,
                 "One section an axis of the grid, whose cells hold one elite each; at most "
                 "1,000,000 cells in all. What lies beyond an end belongs to the cell there.");
}

void ArchiveOptions::Check(Mistakes& mistakes) const {
  if (axes.empty()) {
    mistakes.Contradiction(
        "the archive has no axes: give one [[archive.axes]] or several, each with name, "
        "coordinate, lower, upper and cells",
        axes);
  }
  std::set<std::string> names;
  for (const GridAxis& axis : axes) {
    const std::string mistake = MistakeOf(axis);
    if (!mistake.empty()) mistakes.Contradiction(mistake, axes);
    if (names.insert(axis.name).second) continue;
    mistakes.Contradiction(
        fmt::format("two axes are called {}: give each a name of its own", ToToml(axis.name)),
        axes);
  }
  if (CellsOf(axes) <= kMaxCells) return;
  mistakes.Contradiction(fmt::format("the axes have {:.0f} cells together, but an archive has at "
                                     "most {}: give fewer",
                                     CellsOf(axes), kMaxCells),
                         axes);
}

BehaviourGrid::BehaviourGrid(std::vector<GridAxis> axes) : axes_(std::move(axes)) {
  // Bytes of a stored configuration may be damaged.
  if (axes_.empty() || CellsOf(axes_) > kMaxCells) {
    throw Error(
        fmt::format("the archive's axes must have 1 to {} cells together: give others", kMaxCells));
  }
  num_cells_ = static_cast<uint32_t>(CellsOf(axes_));
}

void ExpectCoordinates(std::span<const GridAxis> axes, size_t behaviour_size) {
  for (const GridAxis& axis : axes) {
    if (static_cast<size_t>(axis.coordinate) < behaviour_size) continue;
    throw Error(
        fmt::format("the archive's axis {} is coordinate {}, but behaviours here have {}: "
                    "give one below that",
                    axis.name, axis.coordinate, behaviour_size));
  }
}

std::vector<double> BehaviourGrid::MeanOnAxes(
    std::span<const std::vector<double>> behaviours) const {
  std::vector<double> means;
  for (const std::vector<double>& behaviour : behaviours) {
    ExpectCoordinates(axes_, behaviour.size());
  }
  for (const GridAxis& axis : axes_) {
    std::vector<double> numbers;
    for (const std::vector<double>& behaviour : behaviours) {
      numbers.push_back(behaviour[static_cast<size_t>(axis.coordinate)]);
    }
    std::ranges::sort(numbers, [](double a, double b) { return std::strong_order(a, b) < 0; });
    double sum = 0;
    for (const double number : numbers) sum += number;
    means.push_back(sum / static_cast<double>(numbers.size()));
  }
  return means;
}

std::optional<uint32_t> BehaviourGrid::CellOf(std::span<const double> on_axes) const {
  DNE_CHECK(on_axes.size() == axes_.size());
  uint32_t cell = 0;
  for (size_t i = 0; i < axes_.size(); ++i) {
    const GridAxis& axis = axes_[i];
    const double place = (on_axes[i] - axis.lower) / (axis.upper - axis.lower) * axis.cells;
    if (std::isnan(place)) return {};
    const double index = std::clamp(std::floor(place), 0.0, axis.cells - 1.0);
    cell = cell * static_cast<uint32_t>(axis.cells) + static_cast<uint32_t>(index);
  }
  return cell;
}

std::vector<uint32_t> BehaviourGrid::IndicesOf(uint32_t cell) const {
  std::vector<uint32_t> indices(axes_.size());
  for (size_t i = axes_.size(); i-- > 0;) {
    const auto cells = static_cast<uint32_t>(axes_[i].cells);
    indices[i] = cell % cells;
    cell /= cells;
  }
  return indices;
}

}  // namespace dne
