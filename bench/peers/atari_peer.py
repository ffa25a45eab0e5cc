# SPDX-License-Identifier: MIT
"""What the scripts about Atari share: the clock, rates, and EnvPool's games."""
import statistics
import time

REPEATS = 3
WARMUP_SHARE = 1 / 6  # of a repeat


def clock_of(word, threads):
    """wall: seconds that pass; cpu: the process's processor time, as if its threads had shared it evenly."""
    return {"wall": time.perf_counter, "cpu": lambda: time.process_time() / threads}[word]


def rate(step, items, seconds, clock):
    """Items a second, the median of the repeats."""
    rates = []
    for limit in [seconds * WARMUP_SHARE] + [seconds] * REPEATS:
        count, start = 0, clock()
        while clock() - start < limit:
            step()
            count += items
        rates.append(count / (clock() - start))
    return statistics.median(rates[1:])


def envpool_games(game, games, threads):
    """EnvPool's games in lockstep: 84x84 grey, skip 4, stack 4, all 18 actions."""
    import envpool
    title = "".join(word.capitalize() for word in game.split("_"))
    return envpool.make(f"{title}-v5", env_type="gymnasium", num_envs=games, num_threads=threads,
                        seed=1, full_action_space=True, use_fire_reset=False)
