# SPDX-License-Identifier: MIT
import pickle

import numpy as np
import pytest

import dne

ALGORITHMS = [dne.ES, dne.PGPE, dne.SNES, dne.NSES, dne.NSRES, dne.NSRAES, dne.GA, dne.GANS,
              dne.RandomSearch, dne.SteadyStateGA, dne.MapElites]
ARCHIVE = {"axes": [{"name": f"x{i}", "coordinate": i, "lower": -1, "upper": 2, "cells": 8}
                    for i in range(2)]}


def begin(algorithm, **options):
    if algorithm is dne.MapElites:
        options["archive"] = ARCHIVE
    return algorithm(num_parameters=20, population_size=80, seed=3, initial_std=0.5,
                     validation_episodes=1, **options)


def tell(search):
    """The nearer to 1 the better; what was done is where the first two numbers are."""
    members = search.ask()
    return search.tell(-np.abs(members - 1).sum(axis=1), behaviours=members[:, :2])


def digests(search, generations):
    found = []
    while len(found) < generations:
        if ended := tell(search):
            found.append(ended.digest)
    return found


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_learns_and_repeats_itself_from_bytes(algorithm):
    search = begin(algorithm)
    assert search.ask().dtype == np.float32
    assert search.ask().shape == (len(search), 20)
    assert (search.ask_one(0) == search.ask()[0]).all()
    first = digests(search, 3)
    assert first == digests(begin(algorithm, threads=1), 3)
    moved = pickle.loads(pickle.dumps(search.to_bytes()))
    again = algorithm.from_bytes(moved)
    assert (dne.AskTell.from_bytes(moved).ask() == again.ask()).all()
    assert digests(search, 3) == digests(again, 3)
    assert (search.best == again.best).all()
    assert search.generation == 6 and search.num_parameters == 20
    assert search.last.number == 5
    assert search.last.metrics["elite_validation"] == pytest.approx(-np.abs(search.best - 1).sum())


def test_finds_what_it_is_paid_for():
    search = dne.ES(num_parameters=100, population_size=100, sigma=0.05, learning_rate=0.05)
    while search.generation < 100:
        tell(search)
    assert -np.abs(search.best - 1).sum() > -20 > -np.abs(np.zeros(100) - 1).sum()
    assert np.abs(search.centre - search.best).max() < 1


# 1712.06563, 5.1: 100 w_0 and 0.1 w_1 are to be 1. The run plays it itself.
def test_told_the_same_numbers_it_is_a_run(tmp_path):
    algorithm = {"population_size": 10, "sigma": 0.01, "learning_rate": 0.001,
                 "validation_episodes": 1}
    run = dne.run({"seed": 5, "task": {"type": "simple_model", "environment": "medium"},
                   "algorithm": {"type": "es", **algorithm}, "budget": {"generations": 6}},
                  out=tmp_path / "run")
    search = dne.ES(num_parameters=2, seed=5, initial=run.policy(generation=0).parameters,
                    **algorithm)
    found = []
    while len(found) < 6:
        members = search.ask()
        off = np.array([100, 0.1]) * members.astype(float) - 1
        ended = search.tell(-(off[:, 0] ** 2 + off[:, 1] ** 2), behaviours=members)
        if ended:
            found.append(ended.digest)
    assert found == list(run.generations.digest)


# Its genomes follow from what is told, whatever the founders' weights are.
def test_an_archive_told_the_same_numbers_is_that_of_a_run(tmp_path):
    algorithm = {"population_size": 12, "sigma": 0.01}
    run = dne.run({"seed": 5, "task": {"type": "simple_model", "environment": "medium"},
                   "algorithm": {"type": "map_elites", "max_episode_steps": 1, **algorithm},
                   "archive": ARCHIVE, "budget": {"generations": 6}}, out=tmp_path / "run")
    search = dne.MapElites(num_parameters=2, seed=5, initial_std=1, archive=ARCHIVE, **algorithm)
    for generation in range(6):
        for name in "train", "validate":
            assert search.round == name
            ended = search.tell(run.trials(generation, name).fitness,
                                behaviours=run.behaviours(generation, name))
        assert ended.digest == run.generations.digest[generation]
        assert ended.metrics["coverage"] == run.generations.coverage[generation] > 0


def test_rounds_are_named():
    search = begin(dne.GA, test_episodes=1)
    seen = []
    while search.generation < 1:
        seen.append(search.round)
        tell(search)
    assert seen == ["train", "validate", "test"]


def test_what_broke_down_ranks_last():
    search = dne.GA(num_parameters=3, population_size=4, num_parents=1, num_candidates=2,
                    validation_episodes=1, initial_std=1)
    third = search.ask()[2]
    search.tell([np.nan, np.nan, -1e9, np.nan], steps=[1, 2, 3, 4])
    assert (search.ask()[0] == third).all()


@pytest.mark.parametrize("make, message", [
    (lambda: dne.ES(num_parameters=0), "there are no parameters"),
    (lambda: dne.ES(num_parameters=3, initial=[1, 2]), "initial has 2 numbers, but num_parameters"),
    (lambda: dne.ES(num_parameters=2, initial=[1, np.inf]), "not finite"),
    (lambda: dne.ES(num_parameters=2, initial_std=-1), "initial_std must be"),
    (lambda: dne.GA(num_parameters=2), "give initial_std above 0"),
    (lambda: dne.ES(num_parameters=2, sigmma=1), "did you mean 'sigma'"),
    (lambda: dne.ES(num_parameters=2, sigma="large"), "dne.ES:"),
    (lambda: dne.ES(num_parameters=2, threads=-1), "threads must not be negative"),
    (lambda: dne.GA(num_parameters=2, initial_std=1, mutation="sm_r"), "safe mutations"),
    (lambda: dne.GANS(num_parameters=2, initial_std=1, novelty={"nearest": -1}), "nearest"),
    (lambda: dne.ES.from_bytes(b"no state at all, but long"), "no state of an algorithm"),
    (lambda: dne.ES.from_bytes(dne.ES(num_parameters=2).to_bytes()[:-3]), "damaged"),
    (lambda: dne.GA.from_bytes(dne.ES(num_parameters=2).to_bytes()), "a state of es, not of ga"),
    (lambda: dne.ES(num_parameters=2).best, "there is no best"),
    (lambda: begin(dne.GA).centre, "ga has no centre"),
    (lambda: begin(dne.ES).ask_one(7), "there is no member 7: this round has 1"),
    (lambda: begin(dne.GA).tell([1]), "80 members were asked for, but there are 1 values"),
    (lambda: begin(dne.GA).tell([np.inf] * 80), "the fitness of member 0 is infinite"),
    (lambda: begin(dne.GA).tell([1] * 80, steps=[1]), "1 values of steps"),
    (lambda: begin(dne.GANS).tell([1] * 80), "ga_ns learns from behaviours: tell them too"),
    (lambda: dne.MapElites(num_parameters=2, initial_std=1), "the archive has no axes"),
    (lambda: begin(dne.MapElites).tell([1] * 80), "map_elites learns from behaviours"),
    (lambda: begin(dne.MapElites).tell([1] * 80, behaviours=[[1]] * 80),
     "axis x1 is coordinate 1, but behaviours here have 1"),
    (lambda: begin(dne.GANS).tell([1] * 80, behaviours=[[1, 2]]), "behaviours have 1 rows"),
    (lambda: begin(dne.GANS).tell([1] * 80, behaviours=[[np.nan]] * 80), "a behaviour is not"),
])
def test_mistakes_are_told(make, message):
    with pytest.raises(dne.Error, match=message):
        make()


def test_a_mistake_changes_nothing():
    search = begin(dne.GA)
    before = search.to_bytes()
    with pytest.raises(dne.Error):
        search.tell([1])
    assert search.to_bytes() == before
