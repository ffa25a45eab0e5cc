// SPDX-License-Identifier: MIT
#include "dne/envs/atari/kind.h"

#include <array>

namespace dne {
namespace {

constexpr std::array<Choice<bool>, 2> kStacksAtReset = {{{"repeat", false}, {"zeros", true}}};
constexpr std::array<Choice<bool>, 2> kActionSets = {{{"minimal", false}, {"full", true}}};

}  // namespace

void AtariWorldOptions::Visit(Fields& fields) {
  // Where this build has no games, any will do, so that files are checked all the same.
  fields
      .Add("environment", environment, Names{"game", AtariGameNames},
           "the game, as ALE names its ROM file")
      .Formerly("game");
  fields.Add("frame_skip", atari.frame_skip, Range<int>{1, 60}, "emulator frames per step");
  fields.Add("frame_stack", atari.frame_stack, Range<int>{1, 16}, "frames a policy sees at once");
  fields.Add("max_noops", atari.max_noops, Range<int>{0, 1000},
             "an episode starts with 1 to max_noops frames without action; 0: none");
  fields.Add("fire_start", atari.fire_start, YesNo{},
             "in games whose action 1 is FIRE: FIRE, then action 2, each for one step");
  fields.Add("stack_at_reset", atari.zero_stack, kStacksAtReset,
             "what fills the stack before the first frame: repeats of it (the papers' CPU code) or "
             "zeros (their GPU code)");
  fields.Add("sticky_probability", atari.sticky_probability, Range<float>{0, 1},
             "chance, each emulator frame, that the last action stays");
  fields.Add("actions", atari.full_action_set, kActionSets,
             "the actions that do something in the game, or all that the console has");
}

const WorldKind kAtariKind = {
    .name = "atari",
    .network_preset = "uber_large",
    .defaults = DefaultsOf<AtariWorldOptions>,
    .facts =
        [](const Options&) {
          return WorldFacts{.observation = ObservationType::kBytes,
                            .action = ActionType::kDiscrete,
                            .behaviour = BehaviourType::kBytes,
                            .records_frames = true};
        },
    .environments = AtariGameNames,
    .environment =
        [](const Options& options) { return options.As<AtariWorldOptions>().environment; },
    .load = [](const Options& options, bool) -> std::shared_ptr<const World> {
      const auto& atari = options.As<AtariWorldOptions>();
      return AtariGame::Load(atari.environment, atari.atari);
    }};

}  // namespace dne
