// SPDX-License-Identifier: MIT
#include "dne/experiment/archive_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "dne/base/error.h"
#include "dne/episode/descriptor.h"

namespace dne {
namespace {

bool IsBroken(const TrialRecord& trial) {
  return std::ranges::any_of(
      trial.episodes, [](const Episode& episode) { return episode.end == EpisodeEnd::kInvalid; });
}

}  // namespace

ArchiveView::ArchiveView(const ExperimentConfig& config)
    : options_(config.archive().value()),
      has_byte_behaviours_(config.task.kind->facts(config.task.options).has_byte_behaviours),
      grid_(options_.axes),
      archive_(grid_.num_cells()) {}

void ArchiveView::Add(std::span<const TrialRecord> trials) {
  for (const TrialRecord& trial : trials) {
    if (IsBroken(trial)) continue;
    std::vector<std::vector<double>> behaviours;
    for (size_t i = 0; i < trial.episodes.size(); ++i) {
      const std::vector<double> point =
          BehaviourFromDescriptor(trial.episodes[i].descriptor, has_byte_behaviours_);
      behaviours.insert(behaviours.end(), trial.draws[i], point);
    }
    std::vector<double> on_axes = grid_.MeanOnAxes(behaviours);
    const std::optional<uint32_t> cell = grid_.CellOf(on_axes);
    if (!cell) continue;
    archive_.Offer({.cell = *cell,
                    .fitness = trial.fitness,
                    .individual = trial.individual,
                    .on_axes = std::move(on_axes)});
  }
}

ArchiveView ArchiveOfRun(const RunStore& run, const ExperimentConfig& config) {
  ArchiveView view(config);
  const auto last = run.LastGeneration();
  for (uint32_t generation = 0; last && generation <= last->generation; ++generation) {
    view.Add(run.Trials(generation, "train"));
  }
  return view;
}

std::string ArchiveCsv(const ArchiveView& view) {
  std::string text;
  for (const GridAxis& axis : view.grid().axes()) text += axis.name + "_cell,";
  text += "fitness";
  for (const GridAxis& axis : view.grid().axes()) text += "," + axis.name;
  text += ",individual\n";
  std::vector<const ArchivedElite*> elites;
  for (const ArchivedElite& elite : view.archive().elites()) elites.push_back(&elite);
  std::ranges::sort(elites, {}, &ArchivedElite::cell);
  for (const ArchivedElite* elite : elites) {
    for (const uint32_t index : view.grid().IndicesOf(elite->cell)) {
      text += fmt::format("{},", index);
    }
    text += fmt::format("{}", elite->fitness);
    for (const double number : elite->on_axes) text += fmt::format(",{}", number);
    text += fmt::format(",{}\n", BirthName(elite->individual));
  }
  return text;
}

}  // namespace dne
