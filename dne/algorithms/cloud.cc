// SPDX-License-Identifier: MIT
#include "dne/algorithms/cloud.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dne/algorithms/limits.h"
#include "dne/algorithms/standing.h"
#include "dne/algorithms/stored_state.h"
#include "dne/base/error.h"
#include "dne/base/statistics.h"
#include "dne/config/mistakes.h"
#include "dne/random/weighted_noise.h"

namespace dne {
namespace {

constexpr std::array<Choice<SharedEpisodes>, 3> kSharedEpisodes = {
    {{"none", SharedEpisodes::kNone},
     {"pair", SharedEpisodes::kPair},
     {"generation", SharedEpisodes::kGeneration}}};

// What one thread takes at a time: so much at least, and of long vectors more, since noise of low
// rank draws factors anew for each share.
constexpr size_t kLeastShare = 16 * 1024;
constexpr size_t kMostShares = 64;

size_t ShareOf(size_t num_parameters) {
  const size_t share = std::max(kLeastShare, (num_parameters + kMostShares - 1) / kMostShares);
  return (share + kNoiseCut - 1) / kNoiseCut * kNoiseCut;
}

// weight(i) for each stream of noise that the members share; i is its first member.
template <class Weight>
std::vector<NoiseTerm> Terms(const CloudNoise& cloud, size_t members, const Weight& weight) {
  const size_t stride = cloud.antithetic ? 2 : 1;
  DNE_CHECK(members % stride == 0);
  std::vector<NoiseTerm> terms;
  for (size_t i = 0; i < members; i += stride) {
    terms.push_back({.id = {.seed = cloud.run_seed,
                            .generation = cloud.generation,
                            .item = static_cast<uint32_t>(i),
                            .purpose = Purpose::kMutation},
                     .weight = static_cast<float>(weight(i))});
  }
  return terms;
}

// Those that change a range of the parameters, in order; ranges[i] is what terms[i] changes.
std::vector<NoiseTerm> Touching(std::span<const NoiseTerm> terms,
                                std::span<const ParameterRange> ranges,
                                const ParameterRange& range) {
  std::vector<NoiseTerm> touching;
  for (size_t i = 0; i < terms.size(); ++i) {
    if (Common(ranges[i], range).size > 0) touching.push_back(terms[i]);
  }
  return touching;
}

// A share of the parameters at a time.
std::vector<float> SumOfTerms(const CloudNoise& cloud, std::span<const NoiseTerm> terms,
                              bool squares) {
  if (cloud.sums) return cloud.sums->Sum(cloud.perturbation, cloud.layout, terms, squares);
  const auto add = squares ? &Perturbation::AddSquares : &Perturbation::AddNoise;
  const auto perturbation = MakePerturbation(cloud.perturbation);
  const size_t num_parameters = cloud.layout.num_parameters;
  std::vector<ParameterRange> ranges;
  for (const NoiseTerm& term : terms) {
    ranges.push_back(perturbation->Touched(term.id, cloud.layout));
  }
  std::vector<float> sum(num_parameters, 0.0f);
  const size_t share_size = ShareOf(num_parameters);
  cloud.parallel((num_parameters + share_size - 1) / share_size, [&](size_t share) {
    const size_t first = share * share_size;
    const size_t size = std::min(share_size, num_parameters - first);
    (*perturbation.*add)(Touching(terms, ranges, {first, size}), cloud.layout, first,
                         std::span(sum).subspan(first, size), cloud.isa);
  });
  return sum;
}

void AddDoubles(ByteWriter& out, std::span<const double> values) {
  out.Add(static_cast<uint64_t>(values.size()));
  for (const double value : values) out.Add(value);
}

std::vector<double> ReadDoubles(ByteReader& in) {
  std::vector<double> values(in.ReadCount());
  for (double& value : values) value = in.ReadDouble();
  return values;
}

}  // namespace

void CloudOptions::Visit(Fields& fields) {
  fields.Add("population_size", population_size, Range<int>{2, kMaxCount},
             "members of the cloud; even where antithetic");
  fields.Add("sigma", sigma, kSigmas,
             "standard deviation of the noise; where each parameter has its own: at first");
  sigma_schedule.Visit(fields, "sigma", kSigmas);
  fields.Add("antithetic", antithetic, YesNo{}, "members come in pairs: centre + noise, - noise");
  fields.Add("episodes", episodes, kCounts, "of each member; their mean is its fitness");
  fields.Add("shared_episodes", shared_episodes, kSharedEpisodes,
             "members that play episodes of the same starts, or learn from the same mini-batch: "
             "none, the two of an antithetic pair, or all of a generation");
}

uint32_t CloudOptions::EpisodesOf(uint32_t i) const {
  switch (shared_episodes) {
    case SharedEpisodes::kNone:
      return i;
    case SharedEpisodes::kPair:
      return i - i % 2;
    case SharedEpisodes::kGeneration:
      return 0;
  }
  DNE_CHECK(false);
}

void CloudOptions::Check(Mistakes& mistakes) const {
  if (shared_episodes == SharedEpisodes::kPair && !antithetic) {
    mistakes.Contradiction(
        "shared_episodes is \"pair\", but members come in no pairs: give antithetic = true, or "
        "\"none\" or \"generation\"",
        shared_episodes, antithetic);
  }
  if (!antithetic || population_size % 2 == 0) return;
  mistakes.Contradiction(
      fmt::format(
          "population_size is {}, but antithetic members come in pairs: give an even number",
          population_size),
      population_size, antithetic);
}

void GrowthOptions::Visit(Fields& fields) {
  fields.Add("generation_steps", generation_steps, Range<uint64_t>{0, INT64_MAX},
             "population_size more members are tried until the generation has gathered so many "
             "steps ...; 0: the population does not grow");
  fields
      .Add("max_population_size", max_population_size, Range<int>{0, kMaxCount},
           "... or has so many members; even")
      .OnlyIf(generation_steps > 0, generation_steps);
}

void GrowthOptions::Check(const CloudOptions& cloud, Mistakes& mistakes) const {
  if (generation_steps > 0 && max_population_size < cloud.population_size) {
    mistakes.Contradiction(
        fmt::format("max_population_size is {}{}, but population_size, which it grows from, is "
                    "{}{}: give more",
                    max_population_size, mistakes.DefaultNote(max_population_size),
                    cloud.population_size, mistakes.DefaultNote(cloud.population_size)),
        max_population_size, generation_steps);
  } else if (generation_steps > 0 && max_population_size % 2 != 0) {
    mistakes.Contradiction(fmt::format("max_population_size is {}, but antithetic members come in "
                                       "pairs: give an even number",
                                       max_population_size),
                           max_population_size);
  }
}

Genome CloudMember(const CloudOptions& options, const Genome& centre, uint32_t generation,
                   uint32_t i) {
  return Child(centre, {.birth = {.generation = generation, .item = i},
                        .sigma = options.SigmaOf(generation),
                        .mirrored = options.antithetic && i % 2 == 1});
}

std::vector<float> CloudNoise::Sum(std::span<const double> weights) const {
  const auto weight = [&](size_t i) {
    return antithetic ? weights[i] - weights[i + 1] : weights[i];
  };
  return SumOfTerms(*this, Terms(*this, weights.size(), weight), /*squares=*/false);
}

std::vector<float> CloudNoise::SumOfSquares(std::span<const double> weights) const {
  const double mean = Mean(weights);
  const auto weight = [&](size_t i) {
    return antithetic ? weights[i] + weights[i + 1] - 2 * mean : weights[i] - mean;
  };
  return SumOfTerms(*this, Terms(*this, weights.size(), weight), /*squares=*/true);
}

void CloudResults::Add(std::span<const Result> results) {
  for (const Result& result : results) {
    fitness.push_back(result.MeanScore());
    double signs = 0;
    for (const EpisodeNotes& notes : result.notes) signs += notes.sign_sum;
    sign_sums.push_back(signs);
    is_broken.push_back(IsBroken(result) ? 1 : 0);
    steps += result.TotalSteps();
    episodes += result.episodes.size();
    for (const Episode& episode : result.episodes) {
      cut_off += episode.end == EpisodeEnd::kStepLimit;
    }
  }
}

void CloudResults::PutBrokenLast() {
  dne::PutBrokenLast(is_broken, fitness);
  dne::PutBrokenLast(is_broken, sign_sums);
}

void CloudResults::Save(ByteWriter& out) const {
  AddDoubles(out, fitness);
  AddDoubles(out, sign_sums);
  out.AddBytes(is_broken);
  out.Add(static_cast<uint64_t>(behaviours.size()));
  for (const Behaviour& behaviour : behaviours) SaveBehaviour(behaviour, out);
  out.Add(steps);
  out.Add(episodes);
  out.Add(cut_off);
}

CloudResults CloudResults::Read(ByteReader& in) {
  CloudResults results;
  results.fitness = ReadDoubles(in);
  results.sign_sums = ReadDoubles(in);
  results.is_broken = in.ReadBytes();
  results.behaviours.resize(in.ReadCount());
  for (Behaviour& behaviour : results.behaviours) behaviour = ReadBehaviour(in);
  const size_t size = results.size();
  const size_t behaviours = results.behaviours.size();
  ExpectSound(results.sign_sums.size() == size && results.is_broken.size() == size &&
                  (behaviours == 0 || behaviours == size),
              "it has more of some of a cloud's results than of others");
  results.steps = in.Read<uint64_t>();
  results.episodes = in.Read<uint64_t>();
  results.cut_off = in.Read<uint64_t>();
  return results;
}

}  // namespace dne
