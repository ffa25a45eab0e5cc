// SPDX-License-Identifier: MIT
#include "apps/dne/run_info.h"

#include "apps/dne/command.h"

namespace dne::app {

RunInfo InfoOf(const ExperimentConfig& config, const Setup& setup) {
  return {.config = ConfigToToml(config),
          .dne_version = DNE_VERSION,
          .build = BuildName(),
          .math = DNE_MATH,
          .machine = MachineName(),
          .seed = config.seed,
          .created = Timestamp(),
          .attachments = AttachmentsOf(setup)};
}

}  // namespace dne::app
