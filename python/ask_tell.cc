// SPDX-License-Identifier: MIT
#include "dne/ask_tell/ask_tell.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>
#include <string>

#include "dne/base/error.h"
#include "python/module.h"

namespace dne::python {
namespace {

Array<float, 2> Ask(AskTell& search) {
  const size_t members = search.num_members();
  const size_t parameters = search.num_parameters();
  std::unique_ptr<float[]> rows(new float[members * parameters]);
  {
    const nb::gil_scoped_release released;
    search.Ask({rows.get(), members * parameters});
  }
  return ToArray<float, 2>(std::move(rows), {members, parameters});
}

Array<float, 1> AskOne(AskTell& search, size_t member) {
  std::unique_ptr<float[]> numbers(new float[search.num_parameters()]);
  {
    const nb::gil_scoped_release released;
    search.Ask(member, {numbers.get(), search.num_parameters()});
  }
  return ToArray<float, 1>(std::move(numbers), {search.num_parameters()});
}

using Doubles = ConstArray<double, 1>;
using Points = ConstArray<double, 2>;
using Counts = ConstArray<uint64_t, 1>;

// The generation's number, digest and metrics where it has ended.
nb::object Tell(AskTell& search, const Doubles& fitness, const std::optional<Points>& behaviours,
                const std::optional<Counts>& steps) {
  Told told{.fitness = {fitness.data(), fitness.size()}};
  if (behaviours) {
    if (behaviours->shape(0) != search.num_members()) {
      throw Error("behaviours have " + std::to_string(behaviours->shape(0)) + " rows, but " +
                  std::to_string(search.num_members()) +
                  " members were asked for: tell one of each member");
    }
    told.behaviours = {behaviours->data(), behaviours->size()};
  }
  if (steps) told.steps = {steps->data(), steps->size()};
  std::optional<GenerationOutcome> outcome;
  {
    const nb::gil_scoped_release released;
    outcome = search.Tell(told);
  }
  if (!outcome) return nb::none();
  return nb::make_tuple(outcome->generation, outcome->digest, outcome->metrics);
}

nb::bytes Save(const AskTell& search) {
  const std::string state = search.Save();
  return nb::bytes(state.data(), state.size());
}

AskTell Restore(const nb::bytes& state, int threads) {
  return AskTell::Restore({state.c_str(), state.size()}, OptionsOf(threads));
}

}  // namespace

void AddAskTell(nb::module_& module) {
  nb::class_<AskTell>(module, "AskTell")
      .def(
          "__init__",
          [](AskTell* self, const std::string& toml, const std::string& origin,
             const ConstArray<float, 1>& initial, float initial_std, int threads) {
            new (self) AskTell(toml, origin,
                               {.initial = {initial.data(), initial.data() + initial.size()},
                                .initial_std = initial_std},
                               OptionsOf(threads));
          },
          nb::arg("toml"), nb::arg("origin"), nb::arg("initial"), nb::arg("initial_std"),
          nb::arg("threads"))
      .def_static("restore", &Restore, nb::arg("state"), nb::arg("threads"))
      .def_prop_ro("algorithm", &AskTell::algorithm)
      .def_prop_ro("num_parameters", &AskTell::num_parameters)
      .def_prop_ro("num_members", &AskTell::num_members)
      .def_prop_ro("generation", &AskTell::generation)
      .def_prop_ro("round", [](const AskTell& search) { return search.round(); })
      .def("ask", &Ask)
      .def("ask_one", &AskOne, nb::arg("member"))
      .def("tell", &Tell, nb::arg("fitness"), nb::arg("behaviours").none(), nb::arg("steps").none())
      .def("centre", [](AskTell& search) { return ToArray(search.CentreNow()); })
      .def("best", [](AskTell& search) { return ToArray(search.Best()); })
      .def("save", &Save);
}

}  // namespace dne::python
