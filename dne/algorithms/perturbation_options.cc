// SPDX-License-Identifier: MIT
#include "dne/algorithms/perturbation_options.h"

#include <fmt/format.h>

#include <array>

namespace dne {
namespace {

constexpr std::array<Choice<PerturbationKind>, 4> kPerturbations = {
    {{"gaussian", PerturbationKind::kGaussian},
     {"rademacher", PerturbationKind::kSigns},
     {"bucket", PerturbationKind::kBucket},
     {"low_rank", PerturbationKind::kLowRank}}};

constexpr int kMostOfBucket = 1'000'000'000;
constexpr int kMostRank = 1024;

}  // namespace

void PerturbationOptions::Visit(Fields& fields) {
  fields.Add(
      "perturbation", kind, kPerturbations,
      "of members: sigma * a normal number for each parameter; sigma or -sigma for each "
      "(SPSA); normal numbers on one bucket of the parameters (1712.06564); a product of two "
      "thin matrices for each layer's weights (2511.16652)");
  fields
      .Add("bucket_size", bucket_size, Range<int>{4, kMostOfBucket},
           "bucket only: parameters that a member changes; a multiple of 4")
      .OnlyIf(kind == PerturbationKind::kBucket, kind);
  fields.Add("rank", rank, Range<int>{1, kMostRank}, "low_rank only: columns of the two matrices")
      .OnlyIf(kind == PerturbationKind::kLowRank, kind);
}

void PerturbationOptions::Check(Mistakes& mistakes) const {
  if (kind != PerturbationKind::kBucket || bucket_size % 4 == 0) return;
  const int below = bucket_size / 4 * 4;
  mistakes.Contradiction(fmt::format("bucket_size is {}, but noise comes in fours: give {} or {}",
                                     bucket_size, below, below + 4),
                         bucket_size);
}

PerturbationSpec PerturbationOptions::Spec() const {
  PerturbationSpec spec{.kind = kind};
  if (kind == PerturbationKind::kBucket) spec.bucket_size = static_cast<uint32_t>(bucket_size);
  if (kind == PerturbationKind::kLowRank) spec.rank = static_cast<uint32_t>(rank);
  return spec;
}

}  // namespace dne
