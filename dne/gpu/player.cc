// SPDX-License-Identifier: MIT
#include "dne/gpu/player.h"

#include <algorithm>
#include <map>

namespace dne::gpu {

Player::Player(const Table& table, const Network& network, Sights sights)
    : table_(table),
      queue_(table.options.device->MakeQueue()),
      population_(network, table.task.layout(), *queue_, table.memory, sights) {}

void Player::Play(const Plan& plan, std::span<const Job> jobs, const FinishJob& finish) {
  while (!jobs.empty() && !watch().cancel) {
    const size_t most = std::min(population_.max_members(), jobs.size());
    const auto held = jobs.first(CountTogether(plan, jobs.first(most)));
    Hold(plan, held);
    PlayHeld(plan, held, finish);
    jobs = jobs.subspan(held.size());
  }
}

// Whether a member is its parent's with noise that the device draws.
bool Player::IsMade(const Plan& plan, const Genome& genome) const {
  return !genome.mutations.empty() && IsDrawn(plan.perturbation.kind) &&
         table_.parents.NumbersOf(genome).empty() && !table_.parents.ParentOf(genome).empty();
}

// Of those, the first ones that can be held at a time: any or, of a kind with factors, those of one
// parent, and apart from them whoever has none.
size_t Player::CountTogether(const Plan& plan, std::span<const Job> jobs) const {
  if (!HasFactors(plan.perturbation.kind)) return jobs.size();
  const auto genome = [&](size_t i) -> const Genome& { return plan.items[jobs[i].item].genome; };
  const bool are_made = IsMade(plan, genome(0));
  size_t count = 1;
  while (count < jobs.size() && IsMade(plan, genome(count)) == are_made &&
         (!are_made || AreSiblings(genome(0), genome(count)))) {
    ++count;
  }
  return count;
}

void Player::Hold(const Plan& plan, std::span<const Job> jobs) {
  members_.clear();
  parents_.clear();
  expressed_.clear();
  std::map<const float*, uint32_t> number_of;
  for (const Job& job : jobs) {
    const Genome& genome = plan.items[job.item].genome;
    const bool is_made = IsMade(plan, genome);
    const auto numbers = is_made ? table_.parents.ParentOf(genome) : NumbersOf(plan, genome);
    const auto [found, is_new] =
        number_of.try_emplace(numbers.data(), static_cast<uint32_t>(parents_.size()));
    if (is_new) parents_.push_back(numbers);
    members_.push_back({.parent = found->second});
    if (is_made) members_.back().noise = NoiseOf(genome.run_seed, genome.mutations.back());
  }
  population_.SetParents(parents_, plan.perturbation);
  population_.Hold(members_);
}

std::span<const float> Player::NumbersOf(const Plan& plan, const Genome& genome) {
  if (const auto held = table_.parents.NumbersOf(genome); !held.empty()) return held;
  const Isa isa = options().isa;
  if (!model_ && IsSafe(plan.perturbation.kind)) model_ = task().MakeOutputModel(isa);
  const std::span<float> numbers = expressed_.emplace_back(task().layout().policy_size()).values();
  table_.parents.Express(genome, numbers, model_.get());
  return numbers;
}

}  // namespace dne::gpu
