// SPDX-License-Identifier: MIT
// The mathematical functions of the program and of the engine inside: the same bits whatever the
// C library would choose for the processor.
#include <iterator>
#include <set>
#include <sstream>

#include "dne/base/about.h"
#include "dne/store/sqlite.h"
#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsSubsetOf;

// Their results follow from IEEE 754 or are whole numbers: every library has the same.
const std::set<std::string> kExact = {"ceil",   "ceilf",   "floor", "floorf", "fma",      "fmaf",
                                      "llrint", "llround", "lrint", "lround", "round",    "roundf",
                                      "sqrt",   "sqrtf",   "trunc", "fmod",   "nextafter"};

struct Binding {
  std::string from, to, symbol;
};

// What the loader says about each function that a part of the program imports, one line each:
//   12: binding file FROM [0] to TO [0]: normal symbol `sin' [GLIBC_2.2.5]
std::vector<Binding> Bindings(const std::string& log) {
  std::vector<Binding> bindings;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const Words words = SplitWords(line);
    if (words.size() < 11 || words[1] != "binding") continue;
    const std::string& quoted = words[10];
    bindings.push_back({words[3], words[6], quoted.substr(1, quoted.size() - 2)});
  }
  return bindings;
}

class Math : public CliTest {
 protected:
  Outcome DneWith(const std::string& words, const std::map<std::string, std::string>& env) const {
    Circumstances here = Here();
    here.env = env;
    return Dne(SplitWords(words), here);
  }
};

TEST_F(Math, OnlyExactFunctionsComeFromTheCLibrary) {
  const Outcome outcome = DneWith("version", {{"LD_DEBUG", "bindings"}, {"LD_BIND_NOW", "1"}});
  std::set<std::string> foreign;
  std::set<std::string> own;
  for (const Binding& binding : Bindings(outcome.err)) {
    const bool from_engine = binding.from.find("libmujoco") != std::string::npos;
    if (!from_engine && binding.from != DNE_PROGRAM) continue;
    if (binding.to.find("/libm.so") != std::string::npos) foreign.insert(binding.symbol);
    if (from_engine && binding.to == DNE_PROGRAM) own.insert(binding.symbol);
  }
  EXPECT_THAT(foreign, IsSubsetOf(kExact));
#ifdef DNE_WITH_MUJOCO
  EXPECT_THAT(own, testing::IsSupersetOf({"acos", "asin", "atan2", "cos", "exp", "pow", "sin"}));
#endif
}

#ifdef DNE_WITH_MUJOCO

// Processors as the C library's choice knows them: without fused multiply-adds, and of 2010.
constexpr const char* kProcessors[] = {
    "-FMA,-FMA4",
    "-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL,-AVX,-AVX512BW,-AVX512DQ",
};

class MathOfBodies : public Math {
 protected:
  MathOfBodies() { WriteFile(folder() / "body.toml", TinyBodyExperiment()); }

  void ExpectSameOnEveryProcessor(const std::string& words) const {
    Ok("run " + words + " --out here");
    const auto expected = Digests("here");
    EXPECT_THAT(expected, testing::Not(testing::IsEmpty()));
    for (size_t i = 0; i < std::size(kProcessors); ++i) {
      const std::string there = "there" + std::to_string(i);
      const Outcome outcome =
          DneWith("run " + words + " --out " + there,
                  {{"GLIBC_TUNABLES", std::string("glibc.cpu.hwcaps=") + kProcessors[i]}});
      EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
      EXPECT_EQ(Digests(there), expected) << words << " on " << kProcessors[i];
    }
  }
};

TEST_F(MathOfBodies, TheHopperLearnsTheSameOnEveryProcessor) {
  ExpectSameOnEveryProcessor(DNE_SOURCE_DIR
                             "/configs/mujoco/hopper-ars.toml --set budget.generations=12 "
                             "--set budget.steps=1_000_000 --threads 1");
}

class EachBody : public MathOfBodies, public testing::WithParamInterface<const char*> {};

TEST_P(EachBody, MovesTheSameOnEveryProcessor) {
  ExpectSameOnEveryProcessor("body.toml --set task.trap=false --set task.body=" +
                             std::string(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Math, EachBody,
                         testing::Values("ant", "half_cheetah", "hopper", "humanoid", "humanoid_v4",
                                         "point", "swimmer", "walker2d"),
                         [](const auto& body) { return std::string(body.param); });

// The run is made one of an older version, which had the functions of the C library.
TEST_F(MathOfBodies, ARunWithOtherFunctionsGoesOnAndSaysSo) {
  Ok("run body.toml --out run");
  const Words resume = SplitWords("resume run --set budget.generations=6");
  Database(folder() / "run/run.sqlite", Database::Access::kWrite)
      .Execute("DELETE FROM run WHERE key = 'math'");
  const Outcome outcome = Dne(resume, Here());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(testing::StartsWith("Note: "), HasSubstr("the C library's"),
                                 HasSubstr("from here on have other bits")));
  EXPECT_THAT(Digests("run"), testing::SizeIs(6));
}

// The run is made one of a machine that dne has not been built for.
class Architecture : public MathOfBodies {
 protected:
  void MakeForeign(const std::string& run) const {
    Database(folder() / run / "run.sqlite", Database::Access::kWrite)
        .Execute("UPDATE run SET value = 'riscv64' WHERE key = 'architecture'");
  }
};

TEST_F(Architecture, ARunOfABodyFromAnotherGoesOnWhereAllowedOnly) {
  Ok("run body.toml --out run");
  MakeForeign("run");
  const std::string resume = "resume run --set budget.generations=6";
  const Outcome refused = Dne(resume);
  ExpectError(refused, 1, "began on riscv64, and this is " + ArchitectureName());
  EXPECT_THAT(refused.err, HasSubstr("repeat the command with --allow-architecture"));
  EXPECT_THAT(Digests("run"), testing::SizeIs(4));
  const Outcome outcome = Dne(resume + " --allow-architecture");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(testing::StartsWith("Note: this run began on riscv64"),
                                 HasSubstr("from here on have other bits")));
  EXPECT_THAT(outcome.out, HasSubstr("dne resume run --allow-architecture"));
  EXPECT_THAT(Digests("run"), testing::SizeIs(6));
}

TEST_F(Architecture, OneOfABodyThatNotesNoneBeganOnX86) {
  Ok("run body.toml --out run");
  Database(folder() / "run/run.sqlite", Database::Access::kWrite)
      .Execute("DELETE FROM run WHERE key = 'architecture'");
  Ok("resume run --set budget.generations=6");  // as these tests run on
}

TEST_F(Architecture, ARunOnAtariFromAnotherGoesOnWithTheSameBits) {
  MakeRun();
  MakeForeign("run");
  Ok("resume run --set budget.generations=5");
  EXPECT_EQ(Digests("run"), ExpectedDigests(5));
}

TEST_F(Math, ARunOnAtariGoesOnWithTheSameBitsAndSaysNothing) {
  MakeRun();
  Database(folder() / "run/run.sqlite", Database::Access::kWrite)
      .Execute("DELETE FROM run WHERE key = 'math'");
  Ok("resume run --set budget.generations=5");
  EXPECT_EQ(Digests("run"), ExpectedDigests(5));
}

#endif

}  // namespace
}  // namespace dne::cli
