// SPDX-License-Identifier: MIT
#include "apps/dne/live_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace dne::app {
namespace {

constexpr auto kRefresh = std::chrono::milliseconds(250);

void Tick(const std::stop_token& stop, const std::function<std::string()>& text) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    fmt::print(stderr, "\r\033[K{}", text());
    wake.wait_for(lock, stop, kRefresh, [] { return false; });
  }
  fmt::print(stderr, "\r\033[K");
}

}  // namespace

LiveLine::LiveLine(std::function<std::string()> text) {
  if (isatty(STDERR_FILENO) == 0) return;
  ticker_ =
      std::jthread([text = std::move(text)](const std::stop_token& stop) { Tick(stop, text); });
}

}  // namespace dne::app
