# SPDX-License-Identifier: MIT
"""What a step of Atari with observations costs in EnvPool and in ALE's own vector environment.

Both as their users run them: games in lockstep, 84x84 grey, skip 4, stack 4, the larger of two frames, all 18 actions,
no sticky actions, actions drawn uniformly. Prints "version PACKAGE VERSION" and "figure emulator NUMBER steps/s".

Usage: atari_emulator.py KIND GAME GAMES THREADS SECONDS CLOCK
KIND: envpool or ale. CLOCK: wall, or cpu: the process's processor time, as if its threads had shared it evenly.
"""
import importlib
import itertools
import sys

import numpy

from atari_peer import clock_of, envpool_games, rate

ACTIONS = 18
DRAWN = 1024  # rows of actions, used again and again


def ale_games(game, games, threads):
    from ale_py.vector_env import AtariVectorEnv
    vector = AtariVectorEnv(game, games, num_threads=threads, full_action_space=True, reward_clipping=False,
                            use_fire_reset=False)
    vector.reset(seed=1)  # takes no seed elsewhere
    return vector


KINDS = {"envpool": ("envpool", envpool_games), "ale": ("ale_py", ale_games)}


def main():
    kind, game = sys.argv[1:3]
    games, threads = map(int, sys.argv[3:5])
    seconds = float(sys.argv[5])
    if kind not in KINDS:
        sys.exit(f"unknown kind {kind}: known are {', '.join(KINDS)}")
    package, make = KINDS[kind]
    print("version", package, importlib.import_module(package).__version__, flush=True)
    together = make(game, games, threads)
    together.reset()
    actions = itertools.cycle(numpy.random.default_rng(1).integers(0, ACTIONS, (DRAWN, games), dtype=numpy.int32))
    steps = rate(lambda: together.step(next(actions)), games, seconds, clock_of(sys.argv[6], threads))
    print(f"figure emulator {steps:.6g} steps/s", flush=True)


main()
