// SPDX-License-Identifier: MIT
#include "dne/tasks/task_kind.h"

#include "dne/base/error.h"

namespace dne {
namespace {

// The world's options, and how policies play in it.
struct EpisodeOptionsOfKind {
  const WorldKind* kind;
  Options world;
  EpisodeTaskOptions play;

  void Visit(Fields& fields) {
    world.Visit(fields);
    play.Visit(fields, kind->facts(world));
  }
  bool operator==(const EpisodeOptionsOfKind&) const = default;
};

const EpisodeOptionsOfKind& Of(const Options& options) {
  return options.As<EpisodeOptionsOfKind>();
}

Setup MakeSetup(const EpisodeOptionsOfKind& options, const TaskContext& context) {
  Setup setup;
  setup.world = options.kind->load(options.world, context.may_start_programs);
  setup.network = MakeNetwork(setup.world->spec(), context.network);
  setup.options = options.play;
  if (options.play.action_noise > 0 && setup.world->spec().action.type == ActionType::kDiscrete) {
    throw Error("action_noise is for continuous actions, but " +
                options.kind->environment(options.world) + "'s are discrete: leave it out");
  }
  if (context.network.virtual_batch_norm) {
    setup.reference_batch = context.reference_batch
                                ? context.reference_batch
                                : MakeReferenceBatch(*setup.world, context.seed);
  }
  setup.task = MakeEpisodeTask(setup);
  return setup;
}

std::function<FloorPlan(const Options&)> FloorPlanOf(const WorldKind& world) {
  if (world.floor_plan == nullptr) return nullptr;
  return [&world](const Options& options) { return world.floor_plan(Of(options).world); };
}

}  // namespace

void EpisodeTaskOptions::Visit(Fields& fields, const WorldFacts& world) {
  if (world.observation == ObservationType::kFloats) {
    fields.Add("normalise_observations", normalise_observations, YesNo{},
               "(observation - mean) / standard deviation, as gathered during the run");
    fields
        .Add("observation_clip", observation_clip, Range<float>{0, 1e9f},
             "normalised observations are cut to this on both sides; 0: not cut")
        .OnlyIf(normalise_observations, normalise_observations);
  }
  if (world.pays_bonus) {
    fields.Add("train_with_bonus", train_with_bonus, YesNo{},
               "evolution strategies: false: members' fitness leaves out the bonus for not "
               "falling, as ARS does (1803.07055)");
  }
  if (world.action == ActionType::kContinuous) {
    fields.Add("action_noise", action_noise, Range<float>{0, 1000},
               "evolution strategies: standard deviation of normal noise on members' actions");
  }
}

void EpisodeTaskOptions::Check(bool perturbs, Mistakes& mistakes) const {
  if (perturbs) return;
  if (normalise_observations) {
    mistakes.Contradiction(
        "normalise_observations is learned by evolution strategies only: leave it out",
        normalise_observations);
  }
  if (!train_with_bonus) {
    mistakes.Contradiction(
        "train_with_bonus holds for members of evolution strategies only: leave it out",
        train_with_bonus);
  }
  if (action_noise > 0) {
    mistakes.Contradiction("action_noise is for members of evolution strategies only: leave it out",
                           action_noise);
  }
}

TaskKind EpisodeTaskKind(const WorldKind& world) {
  return {.name = world.name,
          .network_preset = world.network_preset,
          .defaults =
              [&world] {
                return Options(EpisodeOptionsOfKind{&world, world.defaults(), {}});
              },
          .facts =
              [&world](const Options& options) {
                const WorldFacts facts = world.facts(Of(options).world);
                return TaskFacts{.is_environment = true,
                                 .has_step_limit = facts.has_step_limit,
                                 .can_be_solved = facts.can_be_solved,
                                 .reward_step = facts.reward_step,
                                 .has_trajectories = facts.behaviour == BehaviourType::kBytes,
                                 .has_byte_behaviours = facts.behaviour == BehaviourType::kBytes,
                                 .has_images = facts.observation == ObservationType::kBytes,
                                 .records_frames = facts.records_frames,
                                 .is_program = facts.is_program,
                                 .starts_programs = facts.starts_programs,
                                 .uses_math_library = facts.uses_math_library,
                                 .uses_physics_engine = facts.uses_physics_engine};
              },
          .check = [](const Options& options, bool perturbs,
                      Mistakes& mistakes) { Of(options).play.Check(perturbs, mistakes); },
          .environments = world.environments,
          .environment =
              [&world](const Options& options) { return world.environment(Of(options).world); },
          .make = [](const Options& options,
                     const TaskContext& context) { return MakeSetup(Of(options), context); },
          .floor_plan = FloorPlanOf(world)};
}

}  // namespace dne
