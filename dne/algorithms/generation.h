// SPDX-License-Identifier: MIT
// The skeleton of a generation, which all algorithms share: rounds of training, then validation,
// then the test of the elite; what they cost; the state's frame. An algorithm says who is trained,
// what it learns of that, who is validated and how it judges.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dne/algorithms/algorithm.h"
#include "dne/algorithms/rounds.h"
#include "dne/base/bytes.h"
#include "dne/config/field.h"
#include "dne/config/mistakes.h"
#include "dne/plan/task_facts.h"
#include "dne/random/stream.h"

namespace dne {

struct RoundOptions {
  int validation_episodes = 10;         // of each that is validated
  int validation_interval = 1;          // generations that share a validation and a test
  int test_episodes = 0;                // of the elite, not counted in the budget; 0: no test
  int test_max_episode_steps = 100000;  // longest episode in the test

  // Of algorithms that learn nothing from the validation.
  void VisitInterval(Fields& fields);
  // The fields of the test; `test_episodes_are`: what is tested.
  void VisitTest(Fields& fields, std::string_view test_episodes_are);
  void CheckTest(const TaskFacts& task, Mistakes& mistakes) const;
  bool operator==(const RoundOptions&) const = default;
};

class GenerationalAlgorithm : public Algorithm {
 public:
  Plan Ask() const final;
  std::optional<GenerationSummary> Tell(const Plan& plan, std::span<const Result> results) final;
  std::string SaveState() const final;
  void RestoreState(std::string_view state) final;

 protected:
  // Generation 0 begins with `first`; all others train. `title` names the algorithm in errors.
  GenerationalAlgorithm(std::string_view title, uint64_t run_seed, const RoundOptions& options,
                        Round first)
      : title_(title), run_seed_(run_seed), rounds_(options), round_(first) {}

  // --- What an algorithm says, in the order of a generation --------------------------------------
  // Adds the items of the next training round.
  virtual void PlanTraining(Plan& plan) const = 0;
  // Learns; false where this generation trains another round. That has the same name: its items
  // go on from where this one's ended (Plan::first_item).
  virtual bool Train(const Plan& plan, std::span<const Result> results) = 0;
  // Adds the items of the validation.
  virtual void PlanValidation(Plan& plan) const = 0;
  // Chooses the elite. Says elite_validation, which generations that are not validated say of the
  // elite that they have.
  virtual void Judge(std::span<const Result> results) = 0;
  // As last judged.
  virtual Genome Elite() const = 0;
  // The generation is over: makes ready for the next one, adds centres.
  virtual void EndGeneration(GenerationSummary& summary) = 0;

  // The genomes or centres that the plan's items descend from (Plan::parents, Plan::centres).
  virtual void AddAncestors(Plan& plan) const = 0;

  // The state but for what is above. States are written in the newest version.
  virtual uint32_t state_version() const = 0;
  virtual void Save(ByteWriter& out) const = 0;
  virtual void Restore(ByteReader& in, uint32_t version) = 0;

  // --- What it may ask ---------------------------------------------------------------------------
  uint64_t run_seed() const { return run_seed_; }
  uint32_t generation() const { return generation_; }
  Round round() const { return round_; }
  const RoundOptions& rounds() const { return rounds_; }
  Metrics& metrics() { return metrics_; }
  bool IsValidated() const;  // the generation in work
  StreamId StreamOf(uint32_t item, Purpose purpose) const {
    return {.seed = run_seed_, .generation = generation_, .item = item, .purpose = purpose};
  }

 private:
  Item TestItem() const;
  GenerationSummary Finish();

  std::string_view title_;
  uint64_t run_seed_;
  RoundOptions rounds_;

  // The state.
  uint32_t generation_ = 0;
  Round round_;
  Metrics metrics_;
};

}  // namespace dne
