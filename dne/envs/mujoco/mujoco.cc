// SPDX-License-Identifier: MIT
#include "dne/envs/mujoco/mujoco.h"

#include <algorithm>

#include "dne/base/error.h"
#include "dne/base/nearest.h"
#include "dne/envs/mujoco/environment.h"

namespace dne {
namespace {

class LoadedBody final : public World {
 public:
  explicit LoadedBody(std::shared_ptr<const BodyWorld> world) : world_(std::move(world)) {}

  const EnvironmentSpec& spec() const override { return world_->spec; }
  EpisodeStart DrawStart(Stream& stream) const override { return {.seed = DrawSeed(stream)}; }
  std::unique_ptr<Environment> MakeEnvironment() const override {
    return std::make_unique<BodyEnvironment>(world_);
  }

 private:
  std::shared_ptr<const BodyWorld> world_;
};

const Body& FindBody(std::string_view name) {
  const auto bodies = Bodies();
  const auto found = std::ranges::find(bodies, name, &Body::name);
  if (found == bodies.end()) throw Error(UnknownName("body", name, MujocoBodyNames()));
  return *found;
}

std::vector<Wall> WallsOf(const Body& body, const MujocoOptions& options) {
  if (!options.trap) return {};
  if (body.trap_scale > 0) return TrapOf(body);
  std::string able;
  for (const Body& other : Bodies()) {
    if (other.trap_scale > 0) able += (able.empty() ? "" : ", ") + std::string(other.name);
  }
  throw Error(std::string(body.name) + " cannot walk around a trap: leave the trap out, or take " +
              able);
}

EngineModel LoadModel(const Body& body, std::span<const Wall> walls) {
  if (body.model_text) return LoadModelText(body.model_text, walls);
  return LoadModelFile(std::string(DNE_MUJOCO_BODY_DIR) + "/" + body.model_file, walls);
}

EnvironmentSpec SpecOf(const Body& body, const MujocoOptions& options,
                       const Simulation& simulation) {
  std::vector<float> observation;
  Observe(body, simulation, observation);
  return {.observation = {.type = ObservationType::kFloats,
                          .channels = static_cast<int>(observation.size())},
          .action = {.type = ActionType::kContinuous,
                     .size = static_cast<int>(simulation.control_limits().size() / 2)},
          .behaviour = {.type = BehaviourType::kPoint, .size = std::tuple_size_v<Place>},
          .frames_per_step = body.frames_per_step,
          .max_episode_steps = body.max_episode_steps,
          .pays_bonus = body.healthy_reward > 0 && options.reward != MujocoReward::kForwardDistance,
          .records_frames = true,
          // After a few 512-bit instructions some processors simulate the next frames 6 to 9 %
          // slower, more than a narrow network costs.
          .slows_after_avx512 = true};
}

}  // namespace

std::vector<std::string> MujocoBodyNames() {
  std::vector<std::string> names;
  for (const Body& body : Bodies()) names.push_back(body.name);
  return names;
}

std::vector<FloorRectangle> TrapRectangles(std::string_view body) {
  std::vector<FloorRectangle> plan;
  for (const Wall& wall : WallsOf(FindBody(body), {.trap = true})) {
    plan.push_back({wall.centre[0], wall.centre[1], wall.half_size[0], wall.half_size[1]});
  }
  return plan;
}

std::shared_ptr<const World> LoadMujocoBody(std::string_view body_name,
                                            const MujocoOptions& options) {
  const Body& body = FindBody(body_name);
  EngineModel model = LoadModel(body, WallsOf(body, options));
  const EnvironmentSpec spec = SpecOf(body, options, Simulation(model));
  return std::make_shared<const LoadedBody>(
      std::make_shared<const BodyWorld>(BodyWorld{body, options, std::move(model), spec}));
}

}  // namespace dne
