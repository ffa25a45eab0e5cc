// SPDX-License-Identifier: MIT
// How members of a cloud differ from their centre, where all parameters are perturbed alike.
#pragma once

#include "dne/config/field.h"
#include "dne/config/mistakes.h"
#include "dne/genome/perturbation.h"

namespace dne {

struct PerturbationOptions {
  PerturbationKind kind = PerturbationKind::kGaussian;
  int bucket_size = 5000;  // of buckets, a multiple of 4
  int rank = 1;            // of low rank

  void Visit(Fields& fields);
  void Check(Mistakes& mistakes) const;
  PerturbationSpec Spec() const;
  bool operator==(const PerturbationOptions&) const = default;
};

}  // namespace dne
