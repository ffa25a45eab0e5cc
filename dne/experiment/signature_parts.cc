// SPDX-License-Identifier: MIT
#include "dne/experiment/signature_parts.h"

namespace dne {
namespace {

// The papers' networks: frostbite and asteroids have different action sets.
constexpr const char* kDeepGa = R"(name = "signature-ga"
seed = 7
[task]
environment = "frostbite"
[network]
preset = "uber_small"
[algorithm]
type = "ga"
population_size = 12
num_parents = 4
sigma = 0.02
num_candidates = 3
validation_episodes = 4
test_episodes = 4
max_episode_steps = 40
test_max_episode_steps = 60
[budget]
generations = 3
)";

constexpr const char* kRandomSearch = R"(name = "signature-rs"
seed = 8
[task]
environment = "asteroids"
sticky_probability = 0.25
[network]
preset = "nature_dqn"
[algorithm]
type = "random_search"
population_size = 3
num_candidates = 2
validation_episodes = 2
test_episodes = 2
max_episode_steps = 12
test_max_episode_steps = 12
[budget]
generations = 1
)";

// A landscape costs nothing, so that clouds can be large enough to see every corner of it.
constexpr const char* kEsOnLandscape = R"(seed = 9
[algorithm]
type = "es"
population_size = 200
sigma = 0.5
learning_rate = 0.05
max_episode_steps = 1
validation_episodes = 1
[budget]
generations = 6
)";

constexpr const char* kGaOnLandscape = R"(seed = 10
[algorithm]
type = "ga"
population_size = 12
num_parents = 4
sigma = 0.5
num_candidates = 3
validation_episodes = 1
test_episodes = 1
max_episode_steps = 1
test_max_episode_steps = 1
[budget]
generations = 6
)";

// Behaviours are the RAM at every step, which shows each action, not only those that score.
constexpr const char* kAtari = R"(seed = 11
[task]
environment = "frostbite"
[network]
virtual_batch_norm = true
[[network.layers]]
type = "conv2d"
units = 3
kernel = 8
stride = 12
activation = "relu"
[[network.layers]]
type = "conv2d"
units = 5
kernel = 3
stride = 2
padding = "valid"
activation = "tanh"
[[network.layers]]
type = "dense"
units = 6
activation = "linear"
[algorithm]
type = "nsr_es"
population_size = 4
sigma = 0.2
learning_rate = 0.1
max_episode_steps = 8
validation_episodes = 2
test_episodes = 1
test_max_episode_steps = 8
meta_population = 2
[novelty]
nearest = 2
distance = "ram_steps"
[budget]
generations = 4
)";

constexpr const char* kEsOnBody = R"(seed = 12
[task]
type = "mujoco"
environment = "point"
[[network.layers]]
type = "dense"
units = 5
activation = "tanh"
[algorithm]
type = "es"
population_size = 8
sigma = 0.5
learning_rate = 0.1
max_episode_steps = 40
validation_episodes = 2
[budget]
generations = 4
)";

constexpr const char* kEsOnImages = R"(seed = 18
[task]
type = "supervised"
environment = "patches"
[network]
output_scale = 1
[[network.layers]]
type = "conv2d"
units = 4
kernel = 3
stride = 2
[algorithm]
type = "es"
population_size = 8
sigma = 0.05
max_episode_steps = 0
validation_episodes = 1
[budget]
generations = 3
)";

constexpr const char* kRandomSearchOnBody = R"(seed = 13
[task]
type = "mujoco"
[[network.layers]]
type = "dense"
units = 5
activation = "relu"
[algorithm]
type = "random_search"
population_size = 3
num_candidates = 2
validation_episodes = 1
test_episodes = 1
max_episode_steps = 30
test_max_episode_steps = 30
[budget]
generations = 1
)";

constexpr const char* kBodies[] = {"ant",         "half_cheetah", "hopper",  "humanoid",
                                   "humanoid_v4", "point",        "swimmer", "walker2d"};

// A small network finds no goal: what differs is where its robot drives, and what that pays.
constexpr const char* kGaInMaze = R"(seed = 14
[task]
type = "maze"
[[network.layers]]
type = "dense"
units = 6
activation = "tanh"
[algorithm]
type = "ga"
population_size = 12
num_parents = 3
sigma = 0.5
num_candidates = 3
validation_episodes = 1
test_episodes = 0
max_episode_steps = 400
[budget]
generations = 3
)";

// The walls of a corner.
constexpr const char* kSmallMaze =
    "task.maze=\"0\\n60\\n3\\n40 40\\n90\\n60 90\\n60 90\\n20 20 20 120\\n20 20 120 20\\n60 60 90 "
    "60\\n\"";

constexpr const char* kSteadyState = R"(seed = 16
[task]
type = "parity"
[algorithm]
type = "steady_state_ga"
population_size = 8
num_children = 3
tournament_size = 3
sigma = 0.1
max_episode_steps = 1
[budget]
generations = 5
)";

// A base experiment, and what is different in this one.
struct Variation {
  std::string name;
  const char* base;
  std::vector<std::string> overrides;
};

std::vector<Variation> OnLandscape() {
  return {
      {"es_sgd", kEsOnLandscape, {"algorithm.optimizer='sgd'"}},
      {"es_clipup", kEsOnLandscape, {"algorithm.optimizer='clipup'", "algorithm.max_speed=0.06"}},
      {"es_schedules",
       kEsOnLandscape,
       {"algorithm.sigma_schedule='exponential'", "algorithm.sigma_end=0.01",
        "algorithm.sigma_generations=4", "algorithm.learning_rate_schedule='linear'",
        "algorithm.learning_rate_end=0.001", "algorithm.learning_rate_generations=4"}},
      {"es_raw", kEsOnLandscape, {"algorithm.fitness_shaping='raw'"}},
      {"es_z_score", kEsOnLandscape, {"algorithm.fitness_shaping='z_score'"}},
      {"es_top_directions", kEsOnLandscape, {"algorithm.top_directions=10"}},
      {"es_single_members", kEsOnLandscape, {"algorithm.antithetic=false"}},
      {"pgpe",
       kEsOnLandscape,
       {"algorithm.type='pgpe'", "algorithm.sigma_learning_rate=2",
        "algorithm.sigma_max_change=0.1"}},
      {"pgpe_growing",
       kEsOnLandscape,
       {"algorithm.type='pgpe'", "algorithm.population_size=40", "algorithm.generation_steps=100",
        "algorithm.max_population_size=160"}},
      {"pgpe_schedules",
       kEsOnLandscape,
       {"algorithm.type='pgpe'", "algorithm.sigma_schedule='linear'", "algorithm.sigma_end=0.01",
        "algorithm.sigma_generations=4", "algorithm.learning_rate_schedule='exponential'",
        "algorithm.learning_rate_end=0.001", "algorithm.learning_rate_generations=4"}},
      {"snes", kEsOnLandscape, {"algorithm.type='snes'", "algorithm.learning_rate=1"}},
      {"ns_es",
       kEsOnLandscape,
       {"algorithm.type='ns_es'", "algorithm.meta_population=3", "novelty.distance='euclidean'"}},
      {"nsr_es",
       kEsOnLandscape,
       {"algorithm.type='nsr_es'", "algorithm.meta_population=2",
        "algorithm.centre_choice='round_robin'"}},
      // The weight comes to both its ends.
      {"nsra_es",
       kEsOnLandscape,
       {"algorithm.type='nsra_es'", "algorithm.meta_population=2", "algorithm.weight_step=0.4",
        "algorithm.patience=1", "budget.generations=16"}},
      {"ga_stale_elite", kGaOnLandscape, {"algorithm.elite='stale'"}},
      {"ga_linear_schedule",
       kGaOnLandscape,
       {"algorithm.sigma_schedule='linear'", "algorithm.sigma_end=0.01",
        "algorithm.sigma_generations=4"}},
      {"ga_exponential_schedule",
       kGaOnLandscape,
       {"algorithm.sigma_schedule='exponential'", "algorithm.sigma_end=0.01",
        "algorithm.sigma_generations=4"}},
  };
}

// Enough individuals that novelty searches a tree.
Variation GaNs() {
  return {"ga_ns",
          kGaOnLandscape,
          {"algorithm.type='ga_ns'", "algorithm.population_size=60",
           "algorithm.archive_probability=0.3", "algorithm.reward_weight=0.25"}};
}

std::vector<Variation> OnAtari() {
  return {
      {"atari_ram_steps", kAtari, {}},
      {"atari_ram_frobenius",
       kAtari,
       {"task.environment='breakout'", "task.fire_start=true", "task.stack_at_reset='zeros'",
        "task.actions='full'", "network.initialisation='normalised_columns'",
        "network.virtual_batch_norm=false", "novelty.distance='ram_frobenius'"}},
      {"atari_adaptive_cap",
       kAtari,
       {"task.environment='breakout'", "task.fire_start=false", "algorithm.step_cap='adaptive'",
        "algorithm.first_step_cap=3", "algorithm.cap_growth=1.5",
        "network.virtual_batch_norm=false"}},
  };
}

std::vector<Variation> OnBodies() {
  std::vector<Variation> variations = {
      {"body_sign", kEsOnBody, {"algorithm.fitness_shaping='sign'"}},
      {"body_sign_rank", kEsOnBody, {"algorithm.fitness_shaping='centred_sign_rank'"}},
      {"body_ars",
       kEsOnBody,
       {"task.environment='hopper'", "task.normalise_observations=true",
        "task.train_with_bonus=false", "algorithm.top_directions=2",
        "algorithm.observation_share=0.5", "algorithm.episodes=2"}},
      {"body_trap",
       kEsOnBody,
       {"task.reward='forward_distance'", "task.trap=true", "algorithm.type='nsra_es'",
        "algorithm.max_episode_steps=0", "algorithm.patience=1", "network.output_scale=5"}},
      {"body_isotropic",
       kEsOnBody,
       {"task.environment='ant'", "task.reward='isotropic'", "task.terminate_when_unhealthy=false",
        "task.action_noise=0.1"}},
  };
  for (const char* body : kBodies) {
    variations.push_back({std::string("body_") + body,
                          kRandomSearchOnBody,
                          {std::string("task.environment='") + body + "'"}});
  }
  return variations;
}

std::vector<Variation> OnClassicControl() {
  std::vector<Variation> variations;
  for (const char* environment :
       {"Acrobot-v1", "CartPole-v1", "MountainCarContinuous-v0", "Pendulum-v1"}) {
    variations.push_back(
        {std::string("classic_") + environment,
         kEsOnBody,
         {"task.type='classic'", std::string("task.environment='") + environment + "'",
          "task.normalise_observations=true", "algorithm.observation_share=0.5"}});
  }
  return variations;
}

// Layers with a state, skips, activations of outputs: on a pole, where each output counts.
std::vector<Variation> OnNetworks() {
  const auto on_pole = [](const char* name, const char* layers, std::vector<std::string> more) {
    Variation variation{name, kEsOnBody, std::move(more)};
    variation.overrides.insert(
        variation.overrides.begin(),
        {"task.type='classic'", "task.environment='Pendulum-v1'", "network.initialisation='xavier'",
         std::string("network.layers=") + layers});
    return variation;
  };
  return {
      on_pole("network_rnn", "[{type='rnn', units=5}]", {"network.output_activation='tanh'"}),
      on_pole("network_gru", "[{type='gru', units=5, repeat=2}]",
              {"network.output_activation='selu'"}),
      on_pole("network_lstm", "[{type='lstm', units=5}, {type='dense', units=4}]",
              {"network.output_activation='sigmoid'"}),
      on_pole("network_skips",
              "[{type='dense', units=6, activation='selu', repeat=5},"
              " {type='dense', units=6, activation='sigmoid', repeat=4}]",
              {"network.skip_every=4", "network.output_activation='relu'"}),
      on_pole("network_pytorch", "[{type='gru', units=5}, {type='dense', units=4}]",
              {"network.initialisation='pytorch'", "network.random_biases=true"}),
      {"network_pool",
       kAtari,
       {"network.virtual_batch_norm=false",
        "network.layers=[{type='conv2d', units=5, kernel=8, stride=8}, {type='average_pool'}]"}},
  };
}

std::vector<Variation> InMazes() {
  return {
      {"maze_hard_maze", kGaInMaze, {}},
      {"maze_medium_maze", kGaInMaze, {"task.environment='medium_maze'"}},
      {"maze_custom_maze",
       kGaInMaze,
       {"task.environment='custom_maze'", kSmallMaze, "task.goal_radius=30",
        "budget.until_solved=true"}},
      {"maze_breadcrumb",
       kGaInMaze,
       {"task.reward='breadcrumb'", "task.action_repeat=3", "task.action_offset=0",
        "task.goal_radius=10", "task.solved_at='any_step'"}},
      {"maze_image_hard_maze",
       kGaInMaze,
       {"task.environment='image_hard_maze'", "algorithm.population_size=3",
        "algorithm.num_parents=2", "budget.generations=2"}},
      {"maze_topdown_maze", kGaInMaze, {"task.environment='topdown_maze'"}},
      {"maze_first_person_maze", kGaInMaze, {"task.environment='first_person_maze'"}},
  };
}

std::vector<Variation> WithSafeMutations() {
  std::vector<Variation> variations = {
      {"safe_none", kSteadyState, {}},
      {"safe_in_maze",
       kGaInMaze,
       {"task.reward='breadcrumb'", "algorithm.mutation='sm_g_so'", "algorithm.experiences=30",
        "algorithm.mutation_clip=0.2"}}};
  for (const char* mutation : {"sm_r", "sm_g_sum", "sm_g_abs", "sm_g_so"}) {
    variations.push_back({std::string("safe_") + mutation,
                          kSteadyState,
                          {std::string("algorithm.mutation='") + mutation + "'"}});
  }
  for (const char* environment : {"easy", "medium", "washout"}) {
    variations.push_back({std::string("simple_model_") + environment,
                          kSteadyState,
                          {"task.type='simple_model'", "algorithm.mutation='sm_g_abs'",
                           std::string("task.environment='") + environment + "'"}});
  }
  return variations;
}

// Minimal sets of images that need no files.
std::vector<Variation> OnImages() {
  return {
      {"supervised_pairs", kEsOnImages, {"algorithm.shared_episodes='pair'", "task.batch_size=20"}},
      {"supervised_generation", kEsOnImages, {"algorithm.shared_episodes='generation'"}}};
}

std::vector<Variation> WithMaxPooling() {
  const char* layers =
      "network.layers=[{type='conv2d', units=5, kernel=8, stride=4},"
      " {type='max_pool', kernel=2, stride=2},"
      " {type='conv2d', units=18, kernel=3, stride=1, activation='tanh'},"
      " {type='max_pool', kernel=3, stride=2}, {type='dense', units=7}]";
  return {{"network_max_pool", kAtari, {"network.virtual_batch_norm=false", layers}},
          {"safe_max_pool",
           kGaInMaze,
           {"task.environment='topdown_maze'", layers, "algorithm.mutation='sm_g_abs'",
            "algorithm.experiences=30"}}};
}

// A network whose layers differ, on a pole.
std::vector<Variation> WithPerturbations() {
  const auto on_pole = [](const char* word, std::vector<std::string> more) {
    Variation variation{std::string("es_") + word, kEsOnBody, std::move(more)};
    variation.overrides.insert(variation.overrides.begin(),
                               {"task.type='classic'", "task.environment='Pendulum-v1'",
                                std::string("algorithm.perturbation='") + word + "'"});
    return variation;
  };
  return {on_pole("rademacher", {}), on_pole("bucket", {"algorithm.bucket_size=8"}),
          on_pole("low_rank", {"algorithm.rank=3"})};
}

// Cells of both sizes, some of which lie beyond where the search comes.
Variation MapElites() {
  return {"map_elites",
          kGaOnLandscape,
          {"algorithm.type='map_elites'", "algorithm.population_size=40",
           "archive.axes=[{name='x', coordinate=0, lower=-1, upper=3, cells=16},"
           " {name='y', coordinate=1, lower=-2, upper=2, cells=7}]"}};
}

Variation WithHalfWeights() {
  return {
      "network_float16", kAtari, {"network.virtual_batch_norm=false", "network.weights='float16'"}};
}

Variation WithIterateAveraging() {
  return {"es_iterate_averaging",
          kEsOnImages,
          {"algorithm.iterate_averaging=true", "algorithm.validation_interval=2"}};
}

SignaturePart MakePart(const Variation& variation, std::optional<Landscape> landscape = {}) {
  return {
      variation.name, {ParseConfig(variation.base, "signature", variation.overrides)}, landscape};
}

}  // namespace

std::vector<SignaturePart> SignatureParts() {
  std::vector<SignaturePart> parts;
  parts.push_back({"atari_ga_and_random_search",
                   {ParseConfig(kDeepGa, "signature"), ParseConfig(kRandomSearch, "signature")}});
  for (const std::string& name : LandscapeNames()) {
    parts.push_back(MakePart({"landscape_" + name, kEsOnLandscape, {}}, LandscapeFromName(name)));
  }
  for (const Variation& variation : OnLandscape()) {
    parts.push_back(MakePart(variation, Landscape::kNarrowingPath));
  }
  for (const Variation& variation : OnAtari()) parts.push_back(MakePart(variation));
  for (const Variation& variation : OnBodies()) parts.push_back(MakePart(variation));
  for (const Variation& variation : OnClassicControl()) parts.push_back(MakePart(variation));
  for (const Variation& variation : OnNetworks()) parts.push_back(MakePart(variation));
  parts.push_back(MakePart(GaNs(), Landscape::kNarrowingPath));
  for (const Variation& variation : InMazes()) parts.push_back(MakePart(variation));
  for (const Variation& variation : WithSafeMutations()) parts.push_back(MakePart(variation));
  for (const Variation& variation : OnImages()) parts.push_back(MakePart(variation));
  for (const Variation& variation : WithMaxPooling()) parts.push_back(MakePart(variation));
  for (const Variation& variation : WithPerturbations()) parts.push_back(MakePart(variation));
  parts.push_back(MakePart(WithIterateAveraging()));
  parts.push_back(MakePart(WithHalfWeights()));
  parts.push_back(MakePart(MapElites(), Landscape::kNarrowingPath));
  return parts;
}

std::vector<NetworkSpec> SignatureNetworks() {
  // Units and sizes that vectors do not divide.
  const std::vector<LayerSpec> hidden = {
      {LayerType::kConv2d, 5, 8, 4, Padding::kSame, Activation::kTanh},
      {LayerType::kConv2d, 18, 3, 2, Padding::kValid, Activation::kRelu},
      {LayerType::kConv2d, 7, 2, 1, Padding::kSame, Activation::kLinear},
      {.units = 19, .activation = Activation::kRelu},
      {.units = 9, .activation = Activation::kTanh},
      {.units = 6, .activation = Activation::kLinear}};
  return {{.hidden = hidden},
          {.hidden = hidden, .initialisation = Initialisation::kNormalisedColumns},
          {.hidden = hidden, .virtual_batch_norm = true}};
}

std::vector<NetworkSpec> SignatureHalves() {
  std::vector<NetworkSpec> specs = SignatureNetworks();
  specs.push_back({.hidden = {{LayerType::kConv2d, 16, 5, 3, Padding::kSame, Activation::kRelu},
                              {.units = 32, .activation = Activation::kRelu}}});
  for (NetworkSpec& spec : specs) spec.weights = WeightType::kFloat16;
  return specs;
}

std::vector<NetworkSpec> SignatureGraphs() {
  const LayerSpec convolution{LayerType::kConv2d, 5, 5, 3, Padding::kSame, Activation::kSelu};
  const LayerSpec pool{.type = LayerType::kAveragePool};
  return {{.hidden = {convolution,
                      pool,
                      {.type = LayerType::kLstm, .units = 7},
                      {.type = LayerType::kGru, .units = 18},
                      {.type = LayerType::kRnn, .units = 9}},
           .output_activation = Activation::kSigmoid,
           .initialisation = Initialisation::kXavier},
          {.hidden = {{.units = 9, .activation = Activation::kSelu, .repeat = 5},
                      {.units = 9, .activation = Activation::kSigmoid, .repeat = 4}},
           .output_activation = Activation::kTanh,
           .skip_every = 2}};
}

}  // namespace dne
