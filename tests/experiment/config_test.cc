// SPDX-License-Identifier: MIT
#include "dne/experiment/config.h"

#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "dne/algorithms/clipup.h"
#include "dne/algorithms/es.h"
#include "dne/algorithms/ga.h"
#include "dne/algorithms/ga_ns.h"
#include "dne/algorithms/ns_es.h"
#include "dne/algorithms/pgpe.h"
#include "dne/algorithms/snes.h"
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

// Chosen as the file names it, with these options.
template <class Kind, class T>
Chosen<Kind> With(const Kind& kind, T options) {
  Chosen<Kind> chosen(kind);
  chosen.options = std::move(options);
  return chosen;
}

template <class T>
const T& AlgorithmOf(const ExperimentConfig& config) {
  return config.algorithm.options.As<T>();
}

// What a file with these lines would say of the task.
Chosen<TaskKind> Task(const std::string& lines) {
  return Parse("[task]\n" + lines + std::string(kBudget)).task;
}

TEST(Config, DefaultsAreThePapersSetting) {
  const ExperimentConfig config = Parse("[budget]\nframes = 1_000_000_000\n");
  EXPECT_EQ(AlgorithmOf<GaOptions>(config).trials.population_size, 1000);
  EXPECT_EQ(AlgorithmOf<GaOptions>(config).num_parents, 20);
  EXPECT_EQ(AlgorithmOf<GaOptions>(config).sigma, 0.002f);
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
environment = "venture"
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
output_activation = "sigmoid"
skip_every = 3
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
repeat = 7
[[network.layers]]
type = "average_pool"
[[network.layers]]
type = "lstm"
units = 5
repeat = 2
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
  c.task = Task(
      "environment = \"venture\"\nframe_skip = 3\nframe_stack = 2\nmax_noops = 7\n"
      "fire_start = false\nstack_at_reset = \"zeros\"\nsticky_probability = 0.25\n"
      "actions = \"full\"");
  c.network.preset = "";
  c.network.spec = {.hidden = {{LayerType::kConv2d, 16, 8, 4, Padding::kValid, Activation::kTanh},
                               {.units = 32, .activation = Activation::kLinear, .repeat = 7},
                               {.type = LayerType::kAveragePool},
                               {.type = LayerType::kLstm, .units = 5, .repeat = 2}},
                    .output_activation = Activation::kSigmoid,
                    .skip_every = 3,
                    .initialisation = Initialisation::kNormalisedColumns,
                    .output_scale = 1};
  c.algorithm = With(kGa, GaOptions{.trials = {.population_size = 50,
                                               .elite_rule = EliteRule::kStale,
                                               .episodes = 2,
                                               .num_candidates = 3,
                                               .max_episode_steps = 100,
                                               .rounds = {.validation_episodes = 4,
                                                          .test_episodes = 0,
                                                          .test_max_episode_steps = 200}},
                                    .num_parents = 5,
                                    .sigma = 0.01f,
                                    .sigma_schedule = {ScheduleType::kExponential, 0.001f, 40}});
  c.budget = {.generations = 9, .steps = 10, .frames = 11, .target = -12.5};
  return c;
}

constexpr std::string_view kEverythingOfEs = R"(
name = "es-1"
seed = 5
[task]
type = "mujoco"
environment = "ant"
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
reward_weight = 0.75
weight_step = 0.125
patience = 9
[novelty]
nearest = 7
distance = "euclidean"
[budget]
generations = 9
)";

ExperimentConfig EverythingOfEs() {
  ExperimentConfig c;
  c.name = "es-1";
  c.seed = 5;
  c.task = Parse(std::string(kEverythingOfEs)).task;
  c.network = NetworkOptions::Preset("mlp");
  c.algorithm = With(
      kNsraEs,
      NsraEsOptions{.ns_es = {.strategy = {.cloud = {.population_size = 40,
                                                     .sigma = 0.03f,
                                                     .antithetic = false,
                                                     .episodes = 2},
                                           .step_cap = {.type = StepCapType::kAdaptive,
                                                        .max_episode_steps = 900,
                                                        .first = 50,
                                                        .share = 0.25,
                                                        .growth = 1.5},
                                           .observations = {.share = 0.5, .min_std = 0.01},
                                           .rounds = {.validation_episodes = 6,
                                                      .test_episodes = 3,
                                                      .test_max_episode_steps = 800}},
                              .ascent = {.shaping = FitnessShaping::kZScore,
                                         .optimizer = {kClipUp, ClipUpOptions{.learning_rate = 0.02,
                                                                              .momentum = 0.8,
                                                                              .max_speed = 0.3}},
                                         .l2_coefficient = 0.001f},
                              .meta_population = {.size = 4, .choice = CentreChoice::kRoundRobin},
                              .novelty = {.nearest = 7, .distance = BehaviourDistance::kEuclidean}},
                    .weight = {.reward_weight = 0.75, .weight_step = 0.125, .patience = 9}});
  c.budget.generations = 9;
  return c;
}

// Reads each line of a section that it is given with, and says so when it is written.
TEST(Config, EveryTaskFieldIsRead) {
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"atari", "environment = \"venture\""},
      {"atari", "frame_skip = 3"},
      {"atari", "frame_stack = 2"},
      {"atari", "max_noops = 7"},
      {"atari", "fire_start = false"},
      {"atari", "stack_at_reset = \"zeros\""},
      {"atari", "sticky_probability = 0.25"},
      {"atari", "actions = \"full\""},
      {"mujoco", "environment = \"ant\""},
      {"mujoco", "reward = \"isotropic\""},
      {"mujoco", "trap = true"},
      {"mujoco", "terminate_when_unhealthy = false"},
      {"mujoco", "normalise_observations = true"},
      {"mujoco", "train_with_bonus = false"},
      {"mujoco", "action_noise = 0.25"},
      {"classic", "environment = \"Pendulum-v1\""},
      {"maze", "environment = \"medium_maze\""},
      {"maze", "reward = \"breadcrumb\""},
      {"maze", "action_repeat = 3"},
      {"maze", "action_offset = 0.25"},
      {"maze", "goal_radius = 10.5"},
      {"maze", "solved_at = \"any_step\""}};
  for (const auto& [type, line] : lines) {
    const std::string toml =
        "[task]\ntype = \"" + type + "\"\n" + line + "\n[algorithm]\ntype = \"es\"\n";
    const ExperimentConfig config = Parse(toml + std::string(kBudget));
    EXPECT_NE(ConfigToToml(config).find("\n" + line + "\n"), std::string::npos) << line;
  }
}

TEST(Config, NoveltyHasTheDefaultsOfItsAlgorithm) {
  const auto options = [](const std::string& lines) {
    return Parse("[algorithm]\ntype = \"ga_ns\"\n" + lines + std::string(kBudget))
        .algorithm.options.As<GaNsOptions>();
  };
  EXPECT_EQ(options(""), GaNsOptions());
  EXPECT_EQ(options("").novelty.nearest, 25);
  EXPECT_EQ(options("").ga.trials.population_size, 20001);
  const GaNsOptions given = options(
      "archive_probability = 0.5\nreward_weight = 0.25\nnum_parents = 4\n[novelty]\nnearest = 3\n"
      "distance = \"ram_frobenius\"");
  EXPECT_EQ(given.archive_probability, 0.5);
  EXPECT_EQ(given.reward_weight, 0.25);
  EXPECT_EQ(given.ga.num_parents, 4);
  EXPECT_EQ(given.novelty,
            (NoveltyOptions{.nearest = 3, .distance = BehaviourDistance::kFrobenius}));
}

// Where older versions had them.
TEST(Config, NoveltyIsReadFromTheAlgorithmToo) {
  const std::string seeker = "[algorithm]\ntype = \"nsra_es\"\n";
  const ExperimentConfig config = Parse(seeker + "[novelty]\nnearest = 7" + std::string(kBudget));
  EXPECT_EQ(config.algorithm.options.As<NsraEsOptions>().ns_es.novelty.nearest, 7);
  const std::string old = seeker + "nearest = 7" + std::string(kBudget);
  EXPECT_EQ(Parse(old), config);
  EXPECT_EQ(ParseStoredConfig(old, "run"), config);
  const std::vector<std::string> override = {"algorithm.nearest=7"};
  EXPECT_EQ(ParseConfig(seeker + "nearest = 3" + std::string(kBudget), "x", override), config);
}

constexpr const char* kCustomMaze = "0\n50\n1\n40 40\n0\n90 40\n90 40\n20 20 90 20\n";

// A stored run holds its maze, whatever becomes of the file.
TEST(Config, AMazeFileBecomesItsText) {
  const TempFolder folder;
  const auto path = folder.path() / "maze.txt";
  std::ofstream(path) << kCustomMaze;
  const std::string task = "[task]\ntype = \"maze\"\nenvironment = \"custom_maze\"\nmaze = ";
  const ExperimentConfig from_file =
      Parse(task + "\"" + path.string() + "\"" + std::string(kBudget));
  const ExperimentConfig from_text =
      Parse(task + "'''" + kCustomMaze + "'''" + std::string(kBudget));
  EXPECT_EQ(from_file.task.kind->floor_plan(from_file.task.options).segments.size(), 1u);
  EXPECT_EQ(ConfigToToml(from_file).find(path.string()), std::string::npos);
  EXPECT_EQ(Parse(ConfigToToml(from_file)), from_file);
  EXPECT_EQ(Parse(ConfigToToml(from_text)), from_text);

  std::ofstream(path) << "0\n50\nx\n";
  EXPECT_EQ(MistakesOf(task + "\"" + path.string() + "\"" + std::string(kBudget)),
            "x.toml:4: " + path.string() +
                ":3: 'x' is not a number, but the number of walls comes here: give 1 to 1000");
}

// As older versions wrote them: keys without use, and what is a contradiction only now.
TEST(Config, StoredOnesAreReadWhateverIsRefusedNow) {
  const std::string stored =
      "[task]\ntype = \"mujoco\"\nbody = \"ant\"\naction_noise = 0.5\nobservation_clip = 5.0\n"
      "[algorithm]\ntype = \"ga\"\nnum_candidates = 1\n";
  EXPECT_NE(MistakesOf(stored + std::string(kBudget)), "none");
  const ExperimentConfig config = ParseStoredConfig(stored + std::string(kBudget), "stored");
  EXPECT_EQ(config.environment(), "ant");
  EXPECT_EQ(AlgorithmOf<GaOptions>(config).trials.num_candidates, 1);
  EXPECT_THROW(ParseStoredConfig(stored, "stored"), Error) << "no budget";
}

TEST(Config, OldNamesOfEnvironmentsAreRead) {
  EXPECT_EQ(Task("game = \"venture\""), Task("environment = \"venture\""));
  EXPECT_EQ(Task("type = \"mujoco\"\nbody = \"ant\""),
            Task("type = \"mujoco\"\nenvironment = \"ant\""));
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
  EXPECT_EQ(AlgorithmOf<EsOptions>(config).top_directions, 8);
  const ExperimentConfig pgpe =
      Parse("[algorithm]\ntype = \"pgpe\"\nsigma_learning_rate = 0.25\nsigma_max_change = 0.5" +
            std::string(kBudget));
  EXPECT_EQ(AlgorithmOf<PgpeOptions>(pgpe).spreads.learning_rate, 0.25);
  EXPECT_EQ(AlgorithmOf<PgpeOptions>(pgpe).spreads.max_change, 0.5);
  const ExperimentConfig growing = Parse(
      "[algorithm]\ntype = \"pgpe\"\npopulation_size = 20\ngeneration_steps = 1500\n"
      "max_population_size = 320" +
      std::string(kBudget));
  EXPECT_EQ(AlgorithmOf<PgpeOptions>(growing).growth,
            (GrowthOptions{.generation_steps = 1500, .max_population_size = 320}));
}

TEST(Config, FieldsOfSnesAreRead) {
  const ExperimentConfig config = Parse(
      "[algorithm]\ntype = \"snes\"\npopulation_size = 8\nsigma = 0.5\nantithetic = true\n"
      "learning_rate = 0.75\nsigma_learning_rate = 0.25\nepisodes = 3" +
      std::string(kBudget));
  EXPECT_EQ(
      AlgorithmOf<SnesOptions>(config),
      (SnesOptions{.strategy = {.cloud = {.population_size = 8, .sigma = 0.5f, .episodes = 3}},
                   .learning_rate = 0.75,
                   .sigma_learning_rate = 0.25}));
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
      Parse("[algorithm]\ntype = \"ns_es\"\n[novelty]\ndistance = \"ram_steps\"" +
            std::string(kBudget)),
      Parse("[algorithm]\ntype = \"ga_ns\"\narchive_probability = 0.5\nreward_weight = 0.25" +
            std::string(kBudget)),
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
    config.algorithm.options.As<GaOptions>().sigma = sigma;
    ASSERT_EQ(AlgorithmOf<GaOptions>(Parse(ConfigToToml(config))).sigma, sigma) << i;
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
  const ExperimentConfig config = Parse("[algorithm]\nsigma = 1" + std::string(kBudget));
  EXPECT_EQ(AlgorithmOf<GaOptions>(config).sigma, 1.0f);
}

TEST(Overrides, ReplaceValuesAndAddSections) {
  const auto config =
      Parse("[algorithm]\nsigma = 0.002\n",
            {"algorithm.sigma=0.005", "task.environment=venture", "budget.frames=1_000", "seed=3",
             "task.fire_start=false", "name=\"b-2\""});
  EXPECT_EQ(AlgorithmOf<GaOptions>(config).sigma, 0.005f);
  EXPECT_EQ(config.task, Task("environment = \"venture\"\nfire_start = false"));
  EXPECT_EQ(config.budget.frames, 1000u);
  EXPECT_EQ(config.seed, 3u);
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
    const bool is_study = entry.path().parent_path().filename() == "studies";
    if (entry.path().extension() == ".toml" && !is_study) paths.push_back(entry.path());
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
    EXPECT_EQ(config.task.kind->name, path.parent_path().filename().string());
    EXPECT_TRUE(config.task.kind->name != "atari" ||
                config.name.starts_with(config.environment() + "-"));
  }
}

TEST(ConfigReference, IsTheCommittedOne) {
  EXPECT_EQ(ConfigReference(),
            ReadAll(std::filesystem::path(DNE_SOURCE_DIR) / "docs" / "configuration.md"))
      << "regenerate it: dne list --configuration-reference > docs/configuration.md";
}

}  // namespace
}  // namespace dne
