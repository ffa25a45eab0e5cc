# SPDX-License-Identifier: MIT
"""Plays dne's MuJoCo episodes again through Gymnasium, and compares them.

    LD_PRELOAD=PATH_OF_libdne_math_preload.so mujoco_oracle.py PATH_OF_MUJOCO_DUMP

Gymnasium's own environment is put into the initial state that dne drew, takes the same actions,
clipped to its action space as its ClipAction does, and must give the same rewards and ends, bit for
bit, and the same observations once they are cast to float32. The engine in this Python needs dne's
mathematical functions for that, which are preloaded; mujoco_dump has them inside.
"""

import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import gymnasium
import mujoco
import numpy as np

ENGINE = "4.0.1"  # the version of the library that dne links, see scripts/fetch_mujoco.sh
ENVIRONMENTS = {
    "ant": "Ant-v5",
    "half_cheetah": "HalfCheetah-v5",
    "hopper": "Hopper-v5",
    "humanoid": "Humanoid-v5",
    "humanoid_v4": "Humanoid-v4",
    "swimmer": "Swimmer-v5",
    "walker2d": "Walker2d-v5",
}
NEVER_FALL = ["half_cheetah", "swimmer"]
# Linear policies by configs/mujoco/hopper-pgpe.toml and swimmer-ars.toml, seed 1.
TRAINED = Path(__file__).parent / "trained"
MAX_STEPS = 1000
SEEDS = range(8)


def cases():
    """(body, seed, player, does falling end the episode, fewest steps)"""
    for body in ENVIRONMENTS:
        if body in NEVER_FALL:
            yield body, 1, "random", True, MAX_STEPS
            yield body, 2, "smooth", True, MAX_STEPS
            continue
        for seed in SEEDS:
            yield body, seed, "random", True, 1
        yield body, 1, "smooth", True, 1
        yield body, 2, "random", False, 300
        yield body, 3, "smooth", False, 300
    for policy in sorted(TRAINED.glob("*.txt")):
        for seed in range(2):
            yield policy.stem, seed, policy, True, MAX_STEPS


def check(condition, *where):
    if not condition:
        raise AssertionError(" ".join(str(word) for word in where))


def without_preloading():
    return {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}


def play_ours(mujoco_dump, case, folder):
    body, seed, player, falling_ends, _ = case
    path = Path(folder) / "episode.bin"
    end = "END" if falling_ends else "GO_ON"
    subprocess.run([mujoco_dump, body, str(seed), player, end, str(MAX_STEPS), path], check=True,
                   env=without_preloading())
    data = path.read_bytes()
    positions, velocities, observations, actions = np.frombuffer(data, "<i4", 4)
    start = np.dtype([("sizes", "<i4", 4), ("positions", "<f8", positions),
                      ("velocities", "<f8", velocities), ("observation", "<f4", observations)])
    step = np.dtype([("action", "<f4", actions), ("reward", "<f8"), ("terminal", "<i4"),
                     ("observation", "<f4", observations)])
    return np.frombuffer(data, start, 1)[0], np.frombuffer(data, step, offset=start.itemsize)


def theirs_at(environment, start):
    """The environment's inner part in the initial state, with nothing left of another one."""
    inner = environment.unwrapped
    mujoco.mj_resetData(inner.model, inner.data)
    inner.set_state(start["positions"], start["velocities"])
    return inner


def same_bits(ours, theirs):
    return np.float64(ours).tobytes() == np.float64(theirs).tobytes()


def compare(environment, case, start, steps):
    inner = theirs_at(environment, start)
    clip = environment.action_space
    seen = inner._get_obs().astype(np.float32)
    check(np.array_equal(seen, start["observation"]), *case, "first observation")
    for number, ours in enumerate(steps):
        where = (*case, "step", number)
        action = np.clip(ours["action"], clip.low, clip.high)
        seen, reward, terminated, _, _ = inner.step(action)
        check(same_bits(ours["reward"], reward), *where, "reward", ours["reward"], "not", reward)
        check(bool(ours["terminal"]) == bool(terminated), *where, "end", ours["terminal"])
        differ = np.flatnonzero(seen.astype(np.float32) != ours["observation"])
        check(differ.size == 0, *where, "observation differs at", differ)


def main():
    mujoco_dump = Path(sys.argv[1]).resolve()
    check(mujoco.__version__ == ENGINE, "Gymnasium's engine is", mujoco.__version__)
    check("libdne_math_preload.so" in Path("/proc/self/maps").read_text(),
          "dne's mathematical functions are not preloaded: see the head of this file")
    warnings.simplefilter("ignore")  # that v4 is the older form
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # where the engine's Python writes its log
        for case in cases():
            body, _, _, falling_ends, fewest = case
            options = {} if body in NEVER_FALL else {"terminate_when_unhealthy": falling_ends}
            environment = gymnasium.make(ENVIRONMENTS[body], **options)
            start, steps = play_ours(mujoco_dump, case, folder)
            check(len(steps) >= fewest, *case, "too short:", len(steps))
            compare(environment, case, start, steps)
            print(*case[:3], "equal:", len(steps), "steps, sum of rewards", steps["reward"].sum(),
                  "over" if steps["terminal"][-1] else "cut off", flush=True)


if __name__ == "__main__":
    main()
