# SPDX-License-Identifier: MIT
"""Plays dne's classic control episodes again through Gymnasium, and compares them.

    classic_oracle.py PATH_OF_CLASSIC_DUMP

Gymnasium's own environment is put into the initial state that dne drew and takes the same actions,
clipped to its action space as its ClipAction does, for the whole episode. It must end in the same
step, with the same bits in all rewards and observations; TOLERANCE has the exceptions. NumPy takes
the pendulum's squares with pow, that of the torque in single precision, which rounds the last bit
otherwise now and then: 2e-10 in a reward of up to 0.004.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import gymnasium
import numpy as np

NAMES = ["Acrobot-v1", "CartPole-v1", "MountainCarContinuous-v0", "Pendulum-v1"]
PLAYERS = ["random", "skilled"]
SEEDS = range(20)
TOLERANCE = {("Pendulum-v1", "reward"): 5e-10}


def check(condition, *where):
    if not condition:
        raise AssertionError(" ".join(str(word) for word in where))


def play_ours(dump, name, seed, player, folder):
    path = Path(folder) / "episode.bin"
    subprocess.run([dump, name, str(seed), player, path], check=True)
    data = path.read_bytes()
    size = int(np.frombuffer(data, "<i4", 1)[0])
    start = np.dtype([("size", "<i4"), ("state", "<f8", 4), ("observation", "<f4", size)])
    step = np.dtype([("action", "<f4"), ("reward", "<f8"), ("terminal", "<i4"),
                     ("observation", "<f4", size)])
    return np.frombuffer(data, start, 1)[0], np.frombuffer(data, step, offset=start.itemsize)


def put_into(inner, name, numbers):
    """The state as Gymnasium's reset leaves it; the answer is the first observation."""
    inner.reset()
    if name == "Acrobot-v1":
        inner.state = numbers.astype(np.float32)
        return inner._get_ob()
    if name == "Pendulum-v1":
        inner.state = numbers[:2].copy()
        return inner._get_obs()
    inner.state = numbers.copy() if name == "CartPole-v1" else numbers[:2].copy()
    return inner.state.astype(np.float32)


def difference(ours, theirs):
    return float(np.max(np.abs(np.float64(ours) - np.float64(theirs))))


def compare(name, player, seed, start, steps):
    environment = gymnasium.make(name)
    inner = environment.unwrapped
    discrete = isinstance(inner.action_space, gymnasium.spaces.Discrete)
    worst = [difference(start["observation"], put_into(inner, name, start["state"])), 0.0]
    for number, ours in enumerate(steps):
        where = (name, player, seed, "step", number)
        action = int(ours["action"]) if discrete else np.clip(
            [ours["action"]], inner.action_space.low, inner.action_space.high)
        seen, reward, terminated, _, _ = inner.step(action)
        check(bool(ours["terminal"]) == bool(terminated), *where, "end", ours["terminal"])
        worst[0] = max(worst[0], difference(ours["observation"], np.float32(seen)))
        worst[1] = max(worst[1], difference(ours["reward"], reward))
    limit = environment.spec.max_episode_steps
    check(bool(steps["terminal"][-1]) or len(steps) == limit, name, "cut off after", len(steps))
    check(worst[0] <= TOLERANCE.get((name, "observation"), 0), name, player, seed,
          "observations differ by", worst[0])
    check(worst[1] <= TOLERANCE.get((name, "reward"), 0), name, player, seed,
          "rewards differ by", worst[1])
    return worst


def main():
    dump = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            for player in PLAYERS:
                worst, lengths, ends = np.zeros(2), [], 0
                for seed in SEEDS:
                    start, steps = play_ours(dump, name, seed, player, folder)
                    worst = np.maximum(worst, compare(name, player, seed, start, steps))
                    lengths.append(len(steps))
                    ends += int(steps["terminal"][-1])
                print(name, player, "equal:", len(SEEDS), "episodes,", sum(lengths), "steps,", ends,
                      "ended; observations within", worst[0], "rewards within", worst[1],
                      flush=True)


if __name__ == "__main__":
    main()
