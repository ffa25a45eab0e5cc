// SPDX-License-Identifier: MIT
#include "dne/inspect/film_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "dne/base/about.h"
#include "dne/base/digest.h"
#include "dne/base/error.h"
#include "dne/base/file.h"
#include "dne/base/json_text.h"
#include "dne/policy/play.h"
#include "dne/policy/policy.h"
#include "dne/policy/video.h"

namespace dne {
namespace {

using nlohmann::json;

constexpr size_t kMostWaiting = 20;
constexpr size_t kMostPlaces = 2000;  // of a path

// At equal distances, the last one among them.
template <class Value>
std::vector<Value> Thinned(const std::vector<Value>& all) {
  const size_t stride = (all.size() + kMostPlaces - 1) / kMostPlaces;
  if (stride <= 1) return all;
  std::vector<Value> some;
  for (size_t i = 0; i < all.size(); i += stride) some.push_back(all[i]);
  if ((all.size() - 1) % stride != 0) some.push_back(all.back());
  return some;
}

json RewardsOf(const Replay& replay) {
  json rewards = json::array();
  double score = 0;
  for (size_t i = 0; i < replay.steps.size(); ++i) {
    if (replay.steps[i].reward == 0) continue;
    score += replay.steps[i].reward;
    if (rewards.size() < kMostPlaces) rewards.push_back({i + 1, score});
  }
  return rewards;
}

}  // namespace

std::string FilmName(const RunStore& run, const std::string& experiment, const Genome& genome,
                     const Episode& recorded) {
  Digest digest;
  for (const std::string& text :
       {run.info().config, run.info().created, GenomeToText(genome), Version()}) {
    digest.Add(text.size());
    digest.AddText(text);
  }
  digest.Add(recorded.start.noops);
  digest.Add(recorded.start.seed_code());
  digest.Add(recorded.steps);
  digest.Add(static_cast<uint8_t>(recorded.end));
  return fmt::format("{}-s{}-{}-{:016x}", experiment, run.info().seed, BirthName(genome.birth()),
                     digest.value());
}

FilmMaker::FilmMaker(std::filesystem::path folder, bool allow_command)
    : folder_(std::move(folder)), allow_command_(allow_command) {
  std::error_code failure;
  std::filesystem::create_directories(folder_, failure);
  if (failure) {
    throw Error("cannot make the folder of films " + folder_.string() + " (" + failure.message() +
                "): name another one (--cache DIR)");
  }
  worker_ = std::thread([this] { Work(); });
}

FilmMaker::~FilmMaker() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    watch_.cancel = true;
  }
  changed_.notify_all();
  worker_.join();
}

std::filesystem::path FilmMaker::FileOf(const std::string& name, const char* extension) const {
  return folder_ / (name + extension);
}

FilmStatus FilmMaker::Ask(const FilmOrder& order) {
  const std::lock_guard lock(mutex_);
  const auto known = films_.find(order.name);
  if (known != films_.end()) {
    FilmStatus status = known->second;
    if (status.stage == FilmStatus::Stage::kBeingMade) status.steps = watch_.steps_run;
    if (status.stage == FilmStatus::Stage::kFailed) films_.erase(known);
    return status;
  }
  // Written last.
  if (std::filesystem::exists(FileOf(order.name, ".json"))) {
    return films_[order.name] = {.stage = FilmStatus::Stage::kReady,
                                 .steps = 0,
                                 .text = ReadFile(FileOf(order.name, ".json"))};
  }
  if (waiting_.size() >= kMostWaiting) {
    throw Error(fmt::format("{} films are waiting to be made: ask again when some are ready",
                            waiting_.size()));
  }
  waiting_.push_back(order);
  changed_.notify_all();
  return films_[order.name] = {};
}

std::optional<std::filesystem::path> FilmMaker::VideoOf(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto known = films_.find(name);
  if (known == films_.end() || known->second.stage != FilmStatus::Stage::kReady) return {};
  std::filesystem::path file = FileOf(name, ".mp4");
  if (!std::filesystem::exists(file)) return {};
  return file;
}

void FilmMaker::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_over_ || !waiting_.empty(); });
    if (is_over_) return;
    const FilmOrder order = std::move(waiting_.front());
    waiting_.pop_front();
    watch_.steps_run = 0;
    films_[order.name].stage = FilmStatus::Stage::kBeingMade;
    lock.unlock();
    FilmStatus status{.stage = FilmStatus::Stage::kReady};
    try {
      status.text = Make(order);
    } catch (const std::exception& error) {
      status = {.stage = FilmStatus::Stage::kFailed, .steps = 0, .text = error.what()};
    }
    lock.lock();
    films_[order.name] = std::move(status);
  }
}

std::string FilmMaker::Make(const FilmOrder& order) {
  const Isa isa = BestIsa();
  const Policy policy = LoadPolicy({.where = order.run.string(),
                                    .config = {},
                                    .generation = {},
                                    .individual = order.individual,
                                    .allow_command = allow_command_},
                                   isa);
  std::optional<Video> video;
  const auto play = [&](const FrameSink& sink) {
    return ReplayEpisode(policy, order.recorded.start, RecordedStepCap(policy, order.recorded), isa,
                         sink, watch_);
  };
  std::optional<Replay> filmed;
  std::string why_no_video;
  if (policy.setup.world && policy.setup.world->spec().records_frames) {
    try {
      video.emplace(FileOf(order.name, ".mp4"));
      filmed = play([&video](const Frame& frame) { video->Add(frame); });
      video->Finish();
    } catch (const CannotFilm& missing) {
      video.reset();
      why_no_video = missing.what();
    }
  }
  const Replay replay = filmed ? *std::move(filmed) : play({});
  json film = {{"score", replay.episode.score},
               {"steps", replay.episode.steps},
               {"matches", replay.episode == order.recorded},
               {"video", video.has_value()},
               {"rewards", RewardsOf(replay)}};
  if (policy.setup.world->spec().behaviour.type == BehaviourType::kPoint) {
    film["places"] = Thinned(PlacesOf(policy, replay));
  }
  if (!why_no_video.empty()) film["why_no_video"] = why_no_video;
  std::string text = JsonText(film);
  // One that lacks its video is not kept for longer than this server runs.
  if (why_no_video.empty()) WriteFileAtomically(FileOf(order.name, ".json"), text);
  return text;
}

}  // namespace dne
