// SPDX-License-Identifier: MIT
#include "dne/genome/parent_cache.h"

#include <algorithm>
#include <optional>
#include <set>
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

// An individual on the way to a genome: 0 is the founder.
Birth AncestorAt(const Genome& genome, size_t depth) {
  return depth == 0 ? genome.founder : genome.mutations[depth - 1].birth;
}

bool ByAncestry(const Genome* a, const Genome* b) {
  if (a->founder != b->founder) return a->founder < b->founder;
  return std::ranges::lexicographical_compare(a->mutations, b->mutations, {}, &Mutation::birth,
                                              &Mutation::birth);
}

// How many of them, from the first on, have the same ancestor there.
size_t CountRelatives(std::span<const Genome* const> genomes, size_t depth) {
  const Birth ancestor = AncestorAt(*genomes.front(), depth);
  size_t count = 1;
  while (count < genomes.size() && AncestorAt(*genomes[count], depth) == ancestor) ++count;
  return count;
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
                       const PerturbationSpec& perturbation, OutputModel* model,
                       const RememberedExperience& remembered) {
  spec_ = perturbation;
  perturbation_ = MakePerturbation(perturbation);
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
  std::set<Birth> fresh;
  std::vector<const Genome*> from_scratch;
  for (const auto& [birth, genome] : work.wanted) {
    if (held_.contains(birth)) continue;
    fresh.insert(birth);
    const auto parent = ParentBirth(*genome);
    const bool descends =
        parent && (!Find(parent).numbers.empty() || work.wanted.contains(*parent));
    if (!descends) from_scratch.push_back(genome);
  }
  DecodeTogether(std::move(from_scratch), model);
  for (const Birth birth : fresh) {
    if (!held_.contains(birth)) {
      std::unique_ptr<Held> held = Decode(*work.wanted.at(birth), work, model);
      held_.insert_or_assign(birth, std::move(held));
    }
    const Experience* experience = remembered ? remembered(birth) : nullptr;
    if (experience != nullptr) held_.at(birth)->sight.experience = *experience;
  }
}

void ParentCache::DecodeTogether(std::vector<const Genome*> genomes, OutputModel* model) {
  std::ranges::sort(genomes, ByAncestry);
  for (Relatives left = genomes; !left.empty();) {
    const size_t count = CountRelatives(left, 0);
    auto founder = std::make_unique<Held>();
    founder->numbers = FloatBuffer(layout_.policy_size());
    DecodeFounder(*left.front(), founder->numbers.values());
    Descend(left.first(count), 0, std::move(founder), model);
    left = left.subspan(count);
  }
}

// Holds all of them, whose ancestor at this depth is given.
void ParentCache::Descend(Relatives genomes, size_t depth, std::unique_ptr<Held> ancestor,
                          OutputModel* model) {
  const auto go_down = [&](const Genome& genome, std::span<float> out) {
    const Parent parent{AncestorAt(genome, depth), ancestor->numbers.values(), &ancestor->sight};
    Mutate(genome.run_seed, genome.mutations[depth], parent, out, model);
  };
  while (true) {
    const Genome& first = *genomes.front();
    if (first.mutations.size() == depth && genomes.size() == 1) break;
    auto child = std::make_unique<Held>();
    if (first.mutations.size() == depth) {  // of others as well
      child->numbers = FloatBuffer(layout_.policy_size());
      std::ranges::copy(ancestor->numbers.values(), child->numbers.values().begin());
      held_.insert_or_assign(first.birth(), std::move(child));
      genomes = genomes.subspan(1);
      continue;
    }
    const size_t count = CountRelatives(genomes, depth + 1);
    if (count == genomes.size()) {  // no fork
      go_down(first, ancestor->numbers.values());
      child->numbers = std::move(ancestor->numbers);
      ancestor = std::move(child);
      ++depth;
      continue;
    }
    child->numbers = FloatBuffer(layout_.policy_size());
    go_down(first, child->numbers.values());
    Descend(genomes.first(count), depth + 1, std::move(child), model);
    genomes = genomes.subspan(count);
  }
  held_.insert_or_assign(genomes.front()->birth(), std::move(ancestor));
}

// The genome, decoded; its parent's vector is taken over where nobody else needs it.
std::unique_ptr<ParentCache::Held> ParentCache::Decode(const Genome& genome, Work& work,
                                                       OutputModel* model) {
  auto decoded = std::make_unique<Held>();
  const auto parent = ParentBirth(genome);
  const bool last_use = parent && --work.needed_by[*parent] == 0;
  if (last_use) work.needed_by.erase(*parent);
  if (last_use && held_.contains(*parent) && !work.Needed(*parent)) {
    const std::span<float> numbers = held_.at(*parent)->numbers.values();
    Mutate(genome.run_seed, genome.mutations.back(), Find(parent), numbers, model);
    decoded->numbers = std::move(held_.extract(*parent).mapped()->numbers);
  } else {
    decoded->numbers = FloatBuffer(layout_.policy_size());
    Express(genome, decoded->numbers.values(), model);
  }
  return decoded;
}

void ParentCache::Express(const Genome& genome, std::span<float> out, OutputModel* model) const {
  DNE_CHECK(out.size() == layout_.policy_size());
  if (const Parent self = Find(genome.birth()); !self.numbers.empty()) {
    std::ranges::copy(self.numbers.first(out.size()), out.begin());
    return;
  }
  const Parent parent = Find(ParentBirth(genome));
  if (!parent.numbers.empty()) {
    Mutate(genome.run_seed, genome.mutations.back(), parent, out, model);
  } else {
    DecodeFromScratch(genome, out, model);
  }
}

void ParentCache::ExpressPair(const Genome& genome, std::span<float> first, std::span<float> second,
                              OutputModel* model) const {
  const Parent parent = Find(ParentBirth(genome));
  DNE_CHECK(!parent.numbers.empty());
  perturbation_->PerturbPair(
      NoiseOf(genome.run_seed, genome.mutations.back()), ViewOf(genome.run_seed, parent, model),
      layout_.PartsOf(first).parameters, layout_.PartsOf(second).parameters, isa_);
  CopyNormaliser(parent.numbers, first);
  CopyNormaliser(parent.numbers, second);
}

std::span<const float> ParentCache::NumbersOf(const Genome& genome) const {
  return Find(genome.birth()).numbers;
}

std::span<const float> ParentCache::ParentOf(const Genome& genome) const {
  return Find(ParentBirth(genome)).numbers;
}

void ParentCache::DrawChange(const Genome& genome, std::span<const float> parent,
                             LowRankChange& change) const {
  const ParentView view{.parameters = layout_.PartsOf(parent).parameters, .layout = layout_};
  perturbation_->DrawChange(NoiseOf(genome.run_seed, genome.mutations.back()), view, change, isa_);
}

void ParentCache::DecodeFounder(const Genome& genome, std::span<float> out) const {
  DNE_CHECK(!genome.founder.is_centre || genome.founder.generation == 0);
  initialise_({.seed = genome.run_seed,
               .generation = genome.founder.generation,
               .item = genome.founder.code(),
               .purpose = Purpose::kFounder},
              out);
}

// The founder, then one perturbation a mutation.
void ParentCache::DecodeFromScratch(const Genome& genome, std::span<float> out,
                                    OutputModel* model) const {
  DecodeFounder(genome, out);
  for (size_t depth = 0; depth < genome.mutations.size(); ++depth) {
    Sight sight;
    const Parent parent{AncestorAt(genome, depth), out, &sight};
    Mutate(genome.run_seed, genome.mutations[depth], parent, out, model);
  }
}

// `out` may be the parent's own numbers.
void ParentCache::Mutate(uint64_t run_seed, const Mutation& mutation, const Parent& parent,
                         std::span<float> out, OutputModel* model) const {
  perturbation_->Perturb(NoiseOf(run_seed, mutation), ViewOf(run_seed, parent, model),
                         layout_.PartsOf(out).parameters, isa_);
  if (parent.numbers.data() != out.data()) CopyNormaliser(parent.numbers, out);
}

ParentView ParentCache::ViewOf(uint64_t run_seed, const Parent& parent, OutputModel* model) const {
  const auto parts = layout_.PartsOf(parent.numbers);
  ParentView view{.parameters = parts.parameters, .spreads = parts.spreads, .layout = layout_};
  const ParentNeeds needs = perturbation_->needs();
  if (needs == ParentNeeds::kNothing) return view;
  DNE_CHECK(parent.sight != nullptr && model != nullptr);
  std::call_once(parent.sight->once, [&] { Look(run_seed, parent, *model); });
  view.sensitivity = parent.sight->sensitivity.values();
  if (needs == ParentNeeds::kOutputs) {
    model->SetParent(parent.numbers, parent.sight->experience);
    view.outputs = model;
  }
  return view;
}

void ParentCache::Look(uint64_t run_seed, const Parent& parent, OutputModel& model) const {
  Sight& sight = *parent.sight;
  if (sight.experience.empty()) {
    sight.experience =
        model.Play(parent.numbers, BirthEpisodes(run_seed, parent.birth), spec_.how());
  }
  if (perturbation_->needs() != ParentNeeds::kSensitivity) return;
  sight.sensitivity = FloatBuffer(layout_.num_parameters);
  model.SetParent(parent.numbers, sight.experience);
  perturbation_->FindSensitivity(model, sight.sensitivity.values());
}

void ParentCache::CopyNormaliser(std::span<const float> parent, std::span<float> out) const {
  std::ranges::copy(layout_.PartsOf(parent).normaliser, layout_.PartsOf(out).normaliser.begin());
}

ParentCache::Parent ParentCache::Find(std::optional<Birth> birth) const {
  if (!birth) return {};
  if (const auto held = held_.find(*birth); held != held_.end()) {
    return {*birth, held->second->numbers.values(), &held->second->sight};
  }
  const auto centre = centres_.find(*birth);
  if (centre == centres_.end()) return {};
  return {*birth, *centre->second.parameters, nullptr};
}

}  // namespace dne
