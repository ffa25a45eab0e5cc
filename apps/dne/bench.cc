// SPDX-License-Identifier: MIT
// `dne bench atari`: how fast this machine plays, and how fast other programs do on it.
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <thread>

#include "apps/dne/command.h"
#include "dne/base/error.h"
#include "dne/experiment/bench/report.h"

namespace dne::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPeerScript = "bench/peers/atari_population.py";

struct BenchWords {
  AtariBenchOptions options;  // games, networks, threads and seconds are read into it
  std::string peers;
  IsaOption isa;
  bool cpu_time = false;
  std::string json;
  std::string csv;
};

// A folder of our own that goes with us.
class ScratchFolder {
 public:
  ScratchFolder() : path_(fs::temp_directory_path() / fmt::format("dne-bench-{}", getpid())) {
    fs::create_directory(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

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

// What the program prints to standard output, once it has ended well. Throws Error.
std::string OutputOf(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw Error(fmt::format("no pipe: {}", std::strerror(errno)));
  const pid_t child = Spawn(words, ends);
  close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t size; (size = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<size_t>(size));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) {
    throw Error(
        fmt::format("the peer failed: {}\nInstall what it needs with: PYTHON -m pip "
                    "install -r bench/requirements.txt",
                    fmt::join(words, " ")));
  }
  return text;
}

// Settings of OpenBLAS that slow a current one down stay out of the peer's way.
PeerRunner RunnerOf(const std::string& python, bool cpu_time) {
  if (python.empty()) return {};
  if (!fs::exists(kPeerScript)) {
    throw Error(
        fmt::format("--peers: {} is not here: run dne in the root of its sources", kPeerScript));
  }
  return [python, cpu_time](const PeerRequest& peer) {
    return OutputOf({"env", "-u", "OPENBLAS_CORETYPE", "-u", "OPENBLAS_L2_SIZE", python,
                     kPeerScript, peer.kind, peer.game, std::to_string(peer.policies),
                     std::to_string(peer.threads), fmt::format("{}", peer.seconds),
                     cpu_time ? "cpu" : "wall"});
  };
}

// Seconds the processor has worked for this thread.
double ThreadTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::vector<int> DefaultThreads() {
  const auto all = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return all == 1 ? std::vector<int>{1} : std::vector<int>{1, all};
}

// Opened before minutes are spent. None where no file is asked for.
std::ofstream OpenFor(const std::string& path) {
  std::ofstream file;
  if (path.empty()) return file;
  file.open(path);
  if (!file)
    throw Error(fmt::format("cannot write {}: choose a file in a folder that is there", path));
  return file;
}

void Bench(const BenchWords& words) {
  const ScratchFolder scratch;
  AtariBenchOptions options = words.options;
  options.wall = Now;
  options.timing.clock = words.cpu_time ? ThreadTime : Now;
  options.isa = words.isa.Resolve();
  options.scratch = scratch.path();
  options.peers = RunnerOf(words.peers, words.cpu_time);
  const BenchOrigin origin{.version = DNE_VERSION,
                           .build = BuildName(),
                           .machine = MachineName(),
                           .isa = std::string(IsaName(options.isa)),
                           .clock = words.cpu_time ? "processor time" : "wall clock",
                           .seconds = options.timing.seconds,
                           .repeats = options.timing.repeats};
  std::ofstream json = OpenFor(words.json);
  std::ofstream csv = OpenFor(words.csv);
  std::vector<BenchRow> rows;
  BenchAtari(options, [&](const BenchRow& row) {
    if (rows.empty()) fmt::print("{}", BenchTableHead(origin));
    fmt::print("{}", BenchTableLine(row));
    std::fflush(stdout);
    rows.push_back(row);
  });
  if (json.is_open()) json << BenchJson(origin, rows);
  if (csv.is_open()) csv << BenchCsv(origin, rows);
}

}  // namespace

void AddBenchCommand(CLI::App& app) {
  CLI::App* bench = app.add_subcommand("bench", "Measure how fast dne is on this machine");
  bench->footer("Example: dne bench atari");
  bench->require_subcommand(1);
  CLI::App* command = bench->add_subcommand(
      "atari", "Emulator, network and whole episodes, alone and on several threads");
  auto words = std::make_shared<BenchWords>();
  words->options.threads = DefaultThreads();
  command->add_option("--games", words->options.games, "Games, comma-separated")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--networks", words->options.networks, "Network presets, comma-separated")
      ->delimiter(',')
      ->capture_default_str();
  command
      ->add_option("--threads", words->options.threads,
                   "Thread counts, comma-separated: 1 and all processors")
      ->delimiter(',');
  command
      ->add_option("--seconds", words->options.timing.seconds,
                   "Length of each of a figure's 3 repeats")
      ->capture_default_str();
  command->add_option("--peers", words->peers,
                      "Python with bench/requirements.txt: measures PyTorch and EnvPool as well");
  AddIsaOption(*command, words->isa);
  command->add_flag("--cpu-time", words->cpu_time,
                    "Count processor time: for a machine that is busy with other things as well");
  command->add_option("--json", words->json, "Also write the rows to this file as JSON");
  command->add_option("--csv", words->csv, "Also write the rows to this file as CSV");
  command->footer("Example: dne bench atari --games frostbite --networks uber_large --threads 1,2");
  command->callback([words] { Bench(*words); });
}

}  // namespace dne::app
