#!/usr/bin/env python3
"""Simulates generations on many workers, to find out when rank 0 cannot keep up with them.

What rank 0 spends is measured:
    mpirun -n 2 dne bench cluster --threads 4 --json two.json
    mpirun -n 8 dne bench cluster --threads 4 --json eight.json
    python3 bench/cluster_saturation.py two.json eight.json docs/results/frostbite-ga-s1/run.sqlite
Episodes are as long as those of the run's training, at --steps-per-second a worker. Every worker, a rank of
one thread, has an episode in work and one ahead. Rank 0 sends the plan to one rank after the other and takes in
one result after the other; each costs the measured processor time and the measured bytes on its network.
"""
import argparse
import collections
import heapq
import json
import random
import sqlite3


def measured(path, start):
    """A row's median."""
    for row in json.load(open(path))["rows"]:
        if row["measure"].startswith(start):
            return row["median"]
    raise SystemExit(f"{path} has no row '{start}': make it with dne bench cluster --json")


def others(path):
    """Ranks beside rank 0."""
    return int(json.load(open(path))["rows"][0]["environment"].split()[0]) - 1


def generation(workers, episodes, lengths, plan_seconds, result_seconds):
    """How long it takes, and the workers' share of that in episodes."""
    draw = random.Random(1)
    left = episodes
    ahead = [0] * workers
    running = [False] * workers
    results = []  # (when it ended, worker)
    busy = 0.0

    def begin(worker, now):
        nonlocal busy
        length = draw.choice(lengths)
        busy += length
        running[worker] = True
        heapq.heappush(results, (now + length, worker))

    rank0 = 0.0  # when it is free
    for worker in range(workers):
        rank0 += plan_seconds
        if left > 0:
            left -= 1
            begin(worker, rank0)
    for worker in range(workers):
        if left > 0:
            left -= 1
            ahead[worker] += 1
    waiting = collections.deque()  # results that rank 0 has not taken in
    while results or waiting:
        # The worker goes on by itself with what it has ahead ...
        while results and (not waiting or results[0][0] <= max(rank0, waiting[0][0])):
            now, worker = heapq.heappop(results)
            running[worker] = False
            waiting.append((now, worker))
            if ahead[worker] > 0:
                ahead[worker] -= 1
                begin(worker, now)
        # ... and gets more once rank 0 has heard of it.
        now, worker = waiting.popleft()
        rank0 = max(rank0, now) + result_seconds
        if left > 0:
            left -= 1
            if running[worker]:
                ahead[worker] += 1
            else:
                begin(worker, rank0)
    return rank0, busy / (workers * rank0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("few", help="JSON of dne bench cluster on few ranks")
    parser.add_argument("more", help="the same on more ranks")
    parser.add_argument("run", help="run.sqlite that has the lengths of episodes")
    parser.add_argument("--steps-per-second", type=float, default=771, help="of a worker (771)")
    parser.add_argument("--bandwidth", type=float, default=1.25e9, help="bytes a second of rank 0's network (1.25e9)")
    parser.add_argument("--episodes", type=int, default=5, help="of a worker in a generation (5)")
    parser.add_argument("--workers", type=int, nargs="+", default=[100, 1_000, 10_000, 30_000, 100_000, 300_000])
    words = parser.parse_args()

    steps = [row[0] for row in sqlite3.connect(f"file:{words.run}?mode=ro", uri=True).execute(
        "SELECT steps FROM episode WHERE round = 'train'")]
    lengths = [count / words.steps_per_second for count in steps]
    more = others(words.more) - others(words.few)
    plan = measured(words.more, "a plan: rank 0's time") - measured(words.few, "a plan: rank 0's time")
    plan_seconds = max(0.0, 1e-6 * plan / more) + measured(words.more, "a plan: bytes") / words.bandwidth
    result_seconds = (1e-6 * measured(words.more, "episodes of 1 ms: rank 0's time") +
                      measured(words.more, "episodes of 1 ms: bytes") / words.bandwidth)
    mean = sum(lengths) / len(lengths)
    print(f"{len(lengths)} episodes, mean {mean:.2f} s, longest {max(lengths):.2f} s; rank 0: "
          f"{1e6 * plan_seconds:.1f} us a rank and plan, {1e6 * result_seconds:.1f} us a result")
    print(f"{'workers':>9} {'seconds':>9} {'in episodes':>12} {'if rank 0 cost nothing':>23} {'ratio':>7}")
    for workers in words.workers:
        count = workers * words.episodes
        seconds, share = generation(workers, count, lengths, plan_seconds, result_seconds)
        _, free = generation(workers, count, lengths, 0.0, 0.0)
        print(f"{workers:>9} {seconds:>9.1f} {100 * share:>10.1f} % {100 * free:>21.1f} % {share / free:>7.3f}")


if __name__ == "__main__":
    main()
