# SPDX-License-Identifier: MIT
"""Algorithms by ask and tell, for policies that your own program tries.

    search = dne.ES(num_parameters=1000, population_size=200, sigma=0.05, seed=1)
    while search.generation < 100:
        members = search.ask()                      # float32, [members, 1000]
        search.tell([score(member) for member in members])
    weights = search.best

A generation has rounds, and ask gives the members of one: those that train, then (round
"validate") those among which the best is chosen, which of an evolution strategy is its centre, then
(round "test") the best, where test_episodes is given. The loop above need not care. Equal seeds,
options and numbers told give equal members, bit for bit, on every machine; `digest` of a generation
is that of a run of the dne command that saw the same numbers.
"""
from typing import NamedTuple

import numpy as np

from . import _core
from ._options import to_toml


class Generation(NamedTuple):
    """What a generation came to."""

    number: int
    digest: str  #: 16 hexadecimal digits, of everything that it computed
    metrics: dict  #: docs/metrics.md


class AskTell:
    """An algorithm; each has the options of its kind in docs/configuration.md, by their names.

    num_parameters: numbers of a policy. seed: every random number follows from it. initial: where
    the search begins, [num_parameters] (default: zeros). initial_std: standard deviation of normal
    noise on it; a genetic algorithm needs it above 0, since its founders must differ. threads:
    (default: all processors); they show in no result. options: of [algorithm] and, in dictionaries
    `novelty` and `archive`, of [novelty] and [archive]; without test_episodes there is no test.
    """

    kind = ""  # None of its own: only from_bytes takes any.

    def __init__(self, num_parameters, *, seed=1, initial=None, initial_std=0.0, threads=None,
                 novelty=None, archive=None, **options):
        if initial is None:
            initial = np.zeros(num_parameters)
        initial = np.ascontiguousarray(initial, dtype=np.float32).reshape(-1)
        if len(initial) != num_parameters:
            raise _core.Error(f"initial has {len(initial)} numbers, but num_parameters is "
                              f"{num_parameters}: give as many")
        toml = to_toml({"seed": seed, "algorithm": {"type": self.kind, "test_episodes": 0, **options},
                        "novelty": novelty or None, "archive": archive or None})
        self._core = _core.AskTell(toml, f"dne.{type(self).__name__}", initial, initial_std,
                                   threads or 0)
        self.last = None  #: Generation: the one that ended last

    def ask(self):
        """The members of the round in work: float32, [members, num_parameters], yours to change."""
        return self._core.ask()

    def ask_one(self, member):
        """One of them, [num_parameters], where all at once would take too much memory."""
        return self._core.ask_one(member)

    def tell(self, fitness, behaviours=None, steps=None):
        """What became of the members: learns, and goes on to the next round.

        fitness: [members], the higher the better; nan where the simulation broke down, which ranks
        last. behaviours: [members, coordinates], of algorithms that seek novelty or keep an
        archive. steps: [members], that each took, for the metrics. Returns the Generation that has ended by this, or None.
        """
        if behaviours is not None:
            behaviours = np.ascontiguousarray(behaviours, dtype=np.float64)
            behaviours = behaviours.reshape(len(behaviours), -1)
        if steps is not None:
            steps = np.ascontiguousarray(steps, dtype=np.uint64).reshape(-1)
        told = self._core.tell(np.ascontiguousarray(fitness, dtype=np.float64).reshape(-1),
                               behaviours, steps)
        if told is None:
            return None
        number, digest, metrics = told
        self.last = Generation(number, f"{digest:016x}", metrics)
        return self.last

    @property
    def centre(self):
        """Of evolution strategies: the middle of what is tried now, [num_parameters]."""
        return self._core.centre()

    @property
    def best(self):
        """The best policy so far by its validation, [num_parameters]; after a generation's end."""
        return self._core.best()

    @property
    def generation(self):
        """The generation in work, from 0. That of an evolution strategy only validates."""
        return self._core.generation

    @property
    def round(self):
        """"train", "validate" or "test": what the members that ask gives are tried for."""
        return self._core.round

    @property
    def num_parameters(self):
        return self._core.num_parameters

    def __len__(self):
        """Members of the round in work."""
        return self._core.num_members

    def to_bytes(self):
        """The whole state, small but for the centres; to be kept between tell and ask."""
        return self._core.save()

    @classmethod
    def from_bytes(cls, state, threads=None):
        """Goes on, bit for bit, from what to_bytes returned."""
        search = cls.__new__(cls)
        search._core = _core.AskTell.restore(state, threads or 0)
        if cls.kind not in ("", search._core.algorithm):
            raise _core.Error(f"these bytes are a state of {search._core.algorithm}, not of {cls.kind}: use its class, "
                              "or dne.AskTell.from_bytes")
        search.last = None
        return search


class ES(AskTell):
    """Evolution strategy (1703.03864); with top_directions ARS (1803.07055)."""

    kind = "es"


class PGPE(AskTell):
    """Policy gradients with parameter-based exploration, a sigma for each parameter."""

    kind = "pgpe"


class SNES(AskTell):
    """Separable natural evolution strategy, a sigma for each parameter."""

    kind = "snes"


class NSES(AskTell):
    """Evolution strategy by novelty alone (1712.06560)."""

    kind = "ns_es"


class NSRES(AskTell):
    """Evolution strategy by novelty and reward (1712.06560)."""

    kind = "nsr_es"


class NSRAES(AskTell):
    """The same, with a weight of reward that adapts (1712.06560)."""

    kind = "nsra_es"


class GA(AskTell):
    """Deep GA (1712.06567): truncation selection, mutation, no crossover."""

    kind = "ga"


class GANS(AskTell):
    """Deep GA by novelty (1712.06567)."""

    kind = "ga_ns"


class RandomSearch(AskTell):
    """Fresh random policies in every generation (1712.06567)."""

    kind = "random_search"


class SteadyStateGA(AskTell):
    """A GA whose children take others' places at once (1712.06563)."""

    kind = "steady_state_ga"


class MapElites(AskTell):
    """MAP-Elites (1504.04909): the best of each cell of a grid over behaviours.

    archive: {"axes": [{"name": "x", "coordinate": 0, "lower": 0, "upper": 1, "cells": 50}, ...]}
    """

    kind = "map_elites"
