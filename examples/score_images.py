# SPDX-License-Identifier: MIT
"""Scores a network that dne trained on images with labels, without dne.

    score_images.py WEIGHTS.safetensors FOLDER

FOLDER is what task.data named; its test set counts. Prints the share of images that are named right
and the mean cross-entropy. For networks of conv2d (padding "same", stride 1), max_pool (2, 2) and
dense layers with ReLU, such as the presets mnist_cnn and mnist_small. Needs NumPy.
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np


def read_idx(folder, name):
    path = Path(folder) / name
    packed = Path(folder) / (name + ".gz")
    data = path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())
    shape = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def read_weights(path):
    """Tensors by name, in the file's order."""
    data = Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    head = json.loads(data[8:8 + size])
    head.pop("__metadata__", None)
    tensors = sorted(head.items(), key=lambda item: item[1]["data_offsets"])
    return {name: np.frombuffer(data, np.float32, offset=8 + size + of["data_offsets"][0],
                                count=int(np.prod(of["shape"]))).reshape(of["shape"])
            for name, of in tensors}


def convolve(images, weight, bias):
    size = weight.shape[0]
    before = (size - 1) // 2
    padding = (before, size - 1 - before)
    padded = np.pad(images, ((0, 0), padding, padding, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    return np.einsum("nyxcij,ijcf->nyxf", windows, weight, optimize=True) + bias


def max_pool(images):
    n, height, width, channels = images.shape
    return images.reshape(n, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))


def outputs_of(weights, images):
    value = images[..., None].astype(np.float32) / 255
    names = [name.removesuffix(".weight") for name in weights if name.endswith(".weight")]
    for name in names:
        weight, bias = weights[name + ".weight"], weights[name + ".bias"]
        if name.startswith("conv2d"):
            value = max_pool(np.maximum(convolve(value, weight, bias), 0))
        else:
            value = value.reshape(len(value), -1) @ weight + bias
            if name != names[-1]:
                value = np.maximum(value, 0)
    return value.astype(np.float64)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: score_images.py WEIGHTS.safetensors FOLDER")
    weights = read_weights(sys.argv[1])
    images = read_idx(sys.argv[2], "t10k-images-idx3-ubyte")
    labels = read_idx(sys.argv[2], "t10k-labels-idx1-ubyte")
    parts = [outputs_of(weights, images[i:i + 250]) for i in range(0, len(images), 250)]
    outputs = np.concatenate(parts)
    outputs -= outputs.max(axis=1, keepdims=True)
    loss = np.log(np.exp(outputs).sum(axis=1)) - outputs[np.arange(len(labels)), labels]
    right = (outputs.argmax(axis=1) == labels).mean()
    print(json.dumps({"accuracy": float(right), "loss": float(loss.mean())}))


if __name__ == "__main__":
    main()
