// SPDX-License-Identifier: MIT
#include "dne/bench/noise_images.h"

#include <utility>

#include "dne/bench/playing_rate.h"
#include "dne/tasks/supervised_task.h"

namespace dne {
namespace {

constexpr int kSide = 28;
constexpr int kClasses = 10;

LabelledImages NoiseImages(size_t count) {
  LabelledImages images{.height = kSide, .width = kSide, .pixels = {}, .labels = {}};
  Stream random = BenchStream(0);
  images.pixels.resize(count * images.image_size());
  for (uint8_t& pixel : images.pixels) pixel = static_cast<uint8_t>(random.Below(256));
  for (size_t i = 0; i < count; ++i) images.labels.push_back(static_cast<uint8_t>(i % kClasses));
  return images;
}

}  // namespace

std::unique_ptr<Task> MakeNoiseTask(const NetworkSpec& network, int batch_size, size_t train,
                                    size_t test) {
  auto data = std::make_shared<ImageData>();
  data->train = NoiseImages(train);
  data->test = NoiseImages(test);
  data->num_classes = kClasses;
  return MakeSupervisedTask(
      std::make_shared<const Network>(network, Shape{kSide, kSide, 1}, kClasses), std::move(data),
      batch_size);
}

}  // namespace dne
