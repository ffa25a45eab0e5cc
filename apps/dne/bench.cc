// SPDX-License-Identifier: MIT
// `dne bench atari`, `cluster`, `es`, `gpu`, `gymnasium`, `maze`, `members`, `mutation`, `network`
// and `novelty`: how fast dne is on this machine, and how fast other programs are on it.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <fstream>
#include <memory>
#include <thread>

#include "apps/dne/bench_peers.h"
#include "apps/dne/command.h"
#include "apps/dne/ranks.h"
#include "dne/base/about.h"
#include "dne/base/error.h"
#include "dne/bench/bench_atari.h"
#include "dne/bench/bench_cluster.h"
#include "dne/bench/bench_es.h"
#include "dne/bench/bench_gpu.h"
#include "dne/bench/bench_gymnasium.h"
#include "dne/bench/bench_maze.h"
#include "dne/bench/bench_members.h"
#include "dne/bench/bench_mutation.h"
#include "dne/bench/bench_network.h"
#include "dne/bench/bench_novelty.h"
#include "dne/envs/process/kind.h"
#include "dne/gpu/queue.h"

namespace dne::app {
namespace {

namespace fs = std::filesystem;

// What every benchmark takes.
struct BenchWords {
  std::vector<int> threads;
  Timing timing;  // seconds are read into it
  std::string peers;
  IsaOption isa;
  bool cpu_time = false;
  std::string json;
  std::string csv;
};

// Seconds the processor has worked for this thread, or for all of this process.
double ProcessorTime(clockid_t whose) {
  timespec time{};
  clock_gettime(whose, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}
double ThreadTime() { return ProcessorTime(CLOCK_THREAD_CPUTIME_ID); }

std::vector<int> DefaultThreads() {
  const auto all = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return all == 1 ? std::vector<int>{1} : std::vector<int>{1, all};
}

Timing TimingOf(const BenchWords& words, const Watch& watch) {
  Timing timing = words.timing;
  timing.clock = words.cpu_time ? ThreadTime : Now;
  timing.cancel = &watch.cancel;
  return timing;
}

// Seconds of the whole process; where they are worked, as if shared evenly by so many threads.
std::function<double(int threads)> ProcessClockOf(const BenchWords& words) {
  return [cpu_time = words.cpu_time](int threads) {
    return cpu_time ? ProcessorTime(CLOCK_PROCESS_CPUTIME_ID) / threads : Now();
  };
}

BenchOrigin OriginOf(const BenchWords& words, const std::string& note) {
  return {.version = Version(),
          .build = BuildName(),
          .machine = MachineName(),
          .isa = std::string(IsaName(words.isa.Resolve())),
          .clock = words.cpu_time ? "processor time" : "wall clock",
          .note = note,
          .seconds = words.timing.seconds,
          .repeats = words.timing.repeats};
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

// Prints the rows of a benchmark as they come. The files get what was known when it ended or was
// interrupted.
void PrintRows(const BenchWords& words, const std::string& note,
               const std::function<void(const RowSink&)>& bench) {
  const BenchOrigin origin = OriginOf(words, note);
  std::ofstream json = OpenFor(words.json);
  std::ofstream csv = OpenFor(words.csv);
  std::vector<BenchRow> rows;
  const auto write = [&] {
    if (json.is_open()) json << BenchJson(origin, rows);
    if (csv.is_open()) csv << BenchCsv(origin, rows);
  };
  try {
    bench([&](const BenchRow& row) {
      if (rows.empty()) fmt::print("{}", BenchTableHead(origin));
      fmt::print("{}", BenchTableLine(row));
      std::fflush(stdout);
      rows.push_back(row);
    });
  } catch (const Cancelled&) {
    write();
    throw;
  }
  write();
}

void AddThreadsAndFiles(CLI::App& command, BenchWords& words) {
  words.threads = DefaultThreads();
  command
      .add_option("--threads", words.threads,
                  "Thread counts, comma-separated: 1 and all processors")
      ->delimiter(',');
  command.add_option("--json", words.json, "Also write the rows to this file as JSON");
  command.add_option("--csv", words.csv, "Also write the rows to this file as CSV");
}

void AddSecondsOption(CLI::App& command, BenchWords& words) {
  command.add_option("--seconds", words.timing.seconds, "Length of each of a figure's 3 repeats")
      ->capture_default_str();
}

void AddBenchWords(CLI::App& command, BenchWords& words) {
  AddThreadsAndFiles(command, words);
  AddSecondsOption(command, words);
  AddIsaOption(command, words.isa);
  command.add_flag("--cpu-time", words.cpu_time,
                   "Count processor time: for a machine that is busy with other things as well");
}

void AddPeersOption(CLI::App& command, BenchWords& words, const std::string& peers) {
  command.add_option("--peers", words.peers, "Python with " + peers);
}

#if DNE_ATARI

struct AtariWords : BenchWords {
  AtariBenchOptions options;  // games and networks are read into it
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

void BenchAtariOf(const AtariWords& words, const Watch& watch) {
  const ScratchFolder scratch;
  AtariBenchOptions options = words.options;
  options.threads = words.threads;
  options.wall = Now;
  options.timing = TimingOf(words, watch);
  options.isa = words.isa.Resolve();
  options.scratch = scratch.path();
  options.peers = PeersBy(words.peers, words.cpu_time, watch.cancel);
  PrintRows(words, "a step is 4 frames",
            [&](const RowSink& on_row) { BenchAtari(options, on_row); });
}

void AddBenchAtari(CLI::App& bench) {
  CLI::App* command = bench.add_subcommand(
      "atari", "Emulator, network and whole episodes, alone and on several threads");
  auto words = std::make_shared<AtariWords>();
  command->add_option("--games", words->options.games, "Games, comma-separated, or all")
      ->delimiter(',')
      ->capture_default_str();
  command
      ->add_option("--networks", words->options.networks,
                   "Network presets, comma-separated; uber_large:float16 has weights of 16 bits; "
                   "none: the emulator alone")
      ->delimiter(',')
      ->capture_default_str();
  AddBenchWords(*command, *words);
  AddPeersOption(*command, *words,
                 "bench/requirements.txt: measures PyTorch, EnvPool and ALE as well");
  command->footer("Example: dne bench atari --games frostbite --networks uber_large --threads 1,2");
  command->callback([words] { Interruptible([&](Watch& watch) { BenchAtariOf(*words, watch); }); });
}

#endif

// What the kernel says of this process; 0 where it says nothing.
MemoryUse ProcessMemory() {
  constexpr double kKilobytes = 1024 / 1e6;
  MemoryUse use;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) use.now = kKilobytes * std::stod(line.substr(6));
    if (line.starts_with("VmHWM:")) use.peak = kKilobytes * std::stod(line.substr(6));
  }
  return use;
}

void BenchEsOf(const BenchWords& words, const Watch& watch) {
  EsBenchOptions options;
  options.threads = words.threads;
  options.timing = TimingOf(words, watch);
  options.process_clock = ProcessClockOf(words);
  options.memory = ProcessMemory;
  options.isa = words.isa.Resolve();
  options.peers = PeersBy(words.peers, words.cpu_time, watch.cancel);
  PrintRows(words, "a step is 4 frames of a game, 5 of the humanoid",
            [&](const RowSink& on_row) { BenchEs(options, on_row); });
}

void AddBenchEs(CLI::App& bench) {
  CLI::App* command = bench.add_subcommand(
      "es", "Generations of evolution strategies, steps of bodies, and what they cost on Atari");
  auto words = std::make_shared<BenchWords>();
  AddBenchWords(*command, *words);
  AddPeersOption(*command, *words, "NumPy: measures the usual table of noise as well");
  command->footer("Example: dne bench es --threads 1,2");
  command->callback([words] { Interruptible([&](Watch& watch) { BenchEsOf(*words, watch); }); });
}

void BenchNoveltyOf(const BenchWords& words, const Watch& watch) {
  NoveltyBenchOptions options;
  options.threads = words.threads;
  options.timing = TimingOf(words, watch);
  options.process_clock = ProcessClockOf(words);
  PrintRows(words, fmt::format("{} nearest neighbours on a plane", options.nearest),
            [&](const RowSink& on_row) { BenchNovelty(options, on_row); });
}

void AddBenchNovelty(CLI::App& bench) {
  CLI::App* command = bench.add_subcommand(
      "novelty", "The nearest neighbours of final positions in a large archive");
  auto words = std::make_shared<BenchWords>();
  AddBenchWords(*command, *words);
  command->footer("Example: dne bench novelty --threads 1,2");
  command->callback(
      [words] { Interruptible([&](Watch& watch) { BenchNoveltyOf(*words, watch); }); });
}

void BenchClusterOf(const BenchWords& words, const Watch& watch) {
  Cluster* const cluster = ClusterOfJob();
  if (cluster == nullptr) {
    throw Error("it measures what several ranks cost: start it as mpirun -n 4 dne bench cluster");
  }
  ClusterBenchOptions options;
  options.threads = words.threads;
  options.timing = TimingOf(words, watch);
  options.thread_clock = ThreadTime;
  PrintRows(words, "rounds of 1,000 episodes that only wait; rank 0's time is its processor's",
            [&](const RowSink& on_row) { BenchCluster(options, *cluster, on_row); });
}

void AddBenchCluster(CLI::App& bench) {
  CLI::App* command = bench.add_subcommand("cluster", "What other ranks cost rank 0, under mpirun");
  auto words = std::make_shared<BenchWords>();
  AddThreadsAndFiles(*command, *words);
  command->footer("Example: mpirun -n 4 dne bench cluster --threads 8");
  command->callback(
      [words] { Interruptible([&](Watch& watch) { BenchClusterOf(*words, watch); }); });
}

struct GymnasiumWords : BenchWords {
  GymnasiumBenchOptions options;  // environments are read into it
};

void BenchGymnasiumOf(const GymnasiumWords& words, const Watch& watch) {
  GymnasiumBenchOptions options = words.options;
  options.start = [&](const std::string& environment) {
    return StartGymnasium(environment, words.peers);
  };
  options.threads = words.threads;
  options.timing = TimingOf(words, watch);
  options.peers = PeersBy(words.peers, words.cpu_time, watch.cancel);
  PrintRows(words, "random actions; resets are in the time, not in the count",
            [&](const RowSink& on_row) { BenchGymnasium(options, on_row); });
}

void AddBenchGymnasium(CLI::App& bench) {
  CLI::App* command = bench.add_subcommand(
      "gymnasium", "Gymnasium's environments here, in a loop of Python and in AsyncVectorEnv");
  auto words = std::make_shared<GymnasiumWords>();
  words->peers = "python3";
  command
      ->add_option("--environments", words->options.environments,
                   "Ids that Gymnasium knows, comma-separated")
      ->delimiter(',')
      ->capture_default_str();
  AddThreadsAndFiles(*command, *words);
  AddSecondsOption(*command, *words);
  AddPeersOption(*command, *words, "gymnasium, for both sides; left out, python3");
  command->footer("Example: dne bench gymnasium --environments CartPole-v1 --threads 1");
  command->callback(
      [words] { Interruptible([&](Watch& watch) { BenchGymnasiumOf(*words, watch); }); });
}

void BenchMazeOf(const BenchWords& words, const Watch& watch) {
  MazeBenchOptions options;
  options.threads = words.threads;
  options.timing = TimingOf(words, watch);
  options.isa = words.isa.Resolve();
  PrintRows(words, "a step is one of the simulation, or a decision in mazes of squares",
            [&](const RowSink& on_row) { BenchMaze(options, on_row); });
}

void AddBenchMaze(CLI::App& bench) {
  CLI::App* command = bench.add_subcommand("maze", "Mazes alone, and whole episodes in them");
  auto words = std::make_shared<BenchWords>();
  AddBenchWords(*command, *words);
  command->footer("Example: dne bench maze --threads 1");
  command->callback([words] { Interruptible([&](Watch& watch) { BenchMazeOf(*words, watch); }); });
}

void BenchMembersOf(const BenchWords& words, const Watch& watch) {
  MembersBenchOptions options;
  options.threads = words.threads;
  options.timing = TimingOf(words, watch);
  options.process_clock = ProcessClockOf(words);
  options.memory = ProcessMemory;
  options.isa = words.isa.Resolve();
  options.peers = PeersBy(words.peers, words.cpu_time, watch.cancel);
  PrintRows(words, "images and observations are the same for all ranks",
            [&](const RowSink& on_row) { BenchMembers(options, on_row); });
}

void AddBenchMembers(CLI::App& bench) {
  CLI::App* command =
      bench.add_subcommand("members", "Members of low rank beside those of full rank");
  auto words = std::make_shared<BenchWords>();
  AddBenchWords(*command, *words);
  AddPeersOption(*command, *words, "bench/requirements.txt: measures evosax as well");
  command->footer("Example: dne bench members --threads 1");
  command->callback(
      [words] { Interruptible([&](Watch& watch) { BenchMembersOf(*words, watch); }); });
}

void BenchMutationOf(const BenchWords& words, const Watch& watch) {
  MutationBenchOptions options;
  options.threads = words.threads;
  options.timing = TimingOf(words, watch);
  options.isa = words.isa.Resolve();
  PrintRows(words, "safe mutations look at 100 observations of the parent",
            [&](const RowSink& on_row) { BenchMutation(options, on_row); });
}

void AddBenchMutation(CLI::App& bench) {
  CLI::App* command =
      bench.add_subcommand("mutation", "Safe mutations beside plain ones, and beside an episode");
  auto words = std::make_shared<BenchWords>();
  AddBenchWords(*command, *words);
  command->footer("Example: dne bench mutation --threads 1");
  command->callback(
      [words] { Interruptible([&](Watch& watch) { BenchMutationOf(*words, watch); }); });
}

void BenchNetworkOf(const BenchWords& words, const Watch& watch) {
  NetworkBenchOptions options;
  options.threads = words.threads;
  options.timing = TimingOf(words, watch);
  options.isa = words.isa.Resolve();
  PrintRows(words, "each batch by another policy",
            [&](const RowSink& on_row) { BenchNetwork(options, on_row); });
}

void AddBenchNetwork(CLI::App& bench) {
  CLI::App* command = bench.add_subcommand(
      "network", "Batches of images through the networks for MNIST, beside the machine's most");
  auto words = std::make_shared<BenchWords>();
  AddBenchWords(*command, *words);
  command->footer("Example: dne bench network --threads 1");
  command->callback(
      [words] { Interruptible([&](Watch& watch) { BenchNetworkOf(*words, watch); }); });
}

struct GpuBenchWords {
  BenchWords bench;
  int population_size = GpuBenchOptions{}.population_size;
};

void BenchGpuOf(const GpuBenchWords& words, const Watch& watch) {
  GpuBenchOptions options{.device = MakeDevice("cuda"),
                          .threads = words.bench.threads.back(),
                          .population_size = words.population_size,
                          .timing = TimingOf(words.bench, watch),
                          .isa = words.bench.isa.Resolve()};
  PrintRows(words.bench, options.device->name() + "; each pair on images of its own",
            [&](const RowSink& on_row) { BenchGpu(options, on_row); });
}

void AddBenchGpu(CLI::App& bench) {
  CLI::App* command = bench.add_subcommand(
      "gpu", "Generations of ES on a graphics card, beside what the card can do at most");
  auto words = std::make_shared<GpuBenchWords>();
  AddBenchWords(*command, words->bench);
  command->add_option("--population", words->population_size, "Members of a generation")
      ->check(CLI::Range(2, 1'000'000))
      ->capture_default_str();
  command->footer("Example: dne bench gpu --threads 4");
  command->callback([words] { Interruptible([&](Watch& watch) { BenchGpuOf(*words, watch); }); });
}

}  // namespace

void AddBenchCommand(CLI::App& app) {
  CLI::App* bench = app.add_subcommand("bench", "Measure how fast dne is on this machine");
  bench->footer("Example: dne bench es");
  bench->require_subcommand(1);
#if DNE_ATARI
  AddBenchAtari(*bench);
#endif
  AddBenchCluster(*bench);
  AddBenchEs(*bench);
  AddBenchGpu(*bench);
  AddBenchGymnasium(*bench);
  AddBenchMaze(*bench);
  AddBenchMembers(*bench);
  AddBenchMutation(*bench);
  AddBenchNetwork(*bench);
  AddBenchNovelty(*bench);
}

}  // namespace dne::app
