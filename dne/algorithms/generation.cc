// SPDX-License-Identifier: MIT
#include "dne/algorithms/generation.h"

#include <utility>

#include "dne/algorithms/limits.h"
#include "dne/base/error.h"

namespace dne {

void RoundOptions::VisitInterval(Fields& fields) {
  fields.Add("validation_interval", validation_interval, kCounts,
             "generations from one validation, and test, to the next: those between only train");
}

void RoundOptions::VisitTest(Fields& fields, std::string_view test_episodes_are) {
  fields.Add("test_episodes", test_episodes, Range<int>{0, kMaxCount}, test_episodes_are);
  fields.Add("test_max_episode_steps", test_max_episode_steps, Range<int>{1, kMaxEpisodeSteps},
             "longest episode in the test");
}

void RoundOptions::CheckTest(const TaskFacts& task, Mistakes& mistakes) const {
  if (test_episodes == 0) return;
  CheckRewardIsReached("test_max_episode_steps", test_max_episode_steps, task, mistakes);
}

Plan GenerationalAlgorithm::Ask() const {
  Plan plan{.generation = generation_,
            .round = RoundName(round_),
            .parents = {},
            .centres = {},
            .items = {}};
  switch (round_) {
    case Round::kTrain:
      PlanTraining(plan);
      break;
    case Round::kValidate:
      PlanValidation(plan);
      break;
    case Round::kTest:
      plan.items.push_back(TestItem());
      break;
  }
  AddAncestors(plan);
  return plan;
}

std::optional<GenerationSummary> GenerationalAlgorithm::Tell(const Plan& plan,
                                                             std::span<const Result> results) {
  DNE_CHECK(plan.generation == generation_ && plan.items.size() == results.size());
  DNE_CHECK(plan.round == RoundName(round_));
  CountCost(round_, results, metrics_);
  switch (round_) {
    case Round::kTrain:
      if (!Train(plan, results)) return std::nullopt;
      if (!IsValidated()) return Finish();
      round_ = Round::kValidate;
      return std::nullopt;
    case Round::kValidate:
      Judge(results);
      round_ = Round::kTest;
      if (rounds_.test_episodes > 0) return std::nullopt;
      return Finish();
    case Round::kTest:
      metrics_["elite_test"] = results.front().MeanScore();
      return Finish();
  }
  DNE_CHECK(false);
}

bool GenerationalAlgorithm::IsValidated() const {
  return generation_ % static_cast<uint32_t>(rounds_.validation_interval) == 0;
}

Item GenerationalAlgorithm::TestItem() const {
  return {.genome = Elite(),
          .episodes = StreamOf(0, Purpose::kTestEpisode),
          .num_episodes = static_cast<uint32_t>(rounds_.test_episodes),
          .how = {.max_steps = static_cast<uint32_t>(rounds_.test_max_episode_steps)}};
}

GenerationSummary GenerationalAlgorithm::Finish() {
  metrics_["elite_age"] = generation_ - Elite().birth().generation;
  GenerationSummary summary{.generation = generation_,
                            .elite = Elite(),
                            .centres = {},
                            .metrics = std::exchange(metrics_, {})};
  EndGeneration(summary);
  ++generation_;
  round_ = Round::kTrain;
  return summary;
}

std::string GenerationalAlgorithm::SaveState() const {
  ByteWriter out;
  out.Add(state_version());
  out.Add(generation_);
  SaveRound(round_, out);
  Save(out);
  SaveMetrics(metrics_, out);
  return out.Take();
}

void GenerationalAlgorithm::RestoreState(std::string_view state) {
  ByteReader in(state);
  const auto version = in.Read<uint32_t>();
  if (version < 1 || version > state_version()) {
    throw Error("the stored state of the " + std::string(title_) +
                " has another version: resume the run with the dne that made it");
  }
  generation_ = in.Read<uint32_t>();
  round_ = ReadRound(in);
  Restore(in, version);
  metrics_ = ReadMetrics(in);
  in.ExpectEnd();
}

}  // namespace dne
