// SPDX-License-Identifier: MIT
#include "fuzz/example.h"

#include <algorithm>
#include <array>

#include "dne/algorithms/es.h"
#include "dne/algorithms/ga.h"
#include "dne/novelty/trajectory.h"
#include "dne/store/store.h"

namespace dne {
namespace {

constexpr size_t kParameters = 5;
constexpr size_t kNormalised = 2;
constexpr uint64_t kSeed = 7;

PolicySpace ExampleSpace() {
  return {.layout = {.num_parameters = kParameters, .num_normalised = kNormalised},
          .initialise = [](const StreamId&, std::span<float> out) { std::ranges::fill(out, 1.0f); },
          .step_limit = 0,
          .point =
              [](std::span<const uint8_t> descriptor) {
                return std::vector<double>(descriptor.begin(), descriptor.end());
              }};
}

std::unique_ptr<Algorithm> ExampleGa(bool random_search) {
  return MakeGa({.random_search = random_search,
                 .population_size = 4,
                 .num_parents = 2,
                 .sigma = {},
                 .num_candidates = 2,
                 .validation_episodes = 1,
                 .test_episodes = 1},
                kSeed);
}

std::unique_ptr<Algorithm> ExampleEs(OptimizerType optimizer, bool adapts_widths,
                                     const NoveltyOptions& novelty) {
  const EsOptions options{.population_size = 4,
                          .optimizer = {.type = optimizer},
                          .validation_episodes = 1,
                          .test_episodes = 1,
                          .width = {.adapts = adapts_widths},
                          .novelty = novelty};
  return MakeEs(options, kSeed, ExampleSpace(), SerialFor, Isa::kScalar);
}

Episode ExampleEpisode(const Item& item) {
  Episode episode{.start = {.noops = 3, .seed = 1},
                  .score = item.genome.birth().item % 3 * 1.0,
                  .steps = 2,
                  .frames = 8};
  episode.sign_sum = 1;
  episode.descriptor = {1, 2};
  episode.trajectory = PackTrajectory(episode.descriptor, 1);
  if (item.how.want_observations) episode.observation_sums = {1, 1, 1, 2, 2};
  return episode;
}

}  // namespace

Genome ExampleGenome() {
  Genome genome{.run_seed = kSeed, .founder = {.generation = 0, .item = 3}, .mutations = {}};
  genome = Child(genome, {.generation = 1, .item = 12}, 0.002f);
  genome = Child(genome, {.generation = 2, .item = 7}, 0.002f);
  return Child(genome, {.generation = 5, .item = 9}, -0.5f);
}

Network ExampleNetwork() {
  return Network({.hidden = {{.type = LayerType::kConv2d, .units = 2, .kernel = 2, .stride = 2}}},
                 {.height = 4, .width = 4, .channels = 1}, 3);
}

std::unique_ptr<Algorithm> ExampleAlgorithm(size_t kind) {
  const NoveltyOptions points{
      .meta_population = 2, .nearest = 2, .reward_weight = 0.5, .adapts_weight = true};
  const NoveltyOptions trajectories{.meta_population = 2,
                                    .nearest = 2,
                                    .distance = BehaviourDistance::kSumOfSteps,
                                    .reward_weight = 0};
  switch (kind) {
    case 0:
      return ExampleGa(/*random_search=*/false);
    case 1:
      return ExampleGa(/*random_search=*/true);
    case 2:
      return ExampleEs(OptimizerType::kAdam, /*adapts_widths=*/false, {});
    case 3:
      return ExampleEs(OptimizerType::kSgd, /*adapts_widths=*/false, {});
    case 4:
      return ExampleEs(OptimizerType::kClipUp, /*adapts_widths=*/true, {});
    case 5:
      return ExampleEs(OptimizerType::kAdam, /*adapts_widths=*/false, points);
    default:
      return ExampleEs(OptimizerType::kAdam, /*adapts_widths=*/false, trajectories);
  }
}

void TellExample(Algorithm& algorithm) {
  const Plan plan = algorithm.Ask();
  std::vector<Result> results(plan.items.size());
  for (size_t i = 0; i < results.size(); ++i) {
    results[i].episodes.assign(plan.items[i].num_episodes, ExampleEpisode(plan.items[i]));
  }
  algorithm.Tell(plan, results);
}

void MakeExampleStore(const std::filesystem::path& dir) {
  const auto store = RunStore::Create(dir, {.config = "seed = 7",
                                            .dne_version = "1",
                                            .build = "a",
                                            .machine = "b",
                                            .seed = kSeed,
                                            .created = "2026-01-01T00:00:00Z",
                                            .attachments = {{"reference_batch", {1, 2, 3}}}});
  const Genome genome = ExampleGenome();
  const Episode episode{.start = {.noops = 3, .seed = 1}, .score = 2, .steps = 2, .frames = 8};
  store->Write(
      {.trials = {{.generation = 0,
                   .round = "train",
                   .individual = genome.birth(),
                   .parent = genome.founder,
                   .episodes = {episode},
                   .draws = {1}}},
       .centres = {{.birth = {.generation = 0, .item = CentreItem(0)},
                    .parameters = std::make_shared<const std::vector<float>>(kParameters, 1.0f)}},
       .generation = GenerationRecord{.generation = 0,
                                      .metrics = {{"fitness_max", 2}},
                                      .digest = 5,
                                      .elite = EncodeGenome(genome)},
       .next_generation = 1,
       .state = "state"});
}

}  // namespace dne
