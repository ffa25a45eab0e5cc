// SPDX-License-Identifier: MIT
// What other programs print about their speed, to stand next to ours. bench/peers holds them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace dne {

// One run of bench/peers/atari_population.py.
struct PeerRequest {
  std::string kind;  // "vmap": all policies in one call; "loop": one after the other
  std::string game;  // as ALE names it
  int policies = 1;
  int threads = 1;
  double seconds = 3;  // a figure
};

// Runs it as a process of its own and returns all it printed; throws Error where that fails.
using PeerRunner = std::function<std::string(const PeerRequest&)>;

struct PeerOutput {
  std::map<std::string, double> figures;        // by name
  std::map<std::string, std::string> versions;  // by package

  // "envpool 1.2.5, torch 2.15.0".
  std::string VersionText() const;
  // Throws Error where it was not printed.
  double Figure(const std::string& name) const;
};

// Lines "figure NAME NUMBER ..." and "version PACKAGE VERSION"; all others are somebody else's.
PeerOutput ParsePeerOutput(std::string_view text);

}  // namespace dne
