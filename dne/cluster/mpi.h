// SPDX-License-Identifier: MIT
// The transport of real clusters: MPI, where dne was built with it.
#pragma once

#include <memory>

#include "dne/cluster/transport.h"

namespace dne {

// Joins the job that a launcher (mpirun, srun) started this process for. Once a process, on its
// main thread, which alone may use the transport; the job is left when the transport goes away.
// Throws Error where dne was built without MPI.
//
// A rank that dies ends the job, as MPI has it, unless this MPI can tell of lost ranks and was
// started to (Open MPI 5: mpirun --with-ft ulfm).
std::unique_ptr<Transport> JoinMpi();

}  // namespace dne
