# SPDX-License-Identifier: MIT
"""What ask and tell cost in Python: dne beside evosax, EvoTorch and pycma, in turn, in one process.

Generations of an evolution strategy on policies of so many numbers, whose fitness is their first
number, so that all the time is the algorithm's. Every member passes through NumPy once, as a
simulator outside needs it. Packages that this interpreter does not have are left out. Prints
"version PACKAGE VERSION" and "figure NAME NUMBER UNIT" lines; the figure is the median of REPEATS
means. pycma has one generation a repeat: it takes seconds.

Usage: ask_tell.py [PARAMETERS [MEMBERS [SECONDS]]]
"""
import importlib.metadata
import statistics
import sys
import time

import numpy as np

WORDS = sys.argv[1:]
PARAMETERS = int(WORDS[0]) if WORDS else 166_673
MEMBERS = int(WORDS[1]) if len(WORDS) > 1 else 256
SECONDS = float(WORDS[2]) if len(WORDS) > 2 else 2.0
REPEATS = 5
SIGMA = 0.02


def fitness(members):
    return np.ascontiguousarray(members[:, 0], dtype=np.float64)


def dne_es(perturbation):
    import dne
    search = dne.ES(num_parameters=PARAMETERS, population_size=MEMBERS, sigma=SIGMA,
                    perturbation=perturbation, validation_interval=1_000_000)
    search.tell([0])  # the first centre

    def generation():
        search.tell(fitness(search.ask()))
    return generation


def evosax_es():
    import jax
    import jax.numpy as jnp
    import optax
    from evosax.algorithms import Open_ES
    strategy = Open_ES(population_size=MEMBERS, solution=jnp.zeros(PARAMETERS),
                       optimizer=optax.adam(0.01), std_schedule=optax.constant_schedule(SIGMA))
    params = strategy.default_params
    state = strategy.init(jax.random.key(0), jnp.zeros(PARAMETERS), params)
    ask, tell = jax.jit(strategy.ask), jax.jit(strategy.tell)
    count = iter(range(10**9))

    def generation():
        nonlocal state
        key = jax.random.fold_in(jax.random.key(1), next(count))
        members, state = ask(key, state, params)
        scores = jnp.asarray(-fitness(np.asarray(members)))
        state, _ = tell(key, members, scores, state, params)
        jax.block_until_ready(state)
    return generation


def evotorch_pgpe():
    import torch
    from evotorch import Problem
    from evotorch.algorithms import PGPE

    def evaluate(members):
        return torch.as_tensor(fitness(members.numpy()), dtype=torch.float32)
    problem = Problem("max", evaluate, solution_length=PARAMETERS, initial_bounds=(0, 0),
                      vectorized=True, dtype=torch.float32)
    search = PGPE(problem, popsize=MEMBERS, center_learning_rate=0.01, stdev_learning_rate=0.1,
                  stdev_init=SIGMA)
    return search.step


def pycma_es():
    import cma
    search = cma.CMAEvolutionStrategy(
        np.zeros(PARAMETERS), SIGMA,
        {"popsize": MEMBERS, "CMA_diagonal": True, "verbose": -9, "maxfevals": 1e18})

    def generation():
        members = search.ask()
        search.tell(members, [-member[0] for member in members])
    return generation


PACKAGES = [("dne", "dne, Gaussian", lambda: dne_es("gaussian")),
            ("dne", "dne, signs", lambda: dne_es("rademacher")),
            ("evosax", "evosax Open_ES", evosax_es),
            ("evotorch", "EvoTorch PGPE", evotorch_pgpe),
            ("cma", "pycma, diagonal", pycma_es)]


def mean_milliseconds(generation):
    count, start = 0, time.perf_counter()
    while count == 0 or time.perf_counter() - start < SECONDS:
        generation()
        count += 1
    return 1000 * (time.perf_counter() - start) / count


def main():
    ready = []
    for package, name, make in PACKAGES:
        try:
            generation = make()
        except ImportError as missing:
            print(f"note {name} is left out: {missing}")
            continue
        if package == "dne":
            import dne
            version = dne.version()
        else:
            version = importlib.metadata.version(package)
        print(f"version {package} {version}")
        generation()  # warm
        ready.append((name, generation, []))
    for _ in range(REPEATS):
        for _, generation, means in ready:
            means.append(mean_milliseconds(generation))
    for name, _, means in ready:
        print(f"figure {name} {statistics.median(means):.1f} ms")


if __name__ == "__main__":
    main()
