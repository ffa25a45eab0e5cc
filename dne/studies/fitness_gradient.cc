// SPDX-License-Identifier: MIT
#include "dne/studies/fitness_gradient.h"

#include "dne/tasks/supervised_task.h"

namespace dne {

std::vector<float> FitnessGradient::Run(std::span<const float> parameters,
                                        std::span<const uint32_t> images) {
  const LabelledImages& set = setup_.images->train;
  std::vector<uint8_t> pixels;
  std::vector<uint8_t> labels;
  pixels.reserve(images.size() * set.image_size());
  for (const uint32_t i : images) {
    const auto image = set.image(i);
    pixels.insert(pixels.end(), image.begin(), image.end());
    labels.push_back(set.labels[i]);
  }
  std::vector<float> gradient(parameters.size());
  loss_.Run(parameters, pixels, labels, gradient);
  for (float& g : gradient) g = -g;
  return gradient;
}

std::vector<uint32_t> SharedImages(const Setup& setup, uint64_t seed, uint32_t generation) {
  Stream stream(
      {.seed = seed, .generation = generation, .item = 0, .purpose = Purpose::kTrainEpisode});
  const EpisodeStart start = setup.task->DrawStart(stream);
  return DrawBatch(start.seed.value(), setup.batch_size, setup.images->train.size());
}

}  // namespace dne
