// SPDX-License-Identifier: MIT
// `dne inspect`: runs in the browser, also while they go on.
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "apps/dne/command.h"
#include "dne/base/error.h"
#include "dne/inspect/server.h"

namespace dne::app {
namespace {

constexpr int kLargestPort = 65535;
constexpr int kNice = 10;

struct InspectWords {
  std::vector<std::string> dirs;
  std::string address = "127.0.0.1";
  int port = 0;
  std::string cache;
  bool allow_command = false;
};

// 128 bits that nobody can guess.
std::string DrawToken() {
  std::array<uint8_t, 16> bytes{};
  if (getentropy(bytes.data(), bytes.size()) != 0) {
    throw Error("the system gives no random numbers for a token: leave --address out");
  }
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

// As the XDG Base Directory Specification has it.
std::filesystem::path CacheFolder(const std::string& chosen) {
  if (!chosen.empty()) return chosen;
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') {
    return std::filesystem::path(cache) / "dne" / "films";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / ".cache" / "dne" / "films";
  }
  throw Error("there is no home folder to keep films in: name a folder (--cache DIR)");
}

void Inspect(const InspectWords& words) {
  // Runs that are watched go first.
  if (nice(kNice) == -1) {
    // It stays as it is, which is no reason to stop.
  }
  FilmMaker films(CacheFolder(words.cache), words.allow_command);
  Api api(words.dirs, films);
  InspectServer server({.address = words.address,
                        .port = words.port,
                        .token = IsLoopback(words.address) ? "" : DrawToken()},
                       api);
  Watch watch;
  const InterruptScope interrupt(watch);
  std::thread answering([&server] { server.Run(); });
  fmt::print("Open {} in a browser. Ctrl-C ends it.\n", server.url());
  std::fflush(stdout);
  while (!watch.cancel) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  server.Stop();
  answering.join();
}

}  // namespace

void AddInspectCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("inspect", "Look at runs in a browser, also while they go on");
  auto words = std::make_shared<InspectWords>();
  command->add_option("dir", words->dirs, "Run directory, or several")->required();
  command->add_option("--port", words->port, "Port to listen on (default: one that is free)")
      ->check(CLI::Range(0, kLargestPort));
  command->add_option("--address", words->address,
                      "Address to listen on (default: 127.0.0.1); on any but this machine's own "
                      "the page's address has a token in it");
  command->add_option("--cache", words->cache, "Folder for films (default: ~/.cache/dne/films)");
  AddAllowCommandOption(*command, words->allow_command);
  command->footer("Example: dne inspect runs/frostbite");
  command->callback([words] { Inspect(*words); });
}

}  // namespace dne::app
