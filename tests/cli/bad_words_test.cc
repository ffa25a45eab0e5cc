// SPDX-License-Identifier: MIT
// Wrong words on the command line and in experiment files: each answer names the mistake, and
// nothing is made.
#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class BadWords : public CliTest {};
class BadConfig : public CliTest {};

struct Case {
  const char* words;
  int exit_code;
  const char* message;
};

const Case kWithoutRun[] = {
    // Commands.
    {"rnu tiny.toml", 2, "unknown command 'rnu': did you mean 'run'?"},
    {"xyzzy", 2, "unknown command 'xyzzy'"},
    {"--versoin", 2, "unknown option '--versoin'"},
    {"bench", 2, "name a command: atari, cluster, es"},
    {"bench mujoco", 2, "unknown command 'mujoco'"},
    // Missing and superfluous words.
    {"run", 2, "config is required"},
    {"resume", 2, "dir is required"},
    {"show", 2, "dir is required"},
    {"evaluate", 2, "policy is required"},
    {"replay", 2, "policy is required"},
    {"genome", 2, "policy is required"},
    {"run tiny.toml tiny.toml", 2, "tiny.toml"},
    {"list games", 2, "games"},
    {"run tiny.toml --set", 2, "--set"},
    {"run tiny.toml --out", 2, "--out"},
    // Options.
    {"run tiny.toml --thread 2", 2, "unknown option '--thread': did you mean '--threads'?"},
    {"run tiny.toml --threads 0", 2, "--threads: Value 0 not in range 1 to 1024"},
    {"run tiny.toml --threads -1", 2, "--threads: Value -1 not in range 1 to 1024"},
    {"run tiny.toml --threads 99999", 2, "--threads: Value 99999 not in range 1 to 1024"},
    {"run tiny.toml --threads two", 2, "--threads"},
    {"run tiny.toml --isa sse", 2, "unknown code path 'sse': use scalar, avx2, avx512 or neon"},
    {"signature --isa sse", 2, "unknown code path 'sse'"},
    {"run tiny.toml --device tpu", 2, "--device: tpu not in {cpu,cuda}"},
    {"signature --device cuda", 2, "--device"},
    // Without CUDA, without a card, or with an environment on the processor.
    {"run tiny.toml --device cuda", 1, "--device cuda: "},
    {"bench gpu --threads 1", 1, "--device cuda: "},
    {"bench gpu --population 1", 2, "--population: Value 1 not in range 2 to 1000000"},
    {"run tiny.toml --log xml", 2, "--log: xml not in {text,json}"},
    {"run tiny.toml --seed -1", 2, "--seed"},
    {"run tiny.toml --seed 9223372036854775808", 2, "--seed"},
    {"run tiny.toml --seed many", 2, "--seed"},
    {"list --configs nowhere", 2, "nowhere"},
    {"show run --json --config", 2, "excludes"},
    {"show run --json --html page.html", 2, "excludes"},
    {"genome run --json --text", 2, "excludes"},
    {"evaluate run --generation 0 --individual 0.1", 2, "excludes"},
    {"evaluate run --episodes 0", 2, "--episodes: Value 0 not in range 1 to 100000"},
    {"evaluate run --max-episode-steps 0", 2, "--max-episode-steps"},
    {"evaluate run --generation -1", 2, "--generation"},
    // Things that are not there.
    {"run nowhere.toml", 1, "nowhere.toml: no such file"},
    {"run .", 1, ".: is a folder"},
    {"resume nowhere", 1, "no run in nowhere"},
    {"resume tiny.toml", 1, "tiny.toml"},
    {"show nowhere", 1, "no run in nowhere"},
    {"evaluate nowhere", 1, "nowhere: no such file or directory"},
    {"evaluate tiny.toml", 1, "tiny.toml: neither a run directory nor a policy file"},
    {"evaluate dne1:seed=7:founder=0.5", 1, "--config FILE"},
    {"evaluate dne1:seed=7:founder=x --config tiny.toml", 1, "genome text: part 3"},
    {"evaluate dne9:seed=7:founder=0.1 --config tiny.toml", 1, "dne9"},
    {"replay nowhere --video film.avi", 1, "film.avi: videos are .mp4, .gif or .webp files"},
    {"replay nowhere --video nowhere/film.mp4", 1, "cannot write nowhere/film.mp4"},
    // Where a run cannot go.
    {"run tiny.toml --out tiny.toml", 1, "cannot make the run's folder tiny.toml"},
    {"run tiny.toml --out tiny.toml/run", 1, "cannot make the run's folder tiny.toml/run"},
    {"run tiny.toml --out /proc/run", 1, "cannot make the run's folder /proc/run"},
    // Values.
    {"run tiny.toml --set sigma", 1, "--set sigma: has no '='"},
    {"run tiny.toml --set algorithm.sgima=1", 1, "did you mean 'sigma'?"},
    {"run tiny.toml --set algorihtm.sigma=1", 1, "did you mean 'algorithm'?"},
    {"run tiny.toml --set sigma=0.1", 1, "it belongs in [algorithm]"},
    {"run tiny.toml --set algorithm.sigma=big", 1, "sigma must be a number"},
    {"run tiny.toml --set algorithm.sigma=[", 1, "the value is no TOML"},
    {"run tiny.toml --set =1", 1, "is no key"},
    {"run tiny.toml --set task.game=frostbit", 1, "did you mean 'frostbite'?"},
    {"run tiny.toml --set name=../up", 1, "name must be"},
    {"run tiny.toml --set algorithm.num_parents=7", 1, "population_size is 6"},
    {"run tiny.toml --set algorithm.population_size=0", 1, "population_size must be"},
};

TEST_F(BadWords, AreAnsweredWithTheMistakeAndMakeNothing) {
  for (const Case& bad : kWithoutRun) {
    SCOPED_TRACE(std::string("dne ") + bad.words);
    ExpectError(Dne(bad.words), bad.exit_code, bad.message);
  }
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::recursive_directory_iterator(folder())) ++files;
  EXPECT_EQ(files, 1u) << "only tiny.toml";
}

TEST_F(BadWords, OnACommandComeWithItsExampleAndItsHelp) {
  EXPECT_THAT(Dne("run").err, AllOf(HasSubstr("\nExample: dne run configs/"),
                                    HasSubstr("\nHelp: dne run --help\n")));
  EXPECT_THAT(Dne("bench atari --bogus").err, HasSubstr("\nHelp: dne bench atari --help\n"));
}

const Case kWithRun[] = {
    {"run tiny.toml --out run", 1, "run already holds a run: resume it, or name another folder"},
    {"resume run --set algorithm.sigma=0.1", 1, "only budget.* and task.data can be set on resume"},
    {"resume run --set seed=3", 1, "only budget.* and task.data can be set on resume"},
    {"resume run --set budget.generatoins=3", 1, "did you mean 'generations'?"},
    {"resume run --set budget.generations=0", 1, "generations must be"},
    {"resume run --seed 3", 2, "unknown option '--seed'"},
    {"resume run --threads 0", 2, "--threads"},
    {"resume run --isa sse", 2, "unknown code path 'sse'"},
    {"evaluate run --generation 3", 1, "run: "},
    {"evaluate run --individual 2.6", 1, "run: "},
    {"evaluate run --individual 9.0", 1, "run: "},
    {"evaluate run --individual 2", 1, "names no individual"},
    {"evaluate run --config tiny.toml", 1, "leave the configuration out"},
    {"genome run --out nowhere/a.dne-genome", 1, "cannot write nowhere/a.dne-genome: No such"},
    {"genome run --weights nowhere/a.safetensors", 1, "cannot write nowhere/a.safetensors"},
    {"genome run --onnx nowhere/a.onnx", 1, "cannot write nowhere/a.onnx: No such"},
    {"genome run --out /proc/a.dne-genome", 1, "cannot write /proc/a.dne-genome"},
    {"replay run --video film.mkv", 1, "videos are .mp4, .gif or .webp files"},
    {"replay run --video film", 1, "videos are .mp4, .gif or .webp files"},
    {"replay run --video /proc/film.mp4", 1, "cannot write /proc/film.mp4"},
    {"replay run --noops 5000", 1, "5000"},
    {"replay run --generation 7", 1, "run: "},
};

TEST_F(BadWords, AboutARunLeaveItIntact) {
  MakeRun();
  const auto digests = Digests("run");
  const std::string story = Ok("show run --json");
  for (const Case& bad : kWithRun) {
    SCOPED_TRACE(std::string("dne ") + bad.words);
    ExpectError(Dne(bad.words), bad.exit_code, bad.message);
  }
  EXPECT_EQ(Ok("show run --json"), story);
  Ok("resume run --set budget.generations=4");
  EXPECT_EQ(Digests("run"), ExpectedDigests(4));
}

// The text after `from` goes; nothing else changes.
std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST_F(BadConfig, AllMistakesAreToldAtOnceWithTheirLines) {
  std::string text = Replaced(TinyExperiment(), "sigma = 0.02", "sgima = 0.02");
  text = Replaced(text, "\"frostbite\"", "\"frostbit\"");
  text = Replaced(text, "test_episodes = 2", "test_episodes = -2");
  WriteFile(folder() / "bad.toml", text);
  const Outcome outcome = Dne("run bad.toml");
  ExpectError(outcome, 1, "bad.toml:5: ");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("did you mean 'frostbite'?"), HasSubstr("bad.toml:21: "),
                                 HasSubstr("did you mean 'sigma'?"), HasSubstr("bad.toml:24: "),
                                 HasSubstr("test_episodes must be")));
}

TEST_F(BadConfig, EachKindOfMistakeIsNamed) {
  const struct {
    const char* from;
    const char* to;
    const char* message;
  } cases[] = {
      {"generations = 3", "", "bad.toml"},
      {"[budget]\ngenerations = 3", "", "no budget, the run would never stop"},
      {"seed = 7", "seed = 7\nseed = 8", "not TOML"},
      {"seed = 7", "seed = \"7\"", "seed must be a whole number"},
      {"seed = 7", "seed = 7.5", "seed must be a whole number"},
      {"seed = 7", "seed = -7", "seed must be"},
      {"seed = 7", "seed 7", "bad.toml:2: not TOML"},
      {"[budget]", "[bugdet]", "did you mean 'budget'?"},
      {"kernel = 8", "", "kernel is missing in [[network.layers]]"},
      {"kernel = 8", "kernel = 100", "kernel"},
      {"type = \"dense\"", "type = \"dence\"", "unknown type 'dence': did you mean 'dense'?"},
      {"[algorithm]", "[network]\npreset = \"mlp\"\n[algorithm]",
       "preset has no use here, the layers are given one by one"},
      {"[algorithm]", "[algorithm]\ntype = \"random_search\"", "has no use here"},
      {"sigma = 0.02", "sigma = nan", "sigma must be"},
      {"num_candidates = 2", "num_candidates = 60", "population_size is 6"},
  };
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.to);
    WriteFile(folder() / "bad.toml", Replaced(TinyExperiment(), bad.from, bad.to));
    ExpectError(Dne("run bad.toml --out out"), 1, bad.message);
  }
  EXPECT_FALSE(fs::exists(folder() / "out"));
}

}  // namespace
}  // namespace dne::cli
