// SPDX-License-Identifier: MIT
#include "dne/experiment/config.h"

#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "dne/experiment/config_text.h"
#include "tests/experiment/config_fixture.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string LoadMistake(const std::filesystem::path& path) {
  try {
    LoadConfig(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Config, DefaultsAreThePapersSetting) {
  const ExperimentConfig config = Parse("[budget]\nframes = 1_000_000_000\n");
  EXPECT_EQ(config.algorithm.ga.population_size, 1000);
  EXPECT_EQ(config.algorithm.ga.num_parents, 20);
  EXPECT_EQ(config.algorithm.ga.sigma.start, 0.002f);
  EXPECT_EQ(config.network.preset, "uber_large");
  EXPECT_EQ(config.network.spec, NetworkPreset("uber_large"));
  EXPECT_EQ(config.budget.frames, 1'000'000'000u);
  EXPECT_FALSE(config.budget.steps.has_value());
}

constexpr std::string_view kEverything = R"(
name = "all-1.x"
seed = 77
[task]
type = "atari"
game = "venture"
frame_skip = 3
frame_stack = 2
max_noops = 7
fire_start = false
stack_at_reset = "zeros"
sticky_probability = 0.25
actions = "full"
[network]
initialisation = "normalised_columns"
output_scale = 1
[[network.layers]]
type = "conv2d"
units = 16
kernel = 8
stride = 4
padding = "valid"
activation = "tanh"
[[network.layers]]
type = "dense"
units = 32
activation = "linear"
[algorithm]
type = "ga"
population_size = 50
num_parents = 5
sigma = 0.01
sigma_schedule = "exponential"
sigma_end = 0.001
sigma_generations = 40
elite = "stale"
episodes = 2
num_candidates = 3
validation_episodes = 4
test_episodes = 0
max_episode_steps = 100
test_max_episode_steps = 200
[budget]
generations = 9
steps = 10
frames = 11
target = -12.5
)";

ExperimentConfig Everything() {
  ExperimentConfig c;
  c.name = "all-1.x";
  c.seed = 77;
  c.task.game = "venture";
  c.task.atari = {.frame_skip = 3,
                  .frame_stack = 2,
                  .max_noops = 7,
                  .fire_start = false,
                  .zero_stack = true,
                  .sticky_probability = 0.25f,
                  .full_action_set = true};
  c.network.preset = "";
  c.network.spec = {
      .hidden = {{LayerType::kConv2d, 16, 8, 4, Padding::kValid, Activation::kTanh},
                 {.type = LayerType::kDense, .units = 32, .activation = Activation::kLinear}},
      .initialisation = Initialisation::kNormalisedColumns,
      .output_scale = 1};
  c.algorithm.ga = {
      .population_size = 50,
      .num_parents = 5,
      .sigma = {ScheduleType::kExponential, 0.01f, 0.001f, 40},
      .elite_rule = EliteRule::kStale,
      .episodes = 2,
      .num_candidates = 3,
      .max_episode_steps = 100,
      .rounds = {.validation_episodes = 4, .test_episodes = 0, .test_max_episode_steps = 200}};
  c.budget = {.generations = 9, .steps = 10, .frames = 11, .target = -12.5};
  return c;
}

constexpr std::string_view kEverythingOfEs = R"(
name = "es-1"
seed = 5
[task]
type = "mujoco"
body = "ant"
reward = "isotropic"
trap = true
terminate_when_unhealthy = false
normalise_observations = true
observation_clip = 7.5
train_with_bonus = false
action_noise = 0.25
[network]
preset = "mlp"
[algorithm]
type = "nsra_es"
population_size = 40
sigma = 0.03
antithetic = false
fitness_shaping = "z_score"
optimizer = "clipup"
learning_rate = 0.02
momentum = 0.8
max_speed = 0.3
l2_coefficient = 0.001
episodes = 2
max_episode_steps = 900
step_cap = "adaptive"
first_step_cap = 50
cap_share = 0.25
cap_growth = 1.5
validation_episodes = 6
test_episodes = 3
test_max_episode_steps = 800
observation_share = 0.5
min_observation_std = 0.01
meta_population = 4
centre_choice = "round_robin"
nearest = 7
distance = "euclidean"
reward_weight = 0.75
weight_step = 0.125
patience = 9
[budget]
generations = 9
)";

ExperimentConfig EverythingOfEs() {
  ExperimentConfig c;
  c.name = "es-1";
  c.seed = 5;
  c.task.type = TaskType::kMujoco;
  c.task.body = "ant";
  c.task.mujoco = {
      .reward = MujocoReward::kIsotropic, .trap = true, .terminate_when_unhealthy = false};
  c.task.control = {.normalise_observations = true,
                    .observation_clip = 7.5f,
                    .train_with_bonus = false,
                    .action_noise = 0.25f};
  c.network = {.preset = "mlp", .spec = NetworkPreset("mlp")};
  c.algorithm.type = AlgorithmType::kNsraEs;
  c.algorithm.es = {
      .strategy =
          {.cloud = {.population_size = 40, .sigma = 0.03f, .antithetic = false, .episodes = 2},
           .step_cap = {.type = StepCapType::kAdaptive,
                        .max_episode_steps = 900,
                        .first = 50,
                        .share = 0.25,
                        .growth = 1.5},
           .observations = {.share = 0.5, .min_std = 0.01},
           .rounds = {.validation_episodes = 6, .test_episodes = 3, .test_max_episode_steps = 800}},
      .ascent = {.shaping = FitnessShaping::kZScore,
                 .optimizer = {.type = OptimizerType::kClipUp,
                               .learning_rate = 0.02,
                               .momentum = 0.8,
                               .max_speed = 0.3},
                 .l2_coefficient = 0.001f},
      .meta_population = {.size = 4, .choice = CentreChoice::kRoundRobin},
      .novelty = {.nearest = 7, .distance = BehaviourDistance::kEuclidean},
      .weight = {.reward_weight = 0.75, .weight_step = 0.125, .patience = 9}};
  c.budget.generations = 9;
  return c;
}

TEST(Config, EveryFieldIsRead) {
  EXPECT_EQ(Parse(std::string(kEverything)), Everything());
  EXPECT_EQ(Parse(std::string(kEverythingOfEs)), EverythingOfEs());
}

// Those that stand for others among all of the above.
TEST(Config, TheRestOfTheFieldsIsRead) {
  const ExperimentConfig config =
      Parse("[network]\nvirtual_batch_norm = true\n[algorithm]\ntype = \"es\"\ntop_directions = 8" +
            std::string(kBudget));
  EXPECT_TRUE(config.network.spec.virtual_batch_norm);
  EXPECT_EQ(config.algorithm.es.top_directions, 8);
  const ExperimentConfig pgpe =
      Parse("[algorithm]\ntype = \"pgpe\"\nsigma_learning_rate = 0.25\nsigma_max_change = 0.5" +
            std::string(kBudget));
  EXPECT_EQ(pgpe.algorithm.es.spreads.learning_rate, 0.25);
  EXPECT_EQ(pgpe.algorithm.es.spreads.max_change, 0.5);
  const ExperimentConfig growing = Parse(
      "[algorithm]\ntype = \"pgpe\"\npopulation_size = 20\ngeneration_steps = 1500\n"
      "max_population_size = 320" +
      std::string(kBudget));
  EXPECT_EQ(growing.algorithm.es.growth,
            (GrowthOptions{.generation_steps = 1500, .max_population_size = 320}));
}

TEST(Config, FieldsOfSnesAreRead) {
  const AlgorithmConfig snes =
      Parse(
          "[algorithm]\ntype = \"snes\"\npopulation_size = 8\nsigma = 0.5\n"
          "antithetic = true\nlearning_rate = 0.75\nsigma_learning_rate = 0.25\nepisodes = 3" +
          std::string(kBudget))
          .algorithm;
  EXPECT_EQ(
      snes.snes,
      (SnesOptions{.strategy = {.cloud = {.population_size = 8, .sigma = 0.5f, .episodes = 3}},
                   .learning_rate = 0.75,
                   .sigma_learning_rate = 0.25}));
  EXPECT_TRUE(snes.is_es());
  EXPECT_TRUE(snes.has_spreads());
}

TEST(Config, WrittenAndReadAgainIsTheSame) {
  const std::vector<ExperimentConfig> configs = {
      Everything(),
      EverythingOfEs(),
      Parse(std::string(kBudget)),
      Parse("[algorithm]\ntype = \"random_search\"" + std::string(kBudget)),
      Parse("[algorithm]\ntype = \"es\"\ntop_directions = 8" + std::string(kBudget)),
      Parse("[algorithm]\ntype = \"pgpe\"\nsigma_max_change = 0.5" + std::string(kBudget)),
      Parse("[algorithm]\ntype = \"pgpe\"\ngeneration_steps = 9\nmax_population_size = 5000" +
            std::string(kBudget)),
      Parse("[algorithm]\ntype = \"snes\"" + std::string(kBudget)),
      Parse("[algorithm]\ntype = \"snes\"\nsigma_learning_rate = 0.5" + std::string(kBudget)),
      Parse("[algorithm]\ntype = \"ns_es\"\ndistance = \"ram_steps\"" + std::string(kBudget)),
      Parse("[algorithm]\ntype = \"nsr_es\"\n[network]\nvirtual_batch_norm = true" +
            std::string(kBudget)),
      Parse("[task]\ntype = \"mujoco\"" + std::string(kBudget)),
      Parse("[network]\nlayers = []" + std::string(kBudget)),
      Parse("[network]\npreset = \"mlp\"\noutput_scale = 0.5" + std::string(kBudget))};
  for (const ExperimentConfig& config : configs) {
    const std::string toml = ConfigToToml(config);
    EXPECT_EQ(Parse(toml), config) << toml;
    EXPECT_EQ(ConfigToToml(Parse(toml)), toml);
  }
}

TEST(Config, WritesFloatsShortAndIntegersWithoutSeparators) {
  const std::string toml = ConfigToToml(Parse("[budget]\nframes = 1_000_000_000\ntarget = 5\n"));
  EXPECT_NE(toml.find("\nsigma = 0.002\n"), std::string::npos) << toml;
  EXPECT_NE(toml.find("\nframes = 1000000000\n"), std::string::npos) << toml;
  EXPECT_NE(toml.find("\ntarget = 5.0\n"), std::string::npos) << toml;
}

TEST(Config, FloatsKeepTheirBits) {
  float sigma = 1e-6f;
  for (int i = 0; i < 2000; ++i) {
    sigma = std::bit_cast<float>(std::bit_cast<uint32_t>(sigma) + 98'765u);
    if (sigma > 10) break;
    ExperimentConfig config = Parse(std::string(kBudget));
    config.algorithm.ga.sigma.start = sigma;
    ASSERT_EQ(Parse(ConfigToToml(config)).algorithm.ga.sigma.start, sigma) << i;
  }
}

TEST(Config, TextsAreQuotedSoThatTomlReadsThemBack) {
  EXPECT_EQ(ToToml(std::string_view("a\"b\\c\n\x7f")), "\"a\\\"b\\\\c\\u000a\\u007f\"");
}

TEST(Config, APresetKeepsItsOwnInitialisationUnlessTold) {
  const std::string head = "[network]\npreset = \"uber_small\"\n";
  EXPECT_EQ(Parse(head + std::string(kBudget)).network.spec, NetworkPreset("uber_small"));
  const auto told = Parse(head + "initialisation = \"normalised_columns\"" + std::string(kBudget));
  EXPECT_EQ(told.network.spec.hidden, NetworkPreset("uber_small").hidden);
  EXPECT_EQ(told.network.spec.initialisation, Initialisation::kNormalisedColumns);
}

TEST(Config, FloatsAcceptIntegers) {
  EXPECT_EQ(Parse("[algorithm]\nsigma = 1" + std::string(kBudget)).algorithm.ga.sigma.start, 1.0f);
}

TEST(Overrides, ReplaceValuesAndAddSections) {
  const auto config = Parse("[algorithm]\nsigma = 0.002\n",
                            {"algorithm.sigma=0.005", "task.game=venture", "budget.frames=1_000",
                             "seed=3", "task.fire_start=false", "name=\"b-2\""});
  EXPECT_EQ(config.algorithm.ga.sigma.start, 0.005f);
  EXPECT_EQ(config.task.game, "venture");
  EXPECT_EQ(config.budget.frames, 1000u);
  EXPECT_EQ(config.seed, 3u);
  EXPECT_FALSE(config.task.atari.fire_start);
  EXPECT_EQ(config.name, "b-2");
}

TEST(Overrides, TheLastOfAKeyHolds) {
  EXPECT_EQ(Parse(std::string(kBudget), {"seed=3", "seed=4"}).seed, 4u);
}

TEST(Overrides, CanMendAFile) {
  const std::string toml = "[algorithm]\nnum_parents = 2000" + std::string(kBudget);
  EXPECT_NE(MistakesOf(toml), "none");
  EXPECT_EQ(MistakesOf(toml, {"algorithm.num_parents=10"}), "none");
}

TEST(LoadConfig, NamesTheFileInMistakes) {
  const TempFolder folder;
  const auto path = folder.path() / "bad.toml";
  std::ofstream(path) << "seed = 1\nsede = 2\n[budget]\nsteps = 1\n";
  EXPECT_EQ(LoadMistake(path), path.string() + ":2: unknown key 'sede': did you mean 'seed'?");
}

TEST(LoadConfig, RefusesWhatIsNoFile) {
  const TempFolder folder;
  const auto missing = folder.path() / "missing.toml";
  EXPECT_EQ(LoadMistake(missing), missing.string() + ": no such file: check the path");
  EXPECT_EQ(LoadMistake(DNE_SOURCE_DIR),
            std::string(DNE_SOURCE_DIR) + ": is a folder: name a .toml file in it");
  const auto empty = folder.path() / "empty.toml";
  std::ofstream(empty).close();
  EXPECT_EQ(LoadMistake(empty), empty.string() +
                                    ": cannot be read, or is empty: check its content and "
                                    "permissions");
}

std::vector<std::filesystem::path> ConfigFiles() {
  std::vector<std::filesystem::path> paths;
  const auto root = std::filesystem::path(DNE_SOURCE_DIR) / "configs";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  }
  return paths;
}

TEST(ConfigFiles, AllLoadUnderTheirOwnNames) {
  const auto paths = ConfigFiles();
  EXPECT_GE(paths.size(), 94u);
  for (const auto& path : paths) {
    SCOPED_TRACE(path.string());
    const ExperimentConfig config = LoadConfig(path);
    EXPECT_EQ(config.name, path.stem().string());
    EXPECT_EQ(Parse(ConfigToToml(config)), config);
    const std::string below = std::filesystem::relative(path, DNE_SOURCE_DIR).string();
    EXPECT_NE(ReadAll(path).find("dne run " + below + "\n"), std::string::npos);
    const bool is_atari = path.parent_path().filename() == "atari";
    EXPECT_EQ(config.task.type, is_atari ? TaskType::kAtari : TaskType::kMujoco);
    EXPECT_TRUE(!is_atari || config.name.starts_with(config.task.game + "-"));
  }
}

TEST(ConfigReference, IsTheCommittedOne) {
  EXPECT_EQ(ConfigReference(),
            ReadAll(std::filesystem::path(DNE_SOURCE_DIR) / "docs" / "configuration.md"))
      << "regenerate it: dne list --configuration-reference > docs/configuration.md";
}

}  // namespace
}  // namespace dne
