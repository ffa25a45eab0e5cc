// SPDX-License-Identifier: MIT
// What the signature is made of: small experiments that between them use everything built in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dne/experiment/config.h"
#include "dne/tasks/landscape_task.h"

namespace dne {

// One line of the signature.
struct SignaturePart {
  std::string name;
  std::vector<ExperimentConfig> experiments;
  std::optional<Landscape> landscape = {};  // played instead of the configurations' task
};

// In the order of the lines. A new algorithm, option or environment gets a part of its own at the
// end, so that the other lines stay what they are; tests/experiment/signature_test.cc tells what is
// missing.
std::vector<SignaturePart> SignatureParts();

// Networks of convolutions and dense layers, for images.
std::vector<NetworkSpec> SignatureNetworks();

// These, and one whose dense layer is stored so, with weights of 16 bits.
std::vector<NetworkSpec> SignatureHalves();

// Networks of all other layers, and with skips, for images.
std::vector<NetworkSpec> SignatureGraphs();

}  // namespace dne
