// SPDX-License-Identifier: MIT
// Runs of an evolution strategy with a body: what is different about their policies.
#include <dlfcn.h>
#include <fmt/format.h>

#include <cmath>
#include <exception>
#include <nlohmann/json.hpp>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;

class Body : public CliTest {
 protected:
  Body() {
    WriteFile(folder() / "body.toml", TinyBodyExperiment());
    Ok("run body.toml --out run");
  }

  // A member of the last generation's cloud; its centre was moved by results unless it is that of
  // generation 0.
  json MemberOf(const std::string& generation) const {
    return json::parse(Ok("genome run --individual " + generation + ".3 --json"));
  }
  // A generation whose cloud surrounds a centre that has moved.
  std::string GenerationOfMovedCentre() const {
    for (const char* generation : {"3", "2"}) {
      if (MemberOf(generation)["needs_run"] == true) return generation;
    }
    ADD_FAILURE() << "no centre was moved twice";
    return "3";
  }
};

TEST_F(Body, RunTellsWhatItIs) {
  EXPECT_THAT(Ok("run body.toml --out again --threads 1"),
              AllOf(HasSubstr("NSRA-ES on point"), HasSubstr("generation    3")));
  EXPECT_EQ(Digests("again"), Digests("run"));
}

TEST_F(Body, ResumeGivesWhatOneLongRunGives) {
  Ok("resume run --set budget.generations=7");
  Ok("run body.toml --out long --set budget.generations=7");
  EXPECT_EQ(Digests("run"), Digests("long"));
  EXPECT_THAT(Digests("run"), SizeIs(7));
}

TEST_F(Body, EliteIsACentreAndSaysSo) {
  const json elite = json::parse(Ok("genome run --json"));
  ASSERT_EQ(elite["lineage"].size(), 1u);
  EXPECT_EQ(elite["lineage"][0]["centre"], true);
  EXPECT_THAT(elite["lineage"][0]["individual"], MatchesRegex("[0-9]+\\.c[0-9]"));
  EXPECT_TRUE(elite["lineage"][0]["fitness"].is_number()) << "its validation";
  EXPECT_THAT(Ok("genome run"), HasSubstr(" centre "));
}

TEST_F(Body, AMemberOfACloudIsRebuiltFromItsCentre) {
  const std::string member = GenerationOfMovedCentre() + ".3";
  const std::string words = "run --individual " + member;
  EXPECT_THAT(Ok("genome " + words),
              AllOf(HasSubstr("bytes beside the centre it begins with, whose "),
                    Not(HasSubstr("smaller")), HasSubstr(" centre "), HasSubstr("sigma -0.05")));
  EXPECT_THAT(Ok("replay " + words),
              HasSubstr("The replay matches the recorded episode: same score, steps and final "
                        "behaviour."));
  Ok("genome " + words + " --weights member.safetensors");
  const auto scores = [&](const std::string& policy) {
    return json::parse(Ok("evaluate " + policy + " --episodes 5 --json"))["scores"];
  };
  EXPECT_EQ(scores("member.safetensors"), scores(words));
  EXPECT_NE(scores("member.safetensors"), scores("run"));
}

TEST_F(Body, AMemberOfACloudOfManyWidthsIsRebuiltToo) {
  WriteFile(folder() / "pgpe.toml", TinyPgpeExperiment());
  EXPECT_THAT(Ok("run pgpe.toml --out pgpe"), HasSubstr("PGPE on point"));
  EXPECT_THAT(Ok("replay pgpe --individual 3.3"),
              HasSubstr("The replay matches the recorded episode: same score, steps and final "
                        "behaviour."));
  const json last = json::parse(Ok("show pgpe --json"))["generations"].back();
  EXPECT_GT(last["sigma_mean"], 0);
  EXPECT_NE(last["sigma_mean"], 0.05) << "no width has changed";
}

TEST_F(Body, AMemberOfAPopulationThatGrewIsRebuiltToo) {
  WriteFile(folder() / "pgpe.toml", TinyPgpeExperiment());
  Ok("run pgpe.toml --out pgpe");
  const json first = json::parse(Ok("show pgpe --json"))["generations"][1];
  EXPECT_EQ(first["population_size"], 12) << "6 members gather 120 steps of 200";
  for (const char* member : {"1.5", "1.6", "1.11"}) {
    EXPECT_THAT(Ok(std::string("replay pgpe --individual ") + member),
                HasSubstr("The replay matches the recorded episode"));
  }
}

TEST_F(Body, AMemberOfSnesIsRebuiltToo) {
  WriteFile(folder() / "snes.toml", TinySnesExperiment());
  EXPECT_THAT(Ok("run snes.toml --out snes"), HasSubstr("SNES on point"));
  EXPECT_THAT(Ok("replay snes --individual 3.3"),
              HasSubstr("The replay matches the recorded episode"));
}

// Scores just below the next whole number and just below zero among them.
TEST_F(Body, SmallScoresHaveFourDigits) {
  bool is_small = false;
  for (const char* steps : {"100", "200", "300", "400"}) {
    const std::string words =
        std::string("evaluate run --episodes 1 --individual 3.2 --max-episode-steps ") + steps;
    const double mean = json::parse(Ok(words + " --json"))["mean"];
    ASSERT_LT(std::abs(mean), 10);
    EXPECT_THAT(Ok(words), HasSubstr(fmt::format("  mean       {:#.4g}\n", mean)));
    is_small |= std::abs(mean) < 1;
  }
  EXPECT_TRUE(is_small);
}

TEST_F(Body, AGenomeWithoutItsRunIsRefused) {
  const std::string words = "genome run --individual " + GenerationOfMovedCentre() + ".3";
  ExpectError(Dne(words + " --out a.dne-genome"), 1,
              "which only its run holds: write the weights instead (--weights FILE)");
  EXPECT_FALSE(std::filesystem::exists(folder() / "a.dne-genome"));
  std::string text = Ok(words + " --text");
  text.pop_back();
  ExpectError(Dne("evaluate " + text + " --config body.toml"), 1,
              "which only its run holds: name the run's folder");
}

TEST_F(Body, RepliesToReplay) {
  EXPECT_THAT(Ok("replay run"),
              AllOf(HasSubstr("matches the recorded episode"), HasSubstr("came to    (")));
  const json replay = json::parse(Ok("replay run --json"));
  EXPECT_THAT(replay["actions"], SizeIs(replay["steps"]));
  EXPECT_THAT(replay["actions"][0], SizeIs(2)) << "two motors";
  EXPECT_THAT(replay["rewards"], SizeIs(replay["steps"]));
}

// What stands in the way of films, in a folder where libraries are looked for first.
Circumstances With(Circumstances here, const std::filesystem::path& osmesa) {
  std::filesystem::create_directories(here.folder / "first");
  std::filesystem::create_symlink(osmesa, here.folder / "first/libOSMesa.so.8");
  here.env["LD_LIBRARY_PATH"] = (here.folder / "first").string();
  return here;
}

TEST_F(Body, AFilmNeedsOsmesa) {
  WriteFile(folder() / "empty", "");
  ExpectError(Dne({"replay", "run", "--video", "a.mp4"}, With(Here(), folder() / "empty")), 1,
              "cannot be loaded (");
  EXPECT_FALSE(std::filesystem::exists(folder() / "a.mp4"));
  EXPECT_FALSE(std::filesystem::exists(folder() / "a.mp4.tmp"));
}

TEST_F(Body, AFilmNeedsOsmesasFunctions) {
  Dl_info another;
  ASSERT_NE(dladdr(reinterpret_cast<void*>(&std::terminate), &another), 0);
  ExpectError(Dne({"replay", "run", "--video", "a.mp4"}, With(Here(), another.dli_fname)), 1,
              "install it (Debian: libosmesa6), or leave the video out");
}

// A frame a step, at the body's own rate: the point's steps take a twentieth of a second.
TEST_F(Body, IsFilmed) {
  if (!HasFfmpeg()) GTEST_SKIP() << "needs ffmpeg";
  const std::string steps = "--max-episode-steps 12";
  const Outcome outcome = Dne("replay run --video a.mp4 " + steps);
  if (outcome.err.find("libosmesa6") != std::string::npos) GTEST_SKIP() << outcome.err;
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(ShapeOf(folder() / "a.mp4"), "480,360,20/1,12\n");
  Ok("replay run --video b.mp4 " + steps);
  EXPECT_EQ(ReadFile(folder() / "a.mp4"), ReadFile(folder() / "b.mp4")) << "another film";
  Ok("replay run --individual 1.2 --video c.mp4 " + steps);
  EXPECT_NE(ReadFile(folder() / "a.mp4"), ReadFile(folder() / "c.mp4"));
}

// The first centre of a process is kept whole, later ones are recipes: two processes against one a
// generation.
TEST_F(Body, CentresFromRecipesAreTheWholeOnesBitForBit) {
  WriteFile(folder() / "pgpe.toml", TinyPgpeExperiment());
  const std::string wide = R"( --set network.layers=[{type="dense",units=200}])";
  Ok("run pgpe.toml --out recipes --set budget.generations=2" + wide);
  Ok("resume recipes --set budget.generations=6");
  Ok("run pgpe.toml --out whole --set budget.generations=2" + wide);
  for (const char* generations : {"3", "4", "5", "6"}) {
    Ok(std::string("resume whole --set budget.generations=") + generations);
  }
  EXPECT_EQ(Digests("recipes"), Digests("whole"));
  for (const std::string generation : {"1", "2", "3", "4", "5"}) {
    for (const std::string run : {"recipes", "whole"}) {
      Ok("genome " + run + " --individual " + generation + ".c0 --weights " + run + ".weights");
    }
    EXPECT_EQ(ReadFile(folder() / "recipes.weights"), ReadFile(folder() / "whole.weights"));
  }
  EXPECT_THAT(Ok("replay recipes --individual 5.3"), HasSubstr("matches the recorded episode"));
}

// Of three generations, which dne wrote before runs had a log.
TEST_F(Body, ARunOfSchema2IsReadAndGoesOn) {
  std::filesystem::create_directories(folder() / "old");
  std::filesystem::copy_file(
      std::filesystem::path(DNE_SOURCE_DIR) / "tests/store/data/v2-es.sqlite",
      folder() / "old/run.sqlite");
  const std::vector<std::string> before = Digests("old");
  EXPECT_THAT(before, SizeIs(3));
  EXPECT_THAT(Ok("replay old --individual 2.c0"), HasSubstr("matches the recorded episode"));
  EXPECT_THAT(Ok("replay old --individual 2.3"), HasSubstr("matches the recorded episode"));
  EXPECT_THAT(Dne("resume old --set budget.generations=5").err, HasSubstr("Note: this run began"));
  const std::vector<std::string> after = Digests("old");
  ASSERT_THAT(after, SizeIs(5));
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  for (const char* individual : {"1.c0", "2.3", "4.c0", "4.3"}) {
    EXPECT_THAT(Ok(std::string("replay old --individual ") + individual),
                HasSubstr("matches the recorded episode"));
  }
}

TEST_F(Body, ThatIsNotThereIsRefused) {
  ExpectError(Dne("run body.toml --set task.body=pint"), 1, "did you mean 'point'?");
  ExpectError(Dne("evaluate run --individual 0.0"), 1,
              "0.0 was never tried: generation 0 has 0.c0 to 0.c1");
}

}  // namespace
}  // namespace dne::cli
