// SPDX-License-Identifier: MIT
#include "dne/experiment/floor_view.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dne/episode/descriptor.h"
#include "dne/experiment/run_report.h"
#include "tests/experiment/config_fixture.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

using testing::HasSubstr;
using testing::Not;

// A maze's run of two generations, of which each has trials that ended at these places.
class MazeRun : public testing::Test {
 protected:
  MazeRun() {
    config_ = Parse("[task]\ntype = \"maze\"" + std::string(kBudget));
    store_ = RunStore::Create(folder_.path() / "run", {.config = ConfigToToml(config_)});
    store_->Write(CommitOf(0, {{36, 184}, {36.01, 184}, {100, 100}}));
    store_->Write(CommitOf(1, {{100, 100}, {31, 25}}));
  }

  static Commit CommitOf(uint32_t generation, const std::vector<FloorPoint>& places) {
    Commit commit{.next_generation = generation + 1, .state = "state"};
    for (const FloorPoint& place : places) {
      commit.trials.push_back(
          {.generation = generation,
           .round = "train",
           .index = static_cast<uint32_t>(commit.trials.size()),
           .individual = {generation, static_cast<uint32_t>(commit.trials.size())},
           .episodes = {{.descriptor = DescriptorFromPoint(place)}},
           .draws = {1}});
    }
    commit.generations = {{.generation = generation, .metrics = {}, .elite = {1}}};
    return commit;
  }

  TempFolder folder_;
  ExperimentConfig config_;
  std::unique_ptr<RunStore> store_;
};

TEST_F(MazeRun, HasAPlaceForEachCellThatWasReached) {
  const FloorView view = ViewOfRun(*store_, config_, {{1, 2}, {3, 4}});
  ASSERT_EQ(view.places.size(), 3u);
  EXPECT_EQ(view.places[1].at, (FloorPoint{100, 100}));
  EXPECT_EQ(view.places[1].generation, 0u) << "the first that came there";
  EXPECT_EQ(view.places[2].at, (FloorPoint{31, 25}));
  EXPECT_EQ(view.places[2].generation, 1u);
  EXPECT_EQ(view.plan.segments.size(), 13u);
  EXPECT_EQ(view.plan.start, (FloorPoint{36, 184}));
  EXPECT_EQ(view.plan.goal, (FloorPoint{31, 20}));
  EXPECT_TRUE(view.plan.y_points_down);
}

size_t Count(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(MazeRun, IsDrawnAsSvg) {
  const std::string svg = FloorSvg(ViewOfRun(*store_, config_, {{36, 184}, {60, 150}}), "a<b&c");
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns"));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("<title>a&lt;b&amp;c</title>"));
  EXPECT_EQ(Count(svg, "stroke=\"black\""), 13u);
  EXPECT_EQ(Count(svg, "<circle"), 2u + 3u);
  EXPECT_EQ(Count(svg, "stroke=\"red\""), 1u);
  EXPECT_THAT(FloorSvg(ViewOfRun(*store_, config_, {}), ""), Not(HasSubstr("red")));
  // The longer side is 800 pixels: the start lies below the goal.
  const double scale = 800 / (202.0 - 5);
  EXPECT_THAT(svg, HasSubstr(fmt::format("cy=\"{:.1f}\" r=\"9\" fill=\"lightgrey\"",
                                         20 + (184 - 5) * scale)));
  EXPECT_THAT(svg,
              HasSubstr(fmt::format("cy=\"{:.1f}\" r=\"9\" fill=\"limegreen\"", 20 + 15 * scale)));
}

TEST_F(MazeRun, IsSeenFromAboveInItsReport) {
  const NamedRun named{"my run", store_.get(), {{36, 184}, {60, 150}}};
  const std::string html = RunReport({&named, 1}).Html();
  EXPECT_THAT(html, HasSubstr("my run: where episodes ended in training and validation"));
  EXPECT_EQ(Count(html, R"("type":"line")"), 13u);
  EXPECT_THAT(html, HasSubstr(R"("autorange":"reversed")"));
  EXPECT_THAT(html, HasSubstr(R"("name":"champion")"));
  EXPECT_THAT(html, HasSubstr(R"("name":"goal")"));
}

}  // namespace
}  // namespace dne
