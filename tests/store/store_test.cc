// SPDX-License-Identifier: MIT
#include "dne/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "dne/base/error.h"
#include "dne/store/schema.h"
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

TEST(RunStore, KnowsWhichMathematicalFunctionsItsRunHas) {
  RunFolder temp;
  RunInfo info = ExampleInfo();
  info.math = "musl 1.2.3";
  EXPECT_EQ(RunStore::Create(temp.run(), info)->info(), info);
  Database(temp.file(), Database::Access::kWrite).Execute("DELETE FROM run WHERE key = 'math'");
  EXPECT_EQ(RunStore::Open(temp.run())->info().math, "") << "as in older runs";
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

// Attachments, mirrored trials, broken simulations and centres.
TEST(RunStore, GivesBackARunOfAnEvolutionStrategy) {
  RunFolder temp;
  MakeExampleEsRun(temp.run());
  const auto store = RunStore::Open(temp.run());
  EXPECT_EQ(ReadEverything(*store), ExampleEsContents());
  EXPECT_TRUE(store->Trials(2, "train")[5].mirrored);
  EXPECT_EQ(store->Trials(2, "train")[3].episodes[0].end, EpisodeEnd::kInvalid);
  EXPECT_FALSE(store->Trials(2, "train")[3].solved());
  ExpectExampleCentres(*store);
  EXPECT_FALSE(store->HistoryOf(CentreBirth(2, 1)).has_value());
  EXPECT_FALSE(store->HistoryOf(CentreBirth(9, 0)).has_value());
}

TEST(RunStore, KeepsThatATrialSolvedItsTask) {
  RunFolder temp;
  const auto store = RunStore::Create(temp.run(), ExampleInfo());
  Commit commit = ExampleCommit(1);
  commit.trials[4].episodes.front().end = EpisodeEnd::kSolved;
  store->Write(commit);
  EXPECT_EQ(store->Trials(1, "train"),
            std::vector(commit.trials.begin(), commit.trials.begin() + 20));
  EXPECT_TRUE(store->Trials(1, "train")[4].solved());
  EXPECT_FALSE(store->Trials(1, "train")[5].solved());
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

// Both where trials are rows of their own and where they are members of clouds.
TEST(RunStore, SomeTrialsAreThoseOfAllWhoseIndexIsAMultiple) {
  for (const bool has_clouds : {false, true}) {
    TempFolder folder;
    const fs::path dir = folder.path() / "run";
    has_clouds ? MakeExampleEsRun(dir) : MakeExampleRun(dir, 3);
    const auto store = RunStore::OpenReadOnly(dir);
    for (const std::optional<std::string>& round :
         {std::optional<std::string>(), std::optional<std::string>("train")}) {
      for (uint32_t stride : {1u, 2u, 7u, 100u}) {
        std::vector<TrialRecord> expected = store->Trials(2, round);
        std::erase_if(expected, [&](const TrialRecord& t) { return t.index % stride != 0; });
        EXPECT_FALSE(expected.empty());
        EXPECT_EQ(store->Trials(2, round, stride), expected) << stride;
      }
    }
  }
}

TEST(RunStore, FindsTheTrialOfAnIndividual) {
  for (const bool has_clouds : {false, true}) {
    TempFolder folder;
    const fs::path dir = folder.path() / "run";
    has_clouds ? MakeExampleEsRun(dir) : MakeExampleRun(dir, 3);
    const auto store = RunStore::OpenReadOnly(dir);
    for (const TrialRecord& trial : store->Trials(2)) {
      EXPECT_EQ(store->FindTrial(2, trial.round, trial.individual), trial);
    }
    EXPECT_EQ(store->FindTrial(2, "train", {2, 1000}), std::nullopt);
    EXPECT_EQ(store->FindTrial(2, "test", {2, 1}), std::nullopt);
    EXPECT_EQ(store->FindTrial(9, "train", {2, 1}), std::nullopt);
  }
}

TEST(RunStore, SomeGenerationsAreThoseOfAllWhoseNumberIsAMultiple) {
  TempFolder folder;
  MakeExampleRun(folder.path() / "run", 9);
  const auto store = RunStore::OpenReadOnly(folder.path() / "run");
  for (uint32_t first : {0u, 1u, 4u, 10u}) {
    for (uint32_t stride : {1u, 2u, 4u}) {
      std::vector<GenerationRecord> expected = store->Generations();
      std::erase_if(expected, [&](const GenerationRecord& record) {
        return record.generation < first || record.generation % stride != 0;
      });
      EXPECT_EQ(store->Generations(first, stride), expected) << first << ", " << stride;
    }
  }
}

TEST(RunStore, ACommitInsideAGenerationLeavesNoGeneration) {
  RunFolder temp;
  const auto store = RunStore::Create(temp.run(), ExampleInfo());
  Commit commit = ExampleCommit(0);
  commit.generations.clear();
  commit.next_generation = 0;
  store->Write(commit);
  EXPECT_EQ(store->LastGeneration(), std::nullopt);
  EXPECT_EQ(store->LastCheckpoint(), (Checkpoint{0, ExampleState(0)}));
  EXPECT_EQ(store->Trials(0), commit.trials);
}

TEST(RunStore, ACommitHoldsSeveralGenerations) {
  RunFolder temp;
  const auto store = RunStore::Create(temp.run(), ExampleInfo());
  Commit both = ExampleCommit(1);
  const Commit second = ExampleCommit(2);
  both.trials.insert(both.trials.end(), second.trials.begin(), second.trials.end());
  both.generations.push_back(second.generations.front());
  both.next_generation = 3;
  both.state = ExampleState(2);
  store->Write(both);
  EXPECT_EQ(ReadEverything(*store), ExampleContents(2));
}

TEST(RunStore, ACentreIsFoundWithItsWayFromTheLastWholeOne) {
  RunFolder temp;
  const auto birth = [](uint32_t generation) { return CentreBirth(generation, 1); };
  const auto numbers = std::make_shared<const std::vector<float>>(std::vector<float>{1, -0.0f});
  {
    const auto store = RunStore::Create(temp.run(), ExampleInfo());
    Commit commit;
    WholeCentre& whole = commit.centres.emplace_back();
    whole.centre = {birth(2), numbers};
    whole.update = {7, 8};
    commit.moves = {{.centre = birth(3), .from = birth(2), .recipe = {1}},
                    {.centre = birth(7), .from = birth(3), .recipe = {2, 3}}};
    store->Write(commit);
    Commit orphan;
    orphan.moves = {{.centre = birth(8), .from = birth(5), .recipe = {4}}};
    store->Write(orphan);
  }
  const auto store = RunStore::OpenReadOnly(temp.run());
  const auto history = store->HistoryOf(birth(7));
  ASSERT_TRUE(history.has_value());
  EXPECT_EQ(history->whole.centre.birth, birth(2));
  EXPECT_EQ(*history->whole.centre.parameters, *numbers);
  EXPECT_EQ(history->whole.update, (std::vector<uint8_t>{7, 8}));
  ASSERT_EQ(history->moves.size(), 2u);
  EXPECT_EQ(history->moves[0].centre, birth(3));
  EXPECT_EQ(history->moves[1].centre, birth(7));
  EXPECT_EQ(history->moves[1].from, birth(3));
  EXPECT_EQ(history->moves[1].recipe, (std::vector<uint8_t>{2, 3}));
  EXPECT_TRUE(store->HistoryOf(birth(2))->moves.empty());
  EXPECT_THAT(ErrorOf([&] { store->HistoryOf(birth(8)); }),
              HasSubstr("what a centre was moved from is missing"));
}

LogEntry ExampleEntry(uint32_t generation, uint32_t round, size_t size = 3) {
  return {.generation = generation,
          .round = round,
          .plan = 0xfedcba9876543210u + round,
          .seconds = 0.25 + generation,
          .results = std::vector<uint8_t>(size, static_cast<uint8_t>(round))};
}

TEST(RunStore, TheLogComesBackInItsOrder) {
  RunFolder temp;
  const std::vector<LogEntry> entries = {ExampleEntry(0, 0), ExampleEntry(0, 1),
                                         ExampleEntry(0, 1, 100000), ExampleEntry(1, 0, 0)};
  {
    const auto store = RunStore::Create(temp.run(), ExampleInfo());
    EXPECT_TRUE(store->Logged().empty());
    for (const LogEntry& entry : entries) store->Log(entry);
  }
  EXPECT_EQ(RunStore::Open(temp.run())->Logged(), entries);
  EXPECT_EQ(RunStore::OpenReadOnly(temp.run())->Logged(), entries);
}

TEST(RunStore, ACommitTakesItsRoundsOutOfTheLog) {
  RunFolder temp;
  const auto store = RunStore::Create(temp.run(), ExampleInfo());
  const LogEntry next = ExampleEntry(2, 1);
  for (const LogEntry& entry : {ExampleEntry(1, 2), ExampleEntry(2, 0), next, ExampleEntry(3, 0)}) {
    store->Log(entry);
  }
  Commit commit = ExampleCommit(1);
  commit.next_generation = 2;
  commit.next_round = 1;
  store->Write(commit);
  EXPECT_EQ(store->Logged(), (std::vector<LogEntry>{next, ExampleEntry(3, 0)}));
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
    trial.individual = CentreBirth(kMax, kMax / 2);
    trial.index = static_cast<uint32_t>(commit.trials.size());
    trial.parent = Birth{kMax, 0};
    trial.sigma = sigma;
    trial.mirrored = sigma > 1;
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
  EXPECT_THROW(RunStore::OpenReadOnly(temp.run())->Log({}), BugError);
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
  not_a_number.generations.front().metrics["fitness_max"] =
      std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(store->Write(not_a_number), BugError);
  EXPECT_EQ(ReadEverything(*store), ExampleContents(3));
  store->Write(ExampleCommit(4));
  EXPECT_EQ(ReadEverything(*store), ExampleContents(4));
}

// --- What Create and Open refuse
// -----------------------------------------------------------------

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

// --- Old versions
// --------------------------------------------------------------------------------

// One fixture for each schema version that was ever published. Made by
//   store_test --gtest_also_run_disabled_tests
//   --gtest_filter=OldVersions.DISABLED_WriteTheFixture
// when its version was new; never made again.
const fs::path kFixtures = fs::path(DNE_SOURCE_DIR) / "tests" / "store" / "data";

// What version 3 added: centres that are kept as moves, results that no commit holds yet.
void AddMoveAndLog(RunStore& store) {
  Commit commit;
  commit.moves = {{.centre = CentreBirth(7, 2), .from = CentreBirth(3, 2), .recipe = {5, 0, 255}}};
  commit.next_generation = 4;
  commit.state = ExampleState(3);
  store.Write(commit);
  store.Log(ExampleEntry(4, 0));
  store.Log(ExampleEntry(4, 1));
}

// What version 4 added: the processes of a job.
std::vector<RankReport> ExampleRanks() {
  return {{.rank = 0, .host = "one", .threads = 2, .shares = 7, .busy_seconds = 3, .seconds = 2},
          {.rank = 1,
           .host = "two",
           .threads = 1,
           .is_lost = true,
           .shares = 5,
           .busy_seconds = 0.5,
           .seconds = 2,
           .silent_seconds = 1.25}};
}

void AddRanks(RunStore& store) {
  Commit commit;
  commit.ranks = ExampleRanks();
  commit.next_generation = 4;
  commit.state = ExampleState(3);
  store.Write(commit);
}

TEST(RunStoreRanks, AreThoseOfTheLastCommit) {
  RunFolder temp;
  MakeExampleEsRun(temp.run());
  const auto store = RunStore::Open(temp.run());
  EXPECT_TRUE(store->Ranks().empty());
  AddRanks(*store);
  EXPECT_EQ(store->Ranks(), ExampleRanks());
  EXPECT_EQ(RunStore::OpenReadOnly(temp.run())->Ranks(), ExampleRanks());
  EXPECT_EQ(store->Ranks()[0].waited(), 0.25);
  store->Write(ExampleEsCommit(4));
  EXPECT_TRUE(store->Ranks().empty()) << "one process went on";
}

TEST(OldVersions, DISABLED_WriteTheFixture) {
  RunFolder temp;
  MakeExampleEsRun(temp.run());
  AddMoveAndLog(*RunStore::Open(temp.run()));
  AddRanks(*RunStore::Open(temp.run()));
  fs::copy_file(temp.file(), kFixtures / ("v" + std::to_string(kSchemaVersion) + ".sqlite"));
}

// Going on with a run gives it what this version has.
void ExpectThisVersion(const RunFolder& temp) {
  EXPECT_EQ(CheckSchema(Database(temp.file(), Database::Access::kRead)), kSchemaVersion);
  const auto store = RunStore::Open(temp.run());
  store->Log({.generation = 9});
  EXPECT_EQ(store->Logged().size(), 1u);
}

TEST(OldVersions, Version1IsReadAndContinued) {
  RunFolder temp;
  fs::create_directory(temp.run());
  fs::copy_file(kFixtures / "v1.sqlite", temp.file());
  EXPECT_EQ(ReadEverything(*RunStore::OpenReadOnly(temp.run())), ExampleContents());
  EXPECT_FALSE(RunStore::OpenReadOnly(temp.run())->HistoryOf(CentreBirth(1, 0)).has_value());
  EXPECT_TRUE(RunStore::OpenReadOnly(temp.run())->Logged().empty());
  RunStore::Open(temp.run())->Write(ExampleCommit(4));
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleContents(4));
  ExpectThisVersion(temp);
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
  ExpectThisVersion(temp);
}

// Of a store that knows moves and a log.
void ExpectReadAndContinued(const std::string& fixture, const std::vector<RankReport>& ranks) {
  RunFolder temp;
  fs::create_directory(temp.run());
  fs::copy_file(kFixtures / fixture, temp.file());
  {
    const auto store = RunStore::OpenReadOnly(temp.run());
    EXPECT_EQ(ReadEverything(*store), ExampleEsContents());
    ExpectExampleCentres(*store);
    EXPECT_EQ(store->Ranks(), ranks);
    EXPECT_EQ(store->Logged(), (std::vector{ExampleEntry(4, 0), ExampleEntry(4, 1)}));
    const auto history = store->HistoryOf(CentreBirth(7, 2));
    ASSERT_TRUE(history.has_value());
    EXPECT_EQ(history->whole.centre.birth, CentreBirth(3, 2));
    EXPECT_EQ(history->whole.update, (std::vector<uint8_t>{9, 0}));
    ASSERT_EQ(history->moves.size(), 1u);
    EXPECT_EQ(history->moves[0].from, CentreBirth(3, 2));
    EXPECT_EQ(history->moves[0].recipe, (std::vector<uint8_t>{5, 0, 255}));
  }
  RunStore::Open(temp.run())->Write(ExampleEsCommit(4));
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleEsContents(4));
  EXPECT_TRUE(RunStore::Open(temp.run())->Logged().empty()) << "the commit holds what it had";
  ExpectThisVersion(temp);
}

TEST(OldVersions, Version3IsReadAndContinued) { ExpectReadAndContinued("v3.sqlite", {}); }

TEST(OldVersions, Version4IsReadAndContinued) {
  ExpectReadAndContinued("v4.sqlite", ExampleRanks());
}

// It added clouds: members are packed.
TEST(OldVersions, Version5IsReadAndContinued) {
  ExpectReadAndContinued("v5.sqlite", ExampleRanks());
}

}  // namespace
}  // namespace dne
