// SPDX-License-Identifier: MIT
#include "apps/dne/bench_peers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "dne/base/error.h"
#include "dne/evaluate/evaluator.h"

namespace dne::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPeerFolder = "bench/peers";

// Starts the program, its standard output into the pipe's write end. Throws Error.
pid_t Spawn(std::vector<std::string> words, const std::array<int, 2>& pipe_ends) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
  posix_spawn_file_actions_addclose(&actions, pipe_ends[1]);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Error(fmt::format("cannot start {}: {}", argv[0], std::strerror(error)));
  return child;
}

// All there is to read, until it is cancelled by a signal.
std::string ReadAll(int descriptor, const std::atomic<bool>& cancel) {
  std::string text;
  std::array<char, 4096> buffer;
  while (!cancel) {
    const ssize_t size = read(descriptor, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(size));
  }
  return text;
}

int WaitFor(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// What the program prints to standard output, once it has ended well. Throws Error.
std::string OutputOf(const std::vector<std::string>& words, const std::atomic<bool>& cancel) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw Error(fmt::format("no pipe: {}", std::strerror(errno)));
  const pid_t child = Spawn(words, ends);
  close(ends[1]);
  const std::string text = ReadAll(ends[0], cancel);
  close(ends[0]);
  if (cancel) kill(child, SIGTERM);
  const int status = WaitFor(child);
  if (cancel) throw Cancelled();
  if (status != 0) {
    throw Error(
        fmt::format("the peer failed: {}\nInstall what it needs with: PYTHON -m pip "
                    "install -r bench/requirements.txt",
                    fmt::join(words, " ")));
  }
  return text;
}

}  // namespace

PeerRunner PeersBy(const std::string& python, bool cpu_time, const std::atomic<bool>& cancel) {
  if (python.empty()) return {};
  if (!fs::exists(kPeerFolder)) {
    throw Error(
        fmt::format("--peers: {} is not here: run dne in the root of its sources", kPeerFolder));
  }
  return [python, cpu_time, &cancel](const PeerRequest& peer) {
    // Settings of OpenBLAS that slow a current one down stay out of the peer's way.
    std::vector<std::string> words{"env",
                                   "-u",
                                   "OPENBLAS_CORETYPE",
                                   "-u",
                                   "OPENBLAS_L2_SIZE",
                                   python,
                                   fmt::format("{}/{}", kPeerFolder, peer.script)};
    words.insert(words.end(), peer.words.begin(), peer.words.end());
    words.push_back(cpu_time ? "cpu" : "wall");
    return OutputOf(words, cancel);
  };
}

}  // namespace dne::app
