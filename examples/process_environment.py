# SPDX-License-Identifier: MIT
"""An environment of one's own: a walker on a line that is pushed about and is to stay near 3.

dne run examples/process-environment.toml
"""
import os
import random
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../interfaces"))
from dne_environment import serve


class Walk:
    observation_size = 2
    num_actions = 3
    max_episode_steps = 100
    behaviour_size = 1

    def reset(self, seed):
        self.random = random.Random(seed)
        self.place = self.random.uniform(-1, 1)
        self.steps = 0
        return self.observe()

    def step(self, action):
        self.place += 0.2 * (action - 1) + self.random.gauss(0, 0.05)
        self.steps += 1
        reward = -abs(self.place - 3)
        return self.observe(), reward, abs(self.place) > 10, self.steps == 100

    def observe(self):
        return [self.place, self.steps / 100]

    def behaviour(self):
        return [self.place]


serve(Walk(), make=Walk, num_envs=8)
