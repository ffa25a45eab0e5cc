// SPDX-License-Identifier: MIT
#include "fuzz/example.h"

#include <algorithm>

#include "dne/algorithms/adam.h"
#include "dne/algorithms/clipup.h"
#include "dne/algorithms/es.h"
#include "dne/algorithms/ga.h"
#include "dne/algorithms/ga_ns.h"
#include "dne/algorithms/map_elites.h"
#include "dne/algorithms/ns_es.h"
#include "dne/algorithms/pgpe.h"
#include "dne/algorithms/sgd.h"
#include "dne/algorithms/snes.h"
#include "dne/novelty/trajectory.h"
#include "dne/plan/wire.h"
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

TrialOptions SmallTrials() {
  return {.population_size = 4,
          .num_candidates = 2,
          .rounds = {.validation_episodes = 1, .test_episodes = 1}};
}

StrategyOptions SmallStrategy() {
  return {.cloud = {.population_size = 4},
          .observations = {.share = 0.5},
          .rounds = {.validation_episodes = 1, .test_episodes = 1}};
}

StrategyContext ExampleContext() { return {.run_seed = kSeed, .space = ExampleSpace()}; }

std::unique_ptr<Algorithm> ExampleEs(const Chosen<OptimizerKind>& optimizer) {
  return MakeEs({.strategy = SmallStrategy(), .ascent = {.optimizer = optimizer}},
                ExampleContext());
}

// Its population grows from 4 to 8.
std::unique_ptr<Algorithm> ExamplePgpe() {
  return MakePgpe({.strategy = SmallStrategy(),
                   .ascent = {.optimizer = {kClipUp, ClipUpOptions{}}},
                   .growth = {.generation_steps = 100, .max_population_size = 8}},
                  ExampleContext());
}

NsEsOptions SmallNsEs(BehaviourDistance distance) {
  return {.strategy = SmallStrategy(),
          .meta_population = {.size = 2},
          .novelty = {.nearest = 2, .distance = distance}};
}

Episode ExampleEpisode(double score) {
  return {.start = {.noops = 3, .seed = 1},
          .score = score,
          .steps = 2,
          .frames = 8,
          .descriptor = {1, 2}};
}

EpisodeNotes ExampleNotes(const WantedNotes& wanted) {
  EpisodeNotes notes;
  if (wanted.sign_sum) notes.sign_sum = 1;
  if (wanted.trajectory) notes.trajectory = PackTrajectory(ExampleEpisode(0).descriptor, 1);
  if (wanted.observation_sums) notes.observation_sums = {1, 1, 1, 2, 2};
  return notes;
}

Result ExampleResult(const Item& item) {
  const double score = item.genome.birth().item % 3;
  return {.episodes = std::vector(item.num_episodes, ExampleEpisode(score)),
          .notes = std::vector(item.num_episodes, ExampleNotes(item.how.notes))};
}

}  // namespace

Genome ExampleGenome() {
  Genome genome{.run_seed = kSeed, .founder = {.generation = 0, .item = 3}, .mutations = {}};
  genome = Child(genome, {{1, 12}, 0.002f});
  genome = Child(genome, {{2, 7}, 0.002f});
  return Child(genome, {{5, 9}, 0.5f, true});
}

Network ExampleNetwork() {
  return Network({.hidden = {{.type = LayerType::kConv2d, .units = 2, .kernel = 2, .stride = 2}}},
                 {.height = 4, .width = 4, .channels = 1}, 3);
}

std::unique_ptr<Algorithm> ExampleAlgorithm(size_t kind) {
  const NsEsOptions points = SmallNsEs(BehaviourDistance::kSquaredEuclidean);
  const NsEsOptions trajectories = SmallNsEs(BehaviourDistance::kSumOfSteps);
  switch (kind) {
    case 0:
      return MakeGa({.trials = SmallTrials(), .num_parents = 2}, kSeed);
    case 1:
      return MakeRandomSearch(SmallTrials(), kSeed);
    case 2:
      return ExampleEs({kAdam, AdamOptions{}});
    case 3:
      return ExampleEs({kSgd, SgdOptions{}});
    case 4:
      return ExamplePgpe();
    case 5:
      return MakeSnes({.strategy = SmallStrategy()}, ExampleContext());
    case 6:
      return MakeNsEs(points, ExampleContext());
    case 7:
      return MakeNsrEs(points, ExampleContext());
    case 8:
      return MakeNsraEs({points, {}}, ExampleContext());
    case 9:
      return MakeGaNs({.ga = {.trials = SmallTrials(), .num_parents = 2},
                       .archive_probability = 0.5,
                       .novelty = {.nearest = 2}},
                      ExampleContext());
    case 10:
      return MakeMapElites(
          {.population_size = 4,
           .rounds = {.validation_episodes = 1, .test_episodes = 1},
           .archive =
               {.axes = {{.name = "x", .coordinate = 1, .lower = 0, .upper = 4, .cells = 8}}}},
          ExampleContext());
    default:
      return MakeNsEs(trajectories, ExampleContext());
  }
}

void TellExample(Algorithm& algorithm) {
  const Plan plan = algorithm.Ask();
  std::vector<Result> results;
  for (const Item& item : plan.items) results.push_back(ExampleResult(item));
  algorithm.Tell(plan, results);
}

Plan ExamplePlan() {
  return {.generation = 1,
          .round = "train",
          .parents = {ExampleGenome()},
          .centres = {{.birth = CentreBirth(0, 0)}},
          .items = {{.genome = ExampleGenome(), .num_episodes = 1, .how = {.max_steps = 9}}}};
}

std::vector<JobResult> ExampleResults() {
  const WantedNotes all{.sign_sum = true, .trajectory = true, .observation_sums = true};
  return {{.item = 0,
           .played = {.episodes = {ExampleEpisode(2)}, .notes = {ExampleNotes(all)}},
           .seconds = 0.5}};
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
  const Birth centre = CentreBirth(0, 0);
  const Birth moved = CentreBirth(1, 0);
  const auto parameters = std::make_shared<const std::vector<float>>(kParameters, 1.0f);
  Commit commit;
  commit.trials = {{.generation = 0,
                    .round = "train",
                    .individual = genome.birth(),
                    .parent = genome.founder,
                    .episodes = {ExampleEpisode(2)},
                    .draws = {1}}};
  WholeCentre& whole = commit.centres.emplace_back();
  whole.centre = {centre, parameters};
  whole.update = {1, 2};
  commit.moves = {{.centre = moved, .from = centre, .recipe = {3}}};
  commit.generations = {{.generation = 0,
                         .metrics = {{"fitness_max", 2}},
                         .digest = 5,
                         .elite = EncodeGenome(genome)}};
  commit.next_generation = 1;
  commit.state = "state";
  store->Write(commit);
  store->Log({.generation = 1,
              .round = 0,
              .plan = 7,
              .seconds = 1,
              .results = EncodeJobResults(ExampleResults())});
}

}  // namespace dne
