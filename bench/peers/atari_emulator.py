# SPDX-License-Identifier: MIT
"""What a step of Atari with observations costs in EnvPool and in ALE's own vector environment.

Both as their users run them: games in lockstep, 84x84 grey, skip 4, stack 4, the larger of two frames, all 18 actions,
no sticky actions, actions drawn uniformly. Prints "version PACKAGE VERSION" and "figure emulator NUMBER steps/s".

Usage: atari_emulator.py KIND GAME GAMES THREADS SECONDS CLOCK
KIND: envpool or ale. CLOCK: wall, or cpu: the process's processor time, as if its threads had shared it evenly.
"""
import statistics
import sys
import time

import numpy

REPEATS = 3
WARMUP_SHARE = 1 / 6  # of a repeat
ACTIONS = 18
DRAWN = 1024  # rows of actions, used again and again


def envpool_games(game, games, threads):
    """The package and a function that makes a step in each game."""
    import envpool
    title = "".join(word.capitalize() for word in game.split("_"))
    pool = envpool.make(f"{title}-v5", env_type="gymnasium", num_envs=games, num_threads=threads, seed=1,
                        full_action_space=True, use_fire_reset=False)
    pool.reset()
    return envpool, pool.step


def ale_games(game, games, threads):
    """Likewise."""
    import ale_py
    from ale_py.vector_env import AtariVectorEnv
    vector = AtariVectorEnv(game, games, num_threads=threads, full_action_space=True, reward_clipping=False,
                            use_fire_reset=False)
    vector.reset(seed=1)
    return ale_py, vector.step


def main():
    kind, game = sys.argv[1:3]
    games, threads = map(int, sys.argv[3:5])
    seconds = float(sys.argv[5])
    def processor_time():
        return time.process_time() / threads
    clock = processor_time if sys.argv[6] == "cpu" else time.perf_counter
    makers = {"envpool": envpool_games, "ale": ale_games}
    if kind not in makers:
        sys.exit(f"unknown kind {kind}: known are {', '.join(makers)}")
    package, step = makers[kind](game, games, threads)
    print("version", package.__name__, package.__version__, flush=True)
    actions = numpy.random.default_rng(1).integers(0, ACTIONS, (DRAWN, games), dtype=numpy.int32)
    rates, row = [], 0
    for limit in [seconds * WARMUP_SHARE] + [seconds] * REPEATS:
        count, start = 0, clock()
        while clock() - start < limit:
            step(actions[row % DRAWN])
            row += 1
            count += games
        rates.append(count / (clock() - start))
    print(f"figure emulator {statistics.median(rates[1:]):.6g} steps/s", flush=True)


main()
