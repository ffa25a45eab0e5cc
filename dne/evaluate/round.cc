// SPDX-License-Identifier: MIT
#include "dne/evaluate/round.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dne/base/error.h"

namespace dne {
namespace {

// Of policies that are played side by side: so many episodes in a share for each lane.
constexpr size_t kTurnsOfLane = 4;

// As algorithms want them.
EpisodeNotes Selected(const EpisodeNotes& notes, const WantedNotes& wanted) {
  EpisodeNotes selected;
  if (wanted.sign_sum) selected.sign_sum = notes.sign_sum;
  if (wanted.trajectory) selected.trajectory = notes.trajectory;
  if (wanted.observation_sums) selected.observation_sums = notes.observation_sums;
  return selected;
}

// Without what was seen: it may be large, and whoever needs it and has it no more plays it again.
JobResult ForJournal(const JobResult& result) {
  constexpr WantedNotes kAll = {.sign_sum = true, .trajectory = true, .observation_sums = true};
  JobResult kept{.item = result.item,
                 .played = {.episodes = result.played.episodes, .notes = {}},
                 .seconds = result.seconds};
  for (const EpisodeNotes& notes : result.played.notes) {
    kept.played.notes.push_back(Selected(notes, kAll));
  }
  return kept;
}

}  // namespace

EpisodeOptions OptionsOf(const Task& task, const Plan& plan, const Item& item) {
  EpisodeOptions how = item.how;
  how.max_steps = task.CapSteps(how.max_steps);
  if (item.episodes.purpose == Purpose::kTrainEpisode) {
    how.notes.experience = plan.perturbation.experience;
  }
  return how;
}

const Experience* FindExperience(const EpisodeMemory& memory, const Task& task, const Plan& plan,
                                 uint64_t run_seed, Birth individual) {
  Stream stream(BirthEpisodes(run_seed, individual));
  EpisodeOptions how = plan.perturbation.how();
  how.max_steps = task.CapSteps(how.max_steps);
  const auto* entry = memory.FindExperienced(individual, task.DrawStart(stream), how);
  return entry == nullptr ? nullptr : &entry->notes.experience;
}

Round::Round(const Task& task, const Plan& plan, EpisodeMemory& memory, Journal* journal,
             size_t num_workers)
    : task_(task), plan_(plan), memory_(memory), journal_(journal) {
  // What is known of the plan's individuals and parents is kept, so that memory does not grow.
  std::set<Birth> individuals;
  for (const Item& item : plan.items) individuals.insert(item.genome.birth());
  for (const Genome& parent : plan.parents) individuals.insert(parent.birth());
  memory_.KeepOnly(individuals);
  DrawStarts();
  if (journal_ != nullptr) RecallKept();
  MakeJobs(num_workers);
  MakeShares(num_workers);
}

void Round::DrawStarts() {
  for (const Item& item : plan_.items) {
    Stream stream(item.episodes);
    std::vector<EpisodeStart>& starts = draws_.emplace_back();
    while (starts.size() < item.num_episodes) starts.push_back(task_.DrawStart(stream));
  }
}

void Round::RecallKept() {
  for (const JobResult& result : journal_->Kept(plan_)) {
    DNE_CHECK(result.item < plan_.items.size());
    Remember(result);
  }
}

void Round::MakeJobs(size_t num_workers) {
  for (size_t i = 0; i < plan_.items.size(); ++i) {
    const Item& item = plan_.items[i];
    std::vector<EpisodeStart> starts = draws_[i];
    std::ranges::sort(starts);
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    std::erase_if(starts, [&](const EpisodeStart& start) {
      return memory_.Find(item.genome.birth(), start, OptionsOf(task_, plan_, item)) != nullptr;
    });
    const size_t even = (starts.size() + num_workers - 1) / num_workers;
    const size_t size = std::clamp<size_t>(even, 1, static_cast<size_t>(task_.lanes()));
    for (size_t first = 0; first < starts.size(); first += size) {
      const auto begin = starts.begin() + static_cast<ptrdiff_t>(first);
      const auto count = static_cast<ptrdiff_t>(std::min(size, starts.size() - first));
      jobs_.push_back({.item = static_cast<uint32_t>(i), .starts = {begin, begin + count}});
    }
  }
}

void Round::MakeShares(size_t num_workers) {
  size_t episodes = 0;
  for (const Job& job : jobs_) episodes += job.starts.size();
  const size_t even = (episodes + num_workers - 1) / num_workers;
  const size_t most = kTurnsOfLane * static_cast<size_t>(task_.lanes());
  const std::span<const Job> jobs = jobs_;
  for (size_t first = 0, size = 0; first < jobs.size(); first += size) {
    size = SizeOfShare(jobs.subspan(first), std::clamp<size_t>(even, 1, most));
    shares_.push_back(jobs.subspan(first, size));
  }
}

// Of the share that begins with the first of these jobs.
size_t Round::SizeOfShare(std::span<const Job> jobs, size_t most_episodes) const {
  const auto genome = [&](size_t i) -> const Genome& { return plan_.items[jobs[i].item].genome; };
  const auto has_factors = [&](size_t i) {
    return IsPlayedByFactors(task_, plan_.perturbation, genome(i));
  };
  const auto goes_along = [&](size_t i) {
    if (has_factors(0)) return has_factors(i) && AreSiblings(genome(0), genome(i));
    return task_.mixes_policies() && !has_factors(i);
  };
  if (!goes_along(0)) return jobs.size() > 1 && AreMirrored(genome(0), genome(1)) ? 2 : 1;
  size_t size = 1;
  size_t episodes = jobs[0].starts.size();
  while (size < jobs.size() && goes_along(size)) {
    episodes += jobs[size].starts.size();
    if (episodes > most_episodes) break;
    ++size;
  }
  return size;
}

double Round::ExpectedSteps(size_t share) const {
  double sum = 0;
  for (const Job& job : shares_[share]) {
    const Genome& genome = plan_.items[job.item].genome;
    double steps = memory_.MeanSteps(genome.birth());
    if (steps == 0 && !genome.mutations.empty()) {
      const size_t n = genome.mutations.size();
      steps = memory_.MeanSteps(n > 1 ? genome.mutations[n - 2].birth : genome.founder);
    }
    sum += steps * static_cast<double>(job.starts.size());
  }
  return sum;
}

void Round::Finish(JobResult result) {
  const std::lock_guard lock(mutex_);
  finished_.push_back(std::move(result));
}

void Round::Keep() {
  if (journal_ == nullptr) return;
  std::vector<JobResult> fresh;
  {
    const std::lock_guard lock(mutex_);
    for (; kept_ < finished_.size(); ++kept_) fresh.push_back(ForJournal(finished_[kept_]));
  }
  if (!fresh.empty()) journal_->Keep(std::move(fresh));
}

void Round::Remember(const JobResult& result) {
  const Item& item = plan_.items[result.item];
  const Result& played = result.played;
  for (size_t i = 0; i < played.episodes.size(); ++i) {
    memory_.Add(item.genome.birth(),
                {.episode = played.episodes[i],
                 .notes = played.notes.empty() ? EpisodeNotes{} : played.notes[i],
                 .how = OptionsOf(task_, plan_, item)});
  }
  evaluation_.episodes_run += played.episodes.size();
  evaluation_.steps_run += played.TotalSteps();
  evaluation_.episode_seconds += result.seconds;
}

Evaluation Round::Collect() {
  DNE_CHECK(finished_.size() == jobs_.size());
  for (const JobResult& result : finished_) Remember(result);
  for (size_t i = 0; i < plan_.items.size(); ++i) evaluation_.results.push_back(ResultOf(i));
  return std::move(evaluation_);
}

Result Round::ResultOf(size_t index) const {
  const Item& item = plan_.items[index];
  const EpisodeOptions how = OptionsOf(task_, plan_, item);
  Result result;
  for (const EpisodeStart& start : draws_[index]) {
    const auto* found = memory_.Find(item.genome.birth(), start, how);
    DNE_CHECK(found != nullptr);
    result.episodes.push_back(found->episode);
    if (how.notes.any()) result.notes.push_back(Selected(found->notes, how.notes));
  }
  return result;
}

}  // namespace dne
