// SPDX-License-Identifier: MIT
// Other programs' scripts of bench/peers as processes.
#pragma once

#include <atomic>
#include <string>

#include "dne/bench/peers.h"

namespace dne::app {

// Runs scripts by this Python, wall clock or processor time; none where it is empty. Once `cancel`
// is true the script is ended, and the runner throws Cancelled. Throws Error where the scripts are
// not there.
PeerRunner PeersBy(const std::string& python, bool cpu_time, const std::atomic<bool>& cancel);

}  // namespace dne::app
