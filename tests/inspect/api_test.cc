// SPDX-License-Identifier: MIT
#include "dne/inspect/api.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "dne/base/file.h"
#include "tests/inspect/inspect_fixture.h"

namespace dne {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class ApiTest : public InspectTest {
 protected:
  ApiTest() : run_(MakeRun("run")), films_(Folder("films"), false) {}

  json Ask(Api& api, const std::string& path, const Query& query = {}, int status = 200) {
    const Answer answer = api.Get(path, query);
    EXPECT_EQ(answer.status, status) << answer.body;
    return json::parse(answer.body);
  }
  Query Points(const std::string& x, const std::string& y) {
    return {{"run", "0"}, {"round", "train"}, {"x", x}, {"y", y}};
  }

  std::string run_;
  FilmMaker films_;
};

TEST_F(ApiTest, DescribesARunThatHasNotBegun) {
  Api api({run_}, films_);
  const json runs = Ask(api, "/api/runs");
  EXPECT_EQ(runs[0]["generations"], 0);
  EXPECT_EQ(runs[0]["environment"], "hard_maze");
  EXPECT_FALSE(runs[0]["floor"]["segments"].empty());
  EXPECT_TRUE(Ask(api, "/api/points", Points("b0", "b1"))["x"].empty());
  EXPECT_TRUE(Ask(api, "/api/points", Points("p1", "p2"))["x"].empty());
  EXPECT_TRUE(Ask(api, "/api/curves",
                  {{"run", "0"}, {"metric", "fitness_max"}, {"against", "generation"}})["x"]
                  .empty());
}

TEST_F(ApiTest, FollowsARunThatGrows) {
  AddGenerations(run_, 0, 1, 3);
  Api api({run_}, films_);
  json points = Ask(api, "/api/points", Points("b0", "fitness"));
  EXPECT_THAT(points["individual"], ElementsAre("0.0", "0.1", "0.2"));
  EXPECT_THAT(points["x"], ElementsAre(100, 101, 102));
  EXPECT_THAT(points["y"], ElementsAre(0, 1, 2));
  AddGenerations(run_, 1, 2, 3);
  Query more = Points("b0", "fitness");
  more.insert(
      {{"from", points["finished"].dump()}, {"generation_stride", "1"}, {"trial_stride", "1"}});
  points = Ask(api, "/api/points", more);
  EXPECT_EQ(points["from"], 1);
  EXPECT_THAT(points["individual"], ElementsAre("1.0", "1.1", "1.2", "2.0", "2.1", "2.2"));
  EXPECT_EQ(Ask(api, "/api/runs")[0]["generations"], 3);
  const json curves =
      Ask(api, "/api/curves", {{"run", "0"}, {"metric", "fitness_max"}, {"against", "generation"}});
  EXPECT_THAT(curves["x"], ElementsAre(0, 1, 2));
  EXPECT_THAT(curves["y"], ElementsAre(2, 12, 22));
}

TEST_F(ApiTest, ThinsALongRunToWhatStaysPut) {
  AddGenerations(run_, 0, 30, 1000);
  Api api({run_}, films_);
  const json before = Ask(api, "/api/points", Points("p1", "generation"));
  EXPECT_LE(before["x"].size(), 20'000u);
  EXPECT_GT(before["x"].size(), 8'000u);
  EXPECT_EQ(before["trial_stride"], 2);
  AddGenerations(run_, 30, 20, 1000);
  const json after = Ask(api, "/api/points", Points("p1", "generation"));
  EXPECT_LE(after["x"].size(), 20'000u);
  EXPECT_EQ(after["trial_stride"], 4);
  // The same individual is at the same place.
  const std::vector<std::string> names = before["individual"];
  size_t compared = 0;
  for (size_t i = 0; i < after["individual"].size() && after["generation"][i] < 30; ++i) {
    const auto found = std::ranges::find(names, after["individual"][i].get<std::string>());
    ASSERT_NE(found, names.end());
    EXPECT_EQ(after["x"][i], before["x"][static_cast<size_t>(found - names.begin())]);
    if (++compared == 300) break;
  }
  EXPECT_EQ(compared, 300u);
}

TEST_F(ApiTest, ShowsAnAncestryWithSiblingsAndChildren) {
  AddGenerations(run_, 0, 4, 8);
  Api api({run_}, films_);
  const json shown = Ask(api, "/api/individual", {{"run", "0"}, {"individual", "2.3"}});
  EXPECT_EQ(shown["fitness"], 23);
  ASSERT_EQ(shown["ancestry"].size(), 3u);
  EXPECT_EQ(shown["ancestry"][0]["individual"], "0.0");
  EXPECT_EQ(shown["ancestry"][1]["individual"], "1.1");
  EXPECT_EQ(shown["ancestry"][1]["fitness"], 11);
  EXPECT_EQ(shown["ancestry"][2]["siblings"][0]["individual"], "2.2");
  EXPECT_EQ(shown["num_children"], 2);
  EXPECT_EQ(shown["children"][0]["individual"], "3.7");
  EXPECT_THAT(shown["behaviour"], ElementsAre(103, 52));
  EXPECT_THAT(shown["genome"].get<std::string>(), HasSubstr("dne1:"));
  EXPECT_TRUE(shown["episodes"][0]["typical"]);
}

// Individuals end at 100 and on across, at 50 and on down.
constexpr const char* kElites = R"([algorithm]
type = "map_elites"
population_size = 4
sigma = 0.1
[archive]
[[archive.axes]]
name = "x"
coordinate = 0
lower = 100
upper = 104
cells = 4
[[archive.axes]]
name = "y"
coordinate = 1
lower = 50
upper = 54
cells = 2
)";

TEST_F(ApiTest, ShowsTheArchiveOfARunThatGrows) {
  const std::string run = MakeRun("elites", kElites);
  AddGenerations(run, 0, 1, 3);
  Api api({run}, films_);
  EXPECT_TRUE(Ask(api, "/api/runs")[0]["has_archive"]);
  json archive = Ask(api, "/api/archive", {{"run", "0"}});
  EXPECT_EQ(archive["axes"][1]["name"], "y");
  EXPECT_EQ(archive["axes"][1]["cells"], 2);
  EXPECT_THAT(archive["individual"], ElementsAre("0.0", "0.1", "0.2"));
  EXPECT_THAT(archive["cell"],
              ElementsAre(ElementsAre(0, 0), ElementsAre(1, 0), ElementsAre(2, 0)));
  EXPECT_THAT(archive["fitness"], ElementsAre(0, 1, 2));
  EXPECT_EQ(archive["coverage"], 3.0 / 8);
  EXPECT_EQ(archive["qd_score"], 3);
  AddGenerations(run, 1, 2, 3);
  archive = Ask(api, "/api/archive", {{"run", "0"}});
  EXPECT_THAT(archive["individual"], ElementsAre("1.0", "1.1", "1.2", "2.0", "2.1", "2.2"));
  EXPECT_THAT(archive["cell"][5], ElementsAre(2, 1));
}

TEST_F(ApiTest, ReadsALongRunsArchiveByAndBy) {
  const std::string run = MakeRun("elites", kElites);
  AddGenerations(run, 0, 4, 20'000);
  Api api({run}, films_);
  json archive = Ask(api, "/api/archive", {{"run", "0"}});
  EXPECT_EQ(archive["generations"], 2) << "40,000 trials";
  EXPECT_EQ(archive["finished"], 4);
  archive = Ask(api, "/api/archive", {{"run", "0"}});
  EXPECT_EQ(archive["generations"], 4);
  EXPECT_THAT(archive["individual"], Contains("3.0")) << "the best of all";
  EXPECT_EQ(Ask(api, "/api/archive", {{"run", "0"}}), archive);
}

TEST_F(ApiTest, SaysWhatIsWrong) {
  AddGenerations(run_, 0, 1, 3);
  Api api({run_}, films_);
  const auto error = [&](const std::string& path, const Query& query, int status) {
    return Ask(api, path, query, status)["error"].get<std::string>();
  };
  EXPECT_THAT(error("/api/points", Points("q", "b1"), 400),
              HasSubstr("\"q\" is no coordinate: generation, fitness, steps, p1, p2 or b0 and on"));
  EXPECT_THAT(error("/api/individual", {{"run", "0"}}, 400), HasSubstr("individual is missing"));
  EXPECT_THAT(error("/api/individual", {{"run", "x"}, {"individual", "0.0"}}, 400),
              HasSubstr("run is \"x\", not a whole number"));
  EXPECT_THAT(error("/api/individual", {{"run", "1"}, {"individual", "0.0"}}, 404),
              HasSubstr("there is no run 1: they are 0 to 0"));
  EXPECT_THAT(error("/api/individual", {{"run", "0"}, {"individual", "0.9"}}, 422),
              HasSubstr("individual 0.9 was never tried"));
  EXPECT_THAT(error("/api/film", {{"run", "0"}, {"individual", "0.0"}, {"episode", "3"}}, 404),
              HasSubstr("individual 0.0 has 1 recorded episodes: there is none of number 3"));
  EXPECT_THAT(error("/api/runs", {{"callback", "x"}}, 400),
              HasSubstr("nothing here has a parameter callback"));
  EXPECT_THAT(error("/api/archive", {{"run", "0"}}, 404),
              HasSubstr("this run has no archive: its algorithm keeps none"));
  EXPECT_THAT(error("/elsewhere", {}, 404), HasSubstr("there is nothing at this address"));
  Query points = Points("b0", "b1");
  points["round"] = "x";
  EXPECT_THAT(error("/api/points", points, 400),
              HasSubstr("round is \"x\", not train, validate or test"));
  EXPECT_ERROR(Api({Folder("nothing")}, films_), "no run in");
}

TEST_F(ApiTest, KeepsFilmsInAFolderThatCanBeMade) {
  WriteFileAtomically(Folder("file"), "x");
  EXPECT_ERROR(FilmMaker(Folder("file") + "/films", false), "name another one (--cache DIR)");
}

}  // namespace
}  // namespace dne
