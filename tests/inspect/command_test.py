# SPDX-License-Identifier: MIT
"""dne inspect from outside, without a browser: its words, read-only folders, runs that name a
program, runs that are killed.

Usage: command_test.py DNE SOURCE
"""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

DNE, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
ALGORITHM = """[[network.layers]]
type = "dense"
units = 6
[algorithm]
type = "ga"
population_size = 12
num_parents = 4
num_candidates = 2
validation_episodes = 2
test_episodes = 0
sigma = 0.1
max_episode_steps = 30
[budget]
generations = 3
"""
POLE = 'seed = 4\n[task]\ntype = "classic"\nenvironment = "Pendulum-v1"\n' + ALGORITHM
POINT = 'seed = 4\n[task]\ntype = "mujoco"\nenvironment = "point"\n' + ALGORITHM
PROGRAM = 'seed = 4\n[task]\ntype = "process"\ncommand = ["python3", "environment.py"]\n' + ALGORITHM
VERSION = subprocess.run([DNE, "version"], check=True, stdout=subprocess.PIPE, text=True).stdout


def may_run(user):
    try:
        return subprocess.run([DNE, "version"], user=user, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0
    except PermissionError:
        return False


class Server:
    def __init__(self, *words, folder, user=None, env=None):
        self.process = subprocess.Popen([DNE, "inspect", *map(str, words)], cwd=folder, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, user=user,
                                        env=env)
        line = self.process.stdout.readline()
        match = re.search(r"http://([\d.]+):(\d+)/(\w*)", line)
        assert match, line + self.process.stderr.read()
        self.address, self.port, self.token = match[1], int(match[2]), match[3]

    def get(self, path, **query):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        words = "&".join(f"{key}={value}" for key, value in query.items())
        start = f"/{self.token}/" if self.token else "/"
        connection.request("GET", start + path + ("?" + words if words else ""))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def film(self, individual):
        """The answer that says that it is ready, or failed."""
        for _ in range(600):
            status, answer = self.get("api/film", run=0, individual=individual, episode=0)
            assert status == 200, answer
            if answer["stage"] in ("ready", "failed"):
                return answer
            time.sleep(0.1)
        raise AssertionError("no film")

    def close(self):
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, err

    def end(self):
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate()


class Inspect(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "pole.toml").write_text(POLE)
        self.run_dne("run", "pole.toml", "--out", "run")

    def run_dne(self, *words):
        subprocess.run([DNE, *words], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def serve(self, *words, **circumstances):
        server = Server(*words, "--cache", "films", folder=self.folder, **circumstances)
        self.addCleanup(server.end)
        return server

    def refused(self, *words, env=None):
        done = subprocess.run([DNE, "inspect", *words], cwd=self.folder, text=True, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        return done.returncode, done.stderr

    def test_says_what_is_wrong_with_its_words(self):
        code, text = self.refused("nothing")
        self.assertEqual(code, 1)
        self.assertIn("no run in nothing", text)
        code, text = self.refused("run", "--port", "70000")
        self.assertEqual(code, 2)
        code, text = self.refused("run", "--cache", "pole.toml/films")
        self.assertEqual(code, 1)
        self.assertIn("name another one (--cache DIR)", text)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            code, text = self.refused("run", "--port", port, "--cache", "films")
        self.assertEqual(code, 1)
        self.assertIn(f"cannot listen on 127.0.0.1, port {port}", text)
        code, text = self.refused("run", env={"PATH": os.environ["PATH"]})
        self.assertEqual(code, 1)
        self.assertIn("name a folder (--cache DIR)", text)

    def test_keeps_films_in_the_home_folder_of_caches(self):
        for name, value, films in (("XDG_CACHE_HOME", self.folder / "xdg", "xdg/dne/films"),
                                   ("HOME", self.folder / "home", "home/.cache/dne/films")):
            env = {"PATH": os.environ["PATH"], name: str(value)}
            process = subprocess.Popen([DNE, "inspect", "run"], cwd=self.folder, env=env,
                                       stdout=subprocess.PIPE, text=True)
            process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
            self.assertEqual(process.returncode, 0)
            self.assertTrue((self.folder / films).is_dir())

    def test_ends_by_ctrl_c_with_nothing_to_complain_about(self):
        server = self.serve("run")
        self.assertEqual(server.get("api/runs")[0], 200)
        self.assertEqual(server.close(), (0, ""))

    def test_asks_for_a_token_where_others_reach_it(self):
        server = self.serve("run", "--address", "0.0.0.0")
        self.assertEqual(len(server.token), 32)
        self.assertEqual(server.get("api/runs")[0], 200)
        token, server.token = server.token, ""
        self.assertEqual(server.get("api/runs")[0], 403)
        again = self.serve("run", "--address", "0.0.0.0")
        self.assertNotEqual(again.token, token)

    def test_shows_a_read_only_run(self):
        run = self.folder / "run"
        self.serve("run").close()
        for path in run.iterdir():
            if path.name.endswith(("-wal", "-shm")):
                path.unlink()
            else:
                path.chmod(0o444)
        before = {path.name: path.read_bytes() for path in run.iterdir()}
        run.chmod(0o555)
        self.addCleanup(run.chmod, 0o755)
        # The superuser may write everywhere: as a user who owns nothing, then.
        user = 65534 if os.geteuid() == 0 else None
        if user and not may_run(user):
            self.skipTest("user 65534 may not read the folder of the program")
        self.folder.chmod(0o755)
        (self.folder / "films").chmod(0o777)
        server = self.serve("run", user=user)
        status, shown = server.get("api/individual", run=0, individual="2.3")
        self.assertEqual(status, 200)
        film = server.film("2.3")
        self.assertEqual(film["stage"], "ready")
        self.assertTrue(film["film"]["matches"])
        self.assertEqual(len(film["film"]["places"]), shown["episodes"][0]["steps"] + 1)
        server.close()
        self.assertEqual({path.name: path.read_bytes() for path in run.iterdir()}, before)

    def test_starts_a_run_s_program_only_when_it_may(self):
        shutil.copy(SOURCE / "interfaces" / "dne_environment.py", self.folder)
        shutil.copy(SOURCE / "examples" / "process_environment.py", self.folder / "environment.py")
        (self.folder / "own.toml").write_text(PROGRAM)
        self.run_dne("run", "own.toml", "--out", "own")
        server = self.serve("own")
        self.assertEqual(server.get("api/individual", run=0, individual="1.2")[0], 200)
        self.assertEqual(server.get("api/points", run=0, round="train", x="b0", y="fitness")[0], 200)
        film = server.film("1.2")
        self.assertEqual(film["stage"], "failed")
        self.assertIn("--allow-command", film["error"])
        server.close()
        film = self.serve("own", "--allow-command").film("1.2")
        self.assertEqual(film["stage"], "ready", film)
        self.assertTrue(film["film"]["matches"])

    @unittest.skipUnless("mujoco on" in VERSION, "this dne has no bodies")
    def test_shows_a_body_s_way_where_bodies_cannot_be_drawn(self):
        (self.folder / "point.toml").write_text(POINT)
        self.run_dne("run", "point.toml", "--out", "point")
        (self.folder / "no" / "libOSMesa.so.8").mkdir(parents=True)
        missing = dict(os.environ, LD_LIBRARY_PATH=str(self.folder / "no"))
        server = self.serve("point", env=missing)
        film = server.film("2.3")
        self.assertEqual((film["stage"], film["video"]), ("ready", None), film)
        self.assertIn("install it (Debian: libosmesa6)", film["film"]["why_no_video"])
        self.assertTrue(film["film"]["matches"])
        self.assertEqual(len(film["film"]["places"]), 31)
        server.close()
        self.assertEqual(list((self.folder / "films").iterdir()), [])

    def test_follows_a_run_that_is_killed(self):
        words = [DNE, "run", "pole.toml", "--out", "long", "--set", "budget.generations=100000"]
        run = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL)
        while not (self.folder / "long" / "run.sqlite").exists():
            time.sleep(0.02)
        server = self.serve("long")

        def generations():
            status, runs = server.get("api/runs")
            self.assertEqual(status, 200, runs)
            return runs[0]["generations"]

        while generations() < 3:
            time.sleep(0.05)
        run.kill()
        run.wait()
        seen = generations()
        self.assertEqual(server.get("api/points", run=0, round="train", x="b0", y="fitness")[0], 200)
        self.run_dne("resume", "long", "--set", f"budget.generations={seen + 5}")
        self.assertEqual(generations(), seen + 5)
        status, points = server.get("api/points", run=0, round="train", x="b0", y="fitness")
        self.assertEqual(points["finished"], seen + 5)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
