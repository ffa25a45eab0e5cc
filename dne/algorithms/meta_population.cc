// SPDX-License-Identifier: MIT
#include "dne/algorithms/meta_population.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "dne/algorithms/stored_state.h"
#include "dne/base/error.h"

namespace dne {
namespace {

constexpr std::array<Choice<CentreChoice>, 2> kChoices = {
    {{"novelty", CentreChoice::kNovelty}, {"round_robin", CentreChoice::kRoundRobin}}};

}  // namespace

void MetaPopulationOptions::Visit(Fields& fields) {
  fields.Add("meta_population", size, Range<int>{1, 1000}, "centres, M");
  fields.Add("centre_choice", choice, kChoices,
             "which centre a generation moves: with probability by its novelty, or in turn");
}

MetaPopulation::MetaPopulation(const MetaPopulationOptions& options, uint64_t run_seed,
                               const PolicySpace& space, const UpdateMaker& make_update)
    : options_(options), run_seed_(run_seed) {
  DNE_CHECK(options.size >= 1);
  for (uint32_t m = 0; m < static_cast<uint32_t>(options.size); ++m) {
    agents_.push_back(FirstAgent(m, space, make_update));
  }
}

Agent MetaPopulation::FirstAgent(uint32_t m, const PolicySpace& space,
                                 const UpdateMaker& make_update) const {
  Agent agent{.birth = CentreBirth(0, m),
              .centre = nullptr,
              .update = make_update(space.layout.num_parameters),
              .observations = ObservationStatistics(space.layout.num_normalised),
              .behaviour = {}};
  const bool has_spreads = MakePerturbation(agent.update->perturbation())->has_spreads();
  std::vector<float> centre(space.layout.centre_size(has_spreads), 1.0f);
  space.initialise({.seed = run_seed_,
                    .generation = agent.birth.generation,
                    .item = agent.birth.code(),
                    .purpose = Purpose::kFounder},
                   std::span(centre).first(space.layout.policy_size()));
  agent.centre = std::make_shared<const std::vector<float>>(std::move(centre));
  return agent;
}

Genome MetaPopulation::CentreGenome(uint32_t m) const {
  return {.run_seed = run_seed_, .founder = agents_[m].birth, .mutations = {}};
}

uint32_t MetaPopulation::Chosen(uint32_t generation, const NoveltyScorer* novelty) const {
  if (options_.choice == CentreChoice::kRoundRobin) return (generation - 1) % size();
  if (size() == 1) return 0;
  DNE_CHECK(novelty != nullptr);
  return DrawByNovelty(generation, *novelty);
}

uint32_t MetaPopulation::DrawByNovelty(uint32_t generation, const NoveltyScorer& scorer) const {
  std::vector<Behaviour> behaviours;
  for (const Agent& agent : agents_) behaviours.push_back(agent.behaviour);
  const std::vector<double> novelty = scorer.NoveltyOfArchived(behaviours);
  const double total = std::accumulate(novelty.begin(), novelty.end(), 0.0);
  Stream stream({.seed = run_seed_, .generation = generation, .purpose = Purpose::kCentreChoice});
  // Without any novelty all are alike.
  if (!(total > 0)) return stream.Below(size());
  double left = double{stream.NextFloat()} * total;
  for (uint32_t m = 0; m + 1 < size(); ++m) {
    if (left < novelty[m]) return m;
    left -= novelty[m];
  }
  return size() - 1;
}

const Agent* MetaPopulation::Find(Birth centre) const {
  const auto found = std::ranges::find(agents_, centre, &Agent::birth);
  return found == agents_.end() ? nullptr : &*found;
}

void MetaPopulation::Save(ByteWriter& out) const {
  out.Add(static_cast<uint64_t>(agents_.size()));
  for (const Agent& agent : agents_) {
    out.Add(agent.birth.generation);
    out.AddFloats(*agent.centre);
    agent.update->Save(out);
    agent.observations.Save(out);
    SaveBehaviour(agent.behaviour, out);
  }
}

void MetaPopulation::ExpectSize(ByteReader& in) const {
  ExpectSound(in.ReadCount() == agents_.size(),
              "it has another meta-population than its configuration");
}

void MetaPopulation::RestoreAgent(ByteReader& in, Agent& agent) const {
  agent.birth.generation = in.Read<uint32_t>();
  std::vector<float> centre = in.ReadFloats();
  ExpectSound(centre.size() == agent.centre->size(), "a centre has the wrong number of parameters");
  agent.centre = std::make_shared<const std::vector<float>>(std::move(centre));
  agent.update->Restore(in);
  agent.observations.Restore(in);
  agent.behaviour = ReadBehaviour(in);
}

void MetaPopulation::Restore(ByteReader& in) {
  ExpectSize(in);
  for (Agent& agent : agents_) RestoreAgent(in, agent);
}

std::vector<double> MetaPopulation::RestoreVersion1(ByteReader& in) {
  ExpectSize(in);
  std::vector<double> validations;
  for (Agent& agent : agents_) {
    RestoreAgent(in, agent);
    validations.push_back(in.ReadDouble());
  }
  return validations;
}

}  // namespace dne
