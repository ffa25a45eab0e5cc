// SPDX-License-Identifier: MIT
#include "dne/envs/mujoco/kind.h"

#include <array>

namespace dne {
namespace {

constexpr std::array<Choice<MujocoReward>, 3> kRewards = {
    {{"standard", MujocoReward::kStandard},
     {"isotropic", MujocoReward::kIsotropic},
     {"forward_distance", MujocoReward::kForwardDistance}}};

}  // namespace

void MujocoWorldOptions::Visit(Fields& fields) {
  // Where this build has no bodies, any will do, so that files are checked all the same.
  fields
      .Add("environment", environment, Names{"body", MujocoBodyNames},
           "the body, as Gymnasium names it (docs/mujoco.md)")
      .Formerly("body");
  fields.Add("reward", mujoco.reward, kRewards,
             "the body's own, its velocity term replaced by the distance from the origin, or the "
             "way forward alone");
  fields.Add("trap", mujoco.trap, YesNo{}, "three walls ahead, open towards the start");
  fields.Add("terminate_when_unhealthy", mujoco.terminate_when_unhealthy, YesNo{},
             "an episode ends where the body falls");
}

const WorldKind kMujocoKind = {
    .name = "mujoco",
    .network_preset = "mlp",
    .defaults = DefaultsOf<MujocoWorldOptions>,
    .facts =
        [](const Options&) {
          return WorldFacts{.observation = ObservationType::kFloats,
                            .action = ActionType::kContinuous,
                            .behaviour = BehaviourType::kPoint,
                            .has_step_limit = true,
                            .pays_bonus = true,
                            .records_frames = true,
                            .uses_math_library = true,
                            .uses_physics_engine = true};
        },
    .environments = MujocoBodyNames,
    .environment =
        [](const Options& options) { return options.As<MujocoWorldOptions>().environment; },
    .load =
        [](const Options& options, bool) {
          const auto& world = options.As<MujocoWorldOptions>();
          return LoadMujocoBody(world.environment, world.mujoco);
        },
    .floor_plan =
        [](const Options& options) {
          const auto& world = options.As<MujocoWorldOptions>();
          FloorPlan plan{.unit = "metres"};
          if (world.mujoco.trap) plan.rectangles = TrapRectangles(world.environment);
          return plan;
        }};

}  // namespace dne
