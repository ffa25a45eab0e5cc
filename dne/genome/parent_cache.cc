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

ParentCache::ParentCache(PolicyLayout layout, Initialiser initialise, Isa isa)
    : layout_(std::move(layout)), initialise_(std::move(initialise)), isa_(isa) {}

void ParentCache::Hold(std::span<const Genome> parents, std::span<const Centre> centres,
                       PerturbationKind perturbation) {
  perturbation_ = &PerturbationOf(perturbation);
  centres_.clear();
  for (const Centre& centre : centres) {
    DNE_CHECK(centre.birth.is_centre);
    DNE_CHECK(centre.parameters->size() == layout_.centre_size(perturbation_->has_spreads()));
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
  FloatBuffer buffer(layout_.policy_size());
  Express(genome, buffer.values());
  return buffer;
}

void ParentCache::Express(const Genome& genome, std::span<float> out) const {
  DNE_CHECK(out.size() == layout_.policy_size());
  if (const auto self = Find(genome.birth()); !self.empty()) {
    std::ranges::copy(self.first(out.size()), out.begin());
    return;
  }
  const auto parent = ParentBirth(genome);
  const auto source = parent ? Find(*parent) : std::span<const float>();
  if (!source.empty()) {
    Mutate(genome, source, out);
  } else {
    ExpressGenome(genome, initialise_, layout_, *perturbation_, out, isa_);
  }
}

void ParentCache::ExpressPair(const Genome& genome, std::span<float> first,
                              std::span<float> second) const {
  const auto parent = ParentBirth(genome);
  const auto source = parent ? Find(*parent) : std::span<const float>();
  DNE_CHECK(!source.empty());
  perturbation_->PerturbPair(LastNoise(genome), ViewOf(source), layout_.PartsOf(first).parameters,
                             layout_.PartsOf(second).parameters, isa_);
  CopyNormaliser(source, first);
  CopyNormaliser(source, second);
}

// The last mutation alone. `out` may be `parent`.
void ParentCache::Mutate(const Genome& genome, std::span<const float> parent,
                         std::span<float> out) const {
  perturbation_->Perturb(LastNoise(genome), ViewOf(parent), layout_.PartsOf(out).parameters, isa_);
  if (parent.data() != out.data()) CopyNormaliser(parent, out);
}

ParentView ParentCache::ViewOf(std::span<const float> numbers) const {
  const auto parts = layout_.PartsOf(numbers);
  return {.parameters = parts.parameters, .spreads = parts.spreads, .layout = layout_};
}

void ParentCache::CopyNormaliser(std::span<const float> parent, std::span<float> out) const {
  std::ranges::copy(layout_.PartsOf(parent).normaliser, layout_.PartsOf(out).normaliser.begin());
}

// With a centre's spreads. Empty: not held.
std::span<const float> ParentCache::Find(Birth birth) const {
  if (const auto held = held_.find(birth); held != held_.end()) return held->second.values();
  const auto centre = centres_.find(birth);
  return centre == centres_.end() ? std::span<const float>() : *centre->second.parameters;
}

}  // namespace dne
