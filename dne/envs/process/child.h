// SPDX-License-Identifier: MIT
// A program that dne starts and speaks with by pipes and shared memory.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dne::process {

// Of whoever waits for it: once true, waiting ends with Cancelled. May be null.
using Cancel = const std::atomic<bool>*;

// What the program is doing, in words: only asked for where it takes long, or fails.
using Doing = std::function<std::string()>;

// Thrown where waiting was cancelled.
struct Cancelled {};

// A file descriptor of one's own: closed with it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { Close(); }

  int number() const { return number_; }
  void Close();

 private:
  int number_ = -1;
};

// Private to one thread at a time. Ends with its process group, be it by force; the program ends
// too where dne is killed.
class Child {
 public:
  // Throws Error where there is no such program.
  explicit Child(const std::vector<std::string>& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Fills all of `bytes` from what the program writes to its replies. Throws Error where it ended,
  // or has not written as much within the limit, with what it was doing in the text, and the end of
  // its output. The limit counts anew whenever it does something else.
  void Read(std::span<uint8_t> bytes, double seconds, const Doing& doing, Cancel cancel);
  // Where it has ended, Read says so.
  void Write(uint8_t byte);

  // Makes its memory so large; zeros.
  std::span<uint8_t> Share(size_t bytes);

  // "python3 my_environment.py".
  const std::string& name() const { return name_; }
  // " The end of its output:\n..."; empty: it has printed nothing.
  std::string OutputEnd() const;
  // Forgets what it printed, where that is long.
  void TrimOutput();

 private:
  [[noreturn]] void FailEnded(const Doing& doing);

  std::string name_;
  pid_t pid_ = -1;
  Descriptor commands_;
  Descriptor commands_reader_;  // the other end, kept open: writing raises no SIGPIPE
  Descriptor replies_;
  Descriptor memory_;
  Descriptor lifeline_;
  Descriptor output_;
  std::span<uint8_t> shared_;
};

}  // namespace dne::process
