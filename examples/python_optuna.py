# SPDX-License-Identifier: MIT
"""Looks for the best sigma and learning rate of an evolution strategy: pip install optuna

Runs that fall behind the others of their generation are ended; each is kept, and can be resumed.

    python_optuna.py CONFIG OUT [TRIALS [GENERATIONS]]
"""
import sys
from pathlib import Path

import dne
import optuna


def main(config, out, trials=20, generations=20):
    def objective(trial):
        def report(generation):
            trial.report(generation.metrics["elite_validation"], generation.number)
            if trial.should_prune():
                raise optuna.TrialPruned

        run = dne.run(config, out=Path(out) / f"trial-{trial.number}", on_generation=report, options={
            "algorithm": {"sigma": trial.suggest_float("sigma", 0.005, 0.5, log=True),
                          "learning_rate": trial.suggest_float("learning_rate", 0.005, 0.5, log=True)},
            "budget": {"generations": int(generations)}})
        return run.generations.elite_validation[-1]

    Path(out).mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(direction="maximize", storage=f"sqlite:///{Path(out) / 'study.db'}",
                                sampler=optuna.samplers.TPESampler(seed=1))
    study.optimize(objective, n_trials=int(trials))
    print(f"best {study.best_value:.1f} with {study.best_params}")


if __name__ == "__main__":
    main(*sys.argv[1:])
