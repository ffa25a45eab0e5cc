// SPDX-License-Identifier: MIT
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <exception>
#include <future>
#include <string>

#include "dne/base/error.h"
#include "dne/experiment/session.h"
#include "dne/policy/policy_run.h"
#include "dne/store/store.h"
#include "python/module.h"

namespace dne::python {
namespace {

nb::tuple TupleOf(const GenerationRecord& record) {
  return nb::make_tuple(record.generation, record.digest, record.metrics);
}

// Calls a Python function with each generation that ends; what it raises ends the run, after a
// commit.
class Listener final : public RunObserver {
 public:
  Listener(nb::object on_generation, Watch& watch)
      : on_generation_(std::move(on_generation)), watch_(watch) {}

  void OnGeneration(const GenerationRecord& record) override {
    const nb::gil_scoped_acquire held;
    if (on_generation_.is_none() || raised_) return;
    try {
      on_generation_(TupleOf(record));
    } catch (nb::python_error&) {
      raised_ = std::current_exception();
      watch_.cancel = true;
    }
  }

  void RethrowRaised() const {
    if (raised_) std::rethrow_exception(raised_);
  }

 private:
  nb::object on_generation_;
  Watch& watch_;
  std::exception_ptr raised_;
};

// Beside the interpreter's thread, which looks for Ctrl-C meanwhile: that ends the run after a
// commit, and then raises what Python makes of it.
std::string Go(Session& session, nb::object on_generation) {
  Listener listener(std::move(on_generation), session.watch());
  std::future<StopReason> work;
  bool is_interrupted = false;
  std::optional<nb::python_error> interrupt;
  {
    const nb::gil_scoped_release released;
    work = std::async(std::launch::async, [&] { return session.Go(listener); });
    while (work.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
      const nb::gil_scoped_acquire held;
      if (is_interrupted || PyErr_CheckSignals() == 0) continue;
      is_interrupted = true;
      interrupt.emplace();
      session.watch().cancel = true;
    }
  }
  const StopReason reason = work.get();
  if (interrupt) throw std::move(*interrupt);
  listener.RethrowRaised();
  return StopReasonName(reason);
}

// MuJoCo's engine takes the mathematical functions that the interpreter brought: its bodies would
// not move as the program's do.
void RefuseBodies(const ExperimentConfig& config) {
  if (config.task.kind->name != "mujoco") return;
  throw Error(
      "bodies of MuJoCo would have other bits in a Python process: run this experiment by "
      "the program, dne run");
}

// What a user should know is a warning, before the run goes on.
std::string WarnAndGo(Session& session, nb::object on_generation) {
  std::vector<std::string> notes;
  {
    const nb::gil_scoped_release released;
    notes = session.FindNotes();
  }
  for (const std::string& note : notes) {
    if (PyErr_WarnEx(PyExc_UserWarning, note.c_str(), 1) != 0) throw nb::python_error();
  }
  return Go(session, std::move(on_generation));
}

std::string Begin(const ExperimentConfig& config, const std::string& dir, int threads,
                  nb::object on_generation) {
  RefuseBodies(config);
  std::unique_ptr<Session> session;
  {
    const nb::gil_scoped_release released;
    session = Session::Begin(config, dir, OptionsOf(threads));
  }
  return WarnAndGo(*session, std::move(on_generation));
}

std::string Resume(const std::string& dir, const std::vector<std::string>& overrides,
                   bool allow_command, int threads, nb::object on_generation) {
  std::unique_ptr<Session> session;
  {
    const nb::gil_scoped_release released;
    session = Session::Resume(dir, overrides, {.programs = allow_command}, OptionsOf(threads));
  }
  RefuseBodies(session->config());
  return WarnAndGo(*session, std::move(on_generation));
}

// --- A run to look at ----------------------------------------------------------------------------

class Store {
 public:
  explicit Store(const std::string& dir) : store_(RunStore::OpenReadOnly(dir)) {}
  const RunStore& operator*() const { return *store_; }
  const RunStore* operator->() const { return store_.get(); }

 private:
  std::unique_ptr<RunStore> store_;
};

nb::dict InfoOf(const Store& store) {
  const RunInfo& info = store->info();
  nb::dict dict;
  dict["config"] = info.config;
  dict["seed"] = info.seed;
  dict["dne_version"] = info.dne_version;
  dict["build"] = info.build;
  dict["machine"] = info.machine;
  dict["created"] = info.created;
  return dict;
}

nb::list Generations(const Store& store) {
  nb::list list;
  for (const GenerationRecord& record : store->Generations()) list.append(TupleOf(record));
  return list;
}

// One column of trials.
template <class T, class F>
void AddColumn(nb::dict& columns, const char* name, const std::vector<TrialRecord>& trials,
               F value) {
  std::vector<T> values;
  values.reserve(trials.size());
  for (const TrialRecord& trial : trials) values.push_back(static_cast<T>(value(trial)));
  columns[name] = ToArray(values);
}

// Parents that are not there are -1; centres are items from 2^31 on, as in the store.
nb::dict Trials(const Store& store, uint32_t generation, const std::optional<std::string>& round) {
  const std::vector<TrialRecord> trials = store->Trials(generation, round);
  using Trial = TrialRecord;
  nb::list rounds;
  for (const Trial& trial : trials) rounds.append(trial.round);
  nb::dict columns;
  columns["round"] = rounds;
  AddColumn<uint32_t>(columns, "index", trials, [](const Trial& t) { return t.index; });
  AddColumn<int64_t>(columns, "individual_generation", trials,
                     [](const Trial& t) { return t.individual.generation; });
  AddColumn<int64_t>(columns, "individual_item", trials,
                     [](const Trial& t) { return t.individual.code(); });
  AddColumn<int64_t>(columns, "parent_generation", trials,
                     [](const Trial& t) { return t.parent ? int64_t{t.parent->generation} : -1; });
  AddColumn<int64_t>(columns, "parent_item", trials,
                     [](const Trial& t) { return t.parent ? int64_t{t.parent->code()} : -1; });
  AddColumn<float>(columns, "sigma", trials,
                   [](const Trial& t) { return t.mirrored ? -t.sigma : t.sigma; });
  AddColumn<double>(columns, "fitness", trials, [](const Trial& t) { return t.fitness; });
  AddColumn<uint64_t>(columns, "steps", trials, [](const Trial& t) { return t.steps; });
  AddColumn<uint64_t>(columns, "frames", trials, [](const Trial& t) { return t.frames; });
  AddColumn<uint32_t>(columns, "episodes", trials, [](const Trial& t) { return t.draws.size(); });
  AddColumn<uint8_t>(columns, "solved", trials, [](const Trial& t) { return t.solved(); });
  return columns;
}

// Of the first episode of each trial, as bytes.
nb::list Descriptors(const Store& store, uint32_t generation,
                     const std::optional<std::string>& round) {
  nb::list list;
  for (const TrialRecord& trial : store->Trials(generation, round)) {
    const std::vector<uint8_t> bytes =
        trial.episodes.empty() ? std::vector<uint8_t>{} : trial.episodes.front().descriptor;
    list.append(nb::bytes(bytes.data(), bytes.size()));
  }
  return list;
}

// Whether descriptors are points of 64-bit floats.
bool HasPoints(const Store& store) {
  const ExperimentConfig config = ParseStoredConfig(store->info().config, "the run");
  return !config.task.kind->facts(config.task.options).has_trajectories;
}

nb::list LineageOf(const Store& store, const std::string& individual) {
  const Genome genome = IndividualGenome(*store, ParseBirth(individual));
  nb::list list;
  for (const Ancestor& ancestor : Lineage(genome, &*store)) {
    list.append(nb::make_tuple(BirthName(ancestor.mutation.birth), ancestor.mutation.signed_sigma(),
                               ancestor.fitness));
  }
  return list;
}

}  // namespace

void AddRun(nb::module_& module) {
  nb::class_<ExperimentConfig>(module, "Experiment")
      .def_static("load",
                  [](const std::string& path, const std::vector<std::string>& overrides) {
                    return LoadConfig(path, overrides);
                  })
      .def_static("parse", [](const std::string& toml, const std::string& origin,
                              const std::vector<std::string>& overrides) {
        return ParseConfig(toml, origin, overrides);
      });
  module.def("begin", &Begin, nb::arg("experiment"), nb::arg("dir"), nb::arg("threads"),
             nb::arg("on_generation").none());
  module.def("resume", &Resume, nb::arg("dir"), nb::arg("overrides"), nb::arg("allow_command"),
             nb::arg("threads"), nb::arg("on_generation").none());
  nb::class_<Store>(module, "Store")
      .def(nb::init<const std::string&>(), nb::arg("dir"))
      .def("info", &InfoOf)
      .def("generations", &Generations)
      .def("trials", &Trials, nb::arg("generation"), nb::arg("round").none())
      .def("descriptors", &Descriptors, nb::arg("generation"), nb::arg("round").none())
      .def("has_points", &HasPoints)
      .def("lineage", &LineageOf, nb::arg("individual"))
      .def("genome", [](const Store& store, const std::string& individual) {
        return GenomeToText(IndividualGenome(*store, ParseBirth(individual)));
      });
}

}  // namespace dne::python
