// SPDX-License-Identifier: MIT
#include "dne/algorithms/mutation_options.h"

#include <array>

#include "dne/algorithms/limits.h"

namespace dne {
namespace {

// Parameters of so large a value are useless.
constexpr Range<float> kClips = {0, 1e6f};

constexpr std::array<Choice<PerturbationKind>, 5> kMutations = {
    {{"gaussian", PerturbationKind::kGaussian},
     {"sm_r", PerturbationKind::kSafeRescaled},
     {"sm_g_sum", PerturbationKind::kSafeSum},
     {"sm_g_abs", PerturbationKind::kSafeAbs},
     {"sm_g_so", PerturbationKind::kSafeSecondOrder}}};

}  // namespace

void MutationOptions::Visit(Fields& fields) {
  const bool is_safe = IsSafe(kind);
  fields.Add("mutation", kind, kMutations,
             "sigma * noise, or a safe mutation (1712.06563): rescaled until outputs change by "
             "sigma (sm_r), or noise divided by the outputs' sensitivity to each parameter");
  fields
      .Add("mutation_clip", clip, kClips,
           "sm_g only: no parameter changes by more than this; 0: no limit")
      .OnlyIf(is_safe && kind != PerturbationKind::kSafeRescaled, kind);
  fields
      .Add("experiences", experiences, kCounts,
           "safe mutations only: observations of the parent's own episode that they look at, at "
           "most")
      .OnlyIf(is_safe, kind);
}

PerturbationSpec MutationOptions::Spec(int max_episode_steps) const {
  if (!IsSafe(kind)) return {.kind = kind};
  return {.kind = kind,
          .clip = clip,
          .experience = static_cast<uint32_t>(experiences),
          .max_steps = static_cast<uint32_t>(max_episode_steps)};
}

void VisitMutationPower(Fields& fields, float& sigma) {
  fields.Add("sigma", sigma, kSigmas, "mutation power; with sm_r the divergence to reach");
}

}  // namespace dne
