// SPDX-License-Identifier: MIT
#include "dne/gpu/gpu_evaluator.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "dne/base/error.h"
#include "dne/base/float_buffer.h"
#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/parents.h"
#include "dne/evaluate/play_here.h"
#include "dne/gpu/population.h"
#include "dne/tasks/exams.h"

namespace dne {
namespace {

using gpu::Look;
using gpu::Member;
using gpu::Population;

constexpr int kMostQueues = 4;     // one marks outputs while the card works for the others
constexpr double kShare = 0.9;     // of the free memory that is taken
constexpr size_t kBatches = 4;     // for each queue, where there are enough members
constexpr size_t kMostJobs = 512;  // members that go through the network together

const Exams& ExamsOf(const Task& task) {
  if (const Exams* exams = task.exams()) return *exams;
  throw Error(
      "--device cuda: networks run on the graphics card where the task is \"supervised\"; this "
      "one's environments run on the processor: leave the option out");
}

// Both sets of a task, on the device.
struct Sets {
  Sets(gpu::Queue& queue, const ImageData& data)
      : train(queue, data.train.pixels), test(queue, data.test.pixels) {}

  gpu::Images train;
  gpu::Images test;
};

// A thread's queue, and what it plays jobs with.
class Player {
 public:
  Player(const Task& task, const ParentCache& parents, const EvaluatorOptions& options,
         const gpu::Device& device, size_t memory, Watch& watch)
      : task_(task),
        exams_(ExamsOf(task)),
        parents_(parents),
        isa_(options.isa),
        clock_(options.clock),
        watch_(watch),
        queue_(device.MakeQueue()),
        population_(exams_.network(), task.layout(), *queue_, memory) {}

  gpu::Queue& queue() { return *queue_; }

  void Play(const Plan& plan, std::span<const Job> jobs, Sets& sets,
            const std::function<void(JobResult)>& finish) {
    const size_t most = population_.max_members();
    for (size_t first = 0; first < jobs.size() && !watch_.cancel; first += most) {
      PlaySome(plan, jobs.subspan(first, std::min(most, jobs.size() - first)), sets, finish);
    }
  }

 private:
  // Whether a member is its parent's with noise that the device draws.
  bool IsMade(const Plan& plan, const Genome& genome) const {
    return !genome.mutations.empty() && gpu::IsDrawn(plan.perturbation.kind) &&
           parents_.NumbersOf(genome).empty() && !parents_.ParentOf(genome).empty();
  }

  void PlaySome(const Plan& plan, std::span<const Job> jobs, Sets& sets,
                const std::function<void(JobResult)>& finish) {
    const double start = clock_();
    // Those that are made, then the others: factors go with factors alone.
    std::vector<size_t> made;
    std::vector<size_t> others;
    for (size_t i = 0; i < jobs.size(); ++i) {
      (IsMade(plan, plan.items[jobs[i].item].genome) ? made : others).push_back(i);
    }
    std::vector<JobResult> results(jobs.size());
    for (std::span<const size_t> left = made; !left.empty();) {
      const size_t count = CountTogether(plan, jobs, left);
      See(plan, jobs, left.first(count), true, sets, results);
      left = left.subspan(count);
    }
    See(plan, jobs, others, false, sets, results);
    if (watch_.cancel) return;
    const double seconds = (clock_() - start) / static_cast<double>(jobs.size());
    for (JobResult& result : results) {
      result.seconds = seconds;
      finish(std::move(result));
    }
  }

  // Of those, the first ones that can be held at a time: of one parent, if by their factors.
  size_t CountTogether(const Plan& plan, std::span<const Job> jobs,
                       std::span<const size_t> which) const {
    if (!HasFactors(plan.perturbation.kind)) return which.size();
    const auto genome = [&](size_t i) -> const Genome& {
      return plan.items[jobs[which[i]].item].genome;
    };
    size_t count = 1;
    while (count < which.size() && AreSiblings(genome(0), genome(count))) ++count;
    return count;
  }

  // An episode in work.
  struct Sitting {
    size_t job;
    const EpisodeStart& start;
    EpisodeOptions how;
    Exam exam;
  };

  void See(const Plan& plan, std::span<const Job> jobs, std::span<const size_t> which,
           bool are_made, Sets& sets, std::vector<JobResult>& results) {
    if (which.empty()) return;
    HoldMembers(plan, jobs, which, are_made);
    std::vector<Sitting> sittings;
    std::vector<Look> looks;
    for (uint32_t member = 0; member < which.size(); ++member) {
      const Job& job = jobs[which[member]];
      const EpisodeOptions how = OptionsOf(task_, plan, plan.items[job.item]);
      results[which[member]].item = job.item;
      for (const EpisodeStart& start : job.starts) {
        sittings.push_back({which[member], start, how, exams_.Begin(start, how)});
      }
    }
    for (uint32_t member = 0, s = 0; member < which.size(); ++member) {
      for (; s < sittings.size() && sittings[s].job == which[member]; ++s) {
        AddLooks(member, sittings[s].exam, sets, looks);
      }
    }
    const auto num_outputs = static_cast<size_t>(exams_.network().num_outputs());
    const size_t rows = gpu::kLanes * num_outputs;
    size_t sitting = 0;
    for (size_t first = 0; first < looks.size() && !watch_.cancel;
         first += population_.max_looks()) {
      const auto some =
          std::span(looks).subspan(first, std::min(population_.max_looks(), looks.size() - first));
      outputs_.resize(std::max(outputs_.size(), some.size() * rows));
      population_.Run(some, std::span(outputs_).first(some.size() * rows));
      for (size_t i = 0; i < some.size(); ++i) {
        while (sittings[sitting].exam.left().empty()) ++sitting;
        exams_.Mark(sittings[sitting].exam,
                    std::span(outputs_).subspan(i * rows, some[i].images.size() * num_outputs));
        watch_.steps_run += some[i].images.size();
      }
    }
    if (watch_.cancel) return;
    for (const Sitting& done : sittings) {
      exams_.End(done.exam, done.start, done.how, results[done.job].played);
    }
  }

  void AddLooks(uint32_t member, const Exam& exam, Sets& sets, std::vector<Look>& looks) const {
    gpu::Images& set = &exam.set == &exams_.data().train ? sets.train : sets.test;
    for (std::span<const uint32_t> left = exam.images; !left.empty();) {
      const size_t count = std::min<size_t>(gpu::kLanes, left.size());
      looks.push_back({member, &set, left.first(count)});
      left = left.subspan(count);
    }
  }

  void HoldMembers(const Plan& plan, std::span<const Job> jobs, std::span<const size_t> which,
                   bool are_made) {
    std::vector<Member> members;
    std::vector<std::span<const float>> parents;
    std::map<const float*, uint32_t> number_of;
    expressed_.clear();
    for (const size_t i : which) {
      const Genome& genome = plan.items[jobs[i].item].genome;
      const auto numbers = are_made ? parents_.ParentOf(genome) : NumbersOf(plan, genome);
      const auto [found, is_new] =
          number_of.try_emplace(numbers.data(), static_cast<uint32_t>(parents.size()));
      if (is_new) parents.push_back(numbers);
      members.push_back({.parent = found->second});
      if (are_made) members.back().noise = NoiseOf(genome.run_seed, genome.mutations.back());
    }
    population_.SetParents(parents, plan.perturbation);
    population_.Hold(members);
  }

  std::span<const float> NumbersOf(const Plan& plan, const Genome& genome) {
    if (const auto held = parents_.NumbersOf(genome); !held.empty()) return held;
    if (!model_ && IsSafe(plan.perturbation.kind)) model_ = task_.MakeOutputModel(isa_);
    const std::span<float> numbers = expressed_.emplace_back(task_.layout().policy_size()).values();
    parents_.Express(genome, numbers, model_.get());
    return numbers;
  }

  const Task& task_;
  const Exams& exams_;
  const ParentCache& parents_;
  Isa isa_;
  const Clock& clock_;
  Watch& watch_;
  std::unique_ptr<gpu::Queue> queue_;
  Population population_;
  std::unique_ptr<OutputModel> model_;  // made when first needed
  std::deque<FloatBuffer> expressed_;   // policies that the processor made
  std::vector<float> outputs_;
};

class GpuEvaluator final : public Evaluator {
 public:
  GpuEvaluator(const Task& task, const EvaluatorOptions& options, Watch& watch)
      : task_(task), options_(options), watch_(watch), parents_(task, options.isa) {
    const Exams& exams = ExamsOf(task);
    const size_t count = static_cast<size_t>(std::clamp(options.threads, 1, kMostQueues));
    const size_t images = exams.data().train.pixels.size() + exams.data().test.pixels.size();
    const gpu::Device& device = *options_.device;
    const auto free = static_cast<size_t>(kShare * static_cast<double>(device.free_memory()));
    const size_t memory = free - std::min(free, images);
    for (size_t i = 0; i < count; ++i) {
      players_.emplace_back(task, parents_.cache(), options_, device, memory / count, watch);
    }
    sets_.emplace(players_.front().queue(), exams.data());
  }

  size_t num_workers() const override { return players_.size(); }

 private:
  Evaluation Evaluate(const Plan& plan, Journal* journal) override {
    parents_.Hold(plan, memory_);
    Round round(task_, plan, memory_, journal, players_.size());
    const std::span<const Job> jobs = round.jobs();
    // Even, so that halves of pairs stay together.
    const size_t even = jobs.size() / (kBatches * players_.size()) / 2 * 2;
    const size_t size = std::clamp<size_t>(even, 2, kMostJobs);
    return PlayHere(
        round, journal != nullptr, watch_, players_.size(), (jobs.size() + size - 1) / size,
        [&](size_t player, size_t share, const auto& finish) {
          const size_t first = share * size;
          players_[player].Play(plan, jobs.subspan(first, std::min(size, jobs.size() - first)),
                                *sets_, finish);
        });
  }

  const Task& task_;
  EvaluatorOptions options_;
  Watch& watch_;
  EpisodeMemory memory_;
  Parents parents_;
  std::deque<Player> players_;
  std::optional<Sets> sets_;
};

}  // namespace

std::unique_ptr<Evaluator> MakeGpuEvaluator(const Task& task, const EvaluatorOptions& options,
                                            Watch& watch) {
  DNE_CHECK(options.device != nullptr);
  return std::make_unique<GpuEvaluator>(task, options, watch);
}

}  // namespace dne
