# SPDX-License-Identifier: MIT
"""Makes a Python class an environment of dne (docs/environment-protocol.md). One file, nothing but Python.

    from dne_environment import serve

    class Walk:
        observation_size = 2          # floats; an image: observation_shape = (height, width, channels), bytes
        num_actions = 3               # discrete; continuous: action_low = [...], action_high = [...]
        max_episode_steps = 200       # its own limit; 0, the default: none
        behaviour_size = 1            # numbers that say what an episode came to; 0, the default: none

        def reset(self, seed):        # everything random must follow from the seed
            ...
            return observation
        def step(self, action):       # an int, or a list of floats within the limits; where array_actions = True,
                                      # an array of NumPy instead of the list, until step returns
            ...
            return observation, reward, terminated, truncated
        def behaviour(self):          # as of now, where behaviour_size is not 0
            return [x]

    serve(Walk())                     # or serve(Walk(), make=Walk, num_envs=8): a process can hold so many

Observations are anything of so many numbers: a list, an array of NumPy, bytes. `step` may give a fifth value, whether
the task is solved. What is printed is shown where something goes wrong.

Of several environments in a process dne steps as many as it can at once, which saves most of what speaking with it
costs. They take turns in any order: what one leaves behind, in `random` or a global variable, must not change another.
"""
import array
import mmap
import os
import struct

_COMMANDS, _REPLIES, _MEMORY = 3, 4, 5
_VERSION = 2
_RESET, _STEP = b"RS"
_TERMINATED, _TRUNCATED, _SOLVED = 1, 2, 4


class _Memory:
    """What is shared with dne: after a head of 64 bytes arrays, each with a row for each environment."""

    def __init__(self):
        self.bytes = memoryview(mmap.mmap(_MEMORY, os.fstat(_MEMORY).st_size))
        self.num_envs = struct.unpack_from("<I", self.bytes)[0]
        self.end = 64

    def next_array(self, code, size=1):
        first = self.end
        length = struct.calcsize(code) * size * self.num_envs
        self.end = (first + length + 63) // 64 * 64
        return self.bytes[first:first + length].cast(code)


class _Rows:
    """An array of the memory, `size` numbers a row."""

    def __init__(self, memory, code, size):
        self.code, self.size = code, size
        numbers = memory.next_array(code, size)
        self.views = [numbers[i * size:(i + 1) * size] for i in range(memory.num_envs)]
        try:
            import numpy
        except ImportError:
            self.array_type, self.arrays = (), None
        else:
            self.array_type = numpy.ndarray
            self.arrays = [numpy.frombuffer(view, dtype=code) for view in self.views]

    def put(self, i, values, what):
        is_array = isinstance(values, self.array_type)
        if not is_array:
            values = array.array(self.code, values)
        elif values.ndim != 1:
            values = values.reshape(-1)
        if len(values) != self.size:
            raise ValueError(f"{what} has {len(values)} numbers, but said {self.size}")
        if is_array:
            self.arrays[i][...] = values
        else:
            self.views[i][:] = values


def serve(environment, make=None, num_envs=1):
    """Speaks with dne until it hangs up. Call it once, from the program that task.command starts.

    num_envs: the most environments that this process can hold; `make` makes those after the first, as dne needs them.
    """
    environments = [environment]
    shape = getattr(environment, "observation_shape", None)
    is_image = shape is not None
    height, width, channels = shape if is_image else (1, 1, environment.observation_size)
    low = getattr(environment, "action_low", None)
    is_continuous = low is not None
    num_actions = len(low) if is_continuous else environment.num_actions
    behaviour_size = getattr(environment, "behaviour_size", 0)
    hello = struct.pack("<4s10I", b"dneE", _VERSION, is_image, height, width, channels, is_continuous, num_actions,
                        getattr(environment, "max_episode_steps", 0), behaviour_size, num_envs)
    if is_continuous:
        hello += struct.pack(f"<{2 * num_actions}f", *low, *environment.action_high)
    try:
        os.write(_REPLIES, hello)
    except OSError as error:
        raise SystemExit("this is an environment of dne: name it in task.command, and let dne start "
                         "it") from error
    if not os.read(_COMMANDS, 1):
        return
    memory = _Memory()
    states = memory.next_array("B")  # commands, in whose place flags are written
    seeds = memory.next_array("Q")
    rewards = memory.next_array("d")
    if not is_continuous:
        choose = memory.next_array("I").__getitem__
    else:
        acted = _Rows(memory, "f", num_actions)
        takes_array = getattr(environment, "array_actions", False)
        choose = acted.arrays.__getitem__ if takes_array else lambda i: acted.views[i].tolist()
    behaved = _Rows(memory, "d", behaviour_size)
    observed = _Rows(memory, "B" if is_image else "f", height * width * channels)
    put_observation, read, write = observed.put, os.read, os.write  # looked up once: of many short steps it is much
    while read(_COMMANDS, 1):
        for i, command in enumerate(states.tobytes()):
            if command == _STEP:
                observation, reward, terminated, truncated, *solved = environments[i].step(choose(i))
                flags = (_TERMINATED if terminated else 0) | (_TRUNCATED if truncated else 0)
                if solved and solved[0]:
                    flags |= _SOLVED
                rewards[i] = reward
            elif command == _RESET:
                while len(environments) <= i:
                    environments.append(make())
                observation = environments[i].reset(seeds[i])
                flags = 0
            else:
                continue
            put_observation(i, observation, "the observation")
            if behaviour_size:
                behaved.put(i, environments[i].behaviour(), "the behaviour")
            states[i] = flags
        write(_REPLIES, b"D")
