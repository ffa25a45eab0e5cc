# SPDX-License-Identifier: MIT
"""What a PyTorch + EnvPool user gets: different LargeModel policies, each in its own Atari game.

The policies are those of 1712.06567 (4,052,658 parameters); the games are EnvPool's, 84x84 grey,
skip 4, stack 4, all 18 actions, stepped in lockstep. Prints "version PACKAGE VERSION" and
"figure NAME NUMBER UNIT" lines: `network` is the policies alone on noise (PyTorch's time does not
depend on what it sees), `playing` the whole loop.

Usage: atari_population.py KIND GAME POLICIES THREADS SECONDS CLOCK
KIND: vmap (all policies in one torch.func.vmap call) or loop (one module after the other).
CLOCK: wall, or cpu: the process's processor time, as if its threads had shared it evenly; that
flatters a peer whose threads wait for each other.
"""
import sys

import envpool
import numpy
import torch
from torch import nn

from atari_peer import clock_of, envpool_games, rate

SIDE, STACK, ACTIONS, HIDDEN = 84, 4, 18, 512
CONVOLUTIONS = ((32, 8, 4), (64, 4, 2), (64, 3, 1))  # filters, kernel, stride
PARAMETERS = 4_052_658


def policy():
    """One LargeModel; padding as TensorFlow's SAME, which is not always symmetric."""
    layers, channels, side = [], STACK, SIDE
    for filters, kernel, stride in CONVOLUTIONS:
        out = (side + stride - 1) // stride
        padding = max(0, (out - 1) * stride + kernel - side)
        before, after = padding // 2, padding - padding // 2
        layers += [nn.ZeroPad2d((before, after, before, after)),
                   nn.Conv2d(channels, filters, kernel, stride), nn.ReLU()]
        channels, side = filters, out
    layers += [nn.Flatten(), nn.Linear(channels * side * side, HIDDEN), nn.ReLU(),
               nn.Linear(HIDDEN, ACTIONS)]
    network = nn.Sequential(*layers)
    for name, value in network.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(value)
        else:
            nn.init.normal_(value, std=value[0].numel() ** -0.5)
    network[-1].weight.mul_(0.1)
    assert sum(value.numel() for value in network.parameters()) == PARAMETERS
    return network


def actor(kind, policies):
    """A function from observations, uint8 [policies, 4, 84, 84], to actions."""
    networks = [policy() for _ in range(policies)]
    if kind == "loop":
        def run(images):
            return torch.cat([network(image[None]) for network, image in zip(networks, images)])
    else:
        parameters, buffers = torch.func.stack_module_state(networks)
        skeleton = policy().to("meta")
        one = torch.func.vmap(lambda own, image: torch.func.functional_call(
            skeleton, (own, buffers), (image[None],))[0])

        def run(images):
            return one(parameters, images)

    def act(observations):
        images = torch.from_numpy(observations).float() / 255
        return run(images).argmax(1).numpy().astype(numpy.int32)
    return act


def main():
    kind, game = sys.argv[1:3]
    policies, threads = map(int, sys.argv[3:5])
    seconds = float(sys.argv[5])
    clock = clock_of(sys.argv[6], threads)
    if kind not in ("vmap", "loop"):
        sys.exit(f"unknown kind {kind}: known are vmap, loop")
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    torch.manual_seed(1)
    for package in (torch, envpool):
        print("version", package.__name__, package.__version__, flush=True)

    act = actor(kind, policies)
    shape = (policies, STACK, SIDE, SIDE)
    noise = numpy.random.default_rng(1).integers(0, 256, shape, dtype=numpy.uint8)
    network = rate(lambda: act(noise), policies, seconds, clock)
    print(f"figure network {network:.6g} steps/s", flush=True)

    games = envpool_games(game, policies, threads)
    seen = [games.reset()[0]]

    def step():
        seen[0] = games.step(act(seen[0]))[0]
    print(f"figure playing {rate(step, policies, seconds, clock):.6g} steps/s", flush=True)


main()
