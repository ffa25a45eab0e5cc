// SPDX-License-Identifier: MIT
#include "dne/envs/classic/kind.h"

#include "dne/envs/classic/classic.h"

namespace dne {

void ClassicOptions::Visit(Fields& fields) {
  fields.Add("environment", environment, Names{"environment", ClassicControlNames, /*listed=*/true},
             "as Gymnasium names it (docs/classic-control.md)");
}

const WorldKind kClassicKind = {
    .name = "classic",
    .network_preset = "mlp",
    .defaults = DefaultsOf<ClassicOptions>,
    .facts =
        [](const Options& options) {
          const auto world = LoadClassicControl(options.As<ClassicOptions>().environment);
          const EnvironmentSpec& spec = world->spec();
          return WorldFacts{.observation = spec.observation.type,
                            .action = spec.action.type,
                            .behaviour = spec.behaviour.type,
                            .has_step_limit = spec.max_episode_steps > 0,
                            .pays_bonus = spec.pays_bonus,
                            .uses_math_library = true};
        },
    .environments = ClassicControlNames,
    .environment = [](const Options& options) { return options.As<ClassicOptions>().environment; },
    .load = [](const Options& options,
               bool) { return LoadClassicControl(options.As<ClassicOptions>().environment); }};

}  // namespace dne
