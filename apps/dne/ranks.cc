// SPDX-License-Identifier: MIT
#include "apps/dne/ranks.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "apps/dne/command.h"
#include "dne/base/error.h"
#include "dne/cluster/mpi.h"
#include "dne/cluster/serve.h"
#include "dne/experiment/setup.h"

namespace dne::app {
namespace {

Cluster* cluster_of_job = nullptr;

// Launchers tell the processes that they start how many there are: Open MPI's, MPICH's and its
// relatives', and Slurm's by one or the other way, of which the last says only which one this is.
bool IsOneOfSeveral() {
  const auto is_several = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && std::string_view(value) != "1";
  };
  if (std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr) return is_several("OMPI_COMM_WORLD_SIZE");
  if (std::getenv("PMI_SIZE") != nullptr) return is_several("PMI_SIZE");
  return std::getenv("PMIX_RANK") != nullptr;
}

// Ranks on which it differs could not work together.
std::string Program() { return fmt::format("dne {} ({}; {})", DNE_VERSION, BuildName(), DNE_MATH); }

void ServeRankZero(Transport& transport) {
  // Whoever interrupts the job interrupts rank 0, which says when it has ended.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  Serve(transport, {.program = Program(), .make_setup = MakeRankSetup, .clock = Now});
}

}  // namespace

Cluster* ClusterOfJob() { return cluster_of_job; }

int OnRankZero(const std::function<int()>& work) {
  if (!IsOneOfSeveral()) return work();
  try {
    const std::unique_ptr<Transport> transport = JoinMpi();
    if (transport->size() == 1) return work();
    if (transport->rank() > 0) {
      ServeRankZero(*transport);
      return kExitOk;
    }
    Cluster cluster(*transport, {.program = Program(), .clock = Now, .warn = [](const auto& text) {
                                   fmt::print(stderr, "Note: {}\n", text);
                                 }});
    cluster_of_job = &cluster;
    const int code = work();
    cluster_of_job = nullptr;
    return code;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    fmt::print(stderr, "error: {}\n", error.what());
    return kExitError;
  }
}

}  // namespace dne::app
