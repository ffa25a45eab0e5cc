// SPDX-License-Identifier: MIT
#include "dne/gpu/exam_player.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dne/evaluate/round.h"

namespace dne::gpu {
namespace {

constexpr size_t kBatches = 4;     // for each player, where there are enough members
constexpr size_t kMostJobs = 512;  // members that go through the network together

class ExamPlayer final : public Player {
 public:
  ExamPlayer(const Table& table, ImageSets& sets)
      : Player(table, table.task.exams()->network(), Sights::kImages),
        exams_(*table.task.exams()),
        sets_(sets) {}

  // Even, so that halves of pairs stay together.
  size_t ShareOf(size_t jobs, size_t players) const override {
    return std::clamp<size_t>(jobs / (kBatches * players) / 2 * 2, 2, kMostJobs);
  }

 private:
  // An episode in work.
  struct Sitting {
    size_t job;
    const EpisodeStart& start;
    EpisodeOptions how;
    Exam exam;
  };

  void PlayHeld(const Plan& plan, std::span<const Job> jobs, const FinishJob& finish) override {
    const double start = options().clock();
    std::vector<Sitting> sittings;
    for (size_t i = 0; i < jobs.size(); ++i) {
      const EpisodeOptions how = OptionsOf(task(), plan, plan.items[jobs[i].item]);
      for (const EpisodeStart& begin : jobs[i].starts) {
        sittings.push_back({i, begin, how, exams_.Begin(begin, how)});
      }
    }
    See(sittings);
    if (watch().cancel) return;
    std::vector<JobResult> results(jobs.size());
    for (const Sitting& done : sittings) {
      exams_.End(done.exam, done.start, done.how, results[done.job].played);
    }
    const double seconds = (options().clock() - start) / static_cast<double>(jobs.size());
    for (size_t i = 0; i < jobs.size(); ++i) {
      results[i].item = jobs[i].item;
      results[i].seconds = seconds;
      finish(std::move(results[i]));
    }
  }

  void See(std::vector<Sitting>& sittings) {
    std::vector<Look> looks;
    for (const Sitting& sitting : sittings) {
      AddLooks(static_cast<uint32_t>(sitting.job), sitting.exam, looks);
    }
    const auto num_outputs = static_cast<size_t>(exams_.network().num_outputs());
    const size_t rows = kLanes * num_outputs;
    const size_t most = population().max_looks();
    size_t sitting = 0;
    for (size_t first = 0; first < looks.size() && !watch().cancel; first += most) {
      const auto some = std::span(looks).subspan(first, std::min(most, looks.size() - first));
      outputs_.resize(std::max(outputs_.size(), some.size() * rows));
      population().Run(some, std::span(outputs_).first(some.size() * rows));
      for (size_t i = 0; i < some.size(); ++i) {
        while (sittings[sitting].exam.left().empty()) ++sitting;
        exams_.Mark(sittings[sitting].exam,
                    std::span(outputs_).subspan(i * rows, some[i].images.size() * num_outputs));
        watch().steps_run += some[i].images.size();
      }
    }
  }

  void AddLooks(uint32_t member, const Exam& exam, std::vector<Look>& looks) const {
    Images& set = &exam.set == &exams_.data().train ? sets_.train : sets_.test;
    for (std::span<const uint32_t> left = exam.images; !left.empty();) {
      const size_t count = std::min<size_t>(kLanes, left.size());
      looks.push_back({member, &set, left.first(count)});
      left = left.subspan(count);
    }
  }

  const Exams& exams_;
  ImageSets& sets_;
  std::vector<float> outputs_;
};

}  // namespace

std::unique_ptr<Player> MakeExamPlayer(const Table& table, ImageSets& sets) {
  return std::make_unique<ExamPlayer>(table, sets);
}

}  // namespace dne::gpu
