// SPDX-License-Identifier: MIT
// A place in memory that OpenGL draws into, without a screen or a graphics card: OSMesa's, a
// library that is looked for when the first picture is drawn, so that only whoever films needs it.
#pragma once

#include <cstdint>
#include <vector>

namespace dne {

// Private to one thread.
class OffScreen {
 public:
  // Throws CannotFilm (dne/envs/environment.h) where the library cannot be loaded.
  OffScreen(int width, int height);
  ~OffScreen();
  OffScreen(const OffScreen&) = delete;
  OffScreen& operator=(const OffScreen&) = delete;

  // What this thread draws from now on goes here.
  void Choose();

 private:
  int width_;
  int height_;
  std::vector<uint32_t> pixels_;
  void* context_;
};

}  // namespace dne
