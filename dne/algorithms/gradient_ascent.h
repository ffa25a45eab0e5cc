// SPDX-License-Identifier: MIT
// The update of ES (1703.03864) and, with spreads, of PGPE (Sehnke et al. 2010; the symmetric
// variant that 2008.02387 pairs with ClipUp): members' noise, weighted by their scores, is the
// gradient that the centre ascends by an optimiser.
#pragma once

#include "dne/algorithms/adam.h"
#include "dne/algorithms/shaping.h"
#include "dne/algorithms/update.h"
#include "dne/config/field.h"

namespace dne {

struct AscentOptions {
  FitnessShaping shaping = FitnessShaping::kCentredRank;
  Chosen<OptimizerKind> optimizer = {kAdam, AdamOptions{}};
  float l2_coefficient = 0.005f;

  void Visit(Fields& fields);
  // Its two parts.
  Field& VisitShaping(Fields& fields);
  void VisitStep(Fields& fields);
  bool operator==(const AscentOptions&) const = default;
};

// The spread s of a parameter becomes s * (1 + learning_rate * g) each generation, g being the mean
// over pairs of (their mean score - all members' mean score) * (noise^2 - 1).
struct SpreadOptions {
  double learning_rate = 0.1;
  double max_change = 0.2;  // of a spread, as a share of it, in one generation

  void Visit(Fields& fields);
  bool operator==(const SpreadOptions&) const = default;
};

// The step of a generation, from 1, uphill along `gradient`, weight decay included; says
// gradient_norm and the step's norms. For whoever has a gradient of other origin as well.
void Ascend(std::vector<float> gradient, float l2_coefficient, uint64_t generation,
            const ParallelFor& parallel, Optimizer& optimizer, std::span<float> parameters,
            Metrics& metrics);

// `perturbation`: how members differ from their centre. `top_directions`: only so many of the best
// pairs count (ARS, 1803.07055); 0: all, by `shaping`.
UpdateMaker EsUpdate(const AscentOptions& options, const PerturbationSpec& perturbation,
                     int top_directions = 0);

UpdateMaker PgpeUpdate(const AscentOptions& options, const SpreadOptions& spreads);

}  // namespace dne
