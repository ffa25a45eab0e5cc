// SPDX-License-Identifier: MIT
// A task whose episodes are exams: a network sees images, whose classes are known. Who runs
// networks elsewhere plays such a task by this, without workers of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dne/episode/episode.h"
#include "dne/nn/network.h"
#include "dne/plan/plan.h"
#include "dne/tasks/labelled_images.h"

namespace dne {

struct Exam {
  const LabelledImages& set;
  std::vector<uint32_t> images;  // of the set, in order
  bool is_whole = true;          // not cut off at a step cap
  size_t seen = 0;               // images that are marked
  size_t right = 0;              // of them
  double loss = 0;               // of all of them, in their order

  std::span<const uint32_t> left() const { return std::span(images).subspan(seen); }
};

// Immutable, shared by all threads.
class Exams {
 public:
  virtual ~Exams() = default;

  virtual const Network& network() const = 0;
  virtual const ImageData& data() const = 0;  // of which all sets are parts

  virtual Exam Begin(const EpisodeStart& start, const EpisodeOptions& how) const = 0;
  // Marks the next images by a row of outputs each.
  virtual void Mark(Exam& exam, std::span<const float> outputs) const = 0;
  // Once all are seen: adds the episode, and the notes that are wanted, to the result.
  virtual void End(const Exam& exam, const EpisodeStart& start, const EpisodeOptions& how,
                   Result& result) const = 0;
};

}  // namespace dne
