// SPDX-License-Identifier: MIT
#include "tests/cli/program.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace dne::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kPatience = 120;  // seconds without a word from a program that should speak

double Now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

[[noreturn]] void Fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

// Both ends; the first is ours.
std::array<int, 2> OpenPipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) Fail("no pipe");
  return ends;
}

std::array<int, 2> OpenTerminal() {
  std::array<int, 2> ends{};
  const winsize size{.ws_row = 30, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
  if (openpty(&ends[0], &ends[1], nullptr, nullptr, &size) != 0) Fail("no terminal");
  for (int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  return ends;
}

[[noreturn]] void Become(const Words& words, const Circumstances& circumstances, int out, int err) {
  Words all = {circumstances.program};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  for (const auto& [name, value] : circumstances.env) setenv(name.c_str(), value.c_str(), 1);
  if (!circumstances.folder.empty() && chdir(circumstances.folder.c_str()) != 0) _exit(126);
  if (circumstances.prepare) circumstances.prepare();
  execv(argv[0], argv.data());
  _exit(127);
}

}  // namespace

Words SplitWords(std::string_view text) {
  std::istringstream in{std::string(text)};
  return {std::istream_iterator<std::string>(in), {}};
}

Program::Program(const Words& words, const Circumstances& circumstances) {
  const std::array<int, 2> out = circumstances.terminal ? OpenTerminal() : OpenPipe();
  const std::array<int, 2> err = OpenPipe();
  process_ = fork();
  if (process_ < 0) Fail("no process");
  if (process_ == 0) Become(words, circumstances, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  descriptors_ = {out[0], err[0]};
}

Program::~Program() {
  if (process_ != 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  CloseAll();
}

void Program::CloseAll() {
  for (int& descriptor : descriptors_) {
    if (descriptor >= 0) close(descriptor);
    descriptor = -1;
  }
}

bool Program::ReadSome(double seconds) {
  std::array<pollfd, 2> polls{};
  for (size_t i = 0; i < 2; ++i) polls[i] = {descriptors_[i], POLLIN, 0};
  if (poll(polls.data(), polls.size(), static_cast<int>(seconds * 1000) + 1) < 0) return true;
  std::array<char, 4096> buffer;
  for (size_t i = 0; i < 2; ++i) {
    if (descriptors_[i] < 0 || polls[i].revents == 0) continue;
    const ssize_t size = read(descriptors_[i], buffer.data(), buffer.size());
    if (size > 0) {
      texts_[i].append(buffer.data(), static_cast<size_t>(size));
    } else {  // a terminal whose program is gone gives an error
      close(descriptors_[i]);
      descriptors_[i] = -1;
    }
  }
  return descriptors_[0] >= 0 || descriptors_[1] >= 0;
}

void Program::WaitForOutput(std::string_view text) {
  const double end = Now() + kPatience;
  while (texts_[0].find(text) == std::string::npos) {
    if (!ReadSome(0.1) || Now() > end) {
      throw std::runtime_error("no \"" + std::string(text) + "\" in: " + texts_[0] + texts_[1]);
    }
  }
}

void Program::RunFor(double seconds) {
  const double end = Now() + seconds;
  for (double left = seconds; left > 0 && ReadSome(left);) left = end - Now();
}

void Program::Signal(int number) { kill(process_, number); }

Outcome Program::Finish() {
  double end = Now() + kPatience;
  for (size_t heard = 0; ReadSome(0.1);) {
    const size_t size = texts_[0].size() + texts_[1].size();
    if (size > heard) end = Now() + kPatience;
    if (Now() > end) throw std::runtime_error("does not end: " + texts_[0] + texts_[1]);
    heard = size;
  }
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
  return {.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
          .out = texts_[0],
          .err = texts_[1]};
}

Outcome RunProgram(const Words& words, const Circumstances& circumstances) {
  return Program(words, circumstances).Finish();
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteFile(const fs::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::string TinyExperiment() {
  return R"(name = "tiny"
seed = 7

[task]
game = "frostbite"

[[network.layers]]
type = "conv2d"
units = 4
kernel = 8
stride = 8
padding = "valid"

[[network.layers]]
type = "dense"
units = 8

[algorithm]
population_size = 6
num_parents = 3
sigma = 0.02
num_candidates = 2
validation_episodes = 2
test_episodes = 2
max_episode_steps = 20
test_max_episode_steps = 24

[budget]
generations = 3
)";
}

std::string TinyGaNsExperiment() {
  const std::string head = "[algorithm]\n";
  std::string text = TinyExperiment();
  text.insert(text.find(head) + head.size(), "type = \"ga_ns\"\narchive_probability = 0.5\n");
  return text + "[novelty]\nnearest = 3\n";
}

std::string TinyMapElitesExperiment() {
  const std::string text = TinyExperiment();
  return text.substr(0, text.find("[algorithm]")) + R"([algorithm]
type = "map_elites"
population_size = 8
sigma = 0.02
episodes = 2
max_episode_steps = 20

[[archive.axes]]
name = "player_x"
coordinate = 102
lower = 0
upper = 256
cells = 64

[[archive.axes]]
name = "player_y"
coordinate = 100
lower = 0
upper = 256
cells = 16

[budget]
generations = 4
)";
}

std::string TinySafeExperiment() {
  return R"(name = "tiny-safe"
seed = 7
[task]
type = "parity"
[algorithm]
type = "steady_state_ga"
population_size = 40
num_children = 4
mutation = "sm_g_so"
sigma = 0.05
max_episode_steps = 1
[budget]
generations = 4
)";
}

std::string TinySupervisedExperiment() {
  return R"(name = "tiny-supervised"
seed = 7
[task]
type = "supervised"
environment = "patches"
batch_size = 300
[[network.layers]]
type = "dense"
units = 8
[algorithm]
type = "es"
population_size = 20
sigma = 0.05
shared_episodes = "pair"
max_episode_steps = 0
validation_episodes = 1
[budget]
generations = 4
)";
}

namespace {

// All that evolution strategies have in common.
constexpr const char* kBody = R"(name = "tiny-body"
seed = 7

[task]
type = "mujoco"
body = "point"
reward = "forward_distance"
trap = true
normalise_observations = true
action_noise = 0.1

[[network.layers]]
type = "dense"
units = 8
activation = "tanh"

[budget]
generations = 4

[algorithm]
population_size = 6
sigma = 0.05
learning_rate = 0.05
max_episode_steps = 40
step_cap = "adaptive"
first_step_cap = 20
validation_episodes = 2
test_episodes = 2
test_max_episode_steps = 60
observation_share = 0.5
)";

}  // namespace

std::string TinyBodyExperiment() {
  return std::string(kBody) + R"(type = "nsra_es"
meta_population = 2
reward_weight = 0.75
patience = 2
[novelty]
nearest = 3
)";
}

std::string TinyPgpeExperiment() {
  return std::string(kBody) + R"(type = "pgpe"
optimizer = "clipup"
max_speed = 0.5
generation_steps = 200
max_population_size = 24
)";
}

std::vector<std::string> TinyPerturbedExperiments() {
  constexpr const char* kPole = R"(name = "perturbed"
seed = 8

[task]
type = "classic"
environment = "Pendulum-v1"

[[network.layers]]
type = "dense"
units = 8
activation = "tanh"

[budget]
generations = 4

[algorithm]
type = "es"
population_size = 8
sigma = 0.1
learning_rate = 0.05
max_episode_steps = 30
validation_episodes = 2
)";
  std::vector<std::string> experiments;
  for (const char* lines :
       {"perturbation = \"rademacher\"\n", "perturbation = \"bucket\"\nbucket_size = 12\n",
        "perturbation = \"low_rank\"\nrank = 2\n"}) {
    experiments.push_back(std::string(kPole) + lines);
  }
  return experiments;
}

std::string TinySnesExperiment() { return std::string(kBody) + "type = \"snes\"\n"; }

}  // namespace dne::cli
