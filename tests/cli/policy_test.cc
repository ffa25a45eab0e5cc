// SPDX-License-Identifier: MIT
// evaluate, replay and genome: what their pages promise, in miniature.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::StartsWith;

class Evaluate : public CliTest {};
class Replay : public CliTest {};
class Genome : public CliTest {};

TEST_F(Evaluate, TellsStatisticsOfAsManyEpisodes) {
  MakeRun();
  EXPECT_THAT(Ok("evaluate run --episodes 5 --seed 2 --max-episode-steps 10"),
              AllOf(HasSubstr("episodes   5 "), HasSubstr("seed 2, at most 10 steps"),
                    HasSubstr("mean"), HasSubstr("95 % confidence")));
  const json result = json::parse(Ok("evaluate run --episodes 5 --json"));
  EXPECT_THAT(result["scores"], SizeIs(5));
  EXPECT_EQ(result["environment"], "frostbite");
  EXPECT_EQ(result["seed"], 7);
  EXPECT_EQ(result["max_episode_steps"], 24);
}

TEST_F(Evaluate, IsTheSameOnAnyThreadsAndCodePath) {
  MakeRun();
  const std::string evaluate = "evaluate run --episodes 8 --json";
  const std::string expected = Ok(evaluate);
  for (const char* threads : {"1", "2", "5"}) {
    EXPECT_EQ(Ok(evaluate + " --threads " + threads), expected) << threads;
  }
  for (const std::string& isa : CodePaths()) {
    EXPECT_EQ(Ok(evaluate + " --isa " + isa), expected) << isa;
  }
}

TEST_F(Evaluate, AnyIndividualOfTheRunCanBeChosen) {
  MakeRun();
  EXPECT_THAT(Ok("evaluate run --episodes 1 --generation 1"), HasSubstr("elite of generation 1"));
  EXPECT_THAT(Ok("evaluate run --episodes 1 --individual 0.3"), HasSubstr("individual 0.3"));
}

TEST_F(Genome, EveryFormOfAPolicyScoresTheSame) {
  MakeRun();
  Ok("genome run --individual 2.4 --out champion.dne-genome --weights champion.safetensors");
  WriteFile(folder() / "stored.toml", Ok("show run --config"));
  std::string text = Ok("genome run --individual 2.4 --text");
  text.pop_back();
  const auto scores = [&](const std::string& policy) {
    return json::parse(Ok("evaluate " + policy + " --episodes 20 --json"))["scores"];
  };
  const json expected = scores("run --individual 2.4");
  EXPECT_EQ(scores("champion.dne-genome"), expected);
  EXPECT_EQ(scores("champion.safetensors"), expected);
  EXPECT_EQ(scores(text + " --config stored.toml"), expected);
  EXPECT_EQ(scores(text + " --config tiny.toml"), expected);
}

TEST_F(Genome, TellsTheAncestry) {
  MakeRun();
  const json genome = json::parse(Ok("genome run --individual 2.4 --json"));
  EXPECT_EQ(genome["lineage"].back()["generation"], 2);
  EXPECT_EQ(genome["lineage"].back()["item"], 4);
  EXPECT_EQ(genome["mutations"].get<size_t>() + 1, genome["lineage"].size());
  EXPECT_EQ(Ok("genome run --individual 2.4 --text"), genome["text"].get<std::string>() + "\n");
  EXPECT_THAT(Ok("genome run --individual 2.4"),
              AllOf(HasSubstr("founder"), HasSubstr("  2.4 "),
                    HasSubstr(genome["text"].get<std::string>())));
  EXPECT_THAT(genome["text"].get<std::string>(), StartsWith("dne1:seed=7:founder="));
}

TEST_F(Replay, MatchesTheRecordedEpisode) {
  MakeRun();
  const std::string replay = Ok("replay run");
  EXPECT_THAT(replay, AllOf(HasSubstr("The replay matches the recorded episode"),
                            HasSubstr("Actions:"), HasSubstr("ended by   the step limit")));
  EXPECT_THAT(Ok("replay run --generation 0"), HasSubstr("matches the recorded episode"));
  EXPECT_THAT(Ok("replay run --individual 1.2"), HasSubstr("matches the recorded episode"));
}

TEST_F(Replay, TakesAnotherStartAndLength) {
  MakeRun();
  EXPECT_THAT(Ok("replay run --noops 5"), HasSubstr("start      5 no-ops"));
  EXPECT_THAT(Ok("replay run --seed 3 --max-episode-steps 7"), HasSubstr("steps      7 "));
}

TEST_F(Replay, WritesVideos) {
  if (!HasFfmpeg()) GTEST_SKIP() << "needs ffmpeg";
  MakeRun();
  for (const auto& [name, shape] : {std::pair("champion.mp4", "640,420,60/1,[0-9]{2,3}\n"),
                                    std::pair("champion.gif", "320,210,20/1,[0-9]{2,3}\n")}) {
    EXPECT_THAT(Ok(std::string("replay run --video ") + name),
                HasSubstr(std::string("Wrote ") + name + "."));
    EXPECT_THAT(ShapeOf(folder() / name), MatchesRegex(shape)) << name;
  }
  Ok("replay run --video champion.webp");
  const std::string pages = ReadFile(folder() / "champion.webp");
  EXPECT_THAT(pages, AllOf(StartsWith("RIFF"), HasSubstr("WEBPVP8X"), HasSubstr("ANMF")));
}

TEST_F(Replay, MazesAreAsWideAsTheyAre) {
  if (!HasFfmpeg()) GTEST_SKIP() << "needs ffmpeg";
  WriteFile(folder() / "maze.toml", R"(seed = 2
[task]
type = "maze"
environment = "hard_maze"
[algorithm]
type = "ga"
population_size = 3
num_parents = 1
num_candidates = 2
validation_episodes = 1
test_episodes = 0
max_episode_steps = 400
sigma = 0.5
[budget]
generations = 1
)");
  Ok("run maze.toml --out maze");
  Ok("replay maze --video maze.mp4");
  EXPECT_THAT(ShapeOf(folder() / "maze.mp4"), MatchesRegex("480,480,60/1,[0-9]{2,3}\n"));
}

constexpr const char* kPendulum = R"(seed = 2
[task]
type = "classic"
environment = "Pendulum-v1"
[[network.layers]]
type = "dense"
units = 3
[algorithm]
type = "ga"
population_size = 3
num_parents = 1
num_candidates = 2
validation_episodes = 1
test_episodes = 0
max_episode_steps = 20
[budget]
generations = 1
)";

TEST_F(Replay, FilmsNothingWhereNothingIsSeen) {
  WriteFile(folder() / "pendulum.toml", kPendulum);
  Ok("run pendulum.toml --out pendulum");
  ExpectError(Dne("replay pendulum --video a.mp4"), 1,
              "Pendulum-v1 has no frames to film: leave the video out");
}

TEST_F(Evaluate, LargeScoresAreRoundedToTenths) {
  WriteFile(folder() / "pendulum.toml", kPendulum);
  Ok("run pendulum.toml --out pendulum");
  bool rounds_up = false;
  for (int steps = 10; steps < 200 && !rounds_up; ++steps) {
    const std::string words =
        fmt::format("evaluate pendulum --episodes 1 --max-episode-steps {}", steps);
    const double mean = json::parse(Ok(words + " --json"))["mean"];
    const std::string tenths = fmt::format("{:.1f}", mean);
    rounds_up = mean <= -10 && mean > -1000 && std::trunc(mean) != std::trunc(std::stod(tenths));
    if (!rounds_up && steps != 100) continue;
    EXPECT_THAT(Ok(words), HasSubstr("  mean       " + tenths + "\n"));
  }
  EXPECT_TRUE(rounds_up);
}

}  // namespace
}  // namespace dne::cli
