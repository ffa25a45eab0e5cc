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

ParentCache::ParentCache(size_t num_parameters, Initialiser initialise, Isa isa)
    : num_parameters_(num_parameters), initialise_(std::move(initialise)), isa_(isa) {}

void ParentCache::Hold(std::span<const Genome> parents) {
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
    ExpressMutation(genome.run_seed, genome.mutations.back(), buffer.values(), buffer.values(),
                    isa_);
    return buffer;
  }
  FloatBuffer buffer(num_parameters_);
  Express(genome, buffer.values());
  return buffer;
}

void ParentCache::Express(const Genome& genome, std::span<float> out) const {
  DNE_CHECK(out.size() == num_parameters_);
  if (const FloatBuffer* self = Find(genome.birth())) {
    std::ranges::copy(self->values(), out.begin());
    return;
  }
  const auto parent = ParentBirth(genome);
  const FloatBuffer* source = parent ? Find(*parent) : nullptr;
  if (source != nullptr) {
    ExpressMutation(genome.run_seed, genome.mutations.back(), source->values(), out, isa_);
  } else {
    ExpressGenome(genome, initialise_, out, isa_);
  }
}

const FloatBuffer* ParentCache::Find(Birth birth) const {
  const auto found = held_.find(birth);
  return found == held_.end() ? nullptr : &found->second;
}

}  // namespace dne
