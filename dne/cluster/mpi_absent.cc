// SPDX-License-Identifier: MIT
#include "dne/base/error.h"
#include "dne/cluster/mpi.h"

namespace dne {

std::unique_ptr<Transport> JoinMpi() {
  throw Error(
      "this dne was built without MPI, so that each of the launcher's processes would do all of "
      "the "
      "work: run scripts/setup.sh --mpi and build with -DDNE_MPI=ON, or start one process");
}

}  // namespace dne
