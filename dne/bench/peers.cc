// SPDX-License-Identifier: MIT
#include "dne/bench/peers.h"

#include <cmath>
#include <sstream>

#include "dne/base/error.h"

namespace dne {

std::string PeerOutput::VersionText() const {
  std::string text;
  for (const auto& [package, version] : versions) {
    if (!text.empty()) text += ", ";
    text += package + " " + version;
  }
  return text;
}

double PeerOutput::Figure(const std::string& name) const {
  const auto found = figures.find(name);
  if (found == figures.end()) {
    throw Error("the peer printed no usable line 'figure " + name + " NUMBER': run bench/peers/" +
                script + " by hand to see why");
  }
  return found->second;
}

PeerOutput ParsePeerOutput(const std::string& script, std::string_view text) {
  PeerOutput output{.script = script, .figures = {}, .versions = {}};
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind;
    std::string name;
    words >> kind >> name;
    if (kind == "figure") {
      double value = 0;
      if (words >> value && std::isfinite(value) && value > 0) output.figures[name] = value;
    } else if (kind == "version") {
      std::string version;
      if (words >> version) output.versions[name] = version;
    }
  }
  return output;
}

PeerOutput RunPeer(const PeerRunner& run, const PeerRequest& request) {
  return ParsePeerOutput(request.script, run(request));
}

}  // namespace dne
