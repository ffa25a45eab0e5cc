# SPDX-License-Identifier: MIT
"""Drives the robots of dne's mazes again, and compares.

    maze_oracle.py PATH_OF_MAZE_DUMP

The published simulator written once more with NumPy's single precision: every step's observation,
place and heading must have the same bits. Sines of single precision come from the C library that is
loaded first, which is dne's (LD_PRELOAD).
"""

import ctypes
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

MAZES = ["hard", "medium"]
SEEDS = range(12)
STEPS = 400
PI = 3.1415926
F = np.float32
ANGLES = [-90, -45, 0, 45, 90, -180]
QUARTERS = [(315, 405), (45, 135), (135, 225), (225, 315)]

LIBRARY = ctypes.CDLL(None)


def single(name):
    function = getattr(LIBRARY, name)
    function.restype = ctypes.c_float
    function.argtypes = [ctypes.c_float]
    return lambda x: F(function(ctypes.c_float(float(x))))


sinf, cosf, atanf = single("sinf"), single("cosf"), single("atanf")


def radians(degrees):
    return float(degrees) / 180.0 * PI


def rotate(point, degrees, about):
    turn = F(radians(degrees))
    x, y = point[0] - about[0], point[1] - about[1]
    cosine, sine = cosf(turn), sinf(turn)
    return (cosine * x - sine * y + about[0], sine * x + cosine * y + about[1])


def distance(p, q):
    x, y = q[0] - p[0], q[1] - p[1]
    return np.sqrt(x * x + y * y)


def wall_distance(wall, p):
    a, b = wall
    along = (p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])
    length = distance(a, b)
    share = along / (length * length)
    if share < 0 or share > 1:
        return min(distance(a, p), distance(b, p))
    return distance((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])), p)


def meeting(wall, c, d):
    """Where a wall meets the way from c to d, or None."""
    a, b = wall
    bottom = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
    if bottom == 0:
        return None
    r = ((a[1] - c[1]) * (d[0] - c[0]) - (a[0] - c[0]) * (d[1] - c[1])) / bottom
    s = ((a[1] - c[1]) * (b[0] - a[0]) - (a[0] - c[0]) * (b[1] - a[1])) / bottom
    if 0 < r < 1 and 0 < s < 1:
        return (a[0] + r * (b[0] - a[0]), a[1] + r * (b[1] - a[1]))
    return None


def limited(value, most):
    return max(min(value, F(most)), F(-most))


class Robot:
    def __init__(self, walls, start, heading, goal):
        self.walls, self.place, self.heading, self.goal = walls, start, heading, goal
        self.speed = self.turning = F(0)

    def step(self, turn, drive):
        self.turning = self.changed(self.turning, turn)
        self.speed = self.changed(self.speed, drive)
        way = radians(self.heading)
        x = F(math.cos(way) * float(self.speed))
        y = F(math.sin(way) * float(self.speed))
        self.heading = self.heading + self.turning
        if self.heading > 360:
            self.heading -= F(360)
        if self.heading < 0:
            self.heading += F(360)
        there = (x + self.place[0], y + self.place[1])
        if all(wall_distance(wall, there) >= 8 for wall in self.walls):
            self.place = there

    @staticmethod
    def changed(now, output):
        wanted = F((float(min(max(output, F(0)), F(1))) - 0.5) * 6.0)
        return limited(now + limited(wanted - now, 0.2), 3)

    def senses(self):
        radar = [0, 0, 0, 0]
        goal = rotate(self.goal, -self.heading, self.place)
        angle = self.angle(goal[0] - self.place[0], goal[1] - self.place[1])
        for i, (low, high) in enumerate(QUARTERS):
            if low <= angle < high or low <= angle + 360 < high:
                radar[i] = 1
        return [1] + [self.range_at(angle) / F(100) for angle in ANGLES] + radar

    def range_at(self, degrees):
        turn = float(F(radians(degrees)))
        reach = (F(math.cos(turn)) * F(100), F(math.sin(turn)) * F(100))
        end = (self.place[0] + reach[0], self.place[1] + reach[1])
        end = rotate(end, self.heading, self.place)
        met = (meeting(wall, self.place, end) for wall in self.walls)
        return min([F(100)] + [distance(point, self.place) for point in met if point])

    @staticmethod
    def angle(x, y):
        if x == 0:
            return 90.0 if y > 0 else 270.0
        angle = float(F(float(atanf(y / x)) / PI * 180.0))
        return angle if x > 0 else float(F(angle + 180.0))


def check(ours, theirs, *where):
    if np.array(ours, F).tobytes() != np.array(theirs, F).tobytes():
        raise AssertionError(" ".join(map(str, where)) + f": {list(ours)}, here {theirs}")


def compare(dump, maze, seed, folder):
    path = Path(folder) / "episode.bin"
    subprocess.run([dump, maze, str(seed), path], check=True)
    numbers = iter(np.fromfile(path, "<f4"))

    def take(count):
        return [next(numbers) for _ in range(count)]

    walls = [((a, b), (c, d)) for a, b, c, d in (take(4) for _ in range(int(next(numbers))))]
    robot = Robot(walls, tuple(take(2)), next(numbers), tuple(take(2)))
    check(take(11), robot.senses(), maze, seed, "start")
    for step in range(STEPS):
        robot.step(*take(2))
        check(take(11), robot.senses(), maze, seed, step)
        check(take(3), [*robot.place, robot.heading], maze, seed, step)
    assert next(numbers, None) is None
    return distance(robot.place, robot.goal)


def main():
    with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
        for maze in MAZES:
            ends = [float(compare(sys.argv[1], maze, seed, folder)) for seed in SEEDS]
            print(f"{maze}: {len(ends)} drives of {STEPS} steps, same bits; from the goal "
                  f"{min(ends):.0f} to {max(ends):.0f}")


if __name__ == "__main__":
    main()
