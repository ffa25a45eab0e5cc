// SPDX-License-Identifier: MIT
// A kind of algorithm as configurations choose it: its options, what contradicts them, what makes
// it. Each kind stands beside its algorithm; dne/experiment/builtins.cc lists them.
#pragma once

#include <memory>
#include <string_view>

#include "dne/algorithms/algorithm.h"
#include "dne/algorithms/behaviour_grid.h"
#include "dne/algorithms/generation.h"
#include "dne/algorithms/strategy.h"
#include "dne/config/kind.h"
#include "dne/config/mistakes.h"
#include "dne/genome/perturbation.h"
#include "dne/plan/task_facts.h"

namespace dne {

struct AlgorithmKind {
  std::string_view name;   // "ga"
  std::string_view title;  // "deep GA"
  Options (*defaults)();
  void (*check)(const Options&, const TaskFacts&, Mistakes&);
  std::unique_ptr<Algorithm> (*make)(const Options&, const StrategyContext&);

  RoundOptions (*rounds)(const Options&);
  // Where its options hold those of the section [novelty], which Options::Visit leaves out; null:
  // it seeks none.
  NoveltyOptions& (*novelty)(Options&) = nullptr;
  // Likewise of the section [archive], where it keeps the best of each cell of a grid.
  ArchiveOptions& (*archive)(Options&) = nullptr;
  // Whether it tries members of a cloud around a centre: what a task keeps for perturbed policies,
  // and the normalisation of observations, is of use only then.
  bool perturbs = false;
  // How its mutations change their parents.
  PerturbationSpec (*perturbation)(const Options&) = [](const Options&) {
    return PerturbationSpec{};
  };

  // Whether what it learns depends on what policies do, not on their scores alone.
  bool uses_behaviours() const { return novelty != nullptr || archive != nullptr; }
};

// `kCheck` and `kMake` of a kind whose options are a T.
template <class T, auto kCheck>
void CheckAs(const Options& options, const TaskFacts& task, Mistakes& mistakes) {
  kCheck(options.As<T>(), task, mistakes);
}
template <class T, auto kMake>
std::unique_ptr<Algorithm> MakeAs(const Options& options, const StrategyContext& context) {
  return kMake(options.As<T>(), context);
}

}  // namespace dne
