// SPDX-License-Identifier: MIT
#include "dne/envs/process/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

#include "dne/base/error.h"
#include "dne/envs/process/protocol.h"

namespace dne::process {
namespace {

constexpr off_t kShownOutput = 2000;     // bytes of its end
constexpr off_t kKeptOutput = 1 << 20;   // more is forgotten between episodes
constexpr int kLookMilliseconds = 50;    // between looks at whether waiting is cancelled
constexpr int kGraceMilliseconds = 200;  // that a program has to end by itself

[[noreturn]] void FailSystem(const char* what) {
  throw Error(std::string("cannot start an environment's process: ") + what + ": " +
              std::strerror(errno));
}

using Ends = std::array<Descriptor, 2>;

Ends Own(const std::array<int, 2>& ends) { return {Descriptor(ends[0]), Descriptor(ends[1])}; }

Ends MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) FailSystem("no pipe");
  return Own(ends);
}

Descriptor MakeMemory(const char* name) {
  const int memory = memfd_create(name, MFD_CLOEXEC);
  if (memory < 0) FailSystem("no memory");
  return Descriptor(memory);
}

// Between fork and exec, where only system calls are allowed. Each descriptor goes to its number.
[[noreturn]] void Become(char* const* arguments, std::span<const int> descriptors, int output,
                         int failure) {
  setpgid(0, 0);  // a Ctrl-C at the terminal is dne's affair
  // Out of the way of the numbers that are wanted.
  constexpr int kAbove = 100;
  const int failed = fcntl(failure, F_DUPFD_CLOEXEC, kAbove);
  std::array<int, 4> moved{};
  for (size_t i = 0; i < descriptors.size(); ++i) {
    moved[i] = fcntl(descriptors[i], F_DUPFD, kAbove);
  }
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  for (size_t i = 0; i < descriptors.size(); ++i) {
    dup2(moved[i], kCommands + static_cast<int>(i));
    close(moved[i]);
  }
  // Nothing is ever written here: a signal comes when dne is gone, and ends even what hangs.
  fcntl(kLifeline, F_SETOWN, getpid());
  fcntl(kLifeline, F_SETFL, fcntl(kLifeline, F_GETFL) | O_ASYNC);
  signal(SIGIO, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  execvp(arguments[0], arguments);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(failed, &error, sizeof error);
  _exit(127);
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// "0.5", "60".
std::string TextOf(double seconds) {
  std::ostringstream text;
  text << seconds;
  return text.str();
}

std::string EndText(int status) {
  if (WIFSIGNALED(status)) {
    return std::string("was ended by signal ") + std::to_string(WTERMSIG(status)) + " (" +
           strsignal(WTERMSIG(status)) + ")";
  }
  return "ended with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

void Descriptor::Close() {
  if (number_ >= 0) close(std::exchange(number_, -1));
}

Child::Child(const std::vector<std::string>& command) : name_(Joined(command)) {
  DNE_CHECK(!command.empty());
  Ends commands = MakePipe();
  Ends replies = MakePipe();
  Ends lifeline = MakePipe();
  Ends failure = MakePipe();
  memory_ = MakeMemory("dne_environment");
  output_ = MakeMemory("dne_environment_output");
  fcntl(output_.number(), F_SETFL, O_APPEND);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::array descriptors{commands[0].number(), replies[1].number(), memory_.number(),
                               lifeline[0].number()};
  pid_ = fork();
  if (pid_ == 0) Become(arguments.data(), descriptors, output_.number(), failure[1].number());
  if (pid_ < 0) FailSystem("no process");
  // What this end keeps open would hide that the other one is gone.
  for (Descriptor* end : {&replies[1], &lifeline[0], &failure[1]}) end->Close();
  commands_reader_ = std::move(commands[0]);
  commands_ = std::move(commands[1]);
  replies_ = std::move(replies[0]);
  lifeline_ = std::move(lifeline[1]);
  int error = 0;
  if (read(failure[0].number(), &error, sizeof error) != static_cast<ssize_t>(sizeof error)) return;
  waitpid(pid_, nullptr, 0);
  throw Error("cannot start " + name_ + ": " + std::strerror(error) +
              "; task.command names the program and its arguments");
}

Child::~Child() {
  if (!shared_.empty()) munmap(shared_.data(), shared_.size());
  commands_.Close();  // which a program that waits for a command takes as the end
  if (pid_ > 0) {
    for (int waited = 0; waited < kGraceMilliseconds; waited += 5) {
      if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
        kill(-pid_, SIGKILL);  // what it may have left
        pid_ = -1;
        break;
      }
      poll(nullptr, 0, 5);
    }
  }
  if (pid_ > 0) {
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

void Child::Read(std::span<uint8_t> bytes, double seconds, const Doing& doing, Cancel cancel) {
  const double looks = 1000 * seconds / kLookMilliseconds;
  double left = looks;  // at nothing new
  std::string did;
  while (!bytes.empty()) {
    pollfd look{.fd = replies_.number(), .events = POLLIN, .revents = 0};
    const int ready = poll(&look, 1, kLookMilliseconds);
    if (ready < 0 && errno != EINTR) FailSystem("no answer can be waited for");
    if (ready <= 0) {
      if (cancel != nullptr && *cancel) throw Cancelled();
      std::string does = doing();
      if (does != did) left = looks;
      did = std::move(does);
      if (--left > 0) continue;
      throw Error(name_ + " has not answered within " + TextOf(seconds) + " seconds while " + did +
                  ": mend it, or give it more time (task.step_seconds, task.start_seconds)." +
                  OutputEnd());
    }
    const ssize_t got = read(replies_.number(), bytes.data(), bytes.size());
    if (got == 0 || (got < 0 && errno != EINTR)) FailEnded(doing);
    if (got > 0) bytes = bytes.subspan(static_cast<size_t>(got));
  }
}

void Child::Write(uint8_t byte) {
  if (write(commands_.number(), &byte, 1) != 1) FailSystem("no command can be sent");
}

std::span<uint8_t> Child::Share(size_t bytes) {
  DNE_CHECK(shared_.empty());
  if (ftruncate(memory_.number(), static_cast<off_t>(bytes)) != 0) FailSystem("no memory");
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory_.number(), 0);
  if (at == MAP_FAILED) FailSystem("no memory");
  return shared_ = {static_cast<uint8_t*>(at), bytes};
}

std::string Child::OutputEnd() const {
  struct stat about {};
  if (fstat(output_.number(), &about) != 0 || about.st_size == 0) return " It printed nothing.";
  std::string text(static_cast<size_t>(std::min(about.st_size, kShownOutput)), ' ');
  const off_t first = about.st_size - static_cast<off_t>(text.size());
  const ssize_t got = pread(output_.number(), text.data(), text.size(), first);
  text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return " The end of what it printed:\n" + text;
}

void Child::TrimOutput() {
  struct stat about {};
  if (fstat(output_.number(), &about) == 0 && about.st_size > kKeptOutput) {
    [[maybe_unused]] const int result = ftruncate(output_.number(), 0);
  }
}

void Child::FailEnded(const Doing& doing) {
  int status = 0;
  std::string how = "closed its replies";
  for (int waited = 0; waited < kGraceMilliseconds; waited += 5) {
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      kill(-pid_, SIGKILL);
      pid_ = -1;
      how = EndText(status);
      break;
    }
    poll(nullptr, 0, 5);
  }
  throw Error(name_ + " " + how + " while " + doing() + "." + OutputEnd());
}

}  // namespace dne::process
