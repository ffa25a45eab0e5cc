// SPDX-License-Identifier: MIT
// A line that lives on a terminal's standard error while something takes its time.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace dne::app {

// Shows what `text` says, again and again, until it goes away itself and takes the line with it.
// `text` is called on another thread. Where standard error is no terminal nothing happens.
class LiveLine {
 public:
  explicit LiveLine(std::function<std::string()> text);
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

 private:
  std::jthread ticker_;
};

}  // namespace dne::app
