// SPDX-License-Identifier: MIT
// What a dne without MPI says where a launcher started several of it.
#include "dne/cluster/mpi.h"
#include "tests/expect_error.h"

namespace dne {
namespace {

TEST(MpiAbsent, SaysHowToGetIt) {
  EXPECT_ERROR(JoinMpi(),
               "this dne was built without MPI, so that each of the launcher's processes would do "
               "all of the work: run scripts/setup.sh --mpi and build with -DDNE_MPI=ON, or start "
               "one process");
}

}  // namespace
}  // namespace dne
