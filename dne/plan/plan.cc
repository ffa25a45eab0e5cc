// SPDX-License-Identifier: MIT
#include "dne/plan/plan.h"

#include "dne/base/error.h"

namespace dne {

double Result::MeanScore() const {
  DNE_CHECK(!episodes.empty());
  double sum = 0;
  for (const Episode& episode : episodes) sum += episode.score;
  return sum / static_cast<double>(episodes.size());
}

uint64_t Result::TotalSteps() const {
  uint64_t steps = 0;
  for (const Episode& episode : episodes) steps += episode.steps;
  return steps;
}

uint64_t Result::TotalFrames() const {
  uint64_t frames = 0;
  for (const Episode& episode : episodes) frames += episode.frames;
  return frames;
}

}  // namespace dne
