// SPDX-License-Identifier: MIT
#include "dne/policy/video.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "dne/base/error.h"

extern char** environ;

namespace dne {
namespace {

using Arguments = std::vector<std::string>;

constexpr std::array<const char*, 3> kExtensions = {".mp4", ".gif", ".webp"};
constexpr int kLowVideo = 300;  // lines; an .mp4 of fewer is drawn twice as large
// A palette of its own for each frame holds all the console's colours, and needs no memory.
constexpr const char* kGifPalette =
    "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=none";

std::string Scale(const Frame& frame, int times) {
  return fmt::format("scale=iw*{}:ih*{}:flags=neighbor", times * frame.pixel_width, times);
}

Arguments FormatArguments(std::string_view extension, const Frame& frame) {
  if (extension == ".mp4") {
    return {"-vf",      Scale(frame, frame.height < kLowVideo ? 2 : 1),
            "-c:v",     "libx264",
            "-pix_fmt", "yuv420p",
            "-f",       "mp4"};
  }
  const std::string pictures = "fps=20," + Scale(frame, 1);
  if (extension == ".gif") return {"-filter_complex", pictures + "," + kGifPalette, "-f", "gif"};
  return {"-vf", pictures, "-c:v", "libwebp_anim", "-loop", "0", "-f", "webp"};
}

Arguments EncoderArguments(const std::filesystem::path& path, std::string_view extension,
                           const Frame& frame) {
  Arguments arguments = {"ffmpeg", "-nostdin", "-loglevel", "error", "-y"};
  const auto add = [&](const Arguments& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
  };
  add({"-f", "rawvideo", "-pixel_format", "rgb24"});
  add({"-framerate", fmt::format("{}", frame.per_second)});
  add({"-video_size", fmt::format("{}x{}", frame.width, frame.height), "-i", "pipe:0"});
  add(FormatArguments(extension, frame));
  add({"file:" + path.string()});
  return arguments;
}

[[noreturn]] void FailWriting(const std::filesystem::path& path) {
  throw Error(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
}

}  // namespace

// A running ffmpeg, fed through its standard input.
class Video::Encoder {
 public:
  explicit Encoder(Arguments arguments) {
    int ends[2];
    // A socket, since writing to one whose reader is gone need not raise SIGPIPE.
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      throw Error(std::string("cannot talk to ffmpeg: ") + std::strerror(errno));
    }
    input_ = ends[0];
    const int failure = Spawn(arguments, ends[1]);
    close(ends[1]);
    if (failure == 0) return;
    close(input_);
    throw Error(failure == ENOENT ? std::string("ffmpeg was not found: install ffmpeg, or leave "
                                                "--video out")
                                  : std::string("cannot start ffmpeg: ") + std::strerror(failure));
  }

  ~Encoder() {
    if (process_ == 0) return;
    kill(process_, SIGKILL);
    close(input_);
    Wait();
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void Write(std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(input_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) throw Error("ffmpeg stopped early; what it printed says why");
      bytes = bytes.subspan(static_cast<size_t>(sent));
    }
  }

  void Finish() {
    close(input_);
    if (Wait() != 0) throw Error("ffmpeg failed; what it printed says why");
  }

 private:
  // In a process group of its own, so that Ctrl-C reaches us alone. 0, or the error number.
  int Spawn(Arguments& arguments, int standard_input) {
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, standard_input, STDIN_FILENO);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    const int failure =
        posix_spawnp(&process_, "ffmpeg", &actions, &attributes, pointers.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) process_ = 0;
    return failure;
  }

  int Wait() {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = 0;
    return status;
  }

  pid_t process_ = 0;
  int input_ = -1;
};

Video::Video(const std::filesystem::path& path) : path_(path), temporary_(path.string() + ".tmp") {
  if (std::ranges::find(kExtensions, path.extension()) == std::end(kExtensions)) {
    throw Error(fmt::format("--video {}: videos are .mp4, .gif or .webp files", path.string()));
  }
  const int descriptor = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) FailWriting(path_);
  close(descriptor);
}

Video::~Video() {
  encoder_.reset();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void Video::Add(const Frame& frame) {
  if (!encoder_) {
    encoder_ =
        std::make_unique<Encoder>(EncoderArguments(temporary_, path_.extension().string(), frame));
  }
  encoder_->Write(frame.rgb);
}

void Video::Finish() {
  DNE_CHECK(encoder_ != nullptr);
  encoder_->Finish();
  if (rename(temporary_.c_str(), path_.c_str()) != 0) FailWriting(path_);
}

}  // namespace dne
