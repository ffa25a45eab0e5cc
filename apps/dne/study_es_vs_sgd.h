// SPDX-License-Identifier: MIT
#pragma once

namespace CLI {
class App;
}

namespace dne::app {

// Adds `es-vs-sgd` to `dne study`.
void AddEsVsSgdStudy(CLI::App& study);

}  // namespace dne::app
