// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/float_buffer.h"
#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/evaluator.h"
#include "dne/genome/parent_cache.h"

namespace dne {
namespace {

// Some episodes of one item, played by one worker side by side.
struct Job {
  size_t item = 0;
  std::vector<EpisodeStart> starts;
  std::vector<Episode> episodes;
};

class ThreadEvaluator final : public Evaluator {
 public:
  ThreadEvaluator(const Task& task, const EvaluatorOptions& options, Watch& watch)
      : task_(task),
        options_(options),
        watch_(watch),
        parents_(task.num_parameters(), task.policy_size(), task.initialiser(options.isa),
                 options.isa) {
    DNE_CHECK(options.threads >= 1);
    for (int i = 0; i < options.threads; ++i) {
      hands_.push_back(
          {.worker = task.MakeWorker(options.isa), .parameters = FloatBuffer(task.policy_size())});
    }
  }

  Evaluation Run(const Plan& plan) override {
    Remember(plan);
    parents_.Hold(plan.parents, plan.centres);
    const std::vector<std::vector<EpisodeStart>> draws = DrawAll(plan);
    std::vector<Job> jobs = JobsFor(plan, draws);
    Evaluation evaluation;
    evaluation.episode_seconds = RunJobs(plan, jobs);
    for (const Job& job : jobs) {
      evaluation.episodes_run += job.episodes.size();
      for (const Episode& episode : job.episodes) {
        evaluation.steps_run += episode.steps;
        memory_.Add(plan.items[job.item].genome.birth(), episode);
      }
    }
    evaluation.results = Collect(plan, draws);
    return evaluation;
  }

 private:
  struct Hand {
    std::unique_ptr<TaskWorker> worker;
    FloatBuffer parameters;
    FloatBuffer mirrored;  // of the second half of an antithetic pair; made when there is one
    double episode_seconds = 0;
  };

  // As asked, within the environment's own limit.
  EpisodeOptions HowOf(const Item& item) const {
    EpisodeOptions how = item.how;
    how.max_steps = task_.CapSteps(how.max_steps);
    return how;
  }

  // Keeps what is known of the plan's individuals and parents, so memory does not grow.
  void Remember(const Plan& plan) {
    std::set<Birth> individuals;
    for (const Item& item : plan.items) individuals.insert(item.genome.birth());
    for (const Genome& parent : plan.parents) individuals.insert(parent.birth());
    memory_.KeepOnly(individuals);
  }

  std::vector<std::vector<EpisodeStart>> DrawAll(const Plan& plan) const {
    std::vector<std::vector<EpisodeStart>> draws(plan.items.size());
    for (size_t i = 0; i < plan.items.size(); ++i) {
      Stream stream(plan.items[i].episodes);
      for (uint32_t e = 0; e < plan.items[i].num_episodes; ++e) {
        draws[i].push_back(task_.DrawStart(stream));
      }
    }
    return draws;
  }

  // The different unknown episodes, split so that every thread has work and lanes are full.
  std::vector<Job> JobsFor(const Plan& plan,
                           std::span<const std::vector<EpisodeStart>> draws) const {
    std::vector<Job> jobs;
    for (size_t i = 0; i < plan.items.size(); ++i) {
      const Item& item = plan.items[i];
      std::vector<EpisodeStart> starts = draws[i];
      std::ranges::sort(starts);
      starts.erase(std::ranges::unique(starts).begin(), starts.end());
      std::erase_if(starts, [&](const EpisodeStart& start) {
        return memory_.Find(item.genome.birth(), start, HowOf(item).max_steps) != nullptr;
      });
      const size_t share = (starts.size() + hands_.size() - 1) / hands_.size();
      const size_t size = std::clamp<size_t>(share, 1, static_cast<size_t>(task_.lanes()));
      for (size_t first = 0; first < starts.size(); first += size) {
        const size_t last = std::min(starts.size(), first + size);
        jobs.push_back({.item = i,
                        .starts = {starts.begin() + static_cast<ptrdiff_t>(first),
                                   starts.begin() + static_cast<ptrdiff_t>(last)},
                        .episodes = {}});
      }
    }
    return jobs;
  }

  double RunJobs(const Plan& plan, std::span<Job> jobs) {
    watch_.jobs_done = 0;
    watch_.jobs_total = jobs.size();
    std::atomic<size_t> next{0};
    std::atomic<bool> stop{false};
    Failure failure;
    {
      std::vector<std::jthread> threads;
      for (Hand& hand : hands_) {
        threads.emplace_back([&] { Work(hand, plan, jobs, next, stop, failure); });
      }
    }
    if (failure.error) std::rethrow_exception(failure.error);
    if (watch_.cancel) throw Cancelled();
    double seconds = 0;
    for (Hand& hand : hands_) seconds += std::exchange(hand.episode_seconds, 0);
    return seconds;
  }

  // The first failed job in plan order among those that ran.
  struct Failure {
    std::mutex mutex;
    size_t job = 0;
    std::exception_ptr error;
  };

  void Work(Hand& hand, const Plan& plan, std::span<Job> jobs, std::atomic<size_t>& next,
            std::atomic<bool>& stop, Failure& failure) {
    const size_t share = HasPairs(plan) ? 2 : 1;
    for (size_t first; !stop && !watch_.cancel && (first = next.fetch_add(share)) < jobs.size();) {
      const size_t last = std::min(first + share, jobs.size());
      for (size_t i = first; i < last && !stop && !watch_.cancel; ++i) {
        try {
          RunJob(hand, plan, jobs, i, /*follows=*/i > first);
          ++watch_.jobs_done;
        } catch (...) {
          stop = true;
          const std::lock_guard lock(failure.mutex);
          if (failure.error && failure.job < i) continue;
          failure.job = i;
          failure.error = Explain(std::current_exception(), plan, jobs[i]);
        }
      }
    }
  }

  static bool HasPairs(const Plan& plan) {
    return plan.items.size() >= 2 && AreMirrored(plan.items[0].genome, plan.items[1].genome);
  }

  // The job's policy, in hand.parameters. Of an antithetic pair whose two jobs are this hand's, one
  // after the other (`follows`: this is the later one), both are decoded at once.
  void Express(Hand& hand, const Plan& plan, std::span<const Job> jobs, size_t i, bool follows) {
    const Genome& genome = plan.items[jobs[i].item].genome;
    if (follows && AreMirrored(plan.items[jobs[i - 1].item].genome, genome)) {
      std::swap(hand.parameters, hand.mirrored);
      return;
    }
    const bool leads = !follows && HasPairs(plan) && i + 1 < jobs.size() &&
                       AreMirrored(genome, plan.items[jobs[i + 1].item].genome);
    if (!leads) return parents_.Express(genome, hand.parameters.values());
    if (hand.mirrored.values().empty()) hand.mirrored = FloatBuffer(task_.policy_size());
    parents_.ExpressPair(genome, hand.parameters.values(), hand.mirrored.values());
  }

  void RunJob(Hand& hand, const Plan& plan, std::span<Job> jobs, size_t i, bool follows) {
    Express(hand, plan, jobs, i, follows);
    Job& job = jobs[i];
    const double start = options_.clock();
    job.episodes = hand.worker->Run(hand.parameters.values(), job.starts,
                                    HowOf(plan.items[job.item]), watch_.steps_run, watch_.cancel);
    hand.episode_seconds += options_.clock() - start;
    for (const Episode& episode : job.episodes) {
      if (std::isnan(episode.score)) throw Error("an episode's score is not a number");
    }
  }

  // The exception again, with what it happened to.
  static std::exception_ptr Explain(const std::exception_ptr& error, const Plan& plan,
                                    const Job& job) {
    const std::string where = "generation " + std::to_string(plan.generation) + ", round " +
                              plan.round + ", item " + std::to_string(job.item) + ", individual " +
                              BirthName(plan.items[job.item].genome.birth()) + ": ";
    try {
      std::rethrow_exception(error);
    } catch (const Error& e) {
      return std::make_exception_ptr(Error(where + e.what()));
    } catch (const std::exception& e) {
      return std::make_exception_ptr(BugError(where + e.what()));
    } catch (...) {
      return error;
    }
  }

  std::vector<Result> Collect(const Plan& plan,
                              std::span<const std::vector<EpisodeStart>> draws) const {
    std::vector<Result> results(plan.items.size());
    for (size_t i = 0; i < plan.items.size(); ++i) {
      const Item& item = plan.items[i];
      for (const EpisodeStart& start : draws[i]) {
        const Episode* episode = memory_.Find(item.genome.birth(), start, HowOf(item).max_steps);
        DNE_CHECK(episode != nullptr);
        results[i].episodes.push_back(*episode);
      }
    }
    return results;
  }

  const Task& task_;
  EvaluatorOptions options_;
  Watch& watch_;
  ParentCache parents_;
  EpisodeMemory memory_;
  std::vector<Hand> hands_;
};

}  // namespace

std::unique_ptr<Evaluator> MakeThreadEvaluator(const Task& task, const EvaluatorOptions& options,
                                               Watch& watch) {
  return std::make_unique<ThreadEvaluator>(task, options, watch);
}

}  // namespace dne
