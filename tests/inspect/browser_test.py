# SPDX-License-Identifier: MIT
"""Every view of dne inspect in Chromium, on small runs that it makes itself.

Usage: browser_test.py DNE CHROMIUM
"""
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from browser import Browser

ATARI = """name = "atari"
seed = 7
[task]
game = "frostbite"
[[network.layers]]
type = "conv2d"
units = 4
kernel = 8
stride = 8
padding = "valid"
[[network.layers]]
type = "dense"
units = 8
[algorithm]
population_size = 6
num_parents = 3
sigma = 0.02
num_candidates = 2
validation_episodes = 2
test_episodes = 0
max_episode_steps = 20
[budget]
generations = 3
"""
TRAP = """name = "trap"
seed = 7
[task]
type = "mujoco"
body = "point"
reward = "forward_distance"
trap = true
[[network.layers]]
type = "dense"
units = 8
activation = "tanh"
[algorithm]
type = "nsra_es"
population_size = 6
sigma = 0.05
learning_rate = 0.05
meta_population = 2
reward_weight = 0.75
patience = 2
max_episode_steps = 40
validation_episodes = 2
[novelty]
nearest = 3
[budget]
generations = 5
"""
MAZE = """name = "maze"
seed = 1
[task]
type = "maze"
environment = "hard_maze"
[algorithm]
type = "ga"
population_size = 12
num_parents = 3
num_candidates = 2
validation_episodes = 1
test_episodes = 0
sigma = 0.5
max_episode_steps = 400
[budget]
generations = 4
"""
ELITES = """name = "elites"
seed = 1
[task]
type = "maze"
environment = "hard_maze"
[algorithm]
type = "map_elites"
population_size = 40
sigma = 0.3
max_episode_steps = 400
validation_episodes = 1
test_episodes = 0
[archive]
[[archive.axes]]
name = "x"
coordinate = 0
lower = 3
upper = 195
cells = 20
[[archive.axes]]
name = "y"
coordinate = 1
lower = 5
upper = 202
cells = 20
[budget]
generations = 4
"""
# Of these the page has many; all others must be named for those who cannot see them.
ROLES = {"button", "textbox", "combobox", "listbox", "checkbox", "slider", "tab", "tabpanel", "image",
         "img", "application", "group", "region", "form"}
EXPORTS = """(async () => {
  const saved = [];
  window.save = (name, type, content) => saved.push([name, type, content]);
  const buttons = [...document.querySelectorAll(".exports button")].filter((b) => b.checkVisibility());
  for (const button of buttons) button.click();
  for (let i = 0; i < 100 && saved.length < buttons.length; ++i) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return saved.map(([name, type, content]) => {
    const size = content.size || content.length;
    const isWhole = type !== "image/svg+xml" ||
      !new DOMParser().parseFromString(content, type).querySelector("parsererror");
    return [name, type, size, isWhole, typeof content === "string" ? content.slice(0, 200) : ""];
  });
})()"""
INK = """((id) => {  // the share of a canvas that is not white
  const canvas = document.querySelector(id);
  const copy = new OffscreenCanvas(canvas.width, canvas.height)
    .getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] + data[i + 1] + data[i + 2] < 765) ++ink;
  return ink / (data.length / 4);
})"""


def digests(folder):
    """Of every file of a run but what SQLite keeps beside it for those who read."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.iterdir()) if not re.search(r"-(wal|shm)$", path.name)}


class Server:
    def __init__(self, dne, runs, cache):
        self.process = subprocess.Popen([dne, "inspect", *map(str, runs), "--cache", str(cache)],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        match = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert match, f"no address: {line}"
        self.url = match[0]

    def close(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=20)
        assert code == 0, f"dne inspect ended with {code}"


def choose(page, select, value):
    page.run(f"""(() => {{ const select = document.getElementById("{select}");
        select.value = "{value}"; select.dispatchEvent(new Event("change")); }})()""")


def film_is_ready(page, slot, seconds=240):  # the server gives way to all others
    page.wait(f"""document.querySelector("#{slot} video, #{slot} canvas") ||
        document.querySelector("#{slot} .error")""", seconds)
    error = page.run(f"""(document.querySelector("#{slot} .error") || {{}}).textContent || "" """)
    assert not error, error


def show_films(page):
    page.run("""[...document.querySelectorAll("#individual-body td button")]
        .find((button) => button.textContent === "left").click()""")
    film_is_ready(page, "film-a")
    page.run("""[...document.querySelectorAll("#individual-body td button")]
        .filter((button) => button.textContent === "right").at(-1).click()""")
    film_is_ready(page, "film-b")


def check_exports(page, expected):
    saved = page.run(EXPORTS)
    kinds = {pathlib.Path(name).suffix for name, *_ in saved}
    assert kinds == expected, f"{kinds} saved, not {expected}"
    for name, kind, size, is_whole, head in saved:
        assert size > 20 and is_whole, (name, kind, size, head)


def check_individual_view(page, run, name, x_of_floor):
    """Points by mouse and by keyboard, the individual, its ancestry, two films side by side."""
    choose(page, "points-run", run)
    page.wait(f"points.data && JSON.parse(points.data.key).run === '{run}' && points.places.length > 0")
    assert page.run(f"{INK}('#canvas-points')") > 0.002, f"{name}: no points"
    for x, y in [("generation", "fitness"), *x_of_floor]:
        choose(page, "points-x", x)
        choose(page, "points-y", y)
        page.wait(f"points.data && JSON.parse(points.data.key).x === '{x}' && "
                  f"JSON.parse(points.data.key).y === '{y}'")
    check_exports(page, {".svg", ".png", ".csv"})
    # The keyboard: to a point, and open it.
    page.run("document.getElementById('canvas-points').focus()")
    page.press("ArrowRight", 39)
    page.press("ArrowRight", 39)
    page.press("ArrowUp", 38)
    assert page.run("points.chosen >= 0"), "arrow keys choose no point"
    assert "fitness" in page.run("document.getElementById('points-chosen').textContent")
    page.press("Enter", 13, "\r")
    page.wait("individual.data && individual.run === " + run + " && "
              "individual.data.individual === points.data.individual[points.chosen]")
    # The mouse: another one.
    x, y, row = page.run("points.places[points.places.length - 1]")
    left, top = page.run("""(() => { const r = document.getElementById("canvas-points")
        .getBoundingClientRect(); return [r.left, r.top]; })()""")
    page.click(left + x, top + y)
    page.wait(f"points.chosen >= 0 && individual.data.individual === "
              f"points.data.individual[points.chosen]")
    assert page.run("individual.data.ancestry.length") >= 1
    assert page.run(f"{INK}('#canvas-ancestry')") > 0.002, f"{name}: no tree"
    genome = page.run("[...document.querySelectorAll('#individual-body code')].at(-1).textContent")
    assert genome.startswith("dne1:"), genome
    show_films(page)


def check_archive(page, run):
    """The heat map by keyboard and by mouse, and a film behind a cell."""
    page.run("document.getElementById('tab-archive').click()")
    page.wait(f"archive.data && archive.data.run === {run} && archive.places.length > 3")
    assert page.run(f"{INK}('#canvas-archive')") > 0.005, "no cells"
    check_exports(page, {".svg", ".png", ".csv"})
    page.run("document.getElementById('canvas-archive').focus()")
    page.press("ArrowRight", 39)
    page.press("ArrowRight", 39)
    assert page.run("archive.chosen >= 0"), "arrow keys choose no cell"
    assert "fitness" in page.run("document.getElementById('archive-chosen').textContent")
    page.press("Enter", 13, "\r")
    page.wait("individual.data && individual.run === " + run + " && "
              "individual.data.individual === archive.data.individual[archive.chosen]")
    x, y, row = page.run("archive.places.at(-1).slice(0, 3)")
    left, top = page.run("""(() => { const r = document.getElementById("canvas-archive")
        .getBoundingClientRect(); return [r.left, r.top]; })()""")
    page.click(left + x, top + y)
    page.wait(f"archive.chosen === {row} && "
              f"individual.data.individual === archive.data.individual[{row}]")
    show_films(page)


def check_names(page):
    unnamed = [node for node in page.named_nodes() if node[0] in ROLES and not node[1].strip()]
    assert not unnamed, f"without a name: {unnamed}"


def check_keyboard(page):
    """The tabs by arrow keys; everything else is reached by Tab."""
    page.run("document.getElementById('tab-curves').focus()")
    page.press("ArrowRight", 39)
    assert page.run("document.activeElement.id") == "tab-points"
    assert page.run("!document.getElementById('view-points').hidden")
    reached = set()
    for _ in range(25):
        page.press("Tab", 9)
        reached.add(page.run("document.activeElement.id"))
    for control in ("points-run", "points-x", "points-y", "canvas-points", "individual-address"):
        assert control in reached, f"Tab does not reach {control}: {reached}"


def check(page, server, runs):
    page.open(server.url)
    page.wait("typeof runs !== 'undefined' && runs.length === 4 && curves.lines.length === 4")
    assert page.run(f"{INK}('#canvas-curves')") > 0.005, "no curves"
    page.run("""for (const option of document.getElementById("curve-metrics").options) {
        option.selected = ["fitness_max", "fitness_mean"].includes(option.value); }
        document.getElementById("curve-metrics").dispatchEvent(new Event("change"))""")
    page.wait("curves.lines.length === 8")
    check_exports(page, {".svg", ".png", ".csv"})
    check_names(page)
    check_keyboard(page)
    check_individual_view(page, "0", "atari", [("p1", "p2"), ("b72", "fitness")])
    page.wait("document.querySelector('#film-a video').readyState >= 2")
    assert page.run("document.querySelector('#film-a video').videoWidth") == 640
    check_individual_view(page, "1", "trap", [("b0", "fitness"), ("b0", "b1")])
    assert page.run("points.centres.individual.filter((name) => name.includes('c')).length") >= 4
    page.run("document.getElementById('points-single').click()")
    shown = page.run("points.places.length")
    assert 0 < shown < page.run("points.data.x.length"), "one generation shows all"
    page.run("document.getElementById('points-single').click()")
    check_individual_view(page, "2", "maze", [("b1", "fitness"), ("b0", "b1")])
    assert page.run("points.isFloor() !== null && points.run().floor.segments.length > 5")
    page.run("document.getElementById('play-both').click()")
    check_archive(page, "3")
    check_names(page)
    page.run("document.getElementById('tab-runs').click()")
    page.wait("document.querySelectorAll('#runs-table tbody tr').length === 4")
    check_exports(page, {".svg", ".png", ".csv"})
    # An address that is none.
    page.run("""document.getElementById("individual-address").value = "9.9";
        document.getElementById("individual-form").requestSubmit()""")
    page.wait("document.querySelector('#individual-body [role=alert]')")
    assert "was never tried" in page.run("document.getElementById('individual-body').textContent")


def main():
    dne, chromium = (os.path.abspath(word) for word in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        runs = []
        for name, experiment in (("atari", ATARI), ("trap", TRAP), ("maze", MAZE), ("elites", ELITES)):
            (folder / f"{name}.toml").write_text(experiment)
            subprocess.run([dne, "run", f"{name}.toml", "--out", f"runs/{name}"], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL)
            runs.append(folder / "runs" / name)
        before = [digests(run) for run in runs]
        server, page = Server(dne, runs, folder / "films"), Browser(chromium)
        try:
            check(page, server, runs)
            # A run that goes on: the page follows.
            subprocess.run([dne, "resume", "runs/maze", "--set", "budget.generations=6"], cwd=folder,
                           check=True, stdout=subprocess.DEVNULL)
            page.wait("runs[2].generations === 6")
            page.run("document.getElementById('tab-points').click()")
            page.wait("points.data.finished === 6")
            # The one complaint is the browser's, of the address that was none.
            complaints = [c for c in page.complaints if "422" not in c]
            assert not complaints, complaints
            assert len(page.complaints) == 1, page.complaints
            elsewhere = [url for url in page.requests
                         if not url.startswith((server.url, "data:", "blob:"))]
            assert not elsewhere, elsewhere
        finally:
            page.close()
            server.close()
        assert [digests(run) for run in runs[:2]] == before[:2], "a run was changed"
        films = sorted(path.name for path in (folder / "films").iterdir())
        assert any(name.endswith(".mp4") for name in films), films
        # The same film again, made anew: equal byte for byte.
        again = folder / "again"
        server, page = Server(dne, runs, again), Browser(chromium)
        try:
            page.open(server.url)
            page.wait("typeof runs !== 'undefined' && runs.length === 4")
            page.run("individual.show(0, '1.2')")
            page.wait("individual.data")
            page.run("filmA.show(0, '1.2', 0)")
            film_is_ready(page, "film-a")
            name = next(path for path in again.iterdir() if path.suffix == ".mp4")
            first = name.read_bytes()
            name.unlink()
            name.with_suffix(".json").unlink()
        finally:
            page.close()
            server.close()
        server, page = Server(dne, runs, again), Browser(chromium)
        try:
            page.open(server.url)
            page.wait("typeof runs !== 'undefined' && runs.length === 4")
            page.run("filmA.show(0, '1.2', 0)")
            film_is_ready(page, "film-a")
            assert name.read_bytes() == first, "the same film has other bytes"
        finally:
            page.close()
            server.close()
    print("browser: every view works")


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"{time.monotonic() - began:.0f} s")
