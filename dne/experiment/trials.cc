// SPDX-License-Identifier: MIT
#include "dne/experiment/trials.h"

#include <map>
#include <utility>

#include "dne/base/bytes.h"
#include "dne/base/digest.h"

namespace dne {
namespace {

TrialRecord TrialOf(const Plan& plan, uint32_t i, const Result& result) {
  const Genome& genome = plan.items[i].genome;
  TrialRecord trial{.generation = plan.generation,
                    .round = plan.round,
                    .index = plan.first_item + i,
                    .individual = genome.birth(),
                    .parent = {},
                    .sigma = 0,
                    .mirrored = false,
                    .fitness = result.MeanScore(),
                    .steps = result.TotalSteps(),
                    .frames = result.TotalFrames(),
                    .episodes = {},
                    .draws = {}};
  if (!genome.mutations.empty()) {
    trial.sigma = genome.mutations.back().sigma;
    trial.mirrored = genome.mutations.back().mirrored;
    trial.parent = genome.mutations.size() > 1 ? genome.mutations.end()[-2].birth : genome.founder;
  }
  std::map<EpisodeStart, std::pair<const Episode*, uint32_t>> different;
  for (const Episode& episode : result.episodes) {
    auto& [first, draws] = different[episode.start];
    first = &episode;
    ++draws;
  }
  for (const auto& [start, entry] : different) {
    trial.episodes.push_back(*entry.first);
    trial.draws.push_back(entry.second);
  }
  return trial;
}

}  // namespace

std::vector<TrialRecord> TrialsOf(const Plan& plan, std::span<const Result> results) {
  DNE_CHECK(results.size() == plan.items.size());
  std::vector<TrialRecord> trials;
  for (uint32_t i = 0; i < plan.items.size(); ++i) {
    trials.push_back(TrialOf(plan, i, results[i]));
  }
  return trials;
}

uint64_t DigestRound(uint64_t before, const Plan& plan, std::span<const TrialRecord> trials) {
  Digest digest;
  digest.Add(before);
  digest.AddText(plan.round);
  for (const TrialRecord& trial : trials) {
    digest.AddBytes(EncodeGenome(plan.items[trial.index - plan.first_item].genome));
    digest.Add(trial.fitness);
    for (size_t i = 0; i < trial.episodes.size(); ++i) {
      const Episode& episode = trial.episodes[i];
      digest.Add(episode.start.noops);
      digest.Add(episode.start.seed_code());
      digest.Add(trial.draws[i]);
      digest.Add(episode.score);
      digest.Add(episode.steps);
      digest.Add(static_cast<uint8_t>(episode.end));
      digest.AddBytes(episode.descriptor);
    }
  }
  return digest.value();
}

uint64_t DigestCentres(uint64_t before, std::span<const Centre> centres) {
  if (centres.empty()) return before;
  Digest digest;
  digest.Add(before);
  for (const Centre& centre : centres) digest.AddBytes(BytesOfFloats(*centre.parameters));
  return digest.value();
}

}  // namespace dne
