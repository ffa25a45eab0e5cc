# SPDX-License-Identifier: MIT
"""Plays dne's Atari episodes again through ale-py, and compares them.

    atari_oracle.py PATH_OF_ATARI_DUMP

Two judges, both independent of dne's code:

1. ale_py driven frame by frame, with the observation computed here in numpy: grey screens from
   ALE, the larger of the last two frames, 84x84 bilinear with aligned corners in exact integers,
   a stack of four. Held byte for byte, with rewards, frames and ends.

2. gymnasium's AtariPreprocessing (frame skip 4, no no-ops of its own). It differs by intent: it
   shrinks with OpenCV's INTER_AREA to uint8, its first observation is one frame instead of the
   larger of two, and it knows no FIRE start. So it is put where dne starts (no-ops and FIRE start
   are played before), then rewards and ends are compared, and its two-frame maximum before the
   shrinking, its `obs_buffer`, with the one of judge 1, byte for byte.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import ale_py
import gymnasium
import numpy as np

GAMES = ["frostbite", "seaquest", "venture", "breakout", "skiing"]
NOOPS = [1, 17]
MAX_STEPS = 3000
SIDE = 84
STACK = 4
FRAME_SKIP = 4
STEP = np.dtype([("action", "<i4"), ("reward", "<f8"), ("frames", "<i4"), ("over", "<i4"),
                 ("observation", "u1", (SIDE, SIDE, STACK))])

ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)


def shrink(grey):
    """Bilinear to 84x84 with aligned corners: exact in 1/83rds along each side, then rounded."""
    height, width = grey.shape
    units = SIDE - 1
    y, v = np.divmod(np.arange(SIDE) * (height - 1), units)
    x, u = np.divmod(np.arange(SIDE) * (width - 1), units)
    padded = np.pad(grey.astype(np.int64), ((0, 1), (0, 1)))
    v = v[:, None]
    top = (units - u) * padded[y][:, x] + u * padded[y][:, x + 1]
    bottom = (units - u) * padded[y + 1][:, x] + u * padded[y + 1][:, x + 1]
    total = (units - v) * top + v * bottom
    return ((2 * total + units * units) // (2 * units * units)).astype(np.uint8)


def new_ale(game):
    ale = ale_py.ALEInterface()
    ale.setInt("random_seed", 0)
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(ale_py.roms.get_rom_path(game))
    return ale


def start_actions(actions, noops):
    """Actions, a frame each, from boot to the first observation."""
    start = [ale_py.Action.NOOP] * noops
    if len(actions) > 2 and actions[1] == ale_py.Action.FIRE:
        start += [actions[1]] * FRAME_SKIP + [actions[2]] * FRAME_SKIP
    return start


class Player:
    """The episode as ale_py plays it."""

    def __init__(self, game, noops):
        self.ale = new_ale(game)
        self.actions = self.ale.getMinimalActionSet()
        self.screens = [self.ale.getScreenGrayscale()] * 2
        for action in start_actions(self.actions, noops):
            self.frame(action)
        self.stack = [shrink(self.largest())] * STACK

    def frame(self, action):
        reward = self.ale.act(action)
        self.screens = [self.screens[1], self.ale.getScreenGrayscale()]
        return reward

    def largest(self):
        return np.maximum(*self.screens)

    def observation(self):
        return np.stack(self.stack, axis=-1)

    def step(self, action):
        reward, frames = 0, 0
        while frames < FRAME_SKIP and not self.ale.game_over():
            reward += self.frame(self.actions[action])
            frames += 1
        self.stack = self.stack[1:] + [shrink(self.largest())]
        return reward, frames, self.ale.game_over()


def gymnasium_at_start(game, noops):
    """AtariPreprocessing over an environment that stands where dne's episode starts."""
    name = "ALE/" + "".join(word.capitalize() for word in game.split("_")) + "-v5"
    inner = gymnasium.make(name, frameskip=1, repeat_action_probability=0.0,
                           max_num_frames_per_episode=0)
    wrapped = gymnasium.wrappers.AtariPreprocessing(inner, noop_max=0, frame_skip=FRAME_SKIP)
    wrapped.reset()
    ale = inner.unwrapped.ale
    # A second reset of one emulator starts with other RAM than the first boot: boot it again.
    ale.setInt("random_seed", 0)
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(ale_py.roms.get_rom_path(game))
    for action in start_actions(ale.getMinimalActionSet(), noops):
        ale.act(action)
    return wrapped


def check(condition, *where):
    if not condition:
        raise AssertionError(" ".join(str(word) for word in where))


def compare(game, noops, first, steps):
    player = Player(game, noops)
    wrapped = gymnasium_at_start(game, noops)
    check(np.array_equal(player.observation(), first), game, noops, "first observation")
    for number, ours in enumerate(steps):
        where = (game, "noops", noops, "step", number)
        reward, frames, over = player.step(ours["action"])
        check(reward == ours["reward"], *where, "reward", ours["reward"], "theirs", reward)
        check(frames == ours["frames"], *where, "frames", ours["frames"], "theirs", frames)
        check(over == bool(ours["over"]), *where, "over", ours["over"], "theirs", over)
        check(np.array_equal(player.observation(), ours["observation"]), *where, "observation")

        _, reward, terminated, truncated, _ = wrapped.step(ours["action"])
        check(reward == ours["reward"], *where, "gymnasium's reward", reward)
        check((terminated or truncated) == over, *where, "gymnasium's end")
        if not over:  # after an early end it keeps older frames
            check(np.array_equal(wrapped.obs_buffer[0], player.largest()), *where,
                  "gymnasium's maximum")


def play_ours(atari_dump, game, noops, folder):
    path = Path(folder) / f"{game}-{noops}.bin"
    subprocess.run([atari_dump, game, str(noops), str(MAX_STEPS), path], check=True)
    data = path.read_bytes()
    first = np.frombuffer(data, np.uint8, SIDE * SIDE * STACK).reshape(SIDE, SIDE, STACK)
    return first, np.frombuffer(data, STEP, offset=first.size)


def main():
    atari_dump = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        for game in GAMES:
            for noops in NOOPS:
                first, steps = play_ours(atari_dump, game, noops, folder)
                check(len(steps) > 100, game, "too short:", len(steps))
                compare(game, noops, first, steps)
                print(game, "noops", noops, "equal:", len(steps), "steps, score",
                      steps["reward"].sum(), "game over" if steps["over"][-1] else "cut off")


if __name__ == "__main__":
    main()
