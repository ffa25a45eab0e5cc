// SPDX-License-Identifier: MIT
#include "dne/policy/policy.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>

#include "dne/base/isa.h"
#include "dne/policy/actor.h"
#include "dne/policy/play.h"
#include "python/module.h"

namespace dne::python {
namespace {

// A policy and what acts by it.
class ActingPolicy {
 public:
  ActingPolicy(const std::string& where, std::optional<uint32_t> generation,
               const std::optional<std::string>& individual, bool allow_command)
      : policy_(LoadPolicy(
            {.where = where,
             .config = {},
             .generation = generation,
             .individual = individual ? std::optional(ParseBirth(*individual)) : std::nullopt,
             .allow_command = allow_command},
            BestIsa())) {
    if (policy_.setup.world) actor_.emplace(policy_, BestIsa());
  }
  ActingPolicy(const ActingPolicy&) = delete;
  ActingPolicy& operator=(const ActingPolicy&) = delete;

  const Policy& policy() const { return policy_; }
  Actor& actor() {
    if (!actor_) actor_.emplace(policy_, BestIsa());  // says why there is none
    return *actor_;
  }
  bool is_discrete() const {
    return policy_.setup.world && policy_.setup.world->spec().action.type == ActionType::kDiscrete;
  }

 private:
  Policy policy_;
  std::optional<Actor> actor_;
};

template <class T>
Array<float, 1> Outputs(ActingPolicy& policy, const ConstArray<T, 1>& observation) {
  const auto outputs = policy.actor().Outputs(std::span(observation.data(), observation.size()));
  return ToArray(std::vector<float>(outputs.begin(), outputs.end()));
}

std::vector<double> Evaluate(const ActingPolicy& policy, uint32_t episodes, uint64_t seed,
                             int threads) {
  const nb::gil_scoped_release released;
  Watch watch;
  return EvaluatePolicy(policy.policy(), episodes, seed, TestStepCap(policy.policy()),
                        OptionsOf(threads), watch)
      .scores;
}

}  // namespace

void AddPolicy(nb::module_& module) {
  nb::class_<ActingPolicy>(module, "Policy")
      .def(nb::init<const std::string&, std::optional<uint32_t>, const std::optional<std::string>&,
                    bool>(),
           nb::arg("where"), nb::arg("generation").none(), nb::arg("individual").none(),
           nb::arg("allow_command"))
      .def_prop_ro("name", [](const ActingPolicy& p) { return p.policy().name; })
      .def_prop_ro("config", [](const ActingPolicy& p) { return p.policy().experiment; })
      .def_prop_ro("is_discrete", &ActingPolicy::is_discrete)
      .def_prop_ro(
          "parameters", [](const ActingPolicy& p) { return ToArray(p.policy().parameters); },
          nb::rv_policy::automatic)
      .def("reset", [](ActingPolicy& p) { p.actor().Reset(); })
      .def("outputs", &Outputs<float>, nb::arg("observation").noconvert())
      .def("outputs", &Outputs<uint8_t>, nb::arg("observation").noconvert())
      .def("evaluate", &Evaluate, nb::arg("episodes"), nb::arg("seed"), nb::arg("threads"))
      .def("save_weights",
           [](const ActingPolicy& p, const std::string& path) { SaveWeightFile(p.policy(), path); })
      .def("save_onnx",
           [](const ActingPolicy& p, const std::string& path) { SaveOnnxFile(p.policy(), path); })
      .def("save_genome", [](const ActingPolicy& p, const std::string& path) {
        SaveGenomeFile(p.policy(), path);
      });
}

}  // namespace dne::python
