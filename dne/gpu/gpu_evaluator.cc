// SPDX-License-Identifier: MIT
#include "dne/gpu/gpu_evaluator.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "dne/base/error.h"
#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/parents.h"
#include "dne/evaluate/play_here.h"
#include "dne/gpu/episode_player.h"
#include "dne/gpu/exam_player.h"
#include "dne/tasks/episode_task.h"

namespace dne {
namespace {

constexpr int kMostExamPlayers = 4;  // one marks outputs while the card works for the others
constexpr double kShare = 0.9;       // of the free memory that is taken

class GpuEvaluator final : public Evaluator {
 public:
  GpuEvaluator(const Task& task, const EvaluatorOptions& options, Watch& watch)
      : task_(task), options_(options), watch_(watch), parents_(task, options.isa) {
    if (const Exams* exams = task.exams()) {
      SeatExamPlayers(exams->data());
    } else if (const EpisodeSetup* episodes = task.episodes()) {
      gpu::CheckRunsOnDevice(*episodes->network);
      SeatEpisodePlayers();
    } else {
      throw Error(
          "--device cuda: a graphics card runs the networks of supervised tasks and of "
          "environments, but this task is neither: leave the option out");
    }
  }

  size_t num_workers() const override { return players_.size(); }

 private:
  size_t FreeMemory() const {
    return static_cast<size_t>(kShare * static_cast<double>(options_.device->free_memory()));
  }
  gpu::Table TableOf(size_t memory) const {
    return {.task = task_,
            .parents = parents_.cache(),
            .options = options_,
            .watch = watch_,
            .memory = memory};
  }

  void SeatExamPlayers(const ImageData& data) {
    const auto count = static_cast<size_t>(std::clamp(options_.threads, 1, kMostExamPlayers));
    const size_t free = FreeMemory();
    const size_t images = data.train.pixels.size() + data.test.pixels.size();
    images_queue_ = options_.device->MakeQueue();
    sets_.emplace(*images_queue_, data);
    for (size_t i = 0; i < count; ++i) {
      players_.push_back(
          gpu::MakeExamPlayer(TableOf((free - std::min(free, images)) / count), *sets_));
    }
  }

  // Two for each thread: one's environments step while the other's networks run.
  void SeatEpisodePlayers() {
    const auto count = 2 * static_cast<size_t>(options_.threads);
    const size_t memory = FreeMemory() / count;
    for (size_t i = 0; i < count; ++i) players_.push_back(gpu::MakeEpisodePlayer(TableOf(memory)));
  }

  Evaluation Evaluate(const Plan& plan, Journal* journal) override {
    parents_.Hold(plan, memory_);
    Round round(task_, plan, memory_, journal, players_.size());
    const std::span<const Job> jobs = round.jobs();
    const size_t size = players_.front()->ShareOf(jobs.size(), players_.size());
    return PlayHere(round, journal != nullptr, watch_, players_.size(),
                    (jobs.size() + size - 1) / size,
                    [&](size_t player, size_t share, const auto& finish) {
                      const size_t first = share * size;
                      players_[player]->Play(
                          plan, jobs.subspan(first, std::min(size, jobs.size() - first)), finish);
                    });
  }

  const Task& task_;
  EvaluatorOptions options_;
  Watch& watch_;
  EpisodeMemory memory_;
  Parents parents_;
  // Of exams.
  std::unique_ptr<gpu::Queue> images_queue_;
  std::optional<gpu::ImageSets> sets_;
  std::vector<std::unique_ptr<gpu::Player>> players_;
};

}  // namespace

std::unique_ptr<Evaluator> MakeGpuEvaluator(const Task& task, const EvaluatorOptions& options,
                                            Watch& watch) {
  DNE_CHECK(options.device != nullptr);
  return std::make_unique<GpuEvaluator>(task, options, watch);
}

}  // namespace dne
