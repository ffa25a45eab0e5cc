# SPDX-License-Identifier: MIT
"""Generations of evosax's OpenAI-ES on the network of 1712.06564 (section 4.1), by JAX.

Random images of 28 x 28, one batch for all members; convolutions of 32 and 64 filters of 5 x 5, each
halved by max pooling, a dense layer of 1,024, ten outputs: 3,274,634 parameters. Members go through the network one
after the other (lax.map), which on CPUs is many times as fast as all at once (vmap). Prints "version PACKAGE
VERSION" and "figure NAME NUMBER UNIT" lines: `generation`, of which `members` is the forward passes
alone, and `memory`, what the process grew by at its most since it had loaded JAX.

Usage: mnist_evosax.py MEMBERS IMAGES THREADS SECONDS CLOCK
CLOCK: wall, or cpu: the process's processor time, as if its threads had shared it evenly.
"""
import os
import importlib.metadata
import resource
import statistics
import sys
import time

MEMBERS, IMAGES, THREADS = (int(word) for word in sys.argv[1:4])
SECONDS = float(sys.argv[4])
CLOCK = sys.argv[5]
if THREADS == 1:  # JAX takes every processor that it may
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])

import jax
import jax.numpy as jnp
import optax
from evosax.algorithms import Open_ES

REPEATS = 3
LAYERS = [(5, 5, 1, 32), (5, 5, 32, 64), (7 * 7 * 64, 1024), (1024, 10)]


def peak_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def fresh_parameters(key):
    """A list of (weight, bias): evosax flattens what it is given."""
    layers = []
    for shape in LAYERS:
        key, of_layer = jax.random.split(key)
        inputs = 1
        for size in shape[:-1]:
            inputs *= size
        weight = jax.random.normal(of_layer, shape) / jnp.sqrt(inputs)
        layers.append((weight, jnp.zeros(shape[-1])))
    return layers


def loss(layers, images, labels):
    value = images
    for weight, bias in layers[:2]:
        value = jax.lax.conv_general_dilated(value, weight, window_strides=(1, 1), padding="SAME",
                                             dimension_numbers=("NHWC", "HWIO", "NHWC"))
        value = jax.lax.reduce_window(jax.nn.relu(value + bias), -jnp.inf, jax.lax.max,
                                      (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    value = value.reshape(len(images), -1)
    (weight, bias), (last_weight, last_bias) = layers[2:]
    outputs = jax.nn.relu(value @ weight + bias) @ last_weight + last_bias
    return optax.softmax_cross_entropy_with_integer_labels(outputs, labels).mean()


def now():
    return time.perf_counter() if CLOCK == "wall" else time.process_time() / THREADS


def median_milliseconds(work):
    """Repeats work for SECONDS, REPEATS times; it is warm already."""
    means = []
    for _ in range(REPEATS):
        count, start = 0, now()
        while count == 0 or now() - start < SECONDS:
            work()
            count += 1
        means.append(1000 * (now() - start) / count)
    return statistics.median(means)


def main():
    before = peak_megabytes()
    key = jax.random.key(1)
    centre = fresh_parameters(key)
    images = jax.random.uniform(key, (IMAGES, 28, 28, 1))
    labels = jnp.arange(IMAGES) % 10
    strategy = Open_ES(population_size=MEMBERS, solution=centre, optimizer=optax.adam(0.001),
                       std_schedule=optax.constant_schedule(0.002))
    params = strategy.default_params
    state = strategy.init(key, centre, params)
    score = jax.jit(lambda population: jax.lax.map(lambda layers: loss(layers, images, labels),
                                                   population))

    def generation():
        nonlocal key, state
        key, of_ask, of_tell = jax.random.split(key, 3)
        population, state = strategy.ask(of_ask, state, params)
        state, _ = strategy.tell(of_tell, population, score(population), state, params)
        jax.block_until_ready(state)

    generation()
    whole = median_milliseconds(generation)
    population, _ = strategy.ask(key, state, params)
    members = median_milliseconds(lambda: score(population).block_until_ready())
    for package in ("jax", "evosax"):
        print("version", package, importlib.metadata.version(package))
    print("figure generation", whole, "ms")
    print("figure members", members, "ms")
    print("figure memory", peak_megabytes() - before, "MB")


if __name__ == "__main__":
    main()
