# SPDX-License-Identifier: MIT
"""Runs: begun, resumed, looked at."""
import os
import sys
from pathlib import Path

import numpy as np

from . import _core
from ._options import to_inline, to_overrides, to_toml
from .ask_tell import Generation
from .policy import Policy


def run(config, *, out, environment=None, arguments=None, seed=None, threads=None,
        on_generation=None, options=None):
    """Begins a run, plays it until its budget is spent or Ctrl-C, and returns it.

    config: an experiment file, or the same as a dictionary of tables (docs/configuration.md). out:
    its folder, which must not hold one. environment: an id that Gymnasium knows, or a function of
    an importable module that makes an environment; `arguments`: its keyword arguments. Each worker
    thread has a process of its own, with several environments of an id, and one of a function. seed: in place of the
    configuration's. threads: (default: all processors). on_generation: called with each Generation
    that ends; what it raises ends the run, which can be resumed. options: values in place of the
    configuration's, as {"algorithm": {"sigma": 0.1}}.
    """
    if "DNE_ENVIRONMENT" in os.environ:
        raise _core.Error("this process was started to make the environment "
                          f"{os.environ['DNE_ENVIRONMENT']}, but its module begins a run: put that "
                          "under if __name__ == \"__main__\"")
    overrides = to_overrides({"seed": seed, **(options or {})})
    if environment is not None:
        overrides += _environment_overrides(environment, arguments)
    if isinstance(config, dict):
        experiment = _core.Experiment.parse(to_toml(config), "config", overrides)
    else:
        experiment = _core.Experiment.load(os.fspath(config), overrides)
    _core.begin(experiment, os.fspath(out), threads or 0, _listener(on_generation))
    return _ended(out, True)


def resume(path, *, budget=None, threads=None, on_generation=None, allow_command=False):
    """Goes on with a run, bit for bit, whatever ended it, and returns it.

    budget: limits in place of the run's, as {"generations": 200}. allow_command: it may start the
    programs that its configuration names, as an environment of your own is one.
    """
    overrides = to_overrides({"budget": budget or {}})
    _core.resume(os.fspath(path), overrides, allow_command, threads or 0, _listener(on_generation))
    return _ended(path, allow_command)


class Run:
    """A run to look at, also while another process plays it."""

    def __init__(self, path):
        self.path = Path(path)
        self._core = _core.Store(os.fspath(path))
        self._may_start = False  # what it names: whoever began or resumed it has said so
        self.info = self._core.info()  #: config (TOML), seed, dne_version, build, machine, created

    @property
    def generations(self):
        """Finished generations: a record array of generation, digest, and each metric."""
        records = [_generation(record) for record in self._core.generations()]
        names = sorted({name for record in records for name in record.metrics})
        rows = [(record.number, record.digest, *(record.metrics.get(name, np.nan) for name in names))
                for record in records]
        return np.rec.array(rows, dtype=[("generation", "u4"), ("digest", "U16")] +
                            [(name, "f8") for name in names])

    def trials(self, generation, round=None):
        """Genomes that a generation tried: a record array in the order of round and index.

        Columns are those of the table trial (docs/formats-store.md); parents that are not there are
        -1. round: "train", "validate" or "test" alone.
        """
        columns = self._core.trials(generation, round)
        columns["round"] = np.array(columns["round"], dtype="U8")
        columns["solved"] = columns["solved"].astype(bool)
        return np.rec.fromarrays(list(columns.values()), names=list(columns))

    def behaviours(self, generation, round=None):
        """Behaviours at the end of the first episode of those trials: [trials, size], float64 where
        they are points, else uint8, as the bytes of a game's memory are."""
        kind = np.float64 if self._core.has_points() else np.uint8
        return np.array([np.frombuffer(descriptor, dtype=kind)
                         for descriptor in self._core.descriptors(generation, round)])

    def lineage(self, individual):
        """Its ancestors, the oldest first, itself last: a record array of individual, sigma of its
        mutation (negative: the mirror image), and fitness when it was born (nan: not known)."""
        rows = [(name, sigma, np.nan if fitness is None else fitness)
                for name, sigma, fitness in self._core.lineage(individual)]
        return np.rec.array(rows, dtype=[("individual", "U24"), ("sigma", "f4"), ("fitness", "f8")])

    def genome(self, individual):
        """Its genome as a line of text (docs/formats-genome.md)."""
        return self._core.genome(individual)

    def policy(self, *, generation=None, individual=None, allow_command=False):
        """The elite of the last generation, or another policy: Policy. allow_command: as there;
        not needed of a run that this process began, or resumed so."""
        return Policy(self.path, generation=generation, individual=individual,
                      allow_command=allow_command or self._may_start)

    def __repr__(self):
        return f"<dne.Run {self.path}>"


def _environment_overrides(environment, arguments):
    if callable(environment):
        environment = _name_of(environment)
    overrides = to_overrides({"task": {"type": "gymnasium", "environment": environment,
                                       "python": sys.executable}})
    if arguments:
        overrides.append(f"task.arguments={to_inline(arguments)}")
    return overrides


def _name_of(function):
    """module:function, by which another process finds it."""
    module = getattr(function, "__module__", "__main__")
    name = getattr(function, "__qualname__", type(function).__name__ + "()")
    main = getattr(sys.modules["__main__"], "__file__", None)
    if module == "__main__" and main:
        path = Path(main).resolve()
        module = path.stem
        _add_to_python_path(path.parent)
    if module == "__main__" or not name.isidentifier():
        raise _core.Error(f"{module}:{name} cannot be imported by another process: put the function "
                          "at the top of a module (in a notebook, write one with %%writefile)")
    return f"{module}:{name}"


def _add_to_python_path(folder):
    """Processes that begin from here on look for modules there too."""
    folders = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    if str(folder) not in folders:
        os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *folders])


def _generation(record):
    number, digest, metrics = record
    return Generation(number, f"{digest:016x}", metrics)


def _listener(on_generation):
    if on_generation is None:
        return None
    return lambda record: on_generation(_generation(record))


def _ended(path, may_start):
    run = Run(path)
    run._may_start = may_start
    return run
