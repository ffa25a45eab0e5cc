# SPDX-License-Identifier: MIT
"""A run whose metrics TensorBoard shows while it goes on: pip install tensorboardX

    python_tensorboard.py CONFIG OUT [GENERATIONS]
    tensorboard --logdir OUT
"""
import sys

import dne
from tensorboardX import SummaryWriter


def main(config, out, generations=None):
    with SummaryWriter(out) as writer:
        def log(generation):
            for name, value in generation.metrics.items():
                writer.add_scalar(name, value, generation.number)

        budget = {"generations": int(generations)} if generations else {}
        dne.run(config, out=out, on_generation=log, options={"budget": budget})


if __name__ == "__main__":
    main(*sys.argv[1:])
