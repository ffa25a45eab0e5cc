# SPDX-License-Identifier: MIT
"""What documents and examples say works."""
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import tomli_w

import dne

ROOT = Path(__file__).parents[2]


def python_blocks(document):
    return re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


# Its run takes minutes: here two short generations.
def test_the_readme(tmp_path, monkeypatch):
    pytest.importorskip("gymnasium")
    pytest.importorskip("Box2D")
    monkeypatch.chdir(ROOT)
    [block] = python_blocks("README.md")
    out = str(tmp_path / "run")
    options = {"task": {"python": sys.executable}, "budget": {"generations": 2},
               "algorithm": {"population_size": 2, "max_episode_steps": 20}}
    block, changes = re.subn('out="runs/lander"', f"out={out!r}, options={options!r}", block)
    assert changes == 1
    names = {"score": lambda member: -float((member ** 2).sum())}
    exec(block, names)
    assert names["weights"].shape == (1000,) and names["policy"]([0.0] * 8) in range(4)


def test_the_page_on_python(tmp_path, monkeypatch):
    pytest.importorskip("gymnasium")
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "page.py"
    script.write_text("\n".join(python_blocks("docs/python.md")))
    subprocess.run([sys.executable, script], check=True)
    assert len(dne.Run("runs/cartpole").generations) == 6
    assert (tmp_path / "champion.safetensors").exists()


def test_tensorboard_gets_every_metric(config, tmp_path):
    pytest.importorskip("tensorboardX")
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.record_writer import RecordWriter  # noqa: F401: the format read below
    (tmp_path / "x.toml").write_text(tomli_w.dumps(config))
    out = tmp_path / "run"
    runpy.run_path(str(ROOT / "examples/python_tensorboard.py"))["main"](
        tmp_path / "x.toml", str(out), 3)
    data = next(out.glob("events*")).read_bytes()
    seen, at = {}, 0
    while at < len(data):  # length (8 bytes), its checksum (4), the event, its checksum (4)
        size = int.from_bytes(data[at:at + 8], "little")
        event = Event.FromString(data[at + 12:at + 12 + size])
        at += 16 + size
        for value in event.summary.value:
            seen[event.step, value.tag] = value.simple_value
    last = dne.Run(out).generations[-1]
    assert seen[2, "fitness_max"] == pytest.approx(last.fitness_max, rel=1e-6)
    assert {step for step, _ in seen} == {0, 1, 2}


def test_optuna_finds_and_prunes(config, tmp_path):
    optuna = pytest.importorskip("optuna")
    (tmp_path / "x.toml").write_text(tomli_w.dumps(config))
    runpy.run_path(str(ROOT / "examples/python_optuna.py"))["main"](
        tmp_path / "x.toml", tmp_path / "study", 12, 4)
    study = optuna.load_study(study_name=None, storage=f"sqlite:///{tmp_path / 'study' / 'study.db'}")
    states = [trial.state for trial in study.trials]
    assert len(states) == 12 and optuna.trial.TrialState.PRUNED in states
    best = dne.Run(tmp_path / "study" / f"trial-{study.best_trial.number}")
    assert best.generations.elite_validation[-1] == study.best_value


def test_trials_are_tables_of_pandas(config, tmp_path):
    pandas = pytest.importorskip("pandas")
    run = dne.run(config, out=tmp_path / "run")
    frame = pandas.DataFrame(run.trials(2))
    assert frame.groupby("round").fitness.max()["train"] == run.generations.fitness_max[2]


def test_the_benchmark_runs():
    done = subprocess.run([sys.executable, ROOT / "bench/ask_tell.py", "50", "8", "0.01"],
                          check=True, capture_output=True, text=True)
    assert re.search(r"^figure dne, signs \d+\.\d ms$", done.stdout, re.MULTILINE)
