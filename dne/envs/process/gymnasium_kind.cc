// SPDX-License-Identifier: MIT
// Environments of Gymnasium, which interfaces/dne_gymnasium.py serves.
#include <array>

#include "dne/base/error.h"
#include "dne/envs/process/interfaces.h"
#include "dne/envs/process/kind.h"
#include "dne/envs/process/process.h"
#include "dne/envs/process/process_options.h"

namespace dne {
namespace {

constexpr const char* kPython = "python3";
constexpr int kNumEnvs = 8;  // in a process; more gain little

struct GymnasiumOptions {
  std::string environment;
  std::string arguments = "{}";
  std::string python = kPython;
  std::vector<std::string> behaviour;
  ProcessLimits limits;

  void Visit(Fields& fields) {
    fields
        .Add("environment", environment, Names{},
             "an id that Gymnasium knows, as \"LunarLander-v3\", or module:function, which is "
             "called "
             "for one")
        .Needed("it is what is played in");
    fields.Add("arguments", arguments, Table{},
               "keyword arguments of gymnasium.make or the function");
    fields.Add(
        "behaviour", behaviour, Words{.may_be_empty = true},
        "entries of Gymnasium's info that say what an episode came to: what novelty goes by");
    fields.Add("python", python, Names{}, "the interpreter that has gymnasium");
    limits.Visit(fields);
  }
  bool operator==(const GymnasiumOptions&) const = default;

  bool names_function() const { return environment.find(':') != std::string::npos; }
  // Whether it runs other code than Gymnasium's own.
  bool names_code() const { return names_function() || python != kPython; }
  // Of what functions make nobody knows what it shares. Of Gymnasium's own only Box2D's bipedal
  // walker is known not to repeat itself beside others.
  int num_envs() const {
    if (limits.num_envs > 0) return limits.num_envs;
    return names_function() ? 1 : kNumEnvs;
  }
  std::vector<std::string> Command() const {
    std::vector<std::string> command{python, InterfaceFile("dne_gymnasium.py"),
                                     std::to_string(num_envs()), environment, arguments};
    command.insert(command.end(), behaviour.begin(), behaviour.end());
    return command;
  }
};

}  // namespace

std::shared_ptr<const World> StartGymnasium(const std::string& environment,
                                            const std::string& python) {
  const GymnasiumOptions options{.environment = environment, .python = python};
  return LoadProcess(options.Command(), options.limits, /*may_start=*/true);
}

const WorldKind kGymnasiumKind = {
    .name = "gymnasium",
    .network_preset = "mlp",
    .defaults = DefaultsOf<GymnasiumOptions>,
    .facts =
        [](const Options& options) {
          const auto& gymnasium = options.As<GymnasiumOptions>();
          return ProcessFacts(gymnasium.limits, gymnasium.names_code());
        },
    .environments = [] { return std::vector<std::string>{}; },
    .environment =
        [](const Options& options) { return options.As<GymnasiumOptions>().environment; },
    .load = [](const Options& options, bool may_start) -> std::shared_ptr<const World> {
      const auto& gymnasium = options.As<GymnasiumOptions>();
      return LoadProcess(gymnasium.Command(), gymnasium.limits,
                         may_start || !gymnasium.names_code());
    }};

}  // namespace dne
