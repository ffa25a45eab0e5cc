// SPDX-License-Identifier: MIT
#include "apps/dne/ranks.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "apps/dne/command.h"
#include "dne/base/about.h"
#include "dne/base/error.h"
#include "dne/bench/bench_cluster.h"
#include "dne/cluster/mpi.h"
#include "dne/cluster/serve.h"
#include "dne/experiment/setup.h"

namespace dne::app {
namespace {

Cluster* cluster_of_job = nullptr;

constexpr int kSeveral = -1;  // it is not known how many

// What a launcher tells the processes that it starts: 0: none started this one.
int ProcessesStarted() {
  // Open MPI's, MPICH's and its relatives'; Slurm's has one or the other.
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    if (const char* value = std::getenv(name)) return std::atoi(value);
  }
  // Then only which one this is.
  return std::getenv("PMIX_RANK") != nullptr ? kSeveral : 0;
}

// Ranks on which it differs could not work together.
std::string Program() { return fmt::format("dne {} ({}; {})", Version(), BuildName(), MathName()); }

std::string HostName() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

// What MPI waits for, a rank that died meanwhile never does.
constexpr unsigned kPatience = 120;  // seconds

void GiveUp(int) {
  constexpr std::string_view kText =
      "error: the ranks did not find each other within 120 seconds: one of them died, or its "
      "machine is not reached\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kText.data(), kText.size());
  _exit(kExitError);
}

// Nor does it end with the others, who would wait for it at the end.
constexpr unsigned kFarewell = 10;  // seconds
int exit_code = kExitOk;

void Leave(int) { _exit(exit_code); }

// The work is done, whatever becomes of the others.
int End(int code) {
  std::fflush(stdout);
  exit_code = code;
  signal(SIGALRM, Leave);
  alarm(kFarewell);
  return code;
}

std::unique_ptr<Transport> Join() {
  signal(SIGALRM, GiveUp);
  alarm(kPatience);
  std::unique_ptr<Transport> transport = JoinMpi();
  alarm(0);
  return transport;
}

// Of what rank 0's command evaluates.
std::unique_ptr<RankSetup> MakeSetupOfKind(std::span<const uint8_t> bytes,
                                           const EvaluatorOptions& options) {
  if (!bytes.empty() && bytes.front() == kWaitingSetup) return MakeWaitingSetup();
  return MakeRankSetup(bytes, options);
}

int ServeRankZero(Transport& transport) {
  // Whoever interrupts the job interrupts rank 0, which says when it has ended.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  const bool has_ended = Serve(
      transport,
      {.program = Program(), .host = HostName(), .make_setup = MakeSetupOfKind, .clock = Now});
  if (has_ended) return kExitOk;
  fmt::print(stderr, "error: rank 0 was lost: start it again; a run goes on with dne resume\n");
  return kExitError;
}

}  // namespace

Cluster* ClusterOfJob() { return cluster_of_job; }

int OnRankZero(const std::function<int()>& work) {
  const int started = ProcessesStarted();
  if (started == 0 || started == 1) return work();
  std::unique_ptr<Transport> transport;  // left last, whatever happens: others may never come to it
  try {
    transport = Join();
    if (transport->size() == 1 && started == kSeveral) return work();
    if (transport->size() == 1) {
      throw Error(fmt::format(
          "the launcher started {} processes, but they do not find each other: it belongs to "
          "another MPI than the one that dne was built with; use that one's mpirun (under Slurm, "
          "or srun --mpi=pmix)",
          started));
    }
    if (transport->rank() > 0) return End(ServeRankZero(*transport));
    Cluster cluster(
        *transport,
        {.program = Program(), .host = HostName(), .clock = Now, .warn = [](const auto& text) {
           fmt::print(stderr, "Note: {}\n", text);
         }});
    cluster_of_job = &cluster;
    const int code = work();
    cluster_of_job = nullptr;
    return End(code);
  } catch (const std::exception& error) {
    std::fflush(stdout);
    fmt::print(stderr, "error: {}\n", error.what());
    return End(kExitError);
  }
}

}  // namespace dne::app
