# SPDX-License-Identifier: MIT
"""The notebooks, each with two generations in place of as many as it takes."""
import re
from pathlib import Path

import pytest

import dne

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("matplotlib")
pytest.importorskip("gymnasium")

NOTEBOOKS = Path(__file__).parents[2] / "examples" / "notebooks"
NEEDS = {"first_run": ["Box2D", "imageio"], "own_network": ["torch"], "novelty": []}


def execute(name, folder):
    for module in NEEDS[name]:
        pytest.importorskip(module)
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "kept without outputs"
    found = 0
    for cell in notebook.cells:
        cell.source, changes = re.subn(r"^GENERATIONS = \d+", "GENERATIONS = 2", cell.source,
                                       flags=re.MULTILINE)
        found += changes
    assert found == 1
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3",
                            resources={"metadata": {"path": folder}}).execute()


def test_every_notebook_is_here():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(NEEDS)


def test_a_first_run(tmp_path):
    execute("first_run", tmp_path)
    assert len(dne.Run(tmp_path / "runs/lander").generations) == 2
    assert (tmp_path / "lander.gif").stat().st_size > 1000


def test_a_network_of_your_own(tmp_path):
    execute("own_network", tmp_path)


def test_novelty(tmp_path):
    execute("novelty", tmp_path)
    assert dne.Run(tmp_path / "runs/trap-ga_ns").behaviours(1).shape[1] == 2
