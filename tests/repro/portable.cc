// SPDX-License-Identifier: MIT
// What a machine of another architecture is asked (scripts/test_arm.sh), by a program that takes
// less time to compile than dne:
//   portable signature ISA [PREFIX ...]  what `dne signature --each` prints, but for the lines
//                                        whose names begin so
//   portable resume RUN                  as `dne resume RUN`
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "dne/experiment/session.h"
#include "dne/experiment/signature.h"

namespace dne {
namespace {

using Words = std::vector<std::string>;

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void PrintSignature(Isa isa, const Words& prefixes) {
  const auto wanted = [&prefixes](const std::string& name) {
    return std::ranges::none_of(
        prefixes, [&name](const std::string& prefix) { return name.starts_with(prefix); });
  };
  for (const SignatureLine& line : SignatureLines({.isa = isa}, wanted)) {
    std::printf("%016llx  %s\n", static_cast<unsigned long long>(line.digest.value_or(0)),
                line.name.c_str());
  }
}

void Resume(const std::string& run) {
  RunObserver observer;
  Session::Resume(run, {}, {}, {.clock = Seconds})->Go(observer);
}

int Main(const Words& words) {
  if (words.size() >= 3 && words[1] == "signature") {
    PrintSignature(ParseIsa(words[2]), {words.begin() + 3, words.end()});
  } else if (words.size() == 3 && words[1] == "resume") {
    Resume(words[2]);
  } else {
    std::fprintf(stderr, "usage: portable signature ISA [PREFIX ...] | portable resume RUN\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace dne

int main(int argc, char** argv) {
  try {
    return dne::Main({argv, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
