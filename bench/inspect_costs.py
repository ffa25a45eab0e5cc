# SPDX-License-Identifier: MIT
"""What dne inspect costs: its first view and clicks on a run of a million trials and on one of
MAP-Elites with as many, its memory, and the processor time of a run that is watched beside one that
is not.

Makes the runs of a million trials in FOLDER unless they are there. Prints "figure NAME NUMBER UNIT"
lines. Times are of the page in Chromium, from the request to what is drawn.

Usage: inspect_costs.py DNE CHROMIUM FOLDER [PAIRS]
"""
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "inspect"))
from browser import Browser  # noqa: E402

DNE, CHROMIUM = (os.path.abspath(word) for word in sys.argv[1:3])
FOLDER = pathlib.Path(sys.argv[3])
PAIRS = int(sys.argv[4]) if len(sys.argv) > 4 else 5
EXPERIMENT = """name = "{name}"
seed = 1
[task]
type = "classic"
environment = "Pendulum-v1"
[[network.layers]]
type = "dense"
units = 4
activation = "tanh"
[algorithm]
population_size = {population}
sigma = 0.05
test_episodes = 0
max_episode_steps = {steps}
{algorithm}
[budget]
generations = {generations}
"""
GA = "num_parents = 20\nnum_candidates = 2\nvalidation_episodes = 2"
# The pendulum's angle and how fast it turns.
MAP_ELITES = """type = "map_elites"
[archive]
[[archive.axes]]
name = "angle"
coordinate = 0
lower = -3.1416
upper = 3.1416
cells = 100
[[archive.axes]]
name = "speed"
coordinate = 1
lower = -8
upper = 8
cells = 100"""


def figure(name, number, unit):
    print(f"figure {name} {number:.4g} {unit}", flush=True)


def write(name, **values):
    path = FOLDER / f"{name}.toml"
    path.write_text(EXPERIMENT.format(name=name, **values))
    return str(path)


class Server:
    def __init__(self, *runs):
        self.cache = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen([DNE, "inspect", *map(str, runs), "--cache", self.cache.name],
                                        stdout=subprocess.PIPE, text=True)
        self.url = re.search(r"http://\S+/", self.process.stdout.readline())[0]

    def memory(self, what):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{what}:\s+(\d+) kB", status)[1]) / 1024

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.cache.cleanup()


def took(page, action, condition):
    began = time.monotonic()
    action()
    page.wait(condition)
    return 1000 * (time.monotonic() - began)


def choose(page, select, value):
    page.run(f"""(() => {{ const select = document.getElementById("{select}");
        select.value = "{value}"; select.dispatchEvent(new Event("change")); }})()""")


def measure_page(run):
    server = Server(run)
    figure("memory_before", server.memory("VmRSS"), "MiB")
    page = Browser(CHROMIUM)
    figure("first_view", took(page, lambda: page.open(server.url),
           "typeof curves !== 'undefined' && curves.lines.length > 0"), "ms")
    figure("individuals", took(page, lambda: page.run("document.getElementById('tab-points').click()"),
           "points.places.length > 0"), "ms")
    figure("points", page.run("points.places.length"), "points")
    for axis in ("fitness", "b0"):
        figure(f"axis_{axis}", took(page, lambda: choose(page, "points-x", axis),
               f"JSON.parse(points.data.key).x === '{axis}'"), "ms")
    last = page.run("points.data.individual.at(-1)")
    figure("individual", took(page, lambda: page.run(f"individual.show(0, '{last}')"),
           "individual.data !== null"), "ms")
    figure("mutations", page.run("individual.data.ancestry.length - 1"), "mutations")
    figure("film", took(page, lambda: page.run(f"filmA.show(0, '{last}', 0)"),
           "document.querySelector('#film-a canvas, #film-a video') !== null"), "ms")
    figure("memory", server.memory("VmRSS"), "MiB")
    figure("memory_peak", server.memory("VmHWM"), "MiB")
    figure("runs", took(page, lambda: page.run("document.getElementById('tab-runs').click()"),
           "document.querySelector('#runs-table table') !== null"), "ms")
    page.close()
    server.close()


def measure_archive(run):
    server = Server(run)
    page = Browser(CHROMIUM)
    page.open(server.url)
    page.wait("typeof curves !== 'undefined' && curves.lines.length > 0")
    figure("archive", took(page, lambda: page.run("document.getElementById('tab-archive').click()"),
           "archive.places.length > 0"), "ms")
    figure("archive_whole", took(page, lambda: None,
           "archive.data.generations === archive.data.finished"), "ms, more")
    figure("cells", page.run("archive.places.length"), "cells")
    figure("archive_axis", took(page, lambda: choose(page, "archive-x", "1"),
           "archive.places.length <= 100"), "ms")
    figure("archive_cell", took(page, lambda: page.run("archive.choose(0); archive.open()"),
           "individual.data !== null"), "ms")
    figure("archive_memory_peak", server.memory("VmHWM"), "MiB")
    page.close()
    server.close()


def processor_seconds(name, watched):
    """Of a run of one thread, user and system."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        run = pathlib.Path(folder) / "run"
        # The file says what to do; the process is ours to ask what it took.
        process = subprocess.Popen([DNE, "run", write(name, population=200, steps=200, generations=150,
                                                       algorithm=GA),
                                    "--out", str(run), "--threads", "1"], stdout=subprocess.DEVNULL)
        server = page = None
        if watched:
            while not (run / "run.sqlite").exists():
                time.sleep(0.01)
            server, page = Server(run), Browser(CHROMIUM)
            page.open(server.url)
            page.wait("typeof runs !== 'undefined' && runs.length === 1")
            page.run("document.getElementById('tab-points').click()")
        _, _, usage = os.wait4(process.pid, 0)
        if watched:
            seen = page.run("runs[0].generations")
            assert seen > 0, "the page saw nothing of the run"
            page.close()
            server.close()
        return usage.ru_utime + usage.ru_stime


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, algorithm, measure in (("million", GA, measure_page),
                                     ("million-elites", MAP_ELITES, measure_archive)):
        run = FOLDER / name
        if not run.exists():
            subprocess.run([DNE, "run", write(name, population=1000, steps=5, generations=1000,
                                              algorithm=algorithm),
                            "--out", str(run)], check=True, stdout=subprocess.DEVNULL)
        figure(f"{name}_store", (run / "run.sqlite").stat().st_size / 2**20, "MiB")
        measure(run)
    ratios = []
    for _ in range(PAIRS):
        alone = processor_seconds("watched", False)
        ratios.append(processor_seconds("watched", True) / alone)
    figure("watched", statistics.median(ratios), "of the processor time of a run that is not")
    figure("watched_least", min(ratios), "likewise")
    figure("watched_most", max(ratios), "likewise")


if __name__ == "__main__":
    main()
