#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/nn/data/torch_sensitivities.json: small networks of every layer and activation, what
PyTorch makes of them, and by its automatic differentiation the sensitivities of safe mutations and
the gradients of the cross-entropy.

    pip install torch==2.15.0 numpy
    python tests/nn/torch_sensitivities.py tests/nn/data/torch_sensitivities.json

All in double precision. The second-order sensitivity is not taken from the formula that dne uses:
it is the product of the divergence's Hessian with the direction, differentiated twice.
"""
import json
import sys

import torch
from torch.func import functional_call
from torch.nn import functional as F

OUTPUTS = 2
ACTIVATIONS = {"linear": lambda x: x, "relu": torch.relu, "tanh": torch.tanh,
               "selu": F.selu, "sigmoid": torch.sigmoid}
CELLS = {"rnn": (torch.nn.RNN, 1), "gru": (torch.nn.GRU, 3), "lstm": (torch.nn.LSTM, 4)}


def dense(units, activation):
    return {"type": "dense", "units": units, "activation": activation}


def conv(units, kernel, stride, activation):
    return {"type": "conv2d", "units": units, "kernel": kernel, "stride": stride,
            "activation": activation}


def max_pool(kernel, stride):
    return {"type": "max_pool", "kernel": kernel, "stride": stride}


CASES = [
    {"name": "dense", "input": [1, 1, 4], "lengths": [1] * 6,
     "layers": [dense(5, "tanh"), dense(4, "relu"), dense(5, "selu"), dense(3, "sigmoid"),
                dense(4, "linear")]},
    {"name": "skips", "input": [1, 1, 4], "lengths": [1] * 6, "skip_every": 2,
     "output_activation": "sigmoid",
     "layers": [dense(4, "selu"), dense(3, "tanh"), dense(4, "selu"), dense(3, "tanh"),
                dense(4, "selu")]},
    {"name": "image", "input": [8, 7, 2], "lengths": [1] * 3,
     "layers": [conv(3, 3, 2, "selu"), conv(2, 3, 1, "tanh"), dense(3, "relu")]},
    {"name": "rnn", "input": [1, 1, 3], "lengths": [4, 2, 3], "output_activation": "tanh",
     "layers": [{"type": "rnn", "units": 4}, {"type": "rnn", "units": 3}]},
    {"name": "gru", "input": [1, 1, 3], "lengths": [4, 2, 3],
     "layers": [{"type": "gru", "units": 3}, {"type": "gru", "units": 3}]},
    {"name": "lstm", "input": [1, 1, 3], "lengths": [4, 2, 3],
     "layers": [{"type": "lstm", "units": 3}, {"type": "lstm", "units": 2}]},
    {"name": "last_outputs", "input": [1, 1, 3], "lengths": [4, 2, 3], "last_outputs_only": True,
     "layers": [{"type": "lstm", "units": 3}, dense(2, "relu"), {"type": "gru", "units": 2}]},
    {"name": "maze", "input": [9, 8, 1], "lengths": [3, 2],
     "layers": [conv(3, 5, 2, "relu"), conv(3, 3, 1, "relu"), {"type": "average_pool"},
                {"type": "lstm", "units": 3}]},
    {"name": "max_pool", "input": [9, 8, 1], "lengths": [1] * 3,
     "layers": [conv(3, 3, 1, "tanh"), max_pool(2, 2), conv(2, 3, 1, "selu"), max_pool(3, 1),
                dense(3, "tanh")]},
]


class Net:
    """The parameters are one vector: of each affine map weights [in][out], then biases."""

    def __init__(self, case):
        self.case = case
        self.layers = case["layers"] + [dense(OUTPUTS, case.get("output_activation", "linear"))]
        self.size = None

    def take(self, w, inputs, outputs):
        weights = w[self.at:self.at + inputs * outputs].reshape(inputs, outputs)
        self.at += inputs * outputs
        biases = w[self.at:self.at + outputs]
        self.at += outputs
        return weights, biases

    def conv(self, layer, w, x):
        kernel, stride = layer["kernel"], layer["stride"]
        channels = x.shape[1]
        pads = []
        for size in (x.shape[3], x.shape[2]):  # TensorFlow's SAME
            read = ((size - 1) // stride) * stride + kernel
            pads += [max(read - size, 0) // 2, max(read - size, 0) - max(read - size, 0) // 2]
        weights, biases = self.take(w, kernel * kernel * channels, layer["units"])
        weights = weights.reshape(kernel, kernel, channels, layer["units"]).permute(3, 2, 0, 1)
        return F.conv2d(F.pad(x, pads), weights, biases, stride)

    def recurrent(self, layer, w, x):
        kind, gates = CELLS[layer["type"]]
        units = layer["units"]
        weight_ih, bias_ih = self.take(w, x.shape[1], gates * units)
        weight_hh, bias_hh = self.take(w, units, gates * units)
        cell = kind(x.shape[1], units).double()
        parameters = {"weight_ih_l0": weight_ih.T, "bias_ih_l0": bias_ih,
                      "weight_hh_l0": weight_hh.T, "bias_hh_l0": bias_hh}
        outputs = []
        for sequence in torch.split(x, self.case["lengths"]):
            outputs.append(functional_call(cell, parameters, (sequence,))[0])
        return torch.cat(outputs)

    def __call__(self, w, x):
        """A row of outputs for each that counts."""
        self.at = 0
        outputs = []
        skip = self.case.get("skip_every", 0)
        for i, layer in enumerate(self.layers):
            kind = layer["type"]
            if kind == "conv2d":
                x = ACTIVATIONS[layer["activation"]](self.conv(layer, w, x))
            elif kind == "max_pool":
                x = F.max_pool2d(x, layer["kernel"], layer["stride"])
            elif kind == "average_pool":
                x = x.mean(dim=(2, 3))
            else:
                if x.dim() == 4:
                    x = x.permute(0, 2, 3, 1).flatten(1)  # channels last
                if kind == "dense":
                    weights, biases = self.take(w, x.shape[1], layer["units"])
                    x = ACTIVATIONS[layer["activation"]](x @ weights + biases)
                    is_hidden = i + 1 < len(self.layers)
                    if skip and is_hidden and i >= skip and i % skip == 0:
                        x = x + outputs[i - skip]
                else:
                    x = self.recurrent(layer, w, x)
            outputs.append(x)
        self.size = self.at
        if self.case.get("last_outputs_only"):
            ends = torch.tensor(self.case["lengths"]).cumsum(0) - 1
            x = x[ends]
        return x


def float32(values):
    return values.float().double()


def solve(case):
    net = Net(case)
    height, width, channels = case["input"]
    count = sum(case["lengths"])
    if height * width > 1:
        observations = torch.randint(0, 256, (count, height, width, channels))
        x = (observations.double() / 255).permute(0, 3, 1, 2)
    else:
        observations = float32(torch.randn(count, channels, dtype=torch.double))
        x = observations
    net(torch.zeros(10000, dtype=torch.double), x)
    w = float32(torch.rand(net.size, dtype=torch.double) * 1.6 - 0.8).requires_grad_()
    d = float32(torch.randn(net.size, dtype=torch.double))
    d = float32(d / d.norm())
    y = net(w, x)
    gradients = torch.stack([torch.stack([torch.autograd.grad(row[k], w, retain_graph=True)[0]
                                          for k in range(OUTPUTS)]) for row in y])
    divergence = ((net(w, x) - y.detach()) ** 2).sum(1).mean()
    first = torch.autograd.grad(divergence, w, create_graph=True)[0]
    second = torch.autograd.grad((first * d).sum(), w)[0]
    child = (w + d).detach()
    losses = {}
    if height * width > 1 and count == len(case["lengths"]):  # pictures to classify
        labels = torch.arange(count) % OUTPUTS
        each = F.cross_entropy(y, labels, reduction="none")
        losses = {"losses": each.tolist(),
                  "loss_gradient": torch.autograd.grad(each.mean(), w)[0].tolist()}
    return case | losses | {
        "observations": observations.flatten().tolist(),
        "parameters": w.tolist(), "direction": d.tolist(),
        "outputs": y.flatten().tolist(),
        "sum": gradients.sum(0).square().sum(0).sqrt().tolist(),
        "abs": gradients.abs().mean(0).square().sum(0).sqrt().tolist(),
        "hessian_product": second.abs().tolist(),
        "divergence": ((net(child, x) - y) ** 2).sum(1).mean().item()}


def main():
    torch.manual_seed(1)
    cases = [json.dumps(solve(case)) for case in CASES]
    rounded = json.loads("[" + ",".join(cases) + "]", parse_float=lambda t: float(f"{float(t):.9g}"))
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in rounded) + "\n]\n")


main()
