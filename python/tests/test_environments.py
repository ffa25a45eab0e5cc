# SPDX-License-Identifier: MIT
"""Environments of Gymnasium, and of one's own, from Python."""
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import pytest

import dne

gymnasium = pytest.importorskip("gymnasium")

CONFIG = {
    "network": {"layers": [{"type": "dense", "units": 4, "activation": "tanh"}]},
    "algorithm": {"type": "ga", "population_size": 6, "num_parents": 2, "num_candidates": 2,
                  "validation_episodes": 1, "test_episodes": 0, "max_episode_steps": 20},
    "budget": {"generations": 2},
}

MODULE = textwrap.dedent("""
    import gymnasium

    def make(length=0.5, names=None):
        assert names in (None, {"a": ["b"]})
        env = gymnasium.make("CartPole-v1")
        env.unwrapped.length = length
        return env
""")


def test_any_environment_of_gymnasium(tmp_path):
    runs = [dne.run(CONFIG, out=tmp_path / str(threads), environment="CartPole-v1",
                    threads=threads) for threads in (1, 3)]
    assert list(runs[0].generations.digest) == list(runs[1].generations.digest)
    again = dne.resume(tmp_path / "1", budget={"generations": 3}, allow_command=True)
    assert len(again.generations) == 3
    policy = again.policy()
    with pytest.raises(dne.Error, match="allow-command"):
        dne.Run(tmp_path / "1").policy()
    observation, _ = gymnasium.make("CartPole-v1").reset(seed=1)
    assert policy(observation) in (0, 1)


def test_what_serves_them_lies_in_the_package(tmp_path):
    with pytest.raises(dne.Error) as error:
        dne.run(CONFIG, out=tmp_path / "run", environment="NoSuchEnvironment-v0")
    interface = Path(dne.__file__).parent / "interfaces" / "dne_gymnasium.py"
    assert f" {interface} " in str(error.value)
    assert not (tmp_path / "run" / "run.sqlite").exists()


def test_environments_that_do_not_repeat_themselves_are_warned_of(tmp_path, monkeypatch):
    (tmp_path / "moody.py").write_text(textwrap.dedent("""
        import random

        import gymnasium

        class Moody(gymnasium.RewardWrapper):
            def reward(self, reward):
                return random.random()

        def make():
            return Moody(gymnasium.make("CartPole-v1"))
    """))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import moody
    told = []
    with pytest.warns(UserWarning, match="does not repeat itself"):
        dne.run(CONFIG, out=tmp_path / "run", environment=moody.make, on_generation=told.append)
    assert len(told) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning):
            dne.run(CONFIG, out=tmp_path / "other", environment=moody.make)


def test_a_function_of_a_module(tmp_path, monkeypatch):
    (tmp_path / "my_environment.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import my_environment
    runs = [dne.run(CONFIG, out=tmp_path / str(length), environment=my_environment.make,
                    arguments={"length": length, "names": {"a": ["b"]}}) for length in (0.5, 5.0)]
    assert list(runs[0].generations.digest) != list(runs[1].generations.digest)
    several = dne.run(CONFIG, out=tmp_path / "several", environment=my_environment.make,
                      arguments={"length": 0.5}, options={"task": {"num_envs": 5}})
    assert list(several.generations.digest) == list(runs[0].generations.digest)
    with pytest.raises(dne.Error, match="--allow-command"):
        dne.resume(tmp_path / "0.5", budget={"generations": 3})


def script(tmp_path, end):
    path = tmp_path / "script.py"
    path.write_text(f"import dne\n{MODULE}\nCONFIG = {CONFIG!r}\n{textwrap.dedent(end)}")
    return subprocess.run([sys.executable, path], cwd=tmp_path, capture_output=True, text=True,
                          check=False)


def test_a_function_of_the_script_itself(tmp_path):
    done = script(tmp_path, """
        if __name__ == "__main__":
            print(len(dne.run(CONFIG, out="run", environment=make).generations))
    """)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr


def test_a_script_that_begins_a_run_whenever_it_is_imported(tmp_path):
    done = script(tmp_path, "dne.run(CONFIG, out='run', environment=make)")
    assert done.returncode == 1
    assert 'put that under if __name__ == "__main__"' in done.stderr
