// SPDX-License-Identifier: MIT
// What SNES did on a hill, for tests/oracle/snes_oracle.py: one line of JSON a generation, with the
// members' noise, their fitness, and mean and sigmas before and after the update.
#include <cstdio>

#include "dne/algorithms/snes.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

constexpr int kMembers = 12;
constexpr uint32_t kGenerations = 20;

template <class Values>
void Print(const char* name, const Values& values, double factor = 1) {
  std::printf("\"%s\": [", name);
  const char* comma = "";
  for (const auto value : values) {
    std::printf("%s%.17g", comma, factor * double{value});
    comma = ", ";
  }
  std::printf("]");
}

void PrintDistribution(const char* when, const std::vector<float>& centre, float sigma) {
  std::printf("\"%s\": {", when);
  Print("mean", std::span(centre).first(kParameters));
  std::printf(", ");
  Print("sigmas", std::span(centre).last(kParameters), double{sigma});
  std::printf("}");
}

void PrintNoise(uint32_t generation) {
  std::printf("\"noise\": [");
  for (uint32_t i = 0; i < kMembers; ++i) {
    std::vector<float> noise(kParameters);
    FillNormal({3, generation, i, Purpose::kMutation}, 0, noise, Isa::kScalar);
    std::printf("%s{", i == 0 ? "" : ", ");
    Print("of", noise);
    std::printf("}");
  }
  std::printf("]");
}

void Dump() {
  SnesOptions options{.strategy = SmallStrategy()};
  options.strategy.cloud = {.population_size = kMembers, .sigma = 0.3f, .antithetic = false};
  const auto snes = MakeSnes(options, ContextOf(Space()));
  RunGeneration(*snes, Space());
  for (uint32_t generation = 1; generation <= kGenerations; ++generation) {
    const Plan plan = snes->Ask();
    const std::vector<Result> results = Evaluate(plan, Space());
    std::vector<double> fitness;
    for (const Result& result : results) fitness.push_back(result.MeanScore());
    std::printf("{");
    PrintDistribution("before", *plan.centres.at(0).parameters, options.strategy.cloud.sigma);
    std::printf(", ");
    PrintNoise(generation);
    std::printf(", ");
    Print("fitness", fitness);
    std::printf(", ");
    snes->Tell(plan, results);
    const Plan validate = snes->Ask();
    PrintDistribution("after", *validate.centres.at(0).parameters, options.strategy.cloud.sigma);
    std::printf("}\n");
    snes->Tell(validate, Evaluate(validate, Space()));
  }
}

}  // namespace
}  // namespace dne

int main() { dne::Dump(); }
