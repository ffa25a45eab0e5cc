// SPDX-License-Identifier: MIT
// A dne that was built without MPI, where a launcher started several of it.
#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

TEST_F(CliTest, WithoutMpiALauncherIsRefused) {
  for (const std::string variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) {
    Circumstances launched = Here();
    launched.env = {{variable, "2"}};
    ExpectError(Dne(SplitWords("run tiny.toml --out run"), launched), 1,
                "this dne was built without MPI, so that each of the launcher's processes would "
                "do all of the work: run scripts/setup.sh --mpi and build with -DDNE_MPI=ON, or "
                "start one process");
  }
  Circumstances alone = Here();
  alone.env = {{"OMPI_COMM_WORLD_SIZE", "1"}};
  EXPECT_EQ(Dne(SplitWords("list"), alone).exit_code, 0);
}

}  // namespace
}  // namespace dne::cli
