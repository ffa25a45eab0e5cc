# SPDX-License-Identifier: MIT
"""A generation of an evolution strategy as it is usually written in NumPy (1703.03864).

Antithetic pairs take their noise from one shared table, a random slice each; centred ranks; the
gradient is the weighted sum of the slices; Adam. Fitness is minus the sum of the squares. Threads
of this process share the pairs, then the parameters; NumPy lets them run side by side. All buffers
are made once, and no array of the whole population exists. Prints "version PACKAGE VERSION" and
"figure NAME NUMBER UNIT" lines: `generation`, of which `members` perturbs and scores and `update`
is the rest, and `memory`, what table and buffers added to the process at its most.

Usage: es_numpy.py PARAMETERS MEMBERS THREADS SECONDS CLOCK
CLOCK: wall, or cpu: the process's processor time, as if its threads had shared it evenly.
"""
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # the threads are ours
import numpy

REPEATS = 3
WARMUP_SHARE = 1 / 6  # of a repeat
TABLE = 25_000_000    # as in the released code: 100 MB
SIGMA, LEARNING_RATE, BETA1, BETA2, EPSILON, DECAY = 0.02, 0.01, 0.9, 0.999, 1e-8, 0.005
BLOCK = 16_384  # parameters that are updated at a time: they stay in the cache


class Strategy:
    def __init__(self, parameters, members, threads):
        self.threads, self.pairs = threads, members // 2
        self.pool = ThreadPoolExecutor(threads)
        self.random = numpy.random.default_rng(1)
        self.table = self.random.standard_normal(TABLE, numpy.float32)
        self.centre = numpy.full(parameters, 0.1, numpy.float32)
        self.momentum = numpy.zeros(parameters, numpy.float32)
        self.squares = numpy.zeros(parameters, numpy.float32)
        self.noise = numpy.empty((threads, parameters), numpy.float32)
        self.member = numpy.empty((threads, parameters), numpy.float32)
        self.slices = numpy.empty((threads, self.pairs, BLOCK), numpy.float32)
        self.fitness = numpy.empty((self.pairs, 2))
        self.generation = 0

    def run_on_threads(self, work):
        if self.threads == 1:
            work(0)
        else:
            list(self.pool.map(work, range(self.threads)))

    def score(self, thread):
        """This thread's share of the pairs."""
        size, sigma = len(self.centre), numpy.float32(SIGMA)
        noise, member = self.noise[thread], self.member[thread]
        for pair in range(thread, self.pairs, self.threads):
            start = self.starts[pair]
            numpy.multiply(self.table[start:start + size], sigma, out=noise)
            numpy.add(self.centre, noise, out=member)
            self.fitness[pair, 0] = -(member @ member)
            numpy.subtract(self.centre, noise, out=member)
            self.fitness[pair, 1] = -(member @ member)

    def move(self, thread):
        """This thread's share of the blocks of parameters."""
        rate = LEARNING_RATE * (1 - BETA2**self.generation)**0.5 / (1 - BETA1**self.generation)
        for first in range(thread * BLOCK, len(self.centre), self.threads * BLOCK):
            last = min(first + BLOCK, len(self.centre))
            slices = self.slices[thread, :, :last - first]
            for pair, start in enumerate(self.starts):
                slices[pair] = self.table[start + first:start + last]
            gradient = self.weights @ slices
            centre = self.centre[first:last]
            momentum, squares = self.momentum[first:last], self.squares[first:last]
            gradient -= numpy.float32(DECAY) * centre
            momentum *= numpy.float32(BETA1)
            momentum += numpy.float32(1 - BETA1) * gradient
            squares *= numpy.float32(BETA2)
            squares += numpy.float32(1 - BETA2) * gradient * gradient
            centre += numpy.float32(rate) * momentum / (numpy.sqrt(squares) +
                                                        numpy.float32(EPSILON))

    def perturb_and_score(self):
        self.starts = self.random.integers(0, TABLE - len(self.centre) + 1, self.pairs).tolist()
        self.run_on_threads(self.score)

    def update(self):
        self.generation += 1
        members = 2 * self.pairs
        ranks = numpy.empty(members)
        ranks[self.fitness.ravel().argsort()] = numpy.arange(members)
        ranks = (ranks / (members - 1) - 0.5).reshape(-1, 2)
        self.weights = ((ranks[:, 0] - ranks[:, 1]) / members).astype(numpy.float32)
        self.run_on_threads(self.move)


def megabytes(name):
    """VmRSS or VmHWM of this process."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0


def measure(strategy, seconds, clock):
    """Milliseconds of the parts of a generation, the mean over those of one repeat."""
    members = update = count = 0
    while members + update < seconds:
        times = [clock()]
        for part in (strategy.perturb_and_score, strategy.update):
            part()
            times.append(clock())
        members += times[1] - times[0]
        update += times[2] - times[1]
        count += 1
    return {"generation": 1000 * (members + update) / count, "members": 1000 * members / count,
            "update": 1000 * update / count}


def check(strategy):
    """The first step leads towards the origin, as far as so few members can tell."""
    start = strategy.centre.copy()
    strategy.perturb_and_score()
    strategy.update()
    if not (strategy.centre - start) @ start < 0:
        sys.exit("the update leads nowhere")


def main():
    parameters, members, threads = map(int, sys.argv[1:4])
    seconds = float(sys.argv[4])
    def processor_time():
        return time.process_time() / threads
    clock = processor_time if sys.argv[5] == "cpu" else time.perf_counter
    print("version", "numpy", numpy.__version__, flush=True)

    before = megabytes("VmRSS")
    strategy = Strategy(parameters, members, threads)
    check(strategy)
    measure(strategy, seconds * WARMUP_SHARE, clock)
    repeats = [measure(strategy, seconds, clock) for _ in range(REPEATS)]
    for name in repeats[0]:
        print(f"figure {name} {statistics.median(r[name] for r in repeats):.6g} ms")
    print(f"figure memory {megabytes('VmHWM') - before:.6g} MB")


main()
