// SPDX-License-Identifier: MIT
#include "dne/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "dne/base/error.h"
#include "dne/store/sqlite.h"
#include "tests/store/example.h"

namespace dne {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(RunStore, ANewRunHasItsInfoAndNothingElse) {
  RunFolder temp;
  const auto store = RunStore::Create(temp.path() / "a" / "b" / "run", ExampleInfo());
  EXPECT_EQ(store->info(), ExampleInfo());
  EXPECT_EQ(store->LastCheckpoint(), std::nullopt);
  EXPECT_EQ(store->LastGeneration(), std::nullopt);
  EXPECT_TRUE(store->Generations().empty());
  EXPECT_TRUE(store->Trials(0).empty());
}

// Characters that mean something in a URI, as SQLite is told where a run is.
TEST(RunStore, LiesInAFolderOfAnyName) {
  RunFolder temp;
  for (const char* name : {"a%41b", "what?mode=memory", "a#b", "a b", "b\xff", "%"}) {
    const auto dir = temp.path() / name;
    RunStore::Create(dir, ExampleInfo());
    EXPECT_TRUE(fs::is_regular_file(dir / "run.sqlite")) << name;
    EXPECT_EQ(RunStore::OpenReadOnly(dir)->info(), ExampleInfo()) << name;
    EXPECT_EQ(RunStore::Open(dir)->info(), ExampleInfo()) << name;
  }
}

TEST(RunStore, GivesBackWhatWasWritten) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleContents());
  EXPECT_EQ(ReadEverything(*RunStore::OpenReadOnly(temp.run())), ExampleContents());
}

// Attachments, mirrored trials (a negative sigma), broken simulations and centres.
TEST(RunStore, GivesBackARunOfAnEvolutionStrategy) {
  RunFolder temp;
  MakeExampleEsRun(temp.run());
  const auto store = RunStore::Open(temp.run());
  EXPECT_EQ(ReadEverything(*store), ExampleEsContents());
  EXPECT_LT(store->Trials(2, "train")[5].sigma, 0);
  EXPECT_EQ(store->Trials(2, "train")[3].episodes[0].end, EpisodeEnd::kInvalid);
  ExpectExampleCentres(*store);
  EXPECT_EQ(store->CentrePolicy({2, CentreItem(1)}), std::nullopt);
  EXPECT_EQ(store->CentrePolicy({9, CentreItem(0)}), std::nullopt);
}

TEST(RunStore, GoesOnWhereItEnded) {
  RunFolder temp;
  MakeExampleRun(temp.run(), 2);
  RunStore::Open(temp.run())->Write(ExampleCommit(3));
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleContents(3));
}

TEST(RunStore, TrialsOfOneRoundAreThoseOfAllRounds) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  const auto store = RunStore::OpenReadOnly(temp.run());
  const std::vector<TrialRecord> all = store->Trials(2);
  ASSERT_EQ(all.size(), 21u);
  EXPECT_EQ(store->Trials(2, "train"), std::vector(all.begin(), all.end() - 1));
  EXPECT_EQ(store->Trials(2, "validate"), std::vector(all.end() - 1, all.end()));
  EXPECT_TRUE(store->Trials(2, "test").empty());
  EXPECT_TRUE(store->Trials(4).empty());
}

TEST(RunStore, ACommitInsideAGenerationLeavesNoGeneration) {
  RunFolder temp;
  const auto store = RunStore::Create(temp.run(), ExampleInfo());
  Commit commit = ExampleCommit(0);
  commit.generation.reset();
  commit.next_generation = 0;
  store->Write(commit);
  EXPECT_EQ(store->LastGeneration(), std::nullopt);
  EXPECT_EQ(store->LastCheckpoint(), (Checkpoint{0, ExampleState(0)}));
  EXPECT_EQ(store->Trials(0), commit.trials);
}

TEST(RunStore, EveryValueOfItsTypesComesBack) {
  RunFolder temp;
  const auto store = RunStore::Create(temp.run(), ExampleInfo());
  constexpr uint32_t kMax = std::numeric_limits<uint32_t>::max();
  Commit commit;
  for (float sigma : {0.0f, 0.1f, 0.002f, 1e-45f, 3.4028235e38f, 16777217.0f}) {
    TrialRecord trial;
    trial.generation = kMax;
    trial.round = "r\xc3\xb6und 'x'";
    trial.individual = {kMax, kMax};
    trial.index = static_cast<uint32_t>(commit.trials.size());
    trial.parent = Birth{kMax, 0};
    trial.sigma = sigma;
    trial.fitness = -std::numeric_limits<double>::infinity();
    trial.steps = trial.frames = ~uint64_t{0};
    commit.trials.push_back(trial);
  }
  commit.next_generation = kMax;
  commit.state = std::string("\0 any \xff bytes", 12);
  store->Write(commit);
  EXPECT_EQ(store->Trials(kMax), commit.trials);
  EXPECT_EQ(store->LastCheckpoint(), (Checkpoint{kMax, commit.state}));
}

TEST(RunStore, KeepsTheNewestTwoCheckpoints) {
  RunFolder temp;
  MakeExampleRun(temp.run(), 5);
  const Database database(temp.file(), Database::Access::kRead);
  Statement query(database, "SELECT group_concat(CAST(state AS TEXT)) FROM checkpoint");
  ASSERT_TRUE(query.Next());
  EXPECT_EQ(query.Text(0), "commit 4,commit 5");
}

TEST(RunStore, ShowsItselfInTheDatabaseShell) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  const Database database(temp.file(), Database::Access::kRead);
  Statement view(database, "SELECT fitness_max, fitness_mean, elite_test FROM generations");
  ASSERT_TRUE(view.Next());
  EXPECT_EQ(view.Real(0), 121.25);
  EXPECT_EQ(view.Real(1), -3);
  EXPECT_TRUE(view.IsNull(2));
  Statement trials(database,
                   "SELECT episodes_counted, episodes_run FROM trial "
                   "WHERE sigma = 0.002 AND round = 'validate'");
  ASSERT_TRUE(trials.Next());
  EXPECT_EQ(trials.Unsigned32(0), 30u);
  EXPECT_EQ(trials.Unsigned32(1), 3u);
  Statement seeds(database, "SELECT printf('%u', seed) FROM episode WHERE seed < 0");
  ASSERT_TRUE(seeds.Next());
  EXPECT_EQ(seeds.Text(0), "18446744073709551615");
}

TEST(RunStore, TakesLessThan300BytesATrialWithItsRam) {
  RunFolder temp;
  constexpr uint32_t kTrials = 1000;
  constexpr uint32_t kGenerations = 4;
  {
    const auto store = RunStore::Create(temp.run(), ExampleInfo());
    for (uint32_t n = 1; n <= kGenerations; ++n) store->Write(ExampleCommit(500 + n, kTrials));
  }
  const uint64_t size = RunStore::OpenReadOnly(temp.run())->SizeOnDisk();
  EXPECT_LT(size / (kTrials * kGenerations), 300u);
  EXPECT_GT(size / (kTrials * kGenerations), 128u);
}

// --- One process writes ------------------------------------------------------------------------

TEST(RunStore, ASecondWriterIsRefusedByName) {
  RunFolder temp;
  const auto store = RunStore::Create(temp.run(), ExampleInfo());
  const std::string holder = "in use by process " + std::to_string(::getpid()) + ":";
  EXPECT_THAT(
      InChild(Privileges::kSame, [&] { return ErrorOf([&] { RunStore::Open(temp.run()); }); }),
      HasSubstr(holder));
  EXPECT_THAT(ErrorOf([&] { RunStore::Open(temp.run()); }), HasSubstr(holder));
  EXPECT_THAT(ErrorOf([&] { RunStore::Create(temp.run(), ExampleInfo()); }), HasSubstr(holder));
}

TEST(RunStore, AHolderWithoutANumberIsAnotherProcess) {
  RunFolder temp;
  const auto store = RunStore::Create(temp.run(), ExampleInfo());
  std::ofstream(temp.run() / "lock") << "?";
  EXPECT_THAT(ErrorOf([&] { RunStore::Open(temp.run()); }),
              HasSubstr("in use by another process:"));
}

TEST(RunStore, AReaderSeesEachCommitOfARunningWriter) {
  RunFolder temp;
  const auto writer = RunStore::Create(temp.run(), ExampleInfo());
  const auto reader = RunStore::OpenReadOnly(temp.run());
  for (uint32_t number = 1; number <= 3; ++number) {
    writer->Write(ExampleCommit(number));
    EXPECT_EQ(ReadEverything(*reader), ExampleContents(number));
  }
}

TEST(RunStore, AReaderMayOutliveTheWriter) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  const auto reader = RunStore::OpenReadOnly(temp.run());
  EXPECT_EQ(ReadEverything(*reader), ExampleContents());
  RunStore::Open(temp.run())->Write(ExampleCommit(4));
  EXPECT_EQ(ReadEverything(*reader), ExampleContents(4));
}

TEST(RunStore, WritingToAReaderIsABug) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  EXPECT_THROW(RunStore::OpenReadOnly(temp.run())->Write(ExampleCommit(4)), BugError);
}

TEST(RunStore, ACommitThatFailsLeavesNoTrace) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  const auto store = RunStore::Open(temp.run());
  Commit twice = ExampleCommit(4);
  twice.trials.push_back(twice.trials.front());
  EXPECT_THROW(store->Write(twice), BugError);
  Commit unmatched = ExampleCommit(4);
  unmatched.trials.back().draws.pop_back();
  EXPECT_THROW(store->Write(unmatched), BugError);
  Commit not_a_number = ExampleCommit(4);
  not_a_number.generation->metrics["fitness_max"] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(store->Write(not_a_number), BugError);
  EXPECT_EQ(ReadEverything(*store), ExampleContents(3));
  store->Write(ExampleCommit(4));
  EXPECT_EQ(ReadEverything(*store), ExampleContents(4));
}

// --- What Create and Open refuse -----------------------------------------------------------------

TEST(RunStore, CreateRefusesAFolderThatHoldsARun) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  EXPECT_EQ(ErrorOf([&] { RunStore::Create(temp.run(), ExampleInfo()); }),
            temp.run().string() + " already holds a run: resume it, or name another folder");
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleContents());
}

TEST(RunStore, CreateRefusesAFileInTheWay) {
  RunFolder temp;
  std::ofstream(temp.run()) << "something else";
  EXPECT_THAT(ErrorOf([&] { RunStore::Create(temp.run(), ExampleInfo()); }),
              testing::AllOf(HasSubstr("cannot make the run's folder " + temp.run().string()),
                             HasSubstr("name another folder")));
  EXPECT_THAT(ErrorOf([&] { RunStore::Create(temp.run() / "deeper", ExampleInfo()); }),
              HasSubstr("cannot make the run's folder"));
}

TEST(RunStore, CreateIgnoresWhatAKilledCreateLeft) {
  RunFolder temp;
  fs::create_directory(temp.run());
  std::ofstream(temp.run() / "lock") << "4711\n";
  std::ofstream(temp.run() / "run.sqlite.new") << "half a file";
  std::ofstream(temp.run() / "run.sqlite.new-journal") << "half a journal";
  MakeExampleRun(temp.run());
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleContents());
  EXPECT_FALSE(fs::exists(temp.run() / "run.sqlite.new"));
}

TEST(RunStore, CreateSaysWhatItCannotRemove) {
  RunFolder temp;
  fs::create_directories(temp.run() / "run.sqlite.new" / "full");
  EXPECT_THAT(ErrorOf([&] { RunStore::Create(temp.run(), ExampleInfo()); }),
              HasSubstr("cannot remove " + temp.file().string() + ".new, left by a killed start"));
}

TEST(RunStore, OpenNamesTheFolderWithoutARun) {
  RunFolder temp;
  const std::string missing = "no run in " + temp.run().string() + " (" + temp.file().string() +
                              ": No such file or directory): name a folder that a run of dne made";
  EXPECT_EQ(ErrorOf([&] { RunStore::Open(temp.run()); }), missing);
  EXPECT_EQ(ErrorOf([&] { RunStore::OpenReadOnly(temp.run()); }), missing);
  fs::create_directory(temp.run());
  EXPECT_EQ(ErrorOf([&] { RunStore::OpenReadOnly(temp.run()); }), missing);
  EXPECT_FALSE(fs::exists(temp.run() / "lock"));
  std::ofstream(temp.path() / "file") << "x";
  EXPECT_THAT(ErrorOf([&] { RunStore::Open(temp.path() / "file"); }), HasSubstr("Not a directory"));
}

TEST(RunStore, OddCharactersInThePathAreOnlyCharacters) {
  RunFolder temp;
  const fs::path odd = temp.path() / "50% of #3? & 'x'=\xc3\xa9";
  MakeExampleRun(odd);
  EXPECT_TRUE(fs::exists(odd / "run.sqlite"));
  EXPECT_EQ(ReadEverything(*RunStore::OpenReadOnly(odd)), ExampleContents());
}

// --- Old versions --------------------------------------------------------------------------------

// One fixture for each schema version that was ever published. Made by
//   store_test --gtest_also_run_disabled_tests --gtest_filter=OldVersions.DISABLED_WriteTheFixture
// when its version was new; never made again.
const fs::path kFixtures = fs::path(DNE_SOURCE_DIR) / "tests" / "store" / "data";

TEST(OldVersions, DISABLED_WriteTheFixture) {
  RunFolder temp;
  MakeExampleEsRun(temp.run());
  fs::copy_file(temp.file(), kFixtures / "v2.sqlite");
}

TEST(OldVersions, Version1IsReadAndContinued) {
  RunFolder temp;
  fs::create_directory(temp.run());
  fs::copy_file(kFixtures / "v1.sqlite", temp.file());
  EXPECT_EQ(ReadEverything(*RunStore::OpenReadOnly(temp.run())), ExampleContents());
  EXPECT_EQ(RunStore::OpenReadOnly(temp.run())->CentrePolicy({1, CentreItem(0)}), std::nullopt);
  RunStore::Open(temp.run())->Write(ExampleCommit(4));
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleContents(4));
}

TEST(OldVersions, Version2IsReadAndContinued) {
  RunFolder temp;
  fs::create_directory(temp.run());
  fs::copy_file(kFixtures / "v2.sqlite", temp.file());
  EXPECT_EQ(ReadEverything(*RunStore::OpenReadOnly(temp.run())), ExampleEsContents());
  ExpectExampleCentres(*RunStore::OpenReadOnly(temp.run()));
  RunStore::Open(temp.run())->Write(ExampleEsCommit(4));
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleEsContents(4));
  ExpectExampleCentres(*RunStore::Open(temp.run()), 4);
}

}  // namespace
}  // namespace dne
