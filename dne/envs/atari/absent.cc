// SPDX-License-Identifier: MIT
// Stands in for the games in a build without them, so that nobody else has to ask.
#include "dne/base/error.h"
#include "dne/envs/atari/atari.h"

namespace dne {

std::vector<std::string> AtariGameNames() { return {}; }

std::shared_ptr<const AtariGame> AtariGame::Load(std::string_view game, const AtariOptions&) {
  throw Error("this dne was built without Atari, so it cannot play " + std::string(game) +
              ": run scripts/fetch_ale.sh and configure with -DDNE_ATARI=ON");
}

}  // namespace dne
