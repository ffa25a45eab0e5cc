// SPDX-License-Identifier: MIT
// Images with labels in the files that MNIST and its like come as: IDX, plain or packed by gzip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace dne {

struct LabelledImages {
  int height = 0;
  int width = 0;
  std::vector<uint8_t> pixels;  // an image after the other, a row after the other, a byte a pixel
  std::vector<uint8_t> labels;  // one an image

  size_t size() const { return labels.size(); }
  size_t image_size() const { return static_cast<size_t>(height) * static_cast<size_t>(width); }
  std::span<const uint8_t> image(size_t i) const {
    return std::span(pixels).subspan(i * image_size(), image_size());
  }
};

struct ImageData {
  LabelledImages train;
  LabelledImages test;  // of the same size
  int num_classes = 0;  // one more than the largest label
  uint64_t digest = 0;  // of all pixels and labels
};

// Reads train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
// t10k-labels-idx1-ubyte from the folder, each under this name or with ".gz" behind it. Throws
// Error, naming the file, where one is missing, of another kind, too short or too long, or where
// two do not belong together.
ImageData ReadImageData(const std::filesystem::path& folder);

// A set that needs no files, for a first try: 12 x 12 pixels of noise, uniform from 0 to 127, with
// a bright square of 4 x 4 at one of nine places, which is the class. 2,000 images to train on, 500
// to test on, the same ones always.
ImageData MakePatches();

}  // namespace dne
