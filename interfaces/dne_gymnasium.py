# SPDX-License-Identifier: MIT
"""Serves an environment of Gymnasium to dne (type = "gymnasium"); dne starts it.

Usage: dne_gymnasium.py NUM_ENVS ENV ARGUMENTS [BEHAVIOUR ...]
NUM_ENVS: how many of them the process holds at most.
ENV: an id that Gymnasium knows, or module:function, which is called for one. ARGUMENTS: keyword arguments, a JSON
object. BEHAVIOUR: entries of `info` that say what an episode came to.
"""
import importlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dne_environment import serve

try:
    import gymnasium
    import numpy
except ImportError as missing:
    raise SystemExit(f"{missing}: install gymnasium for {sys.executable}, or name another Python in "
                     "task.python") from missing

MOST_ACTIONS = 4096  # combinations of a MultiDiscrete


def make(name, arguments):
    if ":" not in name:
        return gymnasium.make(name, **arguments)
    module, function = name.split(":", 1)
    sys.path.insert(0, os.getcwd())
    os.environ["DNE_ENVIRONMENT"] = name  # a module that begins runs when imported is told
    return getattr(importlib.import_module(module), function)(**arguments)


class Gymnasium:
    array_actions = True

    def __init__(self, env, behaviour):
        self.env = env
        self.env_step = env.step  # looked up once
        self.behaviour_keys = behaviour
        self.behaviour_size = len(behaviour)
        self.info = {}
        self.max_episode_steps = (env.spec.max_episode_steps if env.spec else None) or 0
        spaces = gymnasium.spaces
        seen = env.observation_space
        self.is_image = isinstance(seen, spaces.Box) and seen.dtype == numpy.uint8 and len(seen.shape) in (2, 3)
        if self.is_image:
            self.observation_shape = (*seen.shape, 1)[:3]
        else:
            self.observation_size = spaces.utils.flatdim(seen)
        self.observe = numpy.asarray if isinstance(seen, spaces.Box) else self.flatten
        action = env.action_space
        if isinstance(action, spaces.Discrete):
            self.num_actions = int(action.n)
            start = int(action.start)
            self.to_action = lambda choice: choice + start
        elif isinstance(action, spaces.MultiDiscrete):
            sizes = [int(n) for n in numpy.ravel(action.nvec)]
            self.num_actions = int(numpy.prod(sizes))
            if self.num_actions > MOST_ACTIONS:
                raise SystemExit(f"{action} has {self.num_actions} combinations, more than {MOST_ACTIONS}: wrap "
                                 "the environment so that it has fewer, or continuous actions")
            shape, dtype, start = action.nvec.shape, action.dtype, action.start
            self.to_action = lambda choice: (numpy.array(numpy.unravel_index(choice, sizes), dtype).reshape(shape)
                                             + start)
        elif isinstance(action, spaces.Box):
            self.action_low = [float(x) for x in numpy.ravel(action.low)]
            self.action_high = [float(x) for x in numpy.ravel(action.high)]
            shape, dtype = action.shape, action.dtype
            if len(shape) == 1 and dtype == numpy.float32:
                self.to_action = numpy.ndarray.copy  # the environment may keep it, and the next one overwrites it
            else:
                self.to_action = lambda numbers: numbers.astype(dtype).reshape(shape)
        else:
            raise SystemExit(f"the actions are {action}: dne takes Discrete, MultiDiscrete and Box; wrap the "
                             "environment")

    def flatten(self, observation):
        return numpy.asarray(gymnasium.spaces.utils.flatten(self.env.observation_space, observation),
                             numpy.float32)

    def reset(self, seed):
        observation, self.info = self.env.reset(seed=seed)
        return self.observe(observation)

    def step(self, action):
        observation, reward, terminated, truncated, self.info = self.env_step(self.to_action(action))
        return self.observe(observation), reward, terminated, truncated

    def behaviour(self):
        return [float(self.info.get(key, 0)) for key in self.behaviour_keys]


def main():
    num_envs, name, arguments, *behaviour = sys.argv[1:]

    def make_one():
        return Gymnasium(make(name, json.loads(arguments)), behaviour)
    serve(make_one(), make=make_one, num_envs=int(num_envs))


if __name__ == "__main__":
    main()
