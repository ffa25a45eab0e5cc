// SPDX-License-Identifier: MIT
// Runs on many ranks under mpirun: the same bits, whatever becomes of the ranks.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

void Sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

class Mpi : public CliTest {
 protected:
  Circumstances Job() const {
    Circumstances job = Here();
    job.program = DNE_MPIRUN;
    job.env = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
               {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
               {"PRTE_ALLOW_RUN_AS_ROOT", "1"},
               {"PRTE_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
               // A killed launcher leaves a folder named by its process number there, and a later
               // one of the same number would not start.
               {"TMPDIR", folder().string()},
               {"DNE_TEST_JOB", folder().string()}};
    return job;
  }

  static Words JobWords(int ranks, const std::string& words) {
    return SplitWords("--oversubscribe --bind-to none --with-ft ulfm -n " + std::to_string(ranks) +
                      " " + std::string(DNE_PROGRAM) + " " + words);
  }

  Outcome OnRanks(int ranks, const std::string& words) const {
    return RunProgram(JobWords(ranks, words), Job());
  }

  std::string OkOnRanks(int ranks, const std::string& words) const {
    const Outcome outcome = OnRanks(ranks, words);
    EXPECT_EQ(outcome.exit_code, 0) << words << "\n" << outcome.out << outcome.err;
    return outcome.out;
  }

  // The process that is this rank of the job in work; waits for it.
  pid_t ProcessOf(int rank) const {
    const std::string wanted = "OMPI_COMM_WORLD_RANK=" + std::to_string(rank);
    const std::string ours = "DNE_TEST_JOB=" + folder().string();
    for (int look = 0; look < 100; ++look, Sleep(0.05)) {
      for (const auto& entry : fs::directory_iterator("/proc")) {
        std::ifstream file(entry.path() / "environ");
        std::stringstream text;
        text << file.rdbuf();
        std::istringstream variables(text.str());
        bool is_rank = false;
        bool is_ours = false;
        for (std::string variable; std::getline(variables, variable, '\0');) {
          is_rank |= variable == wanted;
          is_ours |= variable == ours;
        }
        if (is_rank && is_ours) return std::stoi(entry.path().filename());
      }
    }
    throw std::runtime_error("no such rank");
  }

  // One thread, then two and five ranks, and two of two threads.
  void ExpectSameBits(const std::string& words) const {
    Ok("run " + words + " --out expected --threads 1");
    const auto expected = Digests("expected");
    ASSERT_GE(expected.size(), 3u);
    for (const auto& [ranks, threads] : {std::pair(2, 1), {5, 1}, {2, 2}}) {
      const std::string name = "of" + std::to_string(ranks) + "x" + std::to_string(threads);
      OkOnRanks(ranks, "run " + words + " --out " + name + " --threads " + std::to_string(threads));
      EXPECT_EQ(Digests(name), expected) << name;
    }
  }
};

TEST_F(Mpi, TheGaHasTheSameBitsOnAnyRanks) { ExpectSameBits("tiny.toml"); }

TEST_F(Mpi, MapElitesHasTheSameBitsOnAnyRanks) {
  WriteFile(folder() / "map_elites.toml", TinyMapElitesExperiment());
  ExpectSameBits("map_elites.toml");
}

TEST_F(Mpi, SafeMutationsHaveTheSameBitsOnAnyRanks) {
  WriteFile(folder() / "safe.toml", TinySafeExperiment());
  ExpectSameBits("safe.toml");
}

TEST_F(Mpi, SupervisedLearningHasTheSameBitsOnAnyRanks) {
  WriteFile(folder() / "supervised.toml", TinySupervisedExperiment());
  ExpectSameBits("supervised.toml");
}

TEST_F(Mpi, EvolutionStrategiesHaveTheSameBitsOnAnyRanks) {
  WriteFile(folder() / "es.toml", TinyPerturbedExperiments().back());
  ExpectSameBits("es.toml");
}

#ifdef DNE_WITH_MUJOCO
TEST_F(Mpi, NoveltySeekersHaveTheSameBitsOnAnyRanks) {
  WriteFile(folder() / "body.toml", TinyBodyExperiment());
  ExpectSameBits("body.toml --set algorithm.type=nsra_es");
}
#endif

// --- Ranks that are lost or silent ---------------------------------------------------------------

constexpr const char* kLong = "run tiny.toml --out run --set budget.generations=30";

class MpiFaults : public Mpi {
 protected:
  // What an undisturbed run of kLong gives.
  std::vector<std::string> Undisturbed() const {
    Ok("run tiny.toml --out expected --set budget.generations=30");
    return Digests("expected");
  }
};

TEST_F(MpiFaults, AKilledWorkerIsToldOfAndChangesNoBit) {
  const auto expected = Undisturbed();
  for (const double moment : {0.0, 0.3, 0.6}) {
    fs::remove_all(folder() / "run");
    Program job(JobWords(4, kLong), Job());
    job.WaitForOutput("generation    1");
    Sleep(moment);
    kill(ProcessOf(2), SIGKILL);
    const Outcome outcome = job.Finish();
    EXPECT_THAT(outcome.out + outcome.err, HasSubstr("Note: rank 2 ("));
    EXPECT_THAT(outcome.out, HasSubstr("3 ranks, 1 lost, waited"));
    EXPECT_EQ(Digests("run"), expected) << moment;
    EXPECT_THAT(Ok("show run"), HasSubstr("  lost\n"));
  }
}

TEST_F(MpiFaults, AStoppedWorkerHoldsUpNobody) {
  const auto expected = Undisturbed();
  Program job(JobWords(3, kLong), Job());
  job.WaitForOutput("generation    1");
  const pid_t stopped = ProcessOf(1);
  kill(stopped, SIGSTOP);
  job.WaitForOutput("generation   25");
  kill(stopped, SIGCONT);
  const Outcome outcome = job.Finish();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("lost")));
  EXPECT_EQ(Digests("run"), expected);
}

TEST_F(MpiFaults, AKilledRankZeroIsGoneOnWith) {
  const auto expected = Undisturbed();
  {
    Program job(JobWords(3, kLong), Job());
    job.WaitForOutput("generation    5");
    kill(ProcessOf(0), SIGKILL);
    EXPECT_NE(job.Finish().exit_code, 0);
  }
  OkOnRanks(2, "resume run");
  EXPECT_EQ(Digests("run"), expected);
}

TEST_F(MpiFaults, TerminatedItEndsAfterACommitAndGoesOn) {
  const auto expected = Undisturbed();
  {
    Program job(JobWords(3, kLong), Job());
    job.WaitForOutput("generation    5");
    kill(ProcessOf(0), SIGTERM);
    const Outcome outcome = job.Finish();
    EXPECT_THAT(outcome.out + outcome.err, HasSubstr("Continue with: dne resume run"));
  }
  EXPECT_GE(Digests("run").size(), 6u);
  Ok("resume run --threads 2");
  EXPECT_EQ(Digests("run"), expected);
}

// The script of examples/, with a scheduler that only notes what it is told.
TEST_F(MpiFaults, TheSlurmExampleStopsInTimeAndBeginsAgain) {
  const auto expected = Undisturbed();
  WriteFile(folder() / "scontrol", "#!/bin/sh\necho \"$@\" >> requeued\n");
  fs::permissions(folder() / "scontrol", fs::perms::owner_all);
  Circumstances job = Job();
  job.program = "/bin/bash";
  job.env["PATH"] = folder().string() + ":/usr/bin:/bin";
  job.env["DNE"] = DNE_PROGRAM;
  job.env["MPIRUN"] = DNE_MPIRUN;
  job.env["MPIRUN_OPTIONS"] = "--oversubscribe --bind-to none -n 3";
  job.env["SLURM_JOB_ID"] = "17";
  const Words words = {std::string(DNE_SOURCE_DIR) + "/examples/slurm.sbatch", "long.toml", "run"};
  std::string text = TinyExperiment();
  text.replace(text.find("generations = 3"), 15, "generations = 30");
  WriteFile(folder() / "long.toml", text);
  {
    Program first(words, job);
    first.WaitForOutput("generation    2");
    first.Signal(SIGTERM);
    const Outcome outcome = first.Finish();
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  EXPECT_EQ(ReadFile(folder() / "requeued"), "requeue 17\n");
  const size_t before = Digests("run").size();
  EXPECT_GE(before, 3u);
  EXPECT_LT(before, 30u);
  EXPECT_EQ(RunProgram(words, job).exit_code, 0);
  EXPECT_EQ(Digests("run"), expected);
}

TEST_F(Mpi, ALauncherOfAnotherMpiIsTold) {
  Circumstances job = Here();
  job.env = {{"PMI_SIZE", "2"}, {"PMI_RANK", "0"}};
  ExpectError(Dne(SplitWords("run tiny.toml --out run"), job), 1,
              "the launcher started 2 processes, but they do not find each other: it belongs to "
              "another MPI than the one that dne was built with; use that one's mpirun (under "
              "Slurm, or srun --mpi=pmix)");
  job.env = {{"PMIX_RANK", "0"}};
  EXPECT_EQ(Dne(SplitWords("list"), job).exit_code, 0);
}

// --- Commands ------------------------------------------------------------------------------------

TEST_F(Mpi, ADeviceIsForOneProcess) {
  const Outcome outcome = OnRanks(2, "run tiny.toml --device cuda");
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("--device is for one process: leave it out, or start dne "
                                     "without mpirun (docs/gpu.md)"));
}

TEST_F(Mpi, EvaluationGivesTheSameScores) {
  MakeRun();
  for (const std::string words :
       {"evaluate run --episodes 20 --json",
        "robustness run --perturbations 20 --episodes 2 --baseline-episodes 10 --json"}) {
    EXPECT_EQ(OkOnRanks(3, words), Ok(words)) << words;
  }
}

TEST_F(Mpi, OneRankSpeaksForAll) {
  for (const std::string words : {"run none.toml", "run tiny.toml --gibberish", "show none"}) {
    const Outcome alone = Dne(words);
    const Outcome outcome = OnRanks(3, words);
    EXPECT_EQ(outcome.exit_code, alone.exit_code) << words;
    const size_t first = outcome.err.find("error: ");
    ASSERT_NE(first, std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find("error: ", first + 1), std::string::npos) << outcome.err;
  }
}

TEST_F(Mpi, BenchMeasuresWhatRanksCost) {
  OkOnRanks(2, "bench cluster --threads 4 --json few.json");
  OkOnRanks(3, "bench cluster --threads 4 --json more.json --csv more.csv");
  EXPECT_THAT(ReadFile(folder() / "more.csv"), HasSubstr("episodes of 1 ms: rank 0's time each"));
  MakeRun();
  Circumstances python = Here();
  python.program = "/usr/bin/python3";
  const Outcome outcome =
      RunProgram({std::string(DNE_SOURCE_DIR) + "/bench/cluster_saturation.py", "few.json",
                  "more.json", "run/run.sqlite", "--workers", "10", "100"},
                 python);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("if rank 0 cost nothing"));
}

TEST_F(Mpi, BenchOfOneProcessSaysHowToStartIt) {
  ExpectError(Dne("bench cluster"), 1,
              "it measures what several ranks cost: start it as mpirun -n 4 dne bench cluster");
}

TEST_F(Mpi, ShowTellsWhatEachRankDid) {
  OkOnRanks(3, "run tiny.toml --out run --set algorithm.population_size=40");
  const std::string story = Ok("show run");
  EXPECT_THAT(story, HasSubstr("  rank  machine "));
  EXPECT_THAT(story, HasSubstr("     2  "));
  EXPECT_THAT(Ok("show run --json"), HasSubstr("\"waited\""));
  Ok("resume run --set budget.generations=4");
  EXPECT_THAT(Ok("show run"), Not(HasSubstr("  rank  machine "))) << "one process went on";
}

}  // namespace
}  // namespace dne::cli
