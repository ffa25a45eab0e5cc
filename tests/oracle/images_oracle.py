# SPDX-License-Identifier: MIT
"""Holds networks for images to what they say elsewhere.

    images_oracle.py PATH_OF_DNE

A random network of the preset mnist_small is written to a weight file; dne and NumPy
(examples/score_images.py) score it on images drawn here.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

SCRIPT = Path(__file__).parents[2] / "examples" / "score_images.py"
EXPERIMENT = """name = "images"
[task]
type = "supervised"
data = "images"
batch_size = 5
[network]
preset = "mnist_small"
[algorithm]
type = "random_search"
population_size = 2
num_candidates = 2
validation_episodes = 1
max_episode_steps = 1000
[budget]
generations = 1
"""


def write_idx(path, array):
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


def write_images(folder):
    random = np.random.default_rng(5)
    folder.mkdir()
    for name, count in (("train", 20), ("t10k", 600)):
        images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = np.resize(np.arange(10, dtype=np.uint8), count)
        write_idx(folder / f"{name}-images-idx3-ubyte", images)
        write_idx(folder / f"{name}-labels-idx1-ubyte", labels)


def main():
    dne = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_images(folder / "images")
        (folder / "e.toml").write_text(EXPERIMENT)

        def run(*words):
            return subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout

        run(dne, "run", "e.toml", "--out", "run")
        run(dne, "genome", "run", "--weights", "w.safetensors")
        ours = json.loads(run(dne, "evaluate", "run", "--episodes", "1", "--json"))
        theirs = json.loads(run(sys.executable, str(SCRIPT), "w.safetensors", "images"))
    print("dne", ours["accuracy"], ours["mean"], "NumPy", theirs)
    assert abs(ours["accuracy"] - theirs["accuracy"]) < 1e-9
    assert abs(-ours["mean"] - theirs["loss"]) < 1e-4
    print("ok")


if __name__ == "__main__":
    main()
