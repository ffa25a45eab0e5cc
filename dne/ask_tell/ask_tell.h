// SPDX-License-Identifier: MIT
// Algorithms for programs that try policies themselves, with networks of their own: a policy is a
// vector of numbers, and its fitness what the program says. What the Python package's algorithms
// are (python/dne/ask_tell.py).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dne/evaluate/evaluator.h"
#include "dne/experiment/config.h"
#include "dne/genome/parent_cache.h"
#include "dne/plan/metrics.h"

namespace dne {

// Where the search begins: founders are `initial` with normal noise of this standard deviation.
// Those of an evolution strategy are its first centres.
struct SearchStart {
  std::vector<float> initial;  // one number a parameter
  float initial_std = 0;
};

// What became of the members that were asked for, in their order.
struct Told {
  std::span<const double> fitness;     // not a number: the simulation broke down, which ranks last
  std::span<const double> behaviours;  // [members][coordinates]; empty: none are told
  std::span<const uint64_t> steps;     // that each took; empty: 1
};

struct GenerationOutcome {
  uint32_t generation = 0;
  uint64_t digest = 0;  // of everything it computed, as runs have it
  Metrics metrics;
};

// Asks for rounds of members, as the generation loop's plans do: those that train, then those to be
// validated, and the elite's test where the options have one. Told the same numbers it computes the
// same bits as a run. Functions throw Error for a caller's mistakes, which change nothing, and as
// the algorithm does, which may be half changed: go on from what was saved. Not thread-safe.
class AskTell {
 public:
  // `toml`: [algorithm], [novelty], [archive] and the seed (docs/configuration.md).
  AskTell(std::string_view toml, std::string_view origin, SearchStart start,
          const EvaluatorOptions& options);
  // Goes on from what Save gave, with the same bits.
  static AskTell Restore(std::string_view state, const EvaluatorOptions& options);

  std::string algorithm() const { return std::string(config_.algorithm.kind->name); }  // "es"
  size_t num_parameters() const { return start_.initial.size(); }
  size_t num_members() const { return plan_.items.size(); }  // of the round in work
  uint32_t generation() const { return plan_.generation; }
  const std::string& round() const { return plan_.round; }  // "train", "validate", "test"

  // The members of the round in work, [members][parameters], on the threads of the options.
  void Ask(std::span<float> members);
  void Ask(size_t member, std::span<float> parameters);

  // Returns what the generation came to where this was its last round.
  std::optional<GenerationOutcome> Tell(const Told& told);

  // The centre of the search distribution that the round in work tries. Of evolution strategies.
  std::vector<float> CentreNow();
  // The elite of the last generation; before the first one's end there is none.
  std::vector<float> Best();

  std::string Save() const;

 private:
  AskTell(ExperimentConfig config, SearchStart start, const EvaluatorOptions& options);
  void PlanRound();
  void Decode();
  void CheckTold(const Told& told) const;
  Result ResultOf(const Told& told, size_t member) const;
  void KeepElite(const GenerationSummary& summary);
  void CheckElite() const;

  ExperimentConfig config_;
  SearchStart start_;
  EvaluatorOptions options_;
  std::unique_ptr<Algorithm> algorithm_;
  ParentCache cache_;
  Plan plan_;
  bool is_decoded_ = false;  // the cache holds the plan's parents
  uint64_t digest_ = 0;      // of the generation in work
  std::optional<Genome> elite_;
  std::vector<float> elite_centre_;  // its numbers, where it is a centre
};

}  // namespace dne
