# SPDX-License-Identifier: MIT
"""Trains an agent by TRPO, a gradient method (1502.05477), with Stable-Baselines3, for dne robustness.

    pip install -r examples/requirements.txt
    python examples/trpo.py half_cheetah --steps 1000000 --seed 1 --out policies/trpo

Every --every steps the policy as it is becomes a weight file, OUT/STEPS.safetensors, and its mean
score over ten episodes a line. Hyper-parameters are near those of RL Baselines3 Zoo.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from sb3_contrib import TRPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import VecNormalize

import weight_file

ENVIRONMENTS = {"ant": "Ant-v5", "half_cheetah": "HalfCheetah-v5", "hopper": "Hopper-v5",
                "humanoid": "Humanoid-v5", "swimmer": "Swimmer-v5", "walker2d": "Walker2d-v5"}
UNITS = 64
CLIP = 10.0
EXPERIMENT = """name = "trpo"

[task]
type = "mujoco"
environment = "{environment}"
normalise_observations = true
observation_clip = {clip}

[[network.layers]]
type = "dense"
units = {units}
activation = "tanh"

[[network.layers]]
type = "dense"
units = {units}
activation = "tanh"
"""


def save(path, environment, policy, statistics):
    """The mean action of the policy; its critic and its action noise stay behind."""
    parts = [policy.mlp_extractor.policy_net[0], policy.mlp_extractor.policy_net[2],
             policy.action_net]
    layers = [(part.weight.detach().numpy().T, part.bias.detach().numpy()) for part in parts]
    std = np.sqrt(statistics.obs_rms.var + statistics.epsilon)
    experiment = EXPERIMENT.format(environment=environment, clip=CLIP, units=UNITS)
    weight_file.save(path, experiment, layers, statistics.obs_rms.mean, std)


class Checkpoints(BaseCallback):
    def __init__(self, environment, folder, every):
        super().__init__()
        self.environment, self.folder, self.every = environment, folder, every
        self.next = every

    def _on_step(self):
        return True

    def _on_rollout_start(self):
        if self.num_timesteps < self.next:
            return
        self.next += self.every
        test = VecNormalize(make_vec_env(ENVIRONMENTS[self.environment], seed=10_000),
                            training=False, norm_reward=False, clip_obs=CLIP)
        test.obs_rms = self.training_env.obs_rms
        score, _ = evaluate_policy(self.model, test)
        path = self.folder / f"{self.num_timesteps}.safetensors"
        save(path, self.environment, self.model.policy, self.training_env)
        print(f"{self.num_timesteps:>10,} steps  mean of 10 episodes {score:8.1f}  {path}",
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("environment", choices=ENVIRONMENTS)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    training = VecNormalize(make_vec_env(ENVIRONMENTS[options.environment], n_envs=2,
                                         seed=options.seed), clip_obs=CLIP)
    model = TRPO("MlpPolicy", training, learning_rate=1e-3, n_steps=1024, batch_size=128,
                 target_kl=0.04, cg_damping=0.1, cg_max_steps=25, n_critic_updates=20,
                 sub_sampling_factor=1, policy_kwargs={"net_arch": [UNITS, UNITS]},
                 seed=options.seed, device="cpu")
    model.learn(options.steps,
                callback=Checkpoints(options.environment, options.out, options.every))


if __name__ == "__main__":
    main()
