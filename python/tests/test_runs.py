# SPDX-License-Identifier: MIT
import functools
import json
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import tomli_w

import dne

PROGRAM = os.environ["DNE_PROGRAM"]


def program(*words, **how):
    return subprocess.run([PROGRAM, *map(str, words)], check=True, capture_output=True, text=True,
                          **how).stdout


def test_a_run_is_that_of_the_program(config, tmp_path):
    (tmp_path / "x.toml").write_text(tomli_w.dumps(config))
    program("run", tmp_path / "x.toml", "--out", tmp_path / "program")
    expected = dne.Run(tmp_path / "program").generations.digest
    for name, threads, given in [("a", 1, config), ("b", 2, tmp_path / "x.toml")]:
        run = dne.run(given, out=tmp_path / name, threads=threads)
        assert list(run.generations.digest) == list(expected)


def test_every_algorithm_of_the_program_has_a_class():
    names = json.loads(program("list", "--json"))["algorithms"]
    assert sorted(names) == sorted(algorithm.kind for algorithm in dne.AskTell.__subclasses__())


def test_options_replace_what_the_configuration_says(config, tmp_path):
    layers = [{"type": "dense", "units": 3, "activation": "relu"}, {"type": "gru", "units": 2}]
    run = dne.run(config, out=tmp_path / "run", seed=3, options={
        "name": 'a-b', "network": {"layers": layers}, "budget": {"generations": 1},
        "algorithm": {"sigma": 0.25, "perturbation": "rademacher"}})
    assert run.info["seed"] == 3 and 'name = "a-b"' in run.info["config"]
    assert run.info["config"].count("[[network.layers]]") == 2
    assert "sigma = 0.25" in run.info["config"] and len(run.generations) == 1


def test_generations_are_told_of(config, tmp_path):
    told = []
    run = dne.run(config, out=tmp_path / "run", on_generation=told.append)
    assert [generation.number for generation in told] == [0, 1, 2, 3]
    assert [generation.digest for generation in told] == list(run.generations.digest)
    assert told[2].metrics["fitness_max"] == run.generations.fitness_max[2]
    assert np.isnan(run.generations.fitness_max[0]), "the first centre alone"


def test_what_a_listener_raises_ends_a_run_that_goes_on(config, tmp_path):
    expected = dne.run(config, out=tmp_path / "whole").generations.digest

    def stop(generation):
        if generation.number == 1:
            raise StopIteration("enough")

    with pytest.raises(StopIteration, match="enough"):
        dne.run(config, out=tmp_path / "run", on_generation=stop)
    assert len(dne.Run(tmp_path / "run").generations) < 4
    assert list(dne.resume(tmp_path / "run").generations.digest) == list(expected)
    longer = dne.resume(tmp_path / "run", budget={"generations": 6}, threads=1)
    assert list(longer.generations.digest[:4]) == list(expected)
    assert len(longer.generations) == 6


def test_ctrl_c_ends_a_run_that_goes_on(config, tmp_path):
    config["budget"] = {"generations": 100_000}
    # Who starts this in the background may have it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        dne.run(config, out=tmp_path / "run")
    ended = len(dne.Run(tmp_path / "run").generations)
    run = dne.resume(tmp_path / "run", budget={"generations": ended + 2})
    assert len(run.generations) == ended + 2


def test_killed_it_goes_on_with_the_same_bits(config, tmp_path):
    config["budget"] = {"generations": 60}
    expected = dne.run(config, out=tmp_path / "whole").generations.digest
    script = ("import dne, os, sys\n"
              "def kill(generation):\n"
              "    if generation.number == 20: os.kill(os.getpid(), 9)\n"
              f"dne.run({config!r}, out={str(tmp_path / 'run')!r}, on_generation=kill)\n")
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    assert list(dne.resume(tmp_path / "run").generations.digest) == list(expected)


def test_trials_and_behaviours_are_arrays(config, tmp_path):
    run = dne.run(config, out=tmp_path / "run")
    trials = run.trials(2, "train")
    assert trials.index.tolist() == list(range(8))
    assert trials.fitness.max() == run.generations.fitness_max[2]
    assert (np.abs(trials.sigma) == np.float32(0.1)).all()
    assert (trials.parent_item == 2**31).all()
    assert set(run.trials(2)["round"]) == {"train", "validate"}
    assert run.behaviours(2, "train").shape == (8, 2)
    assert run.behaviours(2).dtype == np.float64
    assert run.info["seed"] == 8 and "Pendulum" in run.info["config"]


def test_individuals_have_ancestors_and_genomes(config, tmp_path):
    config["algorithm"] = {"type": "ga", "population_size": 8, "num_parents": 2,
                           "num_candidates": 2, "validation_episodes": 1, "test_episodes": 0}
    run = dne.run(config, out=tmp_path / "run")
    youngest = run.trials(3, "train")[0]
    name = f"{youngest.individual_generation}.{youngest.individual_item}"
    lineage = run.lineage(name)
    assert lineage.individual[-1] == name and lineage.fitness[-1] == youngest.fitness
    assert len(lineage) > 1 and lineage.sigma[0] == 0
    assert run.genome(name).startswith("dne1:seed=8:")
    assert run.policy(individual=name).parameters.shape == run.policy().parameters.shape


def test_a_policy_acts_as_the_program_evaluates_it(config, tmp_path):
    run = dne.run(config, out=tmp_path / "run")
    policy = run.policy()
    scores = policy.evaluate(5, seed=3)
    assert program("evaluate", tmp_path / "run", "--episodes", 5, "--seed", 3, "--json").count(
        repr(float(scores[0])))
    action = policy(np.array([1, 0, 0.5]))
    assert action.dtype == np.float32 and action.shape == (1,)
    assert (policy.outputs([1, 0, 0.5]) == action).all()
    policy.save_weights(tmp_path / "x.safetensors")
    same = dne.Policy(tmp_path / "x.safetensors")
    assert (same.parameters == policy.parameters).all() and "Pendulum" in same.config
    assert (same.evaluate(5, seed=3, threads=1) == scores).all()
    policy.save_onnx(tmp_path / "x.onnx")
    program("genome", tmp_path / "run", "--onnx", tmp_path / "y.onnx")
    assert (tmp_path / "x.onnx").read_bytes() == (tmp_path / "y.onnx").read_bytes()
    assert "elite of generation 3" in repr(policy)


def test_discrete_actions_are_numbers_and_states_are_reset(config, tmp_path):
    config["task"]["environment"] = "CartPole-v1"
    config["network"] = {"layers": [{"type": "lstm", "units": 4}]}
    config["algorithm"] = {"type": "ga", "population_size": 4, "num_parents": 2,
                           "num_candidates": 2, "validation_episodes": 1, "test_episodes": 0}
    policy = dne.run(config, out=tmp_path / "run").policy()
    first = policy.outputs([0.1, 0, 0, 0])
    assert (policy.outputs([0.1, 0, 0, 0]) != first).any(), "it remembers"
    policy.reset()
    assert (policy.outputs([0.1, 0, 0, 0]) == first).all()
    assert policy([0.1, 0, 0, 0]) in (0, 1)
    policy.save_genome(tmp_path / "x.genome")
    assert (dne.Policy(tmp_path / "x.genome").parameters == policy.parameters).all()


@pytest.mark.skipif("atari on" not in dne.build(), reason="built without Atari")
def test_atari_where_it_is_in(config, tmp_path):
    config["task"] = {"type": "atari", "environment": "frostbite"}
    config["network"] = {"layers": [{"type": "dense", "units": 2}]}
    config["algorithm"] = {"type": "ga", "population_size": 2, "num_parents": 1, "num_candidates": 2,
                           "validation_episodes": 1, "test_episodes": 0, "max_episode_steps": 5}
    config["budget"] = {"generations": 1}
    run = dne.run(config, out=tmp_path / "run")
    assert run.behaviours(0, "train").shape == (2, 128) and run.behaviours(0).dtype == np.uint8
    assert run.policy()(np.zeros((84, 84, 4), np.uint8)) in range(18)


MISTAKES = {
    "no file": (lambda c, p: dne.run(p / "none.toml", out=p / "r"), "none.toml: no such file"),
    "a word": (lambda c, p: dne.run(c, out=p / "r", options={"algorithm": {"sigmma": 1}}),
               "did you mean 'sigma'"),
    "a run": (lambda c, p: [dne.run(c, out=p / "r"), dne.run(c, out=p / "r")],
              "already holds a run"),
    "no run": (lambda c, p: dne.Run(p), "no run in"),
    "resume": (lambda c, p: dne.resume(p), "no run in"),
    "policy": (lambda c, p: dne.Policy(p / "none"), "none"),
    "onnx": (lambda c, p: dne.run(c, out=p / "r").policy().save_onnx(p / "none" / "x.onnx"),
             "cannot write .*x.onnx"),
    "generation": (lambda c, p: dne.run(c, out=p / "r").policy(generation=9), "9"),
    "individual": (lambda c, p: dne.run(c, out=p / "r").policy(individual="x"), "x"),
    "size": (lambda c, p: dne.run(c, out=p / "r").policy()([1, 2]),
             "observes 3 floats, but was given 2"),
    "bytes": (lambda c, p: dne.run(c, out=p / "r").policy()(np.zeros(3, np.uint8)),
              "observes 3 floats, but was given 3 bytes"),
    "bodies": (lambda c, p: dne.run({**c, "task": {"type": "mujoco", "environment": "swimmer"}},
                                    out=p / "r"), "bodies of MuJoCo|without MuJoCo"),
    "a folder": (lambda c, p: dne.run(p, out=p / "r"), "is a folder"),
    "an object": (lambda c, p: dne.run(c, out=p / "r", environment=functools.partial(print)),
                  "cannot be imported by another process"),
    "a lambda": (lambda c, p: dne.run(c, out=p / "r", environment=lambda: None),
                 "cannot be imported by another process"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(name, config, tmp_path):
    make, message = MISTAKES[name]
    with pytest.raises(dne.Error, match=message):
        make(config, tmp_path)
