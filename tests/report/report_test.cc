// SPDX-License-Identifier: MIT
#include "dne/report/report.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "dne/base/error.h"
#include "dne/base/file.h"
#include "dne/report/plotly.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

bool Contains(const std::string& html, std::string_view part) {
  return html.find(part) != std::string::npos;
}

TEST(Report, EscapesText) {
  Report report("1 < 2");
  report.AddText("a & b > c");
  report.AddTable({"<i>"}, {{"</td>"}});
  const std::string html = report.Html();
  EXPECT_TRUE(Contains(html, "<title>1 &lt; 2</title>"));
  EXPECT_TRUE(Contains(html, "<h1>1 &lt; 2</h1>"));
  EXPECT_TRUE(Contains(html, "<p>a &amp; b &gt; c</p>"));
  EXPECT_TRUE(Contains(html, "<tr><th>&lt;i&gt;</th></tr>\n<tr><td>&lt;/td&gt;</td></tr>"));
}

TEST(Report, ReplacesBytesThatAreNotUtf8) {
  Report report(
      "a\xff"
      "b");
  report.AddText("\xc3\xa4 \xe2\x82");
  EXPECT_TRUE(Contains(report.Html(),
                       "<h1>a\xef\xbf\xbd"
                       "b</h1>"));
  EXPECT_TRUE(Contains(report.Html(), "<p>\xc3\xa4 \xef\xbf\xbd</p>"));
}

TEST(Report, NeedsNoNetwork) {
  Report report("charts");
  report.AddChart("a chart", R"([{"y":[1,2]}])", R"({"title":"t"})");
  const std::string html = report.Html();
  EXPECT_TRUE(Contains(html, "plotly.js v3"));
  EXPECT_FALSE(Contains(html, "<script src"));
  EXPECT_FALSE(Contains(html, "<link"));
  EXPECT_GT(PlotlyScript().size(), 1'000'000u);
  EXPECT_FALSE(Contains(std::string(PlotlyScript()), "</script")) << "it would end too early";
}

TEST(Report, WithoutChartsIsSmall) {
  Report report("text");
  report.AddText("only");
  EXPECT_LT(report.Html().size(), 2000u);
}

TEST(Report, GivesEachChartItsPlace) {
  Report report("charts");
  report.AddChart("one", "[]", "{}");
  report.AddChart("two", "[]", "{}", R"([{"name":"f"}])");
  const std::string html = report.Html();
  EXPECT_TRUE(Contains(html, "<figcaption>two</figcaption><div id=\"chart1\"></div>"));
  EXPECT_TRUE(Contains(html,
                       "Plotly.newPlot(\"chart1\", {data: [],\nlayout: {},\nframes: "
                       "[{\"name\":\"f\"}],"));
}

TEST(Report, TextInAChartCannotEndItsScript) {
  Report report("charts");
  report.AddChart("chart", R"([{"name":"</script><b>"}])", "{}");
  EXPECT_TRUE(Contains(report.Html(), R"([{"name":"\u003c/script>\u003cb>"}])"));
}

TEST(Report, OfWhatIsNotJsonIsABug) {
  Report report("charts");
  EXPECT_THROW(report.AddChart("chart", "[", "{}"), BugError);
  EXPECT_THROW(report.AddTable({"a", "b"}, {{"1"}}), BugError);
}

TEST(Report, IsWrittenToAFile) {
  const fs::path path = fs::temp_directory_path() / ("dne-report-" + std::to_string(getpid()));
  Report report("file");
  report.Write(path);
  EXPECT_EQ(ReadFile(path), report.Html());
  fs::remove(path);
  EXPECT_THROW(report.Write(path / "none"), Error);
}

}  // namespace
}  // namespace dne
