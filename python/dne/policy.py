# SPDX-License-Identifier: MIT
"""Policies to act by, and to take away."""
import os

import numpy as np

from . import _core


class Policy:
    """A policy of a run, a genome file or a weight file, callable on an observation.

    where: the run's folder or the file. generation: the elite of that one (default: the last), or
    individual: any that was ever tried, as "11.304". allow_command: what is played may start the
    programs that the run or the file names.
    """

    def __init__(self, where, *, generation=None, individual=None, allow_command=False):
        self._core = _core.Policy(os.fspath(where), generation, individual, allow_command)

    def __call__(self, observation):
        """The action: an int where actions are discrete, else float32, [size], as the network gives
        it; cut it to the environment's limits. The observation is as the environment has it."""
        outputs = self.outputs(observation)
        return int(np.argmax(outputs)) if self._core.is_discrete else outputs

    def outputs(self, observation):
        """The network's outputs, float32, [actions]: the bits that episodes have."""
        observation = np.asarray(observation)
        kind = np.uint8 if observation.dtype == np.uint8 else np.float32
        return self._core.outputs(np.ascontiguousarray(observation, dtype=kind).reshape(-1))

    def reset(self):
        """An episode begins: a recurrent network forgets the one before."""
        self._core.reset()

    def evaluate(self, episodes, *, seed=1, threads=None):
        """Scores of so many episodes, float64, as the command dne evaluate has them."""
        return np.array(self._core.evaluate(episodes, seed, threads or 0))

    @property
    def parameters(self):
        """Float32, [parameters]; behind the weights, the normaliser where there is one."""
        return self._core.parameters

    @property
    def config(self):
        """The experiment that it comes from, as TOML."""
        return self._core.config

    def save_weights(self, path):
        """Writes a safetensors file (docs/formats-policy.md)."""
        self._core.save_weights(os.fspath(path))

    def save_onnx(self, path):
        """Writes the network as an ONNX file (operator set 17), which onnxruntime, say, runs
        without dne:

            session = onnxruntime.InferenceSession(path)
            outputs, = session.run(["outputs"], {"observation": observations})

        observation: as the environment has it, float32, [batch, size], or an image, uint8, [batch,
        height, width, channels]; what dne does to it (a normaliser, bytes to numbers) is in the
        file. outputs: float32, [batch, actions], as `outputs` gives them but for rounding; of
        discrete actions the largest is taken, continuous ones are cut to the environment's limits.

        A recurrent network takes its state too, state_0, state_1 and so on, float32, [batch,
        units], zeros when an episode begins, and gives the next step's as next_state_0, ...: of a
        layer its output, of an LSTM behind it its memory.

        A member of low rank is written with the weights that it stands for, a network with virtual
        batch normalisation with those that it comes to. The configuration and the genome are in
        the file's metadata (docs/formats-policy.md). Raises dne.Error where the task has no
        network, or the file cannot be written."""
        self._core.save_onnx(os.fspath(path))

    def save_genome(self, path):
        """Writes its ancestry, a few hundred bytes (docs/formats-policy.md)."""
        self._core.save_genome(os.fspath(path))

    def __repr__(self):
        return f"<dne.Policy {self._core.name}>"
