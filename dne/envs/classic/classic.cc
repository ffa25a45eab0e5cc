// SPDX-License-Identifier: MIT
#include "dne/envs/classic/classic.h"

#include <algorithm>

#include "dne/base/error.h"
#include "dne/base/nearest.h"
#include "dne/envs/classic/environment.h"

namespace dne {
namespace {

EnvironmentSpec SpecOf(const ClassicSystem& system) {
  EnvironmentSpec spec{
      .observation = {.type = ObservationType::kFloats, .channels = system.num_observations},
      .action = {.type = system.action_type, .size = system.num_actions, .names = {}},
      .behaviour = {.type = BehaviourType::kPoint, .size = system.place_size},
      .max_episode_steps = system.max_episode_steps};
  for (const char* name : system.action_names) {
    if (name != nullptr) spec.action.names.push_back(name);
  }
  return spec;
}

class ClassicWorld final : public World {
 public:
  explicit ClassicWorld(const ClassicSystem& system) : system_(system), spec_(SpecOf(system)) {}

  const EnvironmentSpec& spec() const override { return spec_; }
  EpisodeStart DrawStart(Stream& stream) const override { return {.seed = DrawSeed(stream)}; }
  std::unique_ptr<Environment> MakeEnvironment() const override {
    return std::make_unique<ClassicEnvironment>(system_);
  }

 private:
  const ClassicSystem& system_;
  EnvironmentSpec spec_;
};

}  // namespace

std::vector<std::string> ClassicControlNames() {
  std::vector<std::string> names;
  for (const ClassicSystem& system : ClassicSystems()) names.emplace_back(system.name);
  return names;
}

std::shared_ptr<const World> LoadClassicControl(std::string_view name) {
  const auto systems = ClassicSystems();
  const auto found = std::ranges::find(systems, name, &ClassicSystem::name);
  if (found == systems.end()) {
    throw Error(UnknownName("classic control environment", name, ClassicControlNames()));
  }
  return std::make_shared<const ClassicWorld>(*found);
}

}  // namespace dne
