# SPDX-License-Identifier: MIT
"""Steps a second of an environment of Gymnasium without dne: what `dne bench gymnasium` stands beside.

`loop` is what one writes first: reset, step, reset where an episode is over, each episode with a seed of its own, as in
dne; each of WORKERS processes has such a loop. `vector` is Gymnasium's AsyncVectorEnv of WORKERS environments, which
resets in the step that ends an episode, without a seed.
Actions are random and drawn before; resets are in the time, not in the count; rates are of all workers together.
Prints "version PACKAGE VERSION" and "figure NAME NUMBER UNIT" lines.

Usage: gymnasium_steps.py ENVIRONMENT WORKERS SECONDS CLOCK
CLOCK: wall, the only one, since several processes work.
"""
import itertools
import multiprocessing
import statistics
import sys
import time

import gymnasium
import numpy
from gymnasium.vector import AsyncVectorEnv, AutoresetMode

ENVIRONMENT, WORKERS, SECONDS = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
REPEATS = 3
WARMUP_SHARE = 1 / 6  # of a repeat
ACTIONS = 1000  # drawn before, used in turn
STEPS = 10  # between looks at the clock


def draw_actions(space):
    space.seed(1)
    return itertools.cycle([space.sample() for _ in range(ACTIONS)])


def count(step, seconds):
    """Calls of `step` a second."""
    start = now = time.perf_counter()
    calls = 0
    while now - start < seconds:
        for _ in range(STEPS):
            step()
        calls += STEPS
        now = time.perf_counter()
    return calls / (now - start)


def stepper(worker):
    """A function that makes the next step of an endless row of episodes."""
    env = gymnasium.make(ENVIRONMENT)
    actions = draw_actions(env.action_space)
    seeds = itertools.count(1_000_000 * worker)
    env.reset(seed=next(seeds))

    def step():
        _, _, terminated, truncated, _ = env.step(next(actions))
        if terminated or truncated:
            env.reset(seed=next(seeds))
    return step


def loop_worker(worker, together, rates):
    step = stepper(worker)
    for seconds in [SECONDS * WARMUP_SHARE] + [SECONDS] * REPEATS:
        together.wait()
        rates.put(count(step, seconds))


def loop_rates():
    """Steps a second of all loops together, of each repeat."""
    together, rates = multiprocessing.Barrier(WORKERS), multiprocessing.Queue()
    workers = [multiprocessing.Process(target=loop_worker, args=(i, together, rates))
               for i in range(WORKERS)]
    for worker in workers:
        worker.start()
    sums = [sum(rates.get() for _ in workers) for _ in range(1 + REPEATS)]
    for worker in workers:
        worker.join()
    return sums[1:]


def vector_rates():
    """Likewise of AsyncVectorEnv."""
    env = AsyncVectorEnv([lambda: gymnasium.make(ENVIRONMENT)] * WORKERS,
                         autoreset_mode=AutoresetMode.SAME_STEP)
    env.reset(seed=0)
    actions = draw_actions(env.action_space)

    def step():
        env.step(next(actions))
    count(step, SECONDS * WARMUP_SHARE)
    rates = [WORKERS * count(step, SECONDS) for _ in range(REPEATS)]
    env.close()
    return rates


def main():
    for package in (gymnasium, numpy):
        print("version", package.__name__, package.__version__)
    print("figure loop", statistics.median(loop_rates()), "steps/s")
    print("figure vector", statistics.median(vector_rates()), "steps/s")


if __name__ == "__main__":
    main()
