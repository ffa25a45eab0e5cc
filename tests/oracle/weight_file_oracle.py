# SPDX-License-Identifier: MIT
"""Holds policies from elsewhere to what they do elsewhere.

    weight_file_oracle.py PATH_OF_DNE

Random networks are written by examples/weight_file.py and played by dne; NumPy and Gymnasium play
the same ones. Episodes start at random, so means are compared; a network that differs in one of its
parts must be told apart.
"""

import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import gymnasium
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
import weight_file  # noqa: E402

EPISODES = 60
CLIP = 1.5
EXPERIMENT = f"""[task]
type = "mujoco"
environment = "hopper"
normalise_observations = true
observation_clip = {CLIP}

[[network.layers]]
type = "dense"
units = 9
activation = "tanh"

[[network.layers]]
type = "dense"
units = 9
activation = "tanh"
"""


def random_policy(seed):
    """Layers, means and deviations, far enough from 0 and 1 to matter."""
    random = np.random.default_rng(seed)
    sizes = [11, 9, 9, 3]
    layers = [(random.normal(size=(inputs, outputs)) / np.sqrt(inputs) * 1.5,
               random.normal(size=outputs) * 0.5)
              for inputs, outputs in zip(sizes, sizes[1:])]
    return layers, random.normal(size=11) * 0.3, np.exp(random.normal(size=11) * 0.5)


def act(policy, observation):
    layers, mean, std = policy
    value = np.clip((observation - mean) / std, -CLIP, CLIP)
    for weight, bias in layers[:-1]:
        value = np.tanh(value @ weight + bias)
    weight, bias = layers[-1]
    return value @ weight + bias


def theirs(policy):
    environment = gymnasium.make("Hopper-v5")
    space = environment.action_space
    scores = []
    for seed in range(EPISODES):
        seen, _ = environment.reset(seed=seed)
        score, over = 0.0, False
        while not over:
            action = np.clip(act(policy, seen), space.low, space.high)
            seen, reward, terminated, truncated, _ = environment.step(action)
            score += reward
            over = terminated or truncated
        scores.append(score)
    return np.array(scores)


def ours(dne, policy, folder):
    path = Path(folder) / "policy.safetensors"
    weight_file.save(path, EXPERIMENT, *policy)
    words = [dne, "evaluate", path, "--episodes", str(EPISODES), "--json"]
    return np.array(json.loads(subprocess.check_output(words))["scores"])


def deviations(a, b):
    """How many standard errors the means lie apart."""
    return abs(a.mean() - b.mean()) / np.sqrt((a.var() + b.var()) / EPISODES)


def variants(policy):
    """The same but for one part."""
    layers, mean, std = policy
    (w0, b0), (w1, b1), (w2, b2) = layers
    yield "a transposed layer", ([(w0, b0), (w1.T, b1), (w2, b2)], mean, std)
    yield "no bias", ([(w0, b0), (w1, b1), (w2, 0 * b2)], mean, std)
    yield "no means", (layers, 0 * mean, std)
    yield "no deviations", (layers, mean, std / std)


def main():
    dne = Path(sys.argv[1]).resolve()
    warnings.simplefilter("ignore")
    told_apart = set()
    names = set()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(4):
            policy = random_policy(seed)
            expected = theirs(policy)
            apart = deviations(ours(dne, policy, folder), expected)
            print(f"policy {seed}: mean score {expected.mean():.2f}, {apart:.2f} errors apart")
            assert apart < 4, f"policy {seed} plays differently"
            for name, other in variants(policy):
                names.add(name)
                if deviations(ours(dne, other, folder), expected) > 8:
                    told_apart.add(name)
    assert told_apart == names, f"not told apart: {names - told_apart}"


if __name__ == "__main__":
    main()
