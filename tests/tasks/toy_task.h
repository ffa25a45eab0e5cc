// SPDX-License-Identifier: MIT
// A task for tests: a few parameters, scores that depend on all of them and on the start, no
// emulator. Counts what it was asked to play.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <vector>

#include "dne/random/normal.h"
#include "dne/tasks/task.h"

namespace dne {

class ToyTask final : public Task {
 public:
  static constexpr size_t kNumParameters = 37;
  static constexpr uint32_t kNumStarts = 6;

  const PolicyLayout& layout() const override { return layout_; }
  Initialiser initialiser(Isa isa) const override {
    return [isa](const StreamId& id, std::span<float> out) { FillNormal(id, 0, out, isa); };
  }
  EpisodeStart DrawStart(Stream& stream) const override {
    return {.noops = 1 + stream.Below(kNumStarts)};
  }
  uint32_t step_limit() const override { return limit; }
  int lanes() const override { return 2; }
  std::unique_ptr<TaskWorker> MakeWorker(Isa) const override {
    return std::make_unique<Worker>(*this);
  }

  uint32_t limit = 0;                          // of steps, the environment's own
  EpisodeEnd own_end = EpisodeEnd::kTerminal;  // of episodes that no step cap cuts off
  uint32_t solved_noops = 0;                   // those of this start reach the goal
  // Called before each episode; may throw.
  std::function<void(std::span<const float>, const EpisodeStart&)> before_episode;
  mutable std::atomic<uint64_t> episodes_played{0};

 private:
  class Worker final : public TaskWorker {
   public:
    explicit Worker(const ToyTask& task) : task_(task) {}
    Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts,
               const EpisodeOptions& how, std::atomic<uint64_t>& steps_run,
               const std::atomic<bool>&) override {
      const std::span<const float> parameters = policy.numbers;
      Result result;
      for (const EpisodeStart& start : starts) {
        if (task_.before_episode) task_.before_episode(parameters, start);
        ++task_.episodes_played;
        double score = -static_cast<double>(start.noops) / 8;
        for (float value : parameters) score -= double{value} * double{value};
        const uint32_t steps = std::min(how.max_steps, 5 + start.noops);
        steps_run += steps;
        result.episodes.push_back({.start = start,
                                   .score = score,
                                   .steps = steps,
                                   .frames = steps * 4,
                                   .end = steps < 5 + start.noops ? EpisodeEnd::kStepLimit
                                          : start.noops == task_.solved_noops ? EpisodeEnd::kSolved
                                                                              : task_.own_end,
                                   .descriptor = {static_cast<uint8_t>(start.noops)}});
        if (how.notes.any()) result.notes.push_back(NotesOf(result.episodes.back(), how.notes));
      }
      return result;
    }

   private:
    static EpisodeNotes NotesOf(const Episode& episode, const WantedNotes& wanted) {
      EpisodeNotes notes;
      if (wanted.sign_sum) notes.sign_sum = episode.score - 1;
      if (wanted.trajectory) notes.trajectory = {episode.descriptor[0], 7};
      if (wanted.observation_sums) notes.observation_sums = {episode.score, 0.5};
      return notes;
    }

    const ToyTask& task_;
  };

  PolicyLayout layout_ = {.num_parameters = kNumParameters};
};

}  // namespace dne
