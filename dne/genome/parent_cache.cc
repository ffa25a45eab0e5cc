// SPDX-License-Identifier: MIT
#include "dne/genome/parent_cache.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dne/base/error.h"

namespace dne {
namespace {

// The individual that the last mutation changed; none for a founder.
std::optional<Birth> ParentBirth(const Genome& genome) {
  const size_t n = genome.mutations.size();
  if (n == 0) return std::nullopt;
  return n == 1 ? genome.founder : genome.mutations[n - 2].birth;
}

}  // namespace

// What Hold still has to do: the parents to decode and who is needed until then.
struct ParentCache::Work {
  std::map<Birth, const Genome*> wanted;  // all that will be held, ancestors first
  std::map<Birth, size_t> needed_by;      // parent -> number of `wanted` still to be decoded

  bool Needed(Birth birth) const { return wanted.contains(birth) || needed_by.contains(birth); }
};

ParentCache::ParentCache(size_t num_parameters, size_t policy_size, Initialiser initialise, Isa isa)
    : num_parameters_(num_parameters),
      policy_size_(policy_size),
      initialise_(std::move(initialise)),
      isa_(isa) {}

void ParentCache::Hold(std::span<const Genome> parents, std::span<const Centre> centres) {
  centres_.clear();
  for (const Centre& centre : centres) {
    const size_t size = centre.parameters->size();
    DNE_CHECK(IsCentre(centre.birth));
    DNE_CHECK(size == policy_size_ || size == policy_size_ + num_parameters_);  // with spreads
    centres_.emplace(centre.birth, centre);
  }
  Work work;
  for (const Genome& parent : parents) work.wanted.emplace(parent.birth(), &parent);
  for (const auto& [birth, genome] : work.wanted) {
    const auto parent = ParentBirth(*genome);
    if (parent && !held_.contains(birth)) ++work.needed_by[*parent];
  }
  std::erase_if(held_, [&](const auto& entry) { return !work.Needed(entry.first); });
  for (const auto& [birth, genome] : work.wanted) {
    if (!held_.contains(birth)) held_.insert_or_assign(birth, Decode(*genome, work));
  }
}

// The genome's parameters; its parent's vector is taken over where nobody else needs it.
FloatBuffer ParentCache::Decode(const Genome& genome, Work& work) {
  const auto parent = ParentBirth(genome);
  const bool last_use = parent && --work.needed_by[*parent] == 0;
  if (last_use) work.needed_by.erase(*parent);
  if (last_use && held_.contains(*parent) && !work.Needed(*parent)) {
    FloatBuffer buffer = std::move(held_.extract(*parent).mapped());
    Mutate(genome, buffer.values(), buffer.values());
    return buffer;
  }
  FloatBuffer buffer(policy_size_);
  Express(genome, buffer.values());
  return buffer;
}

void ParentCache::Express(const Genome& genome, std::span<float> out) const {
  DNE_CHECK(out.size() == policy_size_);
  if (const auto self = Find(genome.birth()); !self.empty()) {
    std::ranges::copy(self.first(policy_size_), out.begin());
    return;
  }
  const auto parent = ParentBirth(genome);
  const auto source = parent ? Find(*parent) : std::span<const float>();
  if (!source.empty()) {
    Mutate(genome, source, out);
  } else {
    ExpressGenome(genome, initialise_, num_parameters_, out, isa_);
  }
}

void ParentCache::ExpressPair(const Genome& genome, std::span<float> first,
                              std::span<float> second) const {
  DNE_CHECK(first.size() == policy_size_ && second.size() == policy_size_);
  const auto parent = ParentBirth(genome);
  const auto source = parent ? Find(*parent) : std::span<const float>();
  DNE_CHECK(!source.empty());
  dne::ExpressPair(genome.run_seed, genome.mutations.back(), source.first(num_parameters_),
                   source.subspan(policy_size_), first.first(num_parameters_),
                   second.first(num_parameters_), isa_);
  const auto fixed = source.subspan(num_parameters_, policy_size_ - num_parameters_);
  for (const auto out : {first, second}) {
    std::ranges::copy(fixed, out.begin() + static_cast<ptrdiff_t>(num_parameters_));
  }
}

// The last mutation alone. `out` may be `parent`.
void ParentCache::Mutate(const Genome& genome, std::span<const float> parent,
                         std::span<float> out) const {
  ExpressMutation(genome.run_seed, genome.mutations.back(), parent.first(num_parameters_),
                  parent.subspan(policy_size_), out.first(num_parameters_), isa_);
  const auto fixed = parent.subspan(num_parameters_, policy_size_ - num_parameters_);
  if (parent.data() != out.data())
    std::ranges::copy(fixed, out.begin() + static_cast<ptrdiff_t>(num_parameters_));
}

// With a centre's spreads. Empty: not held.
std::span<const float> ParentCache::Find(Birth birth) const {
  if (const auto held = held_.find(birth); held != held_.end()) return held->second.values();
  const auto centre = centres_.find(birth);
  return centre == centres_.end() ? std::span<const float>() : *centre->second.parameters;
}

}  // namespace dne
