// SPDX-License-Identifier: MIT
// Frames to a video file, through the ffmpeg program.
#pragma once

#include <filesystem>
#include <memory>

#include "dne/envs/environment.h"

namespace dne {

// .mp4 keeps all frames; .gif and .webp, which move in pages, 20 a second. The file is there after
// Finish, whole; before, and without it, there is none.
class Video {
 public:
  // Throws Error for another extension, or where the file cannot be written.
  explicit Video(const std::filesystem::path& path);
  ~Video();
  Video(const Video&) = delete;
  Video& operator=(const Video&) = delete;

  // The next frame, all of the first one's size and rate. Throws Error where ffmpeg is missing or
  // fails.
  void Add(const Frame& frame);
  // At least one frame was added.
  void Finish();

 private:
  class Encoder;
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace dne
