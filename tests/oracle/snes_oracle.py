# SPDX-License-Identifier: MIT
"""Holds dne's SNES to the published algorithm, and to evosax where it is installed.

    snes_oracle.py PATH_OF_SNES_DUMP

Every generation that the program tells of is updated again, from the same mean, sigmas, noise and
fitness, in double precision as Schaul, Glasmachers and Schmidhuber (2011) write it, and in single
precision by evosax (`pip install evosax`, tried with 0.3.2). dne sums in single precision: 12 members'
noise of size 1 to 4, each rounded to 6e-8 of itself, is right to 2e-6 of a sigma.
"""

import json
import subprocess
import sys

import numpy as np

TOLERANCE = 2e-6  # of a sigma
EVOSAX_TOLERANCE = 2e-5  # evosax finds the noise as (member - mean) / sigma, both rounded


def published(before, noise, fitness):
    members, size = noise.shape
    ranks = np.empty(members)
    ranks[np.argsort(-fitness)] = np.arange(1, members + 1)
    utilities = np.maximum(0, np.log(members / 2 + 1) - np.log(ranks))
    utilities = utilities / utilities.sum() - 1 / members
    mean, sigmas = before
    rate = (3 + np.log(size)) / (5 * np.sqrt(size))
    return (mean + sigmas * (utilities @ noise),
            sigmas * np.exp(rate / 2 * (utilities @ (noise**2 - 1))))


def evosax_update():
    """The same by evosax, or None."""
    try:
        import jax
        import jax.numpy as jnp
        from evosax.algorithms import SNES
    except ImportError:
        return None

    def update(before, noise, fitness):
        mean, sigmas = before
        members, size = noise.shape
        snes = SNES(population_size=members, solution=jnp.zeros(size))
        key = jax.random.key(0)
        params = snes.default_params
        state = snes.init(key, jnp.asarray(mean, jnp.float32), params)
        state = state.replace(std=jnp.asarray(sigmas, jnp.float32))
        population = jnp.asarray(mean + sigmas * noise, jnp.float32)
        state, _ = snes.tell(key, population, jnp.asarray(-fitness, jnp.float32), state, params)
        return np.asarray(state.mean, float), np.asarray(state.std, float)

    return update


def distribution(part):
    return np.array(part["mean"]), np.array(part["sigmas"])


def furthest(actual, expected, sigmas):
    return max(np.max(np.abs(a - e) / sigmas) for a, e in zip(actual, expected))


def main():
    lines = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout
    oracles = [("the published update", published, TOLERANCE)]
    if evosax_update():
        oracles.append(("evosax", evosax_update(), EVOSAX_TOLERANCE))
    generations = [json.loads(line) for line in lines.splitlines()]
    assert len(generations) == 20
    for name, update, tolerance in oracles:
        worst = 0.0
        for generation in generations:
            before = distribution(generation["before"])
            noise = np.array([member["of"] for member in generation["noise"]])
            fitness = np.array(generation["fitness"])
            expected = update(before, noise, fitness)
            assert np.any(np.abs(expected[0] - before[0]) > 100 * tolerance * before[1])
            worst = max(worst, furthest(distribution(generation["after"]), expected, before[1]))
        print(f"{name}: {len(generations)} generations, at most {worst:.1e} of a sigma away")
        assert worst <= tolerance, f"{name}: more than {tolerance}"


if __name__ == "__main__":
    main()
