# SPDX-License-Identifier: MIT
"""Trains a policy for an environment of Gymnasium by EvoTorch or evosax: what configs/gymnasium/*-pgpe.toml do by dne.

`evotorch` and `evosax` are PGPE with ClipUp by the settings of those files, as far as the library has them: evosax has no
loop around Gymnasium, so ask and tell stand around episodes that a pool of processes plays with NumPy.
`evotorch_example` has the settings of EvoTorch's own example for the lunar lander (examples/scripts/rl_clipup.py).
The time begins after the first generation, with which libraries start up. The centre is looked at between generations by
20 episodes, outside the time; the best is played for 100 more.
Prints "version PACKAGE VERSION" lines, "look SECONDS STEPS MEAN" lines and "figure NAME NUMBER UNIT" lines: `final`, the
mean of the 100 episodes, and `steps` and `time` of the whole training.

Usage: gymnasium_training.py LIBRARY ENVIRONMENT SEED WORKERS SECONDS STEPS
It ends with the first of the two that is used up.
"""
import dataclasses
import importlib.metadata
import multiprocessing
import sys
import time

import gymnasium
import numpy

LOOKS = 40  # so many at most
LOOK_EPISODES, FINAL_EPISODES = 20, 100
LOOK_SEED, FINAL_SEED = 10**6, 2 * 10**6


@dataclasses.dataclass
class Settings:
    """PGPE with ClipUp."""
    hidden: int  # units of tanh; 0: a linear policy without biases
    population: int
    episodes: int  # of each member
    sigma: float
    learning_rate: float
    max_speed: float
    normalise: bool = False  # observations, where the library can


OURS = {"LunarLander-v3": Settings(16, 64, 2, 0.3, 0.3, 0.6)}
EXAMPLE = Settings(0, 200, 1, 4.5 / 32**0.5, 0.225, 0.3)  # a radius of 4.5 in 32 dimensions


def action_of(outputs, space):
    """What the outputs of a network, float32 [outputs], mean in this space."""
    if isinstance(space, gymnasium.spaces.Discrete):
        return int(outputs.argmax())
    return numpy.clip(outputs, space.low, space.high)


def play(env, policy, seed):
    """An episode's return and steps; policy: outputs of an observation."""
    observation, _ = env.reset(seed=seed)
    total, steps, over = 0.0, 0, False
    while not over:
        action = action_of(policy(observation), env.action_space)
        observation, reward, terminated, truncated, _ = env.step(action)
        total += reward
        steps += 1
        over = terminated or truncated
    return total, steps


def mean_return(env, policy, episodes, seed):
    return sum(play(env, policy, seed + i)[0] for i in range(episodes)) / episodes


def sizes_of(env, settings):
    """Observations, hidden units, outputs."""
    actions = env.action_space
    outputs = actions.n if isinstance(actions, gymnasium.spaces.Discrete) else actions.shape[0]
    return env.observation_space.shape[0], settings.hidden, int(outputs)


def network(numbers, sizes):
    """A policy: two dense layers, tanh between, of float32 [parameters]."""
    inputs, hidden, outputs = sizes
    parts = numpy.split(numbers, numpy.cumsum([inputs * hidden, hidden, hidden * outputs]))
    first, second = parts[0].reshape(hidden, inputs), parts[2].reshape(outputs, hidden)
    return lambda seen: second @ numpy.tanh(first @ seen + parts[1]) + parts[3]


def draw_start(sizes, seed):
    """Where dne's searches begin: N(0, 1 / inputs) weights, a tenth of it in the last layer, biases of 0."""
    inputs, hidden, outputs = sizes
    random = numpy.random.default_rng(seed)
    layers = [random.normal(0, inputs**-0.5, inputs * hidden), numpy.zeros(hidden),
              random.normal(0, 0.1 * hidden**-0.5, hidden * outputs), numpy.zeros(outputs)]
    return numpy.concatenate(layers).astype(numpy.float32)


def train_evotorch(environment, settings, seed, workers):
    """Yields after each generation: the steps so far and the centre's policy."""
    import torch
    from evotorch.algorithms import PGPE
    from evotorch.neuroevolution import GymNE
    start = None
    if settings.hidden:
        start = torch.as_tensor(draw_start(sizes_of(gymnasium.make(environment), settings), seed))
        layers = f"Linear(obs_length, {settings.hidden}) >> Tanh() >> Linear({settings.hidden}, act_length)"
    else:
        layers = "Linear(obs_length, act_length, False)"
    problem = GymNE(environment, layers, num_episodes=settings.episodes, num_actors=workers,
                    observation_normalization=settings.normalise)
    torch.manual_seed(seed)  # of the members; those of its episodes cannot be set
    search = PGPE(problem, popsize=settings.population, center_learning_rate=settings.learning_rate,
                  stdev_learning_rate=0.1, stdev_init=settings.sigma, center_init=start,
                  optimizer="clipup", optimizer_config={"max_speed": settings.max_speed})
    while True:
        search.step()
        policy = problem.to_policy(search.status["center"])
        yield search.status["total_interaction_count"], lambda seen, policy=policy: policy(
            torch.as_tensor(seen)).detach().numpy()


def make_player(environment, settings):
    """In each process of the pool."""
    global env, sizes
    env = gymnasium.make(environment)
    sizes = sizes_of(env, settings)


def play_member(job):
    """Returns and steps, each a list of one number an episode."""
    numbers, seeds = job
    return list(zip(*(play(env, network(numbers, sizes), seed) for seed in seeds)))


def train_evosax(environment, settings, seed, workers):
    """Likewise; the two of a pair and all others play episodes of the same seeds."""
    pool = multiprocessing.Pool(workers, make_player, (environment, settings))  # before JAX has threads
    import jax
    from evosax.algorithms import PGPE
    from evosax.core.optimizer import clipup
    shape = sizes_of(gymnasium.make(environment), settings)
    start = draw_start(shape, seed)
    search = PGPE(settings.population, start, clipup(settings.learning_rate, settings.max_speed))
    params = search.default_params.replace(std_init=settings.sigma)
    key = jax.random.key(seed)
    state = search.init(key, start, params)
    steps = generation = 0
    while True:
        key, of_ask, of_tell = jax.random.split(key, 3)
        members, state = search.ask(of_ask, state, params)
        first = settings.episodes * generation
        seeds = range(first, first + settings.episodes)
        played = pool.map(play_member, [(member, seeds) for member in numpy.asarray(members)])
        fitness = numpy.array([-numpy.mean(returns) for returns, _ in played])  # it minimises
        state, _ = search.tell(of_tell, members, fitness, state, params)
        steps += sum(sum(counts) for _, counts in played)
        generation += 1
        yield steps, network(numpy.asarray(search.get_mean(state)), shape)


def train(library, environment, seed, workers):
    settings = EXAMPLE if library == "evotorch_example" else OURS[environment]
    by = train_evosax if library == "evosax" else train_evotorch
    return by(environment, settings, seed, workers)


def main():
    library, environment = sys.argv[1:3]
    seed, workers, seconds, most = (int(word) for word in sys.argv[3:7])
    for package in ("gymnasium", library.split("_")[0]):
        print("version", package, importlib.metadata.version(package))
    env = gymnasium.make(environment)
    generations = train(library, environment, seed, workers)
    steps, _ = next(generations)
    best, champion, taken, looks = -numpy.inf, None, 0.0, 0
    while taken < seconds and steps < most:
        start = time.perf_counter()
        steps, policy = next(generations)
        taken += time.perf_counter() - start
        if max(taken / seconds, steps / most) < looks / LOOKS:
            continue
        looks += 1
        score = mean_return(env, policy, LOOK_EPISODES, LOOK_SEED + LOOK_EPISODES * looks)
        print(f"look {taken:.1f} {steps} {score:.1f}", flush=True)
        if score > best:
            best, champion = score, policy
    print(f"figure steps {steps} steps")
    print(f"figure time {taken:.1f} s")
    print(f"figure final {mean_return(env, champion, FINAL_EPISODES, FINAL_SEED):.1f} reward", flush=True)


if __name__ == "__main__":
    main()
