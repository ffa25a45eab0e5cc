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

    serve(Walk())

Observations are anything of so many numbers: a list, an array of NumPy, bytes. `step` may give a fifth value, whether
the task is solved. What is printed is shown where something goes wrong.
"""
import array
import mmap
import os
import struct

_COMMANDS, _REPLIES, _MEMORY = 3, 4, 5
_VERSION = 1
_TERMINATED, _TRUNCATED, _SOLVED = 1, 2, 4


def _aligned(size):
    return (size + 63) // 64 * 64


class _Part:
    """Numbers of one type in the shared memory."""

    def __init__(self, memory, first, code, count):
        size = struct.calcsize(code)
        self.view = memoryview(memory)[first:first + count * size].cast("B").cast(code)
        self.code = code
        self.count = count
        self.array = None
        try:
            import numpy
        except ImportError:
            pass
        else:
            self.array = numpy.frombuffer(self.view, dtype=code)

    def put(self, values, what):
        if hasattr(values, "reshape") and self.array is not None:
            target = self.array
            if values.ndim != 1:
                values = values.reshape(-1)
        else:
            target = self.view
            values = array.array(self.code, values)
        if len(values) != self.count:
            raise ValueError(f"{what} has {len(values)} numbers, but said {self.count}")
        target[:] = values


def serve(environment):
    """Speaks with dne until it hangs up. Call it once, from the program that task.command starts."""
    shape = getattr(environment, "observation_shape", None)
    is_image = shape is not None
    height, width, channels = shape if is_image else (1, 1, environment.observation_size)
    low = getattr(environment, "action_low", None)
    is_continuous = low is not None
    num_actions = len(low) if is_continuous else environment.num_actions
    behaviour_size = getattr(environment, "behaviour_size", 0)
    hello = struct.pack("<4s9I", b"dneE", _VERSION, is_image, height, width, channels, is_continuous,
                        num_actions, getattr(environment, "max_episode_steps", 0), behaviour_size)
    if is_continuous:
        hello += struct.pack(f"<{2 * num_actions}f", *low, *environment.action_high)
    try:
        os.write(_REPLIES, hello)
    except OSError as error:
        raise SystemExit("this is an environment of dne: name it in task.command, and let dne start "
                         "it") from error
    if not os.read(_COMMANDS, 1):
        return
    at_action = 64
    at_behaviour = at_action + _aligned(4 * num_actions)
    at_observation = at_behaviour + _aligned(8 * behaviour_size)
    memory = mmap.mmap(_MEMORY, os.fstat(_MEMORY).st_size)
    observed = _Part(memory, at_observation, "B" if is_image else "f", height * width * channels)
    behaved = _Part(memory, at_behaviour, "d", behaviour_size)
    action = _Part(memory, at_action, "f" if is_continuous else "I", num_actions if is_continuous else 1)
    takes_array = is_continuous and getattr(environment, "array_actions", False)
    put_head = struct.Struct("<dI").pack_into
    read, write = os.read, os.write  # looked up once: a step may take no longer than some look-ups
    while command := read(_COMMANDS, 1):
        if command == b"R":
            observation = environment.reset(struct.unpack_from("<Q", memory, 0)[0])
            put_head(memory, 8, 0.0, 0)
        else:
            if takes_array:
                chosen = action.array
            else:
                chosen = action.view.tolist() if is_continuous else action.view[0]
            observation, reward, terminated, truncated, *solved = environment.step(chosen)
            flags = (_TERMINATED if terminated else 0) | (_TRUNCATED if truncated else 0)
            if solved and solved[0]:
                flags |= _SOLVED
            put_head(memory, 8, reward, flags)
        observed.put(observation, "the observation")
        if behaviour_size:
            behaved.put(environment.behaviour(), "the behaviour")
        write(_REPLIES, b"D")
