// SPDX-License-Identifier: MIT
// The decoded parents of the generation in work, so that a child is one pass of noise.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "dne/base/float_buffer.h"
#include "dne/genome/genome.h"
#include "dne/genome/output_model.h"
#include "dne/genome/perturbation.h"
#include "dne/genome/policy_layout.h"

namespace dne {

// What an individual saw in the first of its BirthEpisodes, where somebody remembers it; else null.
using RememberedExperience = std::function<const Experience*(Birth individual)>;

class ParentCache {
 public:
  // All genomes of one cache belong to one run and decode to policies of this layout.
  ParentCache(PolicyLayout layout, Initialiser initialise, Isa isa);

  // Holds exactly `parents` and `centres` from now on, whose mutations are of the given kind;
  // blocks while it decodes them, each from its own parent where that is still held. Those that
  // must be decoded from scratch share the ancestors that they have in common. Frees what is no
  // longer needed as early as it can: there are never more vectors than held before or held after,
  // whichever is more, but for one at each fork of the ancestry in work. Not thread-safe. Of a kind
  // that looks at parents, `model` is not null, and what is not remembered is played.
  void Hold(std::span<const Genome> parents, std::span<const Centre> centres = {},
            const PerturbationSpec& perturbation = {}, OutputModel* model = nullptr,
            const RememberedExperience& remembered = nullptr);

  // The genome's parameters, into `out`: a copy of a held parent, a child of one, or decoded from
  // scratch; the same bits each way. Thread-safe between calls of Hold; `model` is the thread's
  // own.
  void Express(const Genome& genome, std::span<float> out, OutputModel* model = nullptr) const;

  // A member of a held parent's cloud and its mirror image (AreMirrored), both at once: the same
  // bits as Express of each. Thread-safe likewise.
  void ExpressPair(const Genome& genome, std::span<float> first, std::span<float> second,
                   OutputModel* model = nullptr) const;

  // The numbers of the genome, or of its parent: valid until the next Hold; empty where it is not
  // held.
  std::span<const float> NumbersOf(const Genome& genome) const;
  std::span<const float> ParentOf(const Genome& genome) const;

  // Of a kind with factors: what makes the genome of its parent, whose numbers are given.
  // Thread-safe between calls of Hold.
  void DrawChange(const Genome& genome, std::span<const float> parent, LowRankChange& change) const;

  size_t held() const { return held_.size(); }

 private:
  struct Work;

  // What a perturbation wants to know of a parent besides its numbers; the first thread that asks
  // finds it out.
  struct Sight {
    std::once_flag once;
    Experience experience;  // may be there before
    FloatBuffer sensitivity;
  };
  struct Held {
    FloatBuffer numbers;
    Sight sight;
  };
  struct Parent {
    Birth birth;
    std::span<const float> numbers;  // with a centre's spreads; empty: not held
    Sight* sight = nullptr;          // null: of a centre
  };

  // Genomes, sorted by their ancestry.
  using Relatives = std::span<const Genome* const>;

  std::unique_ptr<Held> Decode(const Genome& genome, Work& work, OutputModel* model);
  void DecodeTogether(std::vector<const Genome*> genomes, OutputModel* model);
  void Descend(Relatives genomes, size_t depth, std::unique_ptr<Held> ancestor, OutputModel* model);
  void DecodeFounder(const Genome& genome, std::span<float> out) const;
  void DecodeFromScratch(const Genome& genome, std::span<float> out, OutputModel* model) const;
  void Mutate(uint64_t run_seed, const Mutation& mutation, const Parent& parent,
              std::span<float> out, OutputModel* model) const;
  ParentView ViewOf(uint64_t run_seed, const Parent& parent, OutputModel* model) const;
  void Look(uint64_t run_seed, const Parent& parent, OutputModel& model) const;
  void CopyNormaliser(std::span<const float> parent, std::span<float> out) const;
  Parent Find(std::optional<Birth> birth) const;

  PolicyLayout layout_;
  PerturbationSpec spec_;
  std::unique_ptr<const Perturbation> perturbation_ = MakePerturbation({});
  Initialiser initialise_;
  Isa isa_;
  std::map<Birth, std::unique_ptr<Held>> held_;
  std::map<Birth, Centre> centres_;
};

}  // namespace dne
