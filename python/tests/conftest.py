# SPDX-License-Identifier: MIT
import copy

import pytest

CONFIG = {
    "name": "tiny", "seed": 8,
    "task": {"type": "classic", "environment": "Pendulum-v1"},
    "network": {"layers": [{"type": "dense", "units": 8, "activation": "tanh"}]},
    "algorithm": {"type": "es", "population_size": 8, "sigma": 0.1, "learning_rate": 0.05,
                  "max_episode_steps": 30, "validation_episodes": 2},
    "budget": {"generations": 4},
}


@pytest.fixture
def config():
    """An experiment of four short generations."""
    return copy.deepcopy(CONFIG)
