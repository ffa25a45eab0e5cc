// SPDX-License-Identifier: MIT
// The dne program from outside: words in, exit code and text out.
#pragma once

#include <sys/types.h>

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dne::cli {

struct Outcome {
  int exit_code = 0;  // 128 + N: ended by signal N
  std::string out;
  std::string err;
};

struct Circumstances {
  std::filesystem::path folder;            // where it runs
  std::map<std::string, std::string> env;  // added to ours
  std::function<void()> prepare;           // in the child, just before it becomes the program
  bool terminal = false;                   // standard output is a terminal of 100 columns
  std::string program = DNE_PROGRAM;
};

using Words = std::vector<std::string>;

// At spaces; no quotes.
Words SplitWords(std::string_view text);

// A program while it runs. Killed with the object. Throws std::runtime_error where the system or
// the program does not do what it should: a test then fails.
class Program {
 public:
  Program(const Words& words, const Circumstances& circumstances);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Until standard output holds the text; throws where it ends without, or after two minutes.
  void WaitForOutput(std::string_view text);
  // Gathers output for this long, or until the program closes it.
  void RunFor(double seconds);
  void Signal(int number);
  Outcome Finish();
  const std::string& out() const { return texts_[0]; }

 private:
  bool ReadSome(double seconds);  // false: both are closed
  void CloseAll();

  pid_t process_ = 0;
  std::array<int, 2> descriptors_{-1, -1};
  std::array<std::string, 2> texts_;
};

Outcome RunProgram(const Words& words, const Circumstances& circumstances);

std::string ReadFile(const std::filesystem::path& path);
void WriteFile(const std::filesystem::path& path, std::string_view text);

// An experiment whose generations take about 20 ms.
std::string TinyExperiment();
// The same game by GA-NS.
std::string TinyGaNsExperiment();
// The same game by MAP-Elites, over two bytes of its RAM.
std::string TinyMapElitesExperiment();
// Of the steady-state GA with safe mutations: quick generations of a recurrent network.
std::string TinySafeExperiment();
// Supervised learning from images that need no files.
std::string TinySupervisedExperiment();
// An evolution strategy that seeks novelty with a body in the trap, as fast.
std::string TinyBodyExperiment();
// The same body by PGPE.
std::string TinyPgpeExperiment();
std::string TinySnesExperiment();
// On classic control, by each perturbation of clouds but the default.
std::vector<std::string> TinyPerturbedExperiments();

}  // namespace dne::cli
