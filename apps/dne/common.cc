// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <ctime>
#include <thread>

#include "apps/dne/command.h"
#include "apps/dne/ranks.h"
#include "dne/base/about.h"
#include "dne/base/error.h"
#include "dne/gpu/queue.h"

namespace dne::app {
namespace {

constexpr int kMaxThreads = 1024;

std::atomic<Watch*> interrupted_watch{nullptr};
std::atomic<double> interrupted_at{0};  // seconds

// A second one ends the process at once. Those within a second count as one: timeout(1) sends its
// signal to the process and to its group.
void OnInterrupt(int) {
  constexpr double kTogether = 1;
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  const double now = static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  Watch* watch = interrupted_watch.load();
  if (watch == nullptr) _exit(kExitInterrupted);
  if (!watch->cancel.exchange(true)) {
    interrupted_at = now;
  } else if (now - interrupted_at > kTogether) {
    _exit(kExitInterrupted);
  }
}

void SetHandler(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

// An empty text for a code path that this processor has.
std::string IsaMistake(const std::string& name) {
  try {
    ParseIsa(name);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

Isa IsaOption::Resolve() const { return name.empty() ? BestIsa() : ParseIsa(name); }

void AddIsaOption(CLI::App& command, IsaOption& option) {
  command
      .add_option(
          "--isa", option.name,
          "Code path: scalar, avx2, avx512 or neon (default: the fastest; all give the same "
          "results)")
      ->check(CLI::Validator(IsaMistake, ""));
}

void AddAllowCommandOption(CLI::App& command, bool& allow) {
  command.add_flag("--allow-command", allow,
                   "Start the program that the experiment names, where it names one");
}

std::string AllowCommandText(const TaskFacts& task) {
  return task.starts_programs ? " --allow-command" : "";
}

std::shared_ptr<gpu::Device> MakeDevice(const std::string& word) {
  return word == "cuda" ? gpu::MakeCudaDevice() : nullptr;
}

EvaluatorOptions ComputeOptions::Resolve() const {
  Cluster* const cluster = ClusterOfJob();
  const auto all = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  // Launchers start a process for each core.
  const int own = threads > 0 ? threads : cluster != nullptr ? 1 : all;
  if (cluster != nullptr) cluster->SetCompute(own, isa.name);
  EvaluatorOptions options{.threads = own, .isa = isa.Resolve(), .clock = Now, .cluster = cluster};
  if (device != "cpu" && cluster != nullptr) {
    throw Error(
        "--device is for one process: leave it out, or start dne without mpirun (docs/gpu.md)");
  }
  options.device = MakeDevice(device);
  return options;
}

void AddComputeOptions(CLI::App& command, ComputeOptions& options) {
  command
      .add_option("--threads", options.threads,
                  "Worker threads (default: all processors; under mpirun of each rank, 1)")
      ->check(CLI::Range(1, kMaxThreads));
  AddIsaOption(command, options.isa);
}

void AddDeviceOption(CLI::App& command, ComputeOptions& options) {
  command
      .add_option("--device", options.device,
                  "Where networks run: cpu or cuda (docs/gpu.md; the same results)")
      ->check(CLI::IsMember({"cpu", "cuda"}));
}

std::string Thousands(double value) {
  std::string digits = fmt::format("{:.0f}", std::abs(value));
  for (auto i = static_cast<ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<size_t>(i), ",");
  }
  return value < 0 ? "-" + digits : digits;
}

std::string ShellWord(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,.@%/";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

bool IsSmallScore(double score) { return std::abs(score) < 10 && score != std::floor(score); }

std::string ScoreText(double score) {
  if (score == std::floor(score)) return Thousands(score);
  if (IsSmallScore(score)) return fmt::format("{:#.4g}", score);
  // Rounded before it is cut in two: 0.97 is 1.0.
  const std::string tenths = fmt::format("{:.1f}", std::abs(score));
  const size_t point = tenths.size() - 2;
  const std::string text = Thousands(std::stod(tenths.substr(0, point))) + tenths.substr(point);
  return score < 0 ? "-" + text : text;
}

InterruptScope::InterruptScope(Watch& watch) {
  interrupted_at = 0;
  interrupted_watch = &watch;
  SetHandler(OnInterrupt);
}

InterruptScope::~InterruptScope() {
  SetHandler(SIG_DFL);
  interrupted_watch = nullptr;
}

void Interruptible(const std::function<void(Watch&)>& work) {
  Watch watch;
  const InterruptScope interrupt(watch);
  try {
    work(watch);
  } catch (const Cancelled&) {
    fmt::print(stderr, "Interrupted.\n");
    throw Exit{kExitInterrupted};
  }
}

}  // namespace dne::app
