# SPDX-License-Identifier: MIT
"""Holds networks that dne writes as ONNX to what they say in dne.

    onnx_oracle.py PATH_OF_DNE

dne plays random policies in an environment of random observations (this file again), which notes
what it showed and what the network answered; onnxruntime runs the exported network on the same
observations. The outputs are not the same bits: sums are taken in another order, and exp and tanh
are other functions.
"""

import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

sys.path.insert(0, str(Path(__file__).parents[2] / "interfaces"))
import dne_environment  # noqa: E402

TOLERANCE = 1e-5  # of the largest output
EPISODES = 5
STEPS = 6


class Observed:
    """Shows random observations, and notes them with the actions that they were answered by. An
    episode's score says which it was: the lower half of its seed."""

    max_episode_steps = STEPS

    def __init__(self, notes, shape, num_outputs):
        self.notes = Path(notes)
        self.shape = shape
        if len(shape) == 3:
            self.observation_shape = shape
        else:
            self.observation_size, = shape
        self.action_low = [-1e30] * num_outputs
        self.action_high = [1e30] * num_outputs

    def observe(self):
        image = len(self.shape) == 3
        seen = (self.random.integers(0, 256, self.shape, dtype=np.uint8) if image
                else self.random.normal(size=self.shape).astype(np.float32))
        self.seen.append(seen)
        return seen

    def reset(self, seed):
        self.name = seed % 2**32
        self.random = np.random.default_rng(seed)
        self.seen, self.done = [], []
        return self.observe()

    def step(self, action):
        self.done.append(action)
        is_over = len(self.done) == STEPS
        if is_over:
            np.savez(self.notes / f"{self.name}.npz", seen=np.array(self.seen),
                     done=np.array(self.done, dtype=np.float32))
        return self.observe(), self.name * is_over, is_over, False


def layer(kind, **options):
    return {"type": kind, **options}


# Padding differs from side to side, and rows are left over.
CONVOLUTIONS = [
    layer("conv2d", units=5, kernel=4, stride=3, padding="same", activation="tanh"),
    layer("max_pool", kernel=2, stride=1),
    layer("conv2d", units=6, kernel=2, stride=3, padding="same", activation="selu"),
    layer("conv2d", units=7, kernel=2, stride=1, padding="valid", activation="linear"),
]
TOPDOWN_MAZE = [
    layer("conv2d", units=12, kernel=5, stride=2, repeat=2),
    layer("conv2d", units=12, kernel=3, stride=1, repeat=3),
    layer("average_pool"),
    layer("lstm", units=20, repeat=2),
]
ACTIVATIONS = [layer("dense", units=9, activation=name)
               for name in ("linear", "relu", "tanh", "selu", "sigmoid")]
NORMALISE = {"normalise_observations": True}

# Name: shape of observations, number of outputs, [network], [task].
CASES = {
    "dense": ((11,), 3, {"layers": ACTIVATIONS}, {}),
    "dense, sigmoid outputs": ((11,), 3, {"layers": ACTIVATIONS, "output_activation": "sigmoid"}, {}),
    "skips": ((7,), 2, {"skip_every": 2,
                        "layers": [layer("dense", units=8, activation="selu", repeat=9)]}, {}),
    "normalised": ((11,), 3, {"preset": "mlp"}, {**NORMALISE, "observation_clip": 1.5}),
    "normalised, not cut": ((11,), 3, {"preset": "mlp"}, {**NORMALISE, "observation_clip": 0.0}),
    "rnn": ((5,), 3, {"layers": [layer("rnn", units=9)]}, {}),
    "gru": ((5,), 3, {"layers": [layer("gru", units=9)]}, {}),
    "lstm": ((5,), 3, {"layers": [layer("lstm", units=9)]}, {}),
    "recurrent layers, mixed": ((5,), 3, {"layers": [
        layer("lstm", units=8), layer("dense", units=7), layer("gru", units=6),
        layer("rnn", units=5)]}, {}),
    "parity_rnn": ((1,), 2, {"preset": "parity_rnn"}, {}),
    "convolutions": ((19, 24, 3), 4, {"layers": [*CONVOLUTIONS, layer("dense", units=8)]}, {}),
    "convolutions, then a gru": ((19, 24, 3), 4, {"layers": [*CONVOLUTIONS,
                                                             layer("gru", units=8)]}, {}),
    "dense of an image": ((4, 5, 3), 2, {"layers": [layer("dense", units=8)]}, {}),
    "topdown maze": ((64, 64, 1), 5, {"layers": TOPDOWN_MAZE}, {}),
    "uber_large": ((84, 84, 4), 18, {"preset": "uber_large"}, {}),
    "uber_small": ((84, 84, 4), 18, {"preset": "uber_small"}, {}),
    "nature_dqn": ((84, 84, 4), 18, {"preset": "nature_dqn"}, {}),
    "mnist_cnn": ((28, 28, 1), 10, {"preset": "mnist_cnn"}, {}),
    "virtual batch normalisation": ((84, 84, 4), 18, {"preset": "uber_small",
                                                      "virtual_batch_norm": True}, {}),
    "weights of 16 bits": ((19, 24, 3), 4, {"layers": [*CONVOLUTIONS, layer("dense", units=16)],
                                            "weights": "float16"}, {}),
    "weights of 16 bits, normalised": ((84, 84, 4), 18, {"preset": "uber_small", "weights": "float16",
                                                         "virtual_batch_norm": True}, {}),
    "a member of low rank": ((11,), 3, {"preset": "mlp"}, {}),
}


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def experiment(folder, name):
    shape, num_outputs, network, task = CASES[name]
    command = [sys.executable, str(Path(__file__).resolve()), "environment", str(folder),
               json.dumps(shape), str(num_outputs)]
    tables = {
        "task": {"type": "process", "command": command, **task,
                 "observations": "bytes" if len(shape) == 3 else "floats"},
        # Founders' biases are 0 otherwise, and some presets' outputs hardly differ.
        "network": {**network, "random_biases": True, "output_scale": 1.0},
        "algorithm": {"type": "es", "population_size": 4, "sigma": 0.1, "perturbation": "low_rank"},
        "budget": {"generations": 1},
    }
    return "".join(f"[{table}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in keys.items())
                   for table, keys in tables.items())


def set_normaliser(path):
    """Of a weight file: means and deviations far enough from 0 and 1 to matter. The weights are no
    longer those of its genome."""
    content = bytearray(path.read_bytes())
    size, = struct.unpack_from("<Q", content)
    header = json.loads(content[8:8 + size])
    random = np.random.default_rng(3)
    for name, values in (("observation.mean", lambda count: random.normal(size=count)),
                         ("observation.inverse_std", lambda count: np.exp(random.normal(size=count)))):
        first, end = (8 + size + offset for offset in header[name]["data_offsets"])
        content[first:end] = values((end - first) // 4).astype("<f4").tobytes()
    del header["__metadata__"]["genome"]
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + size:])


class Dne:
    """A policy of dne's, by name."""

    def __init__(self, program, folder, name):
        self.program, self.folder = program, folder
        self.config = experiment(folder, name)
        (folder / "e.toml").write_text(self.config)
        member = ":sigma=0.1:1.2" if name == "a member of low rank" else ""
        self.genome = f"dne1:seed=7:founder=0.c0{member}"
        self.policy = [self.genome, "--config", "e.toml", "--allow-command"]
        if "normalise_observations" in CASES[name][3]:
            self.run("genome", "--weights", "w.safetensors")
            set_normaliser(folder / "w.safetensors")
            self.genome = None
            self.policy = ["w.safetensors", "--allow-command"]

    def run(self, command, *words):
        words = [self.program, command, *self.policy, *words]
        return subprocess.run(words, cwd=self.folder, check=True, stdout=subprocess.PIPE, text=True).stdout

    def onnx(self):
        self.run("genome", "--onnx", "policy.onnx")
        return onnx.load(self.folder / "policy.onnx")

    def episodes(self):
        """Observations [step, episode, ...] and outputs [step, episode, output]."""
        words = ("--json", "--episodes", str(EPISODES), "--threads", "1")
        names = [int(score) for score in json.loads(self.run("evaluate", *words))["scores"]]
        notes = [np.load(self.folder / f"{name}.npz") for name in names]
        return (np.stack([note["seen"][:STEPS] for note in notes], 1),
                np.stack([note["done"] for note in notes], 1))


class Session:
    """The exported network in onnxruntime."""

    def __init__(self, model):
        self.session = onnxruntime.InferenceSession(model.SerializeToString(),
                                                    providers=["CPUExecutionProvider"])
        self.states = [(value.name, value.shape[1]) for value in self.session.get_inputs()[1:]]
        names = [name for name, _ in self.states]
        assert names == [f"state_{i}" for i in range(len(names))]
        assert [value.name for value in self.session.get_outputs()] == [
            "outputs", *(f"next_{name}" for name in names)]

    def run(self, seen, forgets=False):
        """Steps all episodes side by side."""
        zeros = {name: np.zeros((seen.shape[1], units), np.float32) for name, units in self.states}
        state, outputs = zeros, []
        for step in seen:
            output, *following = self.session.run(None, {"observation": step, **state})
            state = zeros if forgets else dict(zip(zeros, following))
            outputs.append(output)
        return np.array(outputs)


def check_model(model, policy):
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata.get("genome") == policy.genome
    assert "[network]" in metadata["config"]


def check(program, folder, name):
    policy = Dne(program, folder, name)
    model = policy.onnx()
    check_model(model, policy)
    seen, expected = policy.episodes()
    session = Session(model)
    outputs = session.run(seen)
    largest = np.abs(expected).max()
    difference = np.abs(outputs - expected).max() / largest
    print(f"{name}: largest difference {difference:.1e} of the largest output, {largest:.3g}")
    assert difference < TOLERANCE, name
    # What a network answers must depend on what it sees and, where it has a state, on what it saw.
    assert expected.std((0, 1)).min() > 100 * TOLERANCE * largest, f"{name}: outputs hardly differ"
    if session.states:
        assert np.abs(session.run(seen, forgets=True) - expected).max() > 100 * TOLERANCE * largest


def main():
    if sys.argv[1] == "environment":
        notes, shape, num_outputs = sys.argv[2:]
        return dne_environment.serve(Observed(notes, tuple(json.loads(shape)), int(num_outputs)))
    program = str(Path(sys.argv[1]).resolve())
    for name in CASES:
        with tempfile.TemporaryDirectory() as folder:
            check(program, Path(folder), name)


if __name__ == "__main__":
    main()
