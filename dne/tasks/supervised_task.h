// SPDX-License-Identifier: MIT
// Supervised learning (1712.06564): a network tells which class an image belongs to.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dne/nn/network.h"
#include "dne/tasks/labelled_images.h"
#include "dne/tasks/task_kind.h"

namespace dne {

// No image counts for more; also the loss of a policy whose outputs are not numbers.
inline constexpr double kWorstLoss = 100;

// `count` different images of `num_images`, in the order that they were drawn in. The same for the
// same seed.
std::vector<uint32_t> DrawBatch(uint64_t seed, size_t count, size_t num_images);

// An episode is an exam: a mini-batch of `batch_size` training images, which its seed draws, or,
// without a seed, all test images;
// EpisodeOptions::max_steps of them at most, the first ones. Streams of training
// (Purpose::kTrainEpisode) draw seeds, all others none. A step is an image. The score is minus the
// mean cross-entropy; the behaviour is one number, the share of the images whose largest output is
// their label's (the first of equal ones). Safe mutations look at the images of a training episode.
std::unique_ptr<Task> MakeSupervisedTask(std::shared_ptr<const Network> network,
                                         std::shared_ptr<const ImageData> data, int batch_size);

extern const TaskKind kSupervisedKind;

}  // namespace dne
