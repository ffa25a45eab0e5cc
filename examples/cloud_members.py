#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Members of an evolution strategy's clouds as CSV, one line an episode, from a run's database.

    examples/cloud_members.py RUN [GENERATION]

Needs nothing but Python. docs/formats-store.md has the format.
"""
import csv
import sqlite3
import struct
import sys
import zlib

TRIAL = ["individual_generation", "individual_item", "parent_generation", "parent_item",
         "sigma", "fitness", "steps", "frames", "episodes"]
EPISODE = ["noops", "seed", "draws", "score", "steps", "frames", "ending", "descriptor_bytes"]


def read_column(data, at, count):
    """A list of unsigned 64-bit numbers, and where the next column begins."""
    planes, at = data[at] | 1, at + 1
    values = [0] * count
    for plane in range(8):
        if planes >> plane & 1:
            for i in range(count):
                values[i] |= data[at + i] << 8 * plane
            at += count
    for i in range(1, count):
        values[i] = (values[i] + values[i - 1]) % 2**64
    return values, at


def read_columns(data, at, names, count):
    columns = {}
    for name in names:
        columns[name], at = read_column(data, at, count)
    return columns, at


def bits_to_float(bits):
    return struct.unpack("<d", struct.pack("<Q", bits % 2**64))[0]


def unpack(data, members):
    """Yields for each episode of each member (member from 0, fitness, seed, draws, score, steps)."""
    data = zlib.decompress(data)
    trials, at = read_columns(data, 0, TRIAL, members)
    episodes, at = read_columns(data, at, EPISODE, sum(trials["episodes"]))
    e = 0
    for member in range(members):
        first = episodes["score"][e] if trials["episodes"][member] > 0 else 0
        fitness = bits_to_float(trials["fitness"][member] + first)
        for _ in range(trials["episodes"][member]):
            yield (member, fitness, episodes["seed"][e], episodes["draws"][e],
                   bits_to_float(episodes["score"][e]), episodes["steps"][e])
            e += 1


def main():
    run = sqlite3.connect(f"file:{sys.argv[1]}/run.sqlite?mode=ro", uri=True)
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else None
    table = csv.writer(sys.stdout)
    table.writerow(["generation", "round", "index", "fitness", "seed", "draws", "score", "steps"])
    clouds = run.execute("SELECT generation, round, idx, members, data FROM cloud "
                         "WHERE ?1 IS NULL OR generation = ?1 ORDER BY 1, 2, 3", (wanted,))
    for generation, round_name, first, members, data in clouds:
        for member, *values in unpack(data, members):
            table.writerow([generation, round_name, first + member, *values])


if __name__ == "__main__":
    main()
