// SPDX-License-Identifier: MIT
// bench atari: its table, and the same rows as files.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class BenchAtari : public CliTest {};

constexpr const char* kTiny =
    "bench atari --games frostbite --networks uber_small --threads 1 --seconds 0.001 ";

TEST_F(BenchAtari, PrintsTheRowsThatItsFilesHold) {
  const std::string table = Ok(kTiny + std::string("--json b.json --csv b.csv"));
  EXPECT_THAT(table, AllOf(HasSubstr("repeats of 0.001 s"), HasSubstr("(wall clock)"),
                           HasSubstr("\nfrostbite         uber_small  ")));
  const json bench = json::parse(ReadFile(folder() / "b.json"));
  EXPECT_EQ(bench["isa"], CodePaths().back());
  EXPECT_EQ(bench["clock"], "wall clock");
  EXPECT_EQ(bench["seconds"], 0.001);
  bool has_network = false;
  for (const json& row : bench["rows"]) {
    const auto measure = row["measure"].get<std::string>();
    EXPECT_THAT(table, HasSubstr("  " + measure + "\n"));
    EXPECT_LE(row["low"], row["median"]) << measure;
    EXPECT_LE(row["median"], row["high"]) << measure;
    has_network |= row["network"] == "uber_small" && row["unit"] == "steps/s" && row["low"] > 0;
  }
  EXPECT_TRUE(has_network);
  const std::string csv = ReadFile(folder() / "b.csv");
  EXPECT_EQ(std::ranges::count(csv, '\n'), 1 + static_cast<int>(bench["rows"].size()));
}

TEST_F(BenchAtari, RefusesWhatItCannotMeasureBeforeItMeasures) {
  ExpectError(Dne(kTiny + std::string("--json nowhere/b.json")), 1, "cannot write nowhere/b.json");
  ExpectError(Dne("bench atari --games frostbit"), 1, "did you mean 'frostbite'?");
  ExpectError(Dne("bench atari --networks uber_smal"), 1, "unknown network 'uber_smal'");
  ExpectError(Dne("bench atari --threads 0"), 1, "threads is 0: set it to 1 to 1024");
  ExpectError(Dne("bench atari --seconds 0"), 1, "seconds is 0: set it to more than 0");
}

}  // namespace
}  // namespace dne::cli
