// SPDX-License-Identifier: MIT
// What other programs print about their speed, to stand next to ours. bench/peers holds them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dne {

// One run of a script of bench/peers.
struct PeerRequest {
  std::string script;              // its file
  std::vector<std::string> words;  // as its usage says, but for the last: the clock
};

// Runs it as a process of its own and returns all it printed; throws Error where that fails, and
// Cancelled.
using PeerRunner = std::function<std::string(const PeerRequest&)>;

struct PeerOutput {
  std::string script;
  std::map<std::string, double> figures;        // by name
  std::map<std::string, std::string> versions;  // by package

  // "envpool 1.2.5, torch 2.15.0".
  std::string VersionText() const;
  // Throws Error where the script did not print it.
  double Figure(const std::string& name) const;
};

// Lines "figure NAME NUMBER ..." and "version PACKAGE VERSION"; all others are somebody else's.
PeerOutput ParsePeerOutput(const std::string& script, std::string_view text);

PeerOutput RunPeer(const PeerRunner& run, const PeerRequest& request);

}  // namespace dne
