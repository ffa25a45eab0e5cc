// SPDX-License-Identifier: MIT
#include "python/module.h"

#include <nanobind/stl/string.h>

#include <algorithm>
#include <thread>

#include "dne/base/about.h"
#include "dne/base/error.h"

namespace dne::python {

EvaluatorOptions OptionsOf(int threads) {
  if (threads < 0) throw Error("threads must not be negative: leave it out for all processors");
  const auto all = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return {.threads = threads > 0 ? threads : all, .clock = Now};
}

}  // namespace dne::python

NB_MODULE(_core, module) {
  using namespace dne::python;
  module.doc() = "What dne is made of, for the package's own use: import dne.";
  nb::exception<dne::Error>(module, "Error", PyExc_RuntimeError);
  module.def("version", &dne::Version);
  module.def("build", &dne::BuildName);
  AddAskTell(module);
  AddPolicy(module);
  AddRun(module);
}
