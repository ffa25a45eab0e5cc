// SPDX-License-Identifier: MIT
// The meta-population of an evolution strategy (1712.06560, section 3.1): agents, each a centre
// with what moves it, and which of them a generation moves. Most strategies have one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dne/algorithms/observation_statistics.h"
#include "dne/algorithms/policy_space.h"
#include "dne/algorithms/update.h"
#include "dne/base/bytes.h"
#include "dne/config/field.h"
#include "dne/novelty/distance.h"

namespace dne {

enum class CentreChoice {
  kNovelty,     // with probability proportional to its novelty (1712.06560, equation 1)
  kRoundRobin,  // in turn
};

struct MetaPopulationOptions {
  int size = 1;  // M
  CentreChoice choice = CentreChoice::kNovelty;

  void Visit(Fields& fields);
  bool operator==(const MetaPopulationOptions&) const = default;
};

struct Agent {
  Birth birth;                                       // of the centre as it is now
  std::shared_ptr<const std::vector<float>> centre;  // PolicyLayout
  std::unique_ptr<Update> update;
  ObservationStatistics observations;
  Behaviour behaviour;  // at its last validation, where novelty is sought
};

class MetaPopulation {
 public:
  MetaPopulation(const MetaPopulationOptions& options, uint64_t run_seed, const PolicySpace& space,
                 const UpdateMaker& make_update);

  uint32_t size() const { return static_cast<uint32_t>(agents_.size()); }
  Agent& operator[](uint32_t m) { return agents_[m]; }
  const Agent& operator[](uint32_t m) const { return agents_[m]; }
  std::span<const Agent> agents() const { return agents_; }

  Genome CentreGenome(uint32_t m) const;

  // The agent that generation 1 or a later one perturbs and moves. The same until its behaviour
  // enters the archive. `novelty` may be null where there is one agent, or they take turns.
  uint32_t Chosen(uint32_t generation, const NoveltyScorer* novelty) const;

  // The agent whose centre this is; null where it has moved on.
  const Agent* Find(Birth centre) const;

  void Save(ByteWriter& out) const;
  void Restore(ByteReader& in);
  // What strategies of state version 1 stored; returns each agent's last validation.
  std::vector<double> RestoreVersion1(ByteReader& in);

 private:
  void RestoreAgent(ByteReader& in, Agent& agent) const;
  void ExpectSize(ByteReader& in) const;
  Agent FirstAgent(uint32_t m, const PolicySpace& space, const UpdateMaker& make_update) const;
  uint32_t DrawByNovelty(uint32_t generation, const NoveltyScorer& scorer) const;

  MetaPopulationOptions options_;
  uint64_t run_seed_;
  std::vector<Agent> agents_;
};

}  // namespace dne
