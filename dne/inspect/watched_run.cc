// SPDX-License-Identifier: MIT
#include "dne/inspect/watched_run.h"

#include <utility>

#include "dne/episode/descriptor.h"
#include "dne/policy/policy_run.h"

namespace dne {
namespace {

constexpr uint32_t kMostRecords = 2000;
constexpr size_t kMostFitted = 1000;      // behaviours
constexpr size_t kMostArchived = 40'000;  // trials at once

}  // namespace

WatchedRun::WatchedRun(std::filesystem::path folder)
    : folder_(std::move(folder)),
      store_(RunStore::OpenReadOnly(folder_)),
      config_(ParseStoredConfig(store_->info().config, "its configuration")) {}

uint32_t WatchedRun::CountFinished() const {
  const auto last = store_->LastGeneration();
  return last ? last->generation + 1 : 0;
}

const WatchedRun::Curves& WatchedRun::UpdateCurves() {
  auto last = store_->LastGeneration();
  if (!last) return curves_;
  std::vector<GenerationRecord>& records = curves_.records;
  // The last one may be there beside the stride.
  if (!records.empty() && records.back().generation % curves_.stride != 0) records.pop_back();
  const uint32_t before = curves_.stride;
  while (last->generation / curves_.stride >= kMostRecords) curves_.stride *= 2;
  if (curves_.stride != before) {
    std::erase_if(records, [&](const GenerationRecord& record) {
      return record.generation % curves_.stride != 0;
    });
  }
  const uint32_t next = records.empty() ? 0 : records.back().generation + 1;
  for (GenerationRecord& record : store_->Generations(next, curves_.stride)) {
    records.push_back(std::move(record));
  }
  if (records.empty() || records.back().generation < last->generation) {
    records.push_back(*std::move(last));
  }
  return curves_;
}

const PointTable& WatchedRun::UpdatePoints(const std::string& round) {
  PointTable& table = points_.try_emplace(round, round).first->second;
  table.Update(*store_, CountFinished());
  return table;
}

const ArchiveView* WatchedRun::UpdateArchive() {
  if (!config_.archive()) return nullptr;
  if (!archive_) archive_.emplace(config_);
  const uint32_t finished = CountFinished();
  for (size_t read = 0; archived_ < finished && read < kMostArchived; ++archived_) {
    const std::vector<TrialRecord> trials = store_->Trials(archived_, "train");
    archive_->Add(trials);
    read += trials.size();
  }
  return &*archive_;
}

std::vector<double> WatchedRun::BehaviourOf(const std::vector<uint8_t>& descriptor) const {
  return BehaviourFromDescriptor(
      descriptor, config_.task.kind->facts(config_.task.options).has_byte_behaviours);
}

const Projection* WatchedRun::FindProjection() {
  const uint32_t finished = CountFinished();
  for (; !projection_ && not_fitted_to_ < finished; ++not_fitted_to_) {
    std::vector<std::vector<double>> behaviours;
    for (const TrialRecord& trial : store_->Trials(not_fitted_to_, "train")) {
      const Episode* typical = TypicalEpisode(trial.episodes);
      if (typical == nullptr || typical->descriptor.empty()) continue;
      behaviours.push_back(BehaviourOf(typical->descriptor));
      if (behaviours.back().size() != behaviours.front().size()) behaviours.pop_back();
      if (behaviours.size() == kMostFitted) break;
    }
    if (behaviours.size() > 1) projection_ = Projection::Fit(behaviours);
  }
  return projection_ ? &*projection_ : nullptr;
}

}  // namespace dne
