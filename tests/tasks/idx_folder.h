// SPDX-License-Identifier: MIT
// Small sets of images in the files that MNIST comes as. Label i is i, modulo 10.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace dne {

struct IdxSizes {
  uint32_t height;
  uint32_t width;
  uint32_t train;
  uint32_t test;
  uint32_t train_labels = 0;  // 0: as many as images
};

inline uint8_t IdxPixel(uint32_t image, uint32_t pixel) {
  return static_cast<uint8_t>(31 * image + 7 * pixel);
}

inline std::string IdxNumber(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

inline void WriteIdxSet(const std::filesystem::path& folder, const std::string& name,
                        const IdxSizes& sizes, uint32_t images, uint32_t labels) {
  std::ofstream pixels(folder / (name + "-images-idx3-ubyte"), std::ios::binary);
  pixels << IdxNumber(0x803) << IdxNumber(images) << IdxNumber(sizes.height)
         << IdxNumber(sizes.width);
  for (uint32_t i = 0; i < images; ++i) {
    for (uint32_t p = 0; p < sizes.height * sizes.width; ++p) {
      pixels << static_cast<char>(IdxPixel(i, p));
    }
  }
  std::ofstream classes(folder / (name + "-labels-idx1-ubyte"), std::ios::binary);
  classes << IdxNumber(0x801) << IdxNumber(labels);
  for (uint32_t i = 0; i < labels; ++i) classes << static_cast<char>(i % 10);
}

inline void WriteIdxFolder(const std::filesystem::path& folder, const IdxSizes& sizes) {
  std::filesystem::create_directories(folder);
  WriteIdxSet(folder, "train", sizes, sizes.train,
              sizes.train_labels > 0 ? sizes.train_labels : sizes.train);
  WriteIdxSet(folder, "t10k", sizes, sizes.test, sizes.test);
}

}  // namespace dne
