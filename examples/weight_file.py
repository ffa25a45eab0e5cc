# SPDX-License-Identifier: MIT
"""Writes a network trained elsewhere as a weight file, which dne evaluates, compares and replays.

    import weight_file
    weight_file.save("policy.safetensors", experiment, [(w0, b0), (w1, b1), (w2, b2)])

The format is described in docs/formats-policy.md; it needs NumPy alone.
"""

import json
import struct

import numpy as np


def save(path, experiment, layers, mean=None, std=None):
    """`experiment`: an experiment file's text: what is played, by which network.

    `layers`: weights and biases in the network's order, the linear output layer last. Weights of a
    dense layer are [inputs, outputs] (PyTorch's transposed), of a convolution [height, width,
    inputs, filters]. `mean`, `std`: of observations, where the task normalises them.
    """
    tensors = {}
    for number, (weight, bias) in enumerate(layers):
        kind = "conv2d" if np.ndim(weight) == 4 else "dense"
        tensors[f"{kind}_{number}.weight"] = weight
        tensors[f"{kind}_{number}.bias"] = bias
    if mean is not None:
        tensors["observation.mean"] = mean
        tensors["observation.inverse_std"] = 1 / np.asarray(std)

    header = {"__metadata__": {"dne_format": "1", "config": experiment}}
    content = b""
    for name, values in tensors.items():
        data = np.asarray(values, dtype="<f4")
        place = [len(content), len(content) + data.nbytes]
        header[name] = {"dtype": "F32", "shape": data.shape, "data_offsets": place}
        content += data.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + content)
