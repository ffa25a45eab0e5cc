// SPDX-License-Identifier: MIT
// A fingerprint of behaviour: what fixed small experiments compute, a number each and one for all.
// They use every algorithm, option and environment that is built in (signature_parts.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dne/evaluate/evaluator.h"

namespace dne {

struct SignatureLine {
  std::string name;
  std::optional<uint64_t> digest;  // none: this build has no Atari, or no MuJoCo, to compute it
};

// The same for every code path, thread count and machine; a change of any result changes its lines.
// Takes seconds; on the scalar path half a minute. Lines that are not wanted are not computed.
std::vector<SignatureLine> SignatureLines(
    const EvaluatorOptions& options,
    const std::function<bool(const std::string& name)>& wanted = [](const auto&) { return true; });

// All lines as one number; lines left out count as such.
uint64_t Signature(const std::vector<SignatureLine>& lines);

}  // namespace dne
