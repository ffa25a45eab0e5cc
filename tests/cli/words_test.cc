// SPDX-License-Identifier: MIT
// Help, lists, and that every documented command and option is one that dne has.
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class Help : public CliTest {};
class List : public CliTest {};
class Version : public CliTest {};
class Page : public CliTest {};

const std::filesystem::path kSource = DNE_SOURCE_DIR;

std::string HelpOf(const std::string& command) {
  Words words = SplitWords(command);
  words.push_back("--help");
  return RunProgram(words, {}).out;
}

// The commands that do something themselves.
std::vector<std::string> InnermostCommands() {
  std::vector<std::string> names;
  for (const std::string& name : CommandNames()) names.push_back(name);
  std::ranges::replace(names, std::string("bench"), std::string("bench atari"));
  names.insert(names.end(),
               {"bench cluster", "bench es", "bench maze", "bench members", "bench gpu",
                "bench gymnasium", "bench mutation", "bench network", "bench novelty"});
  std::ranges::replace(names, std::string("study"), std::string("study landscapes"));
  names.emplace_back("study es-vs-sgd");
  return names;
}

// What the words after "dne" name: "run", "bench atari". Empty: no command.
std::string CommandOf(const Words& words) {
  for (const std::string& command : InnermostCommands()) {
    const Words parts = SplitWords(command);
    if (words.size() >= parts.size() && std::equal(parts.begin(), parts.end(), words.begin())) {
      return command;
    }
  }
  return "";
}

TEST_F(Help, OfEveryCommandHasAnExampleOfThatCommand) {
  EXPECT_THAT(Ok("--help"), AllOf(HasSubstr("Examples:"), HasSubstr("Exit codes:")));
  for (const std::string& command : InnermostCommands()) {
    const std::string help = Ok(command + " --help");
    EXPECT_EQ(help, Ok(command + " -h"));
    const std::string example = ExampleInHelp(help);
    EXPECT_TRUE(example.starts_with("dne " + command)) << command << ": " << example;
  }
}

TEST_F(Help, NoWordsAtAllAreAMistakeThatNamesTheCommands) {
  const Outcome outcome = Dne("");
  ExpectError(outcome, 2, "name a command: run, resume, show, ");
  EXPECT_THAT(outcome.err, HasSubstr("dne --help"));
}

TEST_F(Help, DocumentedCommandLinesHaveKnownCommandsAndOptions) {
  std::string text = ReadFile(kSource / "README.md") + "\n" + ReadFile(kSource / "docs/cli.md");
  text += HelpOf("");
  for (const std::string& command : InnermostCommands()) text += HelpOf(command);
  const std::regex line("(^|\\n)(Example: | +|`)(dne [a-z-][^\\n`#]*)");
  size_t lines = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at, ++lines) {
    Words words = SplitWords((*at)[3].str());
    words.erase(words.begin());
    const std::string command = CommandOf(words);
    EXPECT_TRUE(!command.empty() || words[0] == "--help") << (*at)[3];
    const std::string help = HelpOf(command);
    for (const std::string& word : words) {
      if (word.starts_with("--") && word != "--help") {
        EXPECT_THAT(help, HasSubstr("  " + word + " ")) << (*at)[3];
      }
    }
  }
  EXPECT_GT(lines, 20u);
}

TEST_F(Page, NamesExactlyTheOptionsThatEachCommandHas) {
  const std::string page = ReadFile(kSource / "docs/cli.md");
  for (const std::string& command : InnermostCommands()) {
    const size_t begin = page.find("\n## dne " + command + "\n");
    ASSERT_NE(begin, std::string::npos) << command << " has no section in docs/cli.md";
    const std::string section = page.substr(begin, page.find("\n## ", begin + 1) - begin);
    std::vector<std::string> documented;
    const std::regex row("\\n\\| `(--[a-z-]+)");
    for (std::sregex_iterator at(section.begin(), section.end(), row), end; at != end; ++at) {
      documented.push_back((*at)[1]);
    }
    EXPECT_THAT(documented, testing::UnorderedElementsAreArray(OptionsInHelp(HelpOf(command))))
        << command;
  }
}

TEST_F(Page, HasNoSectionOfACommandThatIsNotThere) {
  const std::string page = ReadFile(kSource / "docs/cli.md");
  const std::regex section("\\n## dne ([a-z ]+)\\n");
  for (std::sregex_iterator at(page.begin(), page.end(), section), end; at != end; ++at) {
    EXPECT_THAT(InnermostCommands(), Contains((*at)[1].str()));
  }
}

constexpr const char* kPaperGames[] = {"amidar", "assault",   "asterix",  "asteroids", "atlantis",
                                       "enduro", "frostbite", "gravitar", "kangaroo",  "seaquest",
                                       "skiing", "venture",   "zaxxon"};

TEST_F(List, HoldsThePaperGamesNetworksAndExperiments) {
  const Circumstances in_source{.folder = kSource, .env = {}, .prepare = {}};
  const json list = json::parse(Dne({"list", "--json"}, in_source).out);
  for (const char* game : kPaperGames) EXPECT_THAT(list["environments"]["atari"], Contains(game));
  EXPECT_THAT(list["networks"], AllOf(Contains("uber_large"), Contains("uber_small")));
  EXPECT_THAT(list["environments"]["classic"], Contains("CartPole-v1"));
  EXPECT_THAT(list["environments"]["maze"],
              testing::ElementsAre("custom_maze", "first_person_maze", "hard_maze",
                                   "image_hard_maze", "medium_maze", "topdown_maze"));
  EXPECT_THAT(list["algorithms"],
              testing::ElementsAre("ga", "random_search", "es", "pgpe", "snes", "ns_es", "nsr_es",
                                   "nsra_es", "ga_ns", "steady_state_ga", "map_elites"));
  EXPECT_THAT(list["configs"], AllOf(Contains("configs/atari/frostbite-ga.toml"),
                                     Contains("configs/atari/alien-nsr-es.toml"),
                                     Contains("configs/mujoco/point-trap-nsra-es.toml")));
#ifdef DNE_WITH_MUJOCO
  EXPECT_THAT(list["environments"]["mujoco"],
              testing::ElementsAre("ant", "half_cheetah", "hopper", "humanoid", "humanoid_v4",
                                   "point", "swimmer", "walker2d"));
#else
  EXPECT_THAT(list["environments"]["mujoco"], IsEmpty());
#endif
}

TEST_F(List, TextHoldsTheSameNames) {
  const json list = json::parse(Ok("list --json"));
  const Words words = SplitWords(Ok("list"));
  for (const json& name : list.flatten()) {
    if (name.is_string()) {
      EXPECT_THAT(words, Contains(name.get<std::string>()));
    }
  }
}

TEST_F(List, FindsExperimentsInAnotherFolder) {
  EXPECT_THAT(json::parse(Ok("list --json"))["configs"], IsEmpty());
  EXPECT_THAT(json::parse(Ok("list --configs . --json"))["configs"], Contains("./tiny.toml"));
}

TEST_F(List, ConfigurationReferenceIsThePageInDocs) {
  EXPECT_EQ(Ok("list --configuration-reference"), ReadFile(kSource / "docs/configuration.md"));
}

TEST_F(Version, TellsBuildMachineAndLicence) {
  EXPECT_THAT(Ok("version"), AllOf(HasSubstr("build "), HasSubstr("machine "), HasSubstr("GPL"),
                                   HasSubstr("THIRD_PARTY.md")));
  const json version = json::parse(Ok("version --json"));
  EXPECT_THAT(version["isa"].get<std::string>(), HasSubstr("scalar"));
  EXPECT_THAT(version["math"].get<std::string>(), StartsWith("musl 1."));
  EXPECT_TRUE(version["atari"].is_boolean());
  EXPECT_THAT(version["build"].get<std::string>(),
              AnyOf(HasSubstr("atari on (emulator dne), "), HasSubstr("atari on (emulator ale), "),
                    HasSubstr("atari off, ")));
#ifdef DNE_WITH_MUJOCO
  EXPECT_EQ(version["mujoco"], true);
  EXPECT_THAT(version["build"].get<std::string>(), HasSubstr(", mujoco on"));
  EXPECT_THAT(Ok("version"),
              AllOf(HasSubstr(", mujoco on, mpi "), HasSubstr("MuJoCo (Apache-2.0)")));
#else
  EXPECT_EQ(version["mujoco"], false);
  EXPECT_THAT(Ok("version"), AllOf(HasSubstr(", mujoco off, mpi "), Not(HasSubstr("Apache"))));
#endif
  EXPECT_THAT(version["version"].get<std::string>(), Not(IsEmpty()));
}

}  // namespace
}  // namespace dne::cli
