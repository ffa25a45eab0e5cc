# SPDX-License-Identifier: MIT
"""Trains a policy for an environment of Gymnasium by EvoTorch or evosax: what configs/gymnasium/*-pgpe.toml do by dne.

`evotorch` and `evosax` are PGPE with ClipUp by the settings of those files as far as the library has them, which is without
schedules, weight decay and shorter episodes at first. evosax has no loop around Gymnasium, so ask and tell stand around
episodes that a pool of processes plays with NumPy, which normalises observations as well.
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
    hidden: int  # units of tanh; 0: a linear policy
    population: int
    episodes: int  # of each member
    sigma: float
    learning_rate: float
    max_speed: float
    sigma_learning_rate: float = 0.1
    normalise: bool = False  # observations, by their running mean and deviation
    output_scale: float = 0.1  # of the last layer's first weights
    biases: bool = True


OURS = {"LunarLander-v3": Settings(16, 64, 2, 0.3, 0.3, 0.6),
        "BipedalWalker-v3": Settings(0, 40, 1, 0.2, 0.15, 0.3, 0.5, normalise=True, output_scale=0)}
EXAMPLE = Settings(0, 200, 1, 4.5 / 32**0.5, 0.225, 0.3, biases=False)  # a radius of 4.5 in 32 dimensions


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


def shapes_of(env, settings):
    """The weights of each dense layer: outputs, inputs."""
    actions = env.action_space
    outputs = int(actions.n) if isinstance(actions, gymnasium.spaces.Discrete) else actions.shape[0]
    inputs = env.observation_space.shape[0]
    hidden = settings.hidden
    return [(hidden, inputs), (outputs, hidden)] if hidden else [(outputs, inputs)]


def network(numbers, shapes):
    """A policy: dense layers, tanh between, of float32 [parameters]."""
    layers = []
    for outputs, inputs in shapes:
        weights, biases, numbers = numpy.split(numbers, [outputs * inputs, outputs * (inputs + 1)])
        layers.append((weights.reshape(outputs, inputs), biases))

    def outputs_of(seen):
        for weights, biases in layers[:-1]:
            seen = numpy.tanh(weights @ seen + biases)
        weights, biases = layers[-1]
        return weights @ seen + biases

    return outputs_of


def draw_start(shapes, settings, seed):
    """Where dne's searches begin: N(0, 1 / inputs) weights, the last layer's scaled, biases of 0."""
    random = numpy.random.default_rng(seed)
    numbers = []
    for i, (outputs, inputs) in enumerate(shapes):
        scale = settings.output_scale if i == len(shapes) - 1 else 1
        numbers += [random.normal(0, scale * inputs**-0.5, outputs * inputs), numpy.zeros(outputs)]
    return numpy.concatenate(numbers).astype(numpy.float32)


class Normaliser:
    """The running mean and deviation of observations; float64 sums and sums of squares."""

    def __init__(self, size):
        self.count, self.sums = 0, numpy.zeros((2, size))

    def add(self, count, sums):
        self.count += count
        self.sums += sums

    def mean_and_scale(self):
        if not self.count:
            return 0.0, 1.0
        mean, square = self.sums / self.count
        return mean, 1 / numpy.maximum(numpy.sqrt(numpy.maximum(square - mean**2, 0)), 1e-3)

    def before(self, policy, mean, scale):
        """The policy on normalised observations, all of which are counted here."""
        def outputs_of(seen):
            self.add(1, (seen, seen.astype(float)**2))
            return policy((seen - mean) * scale)
        return outputs_of


def train_evotorch(environment, settings, seed, workers):
    """Yields after each generation: the steps so far and the centre's policy."""
    import torch
    from evotorch.algorithms import PGPE
    from evotorch.neuroevolution import GymNE
    start = None
    if settings.biases:
        shapes = shapes_of(gymnasium.make(environment), settings)
        start = torch.as_tensor(draw_start(shapes, settings, seed))
    if settings.hidden:
        layers = f"Linear(obs_length, {settings.hidden}) >> Tanh() >> Linear({settings.hidden}, act_length)"
    else:
        layers = f"Linear(obs_length, act_length, {settings.biases})"
    problem = GymNE(environment, layers, num_episodes=settings.episodes, num_actors=workers,
                    observation_normalization=settings.normalise)
    torch.manual_seed(seed)  # of the members; those of its episodes cannot be set
    search = PGPE(problem, popsize=settings.population, center_learning_rate=settings.learning_rate,
                  stdev_learning_rate=settings.sigma_learning_rate, stdev_init=settings.sigma, center_init=start,
                  optimizer="clipup", optimizer_config={"max_speed": settings.max_speed})
    while True:
        search.step()
        policy = problem.to_policy(search.status["center"])
        yield search.status["total_interaction_count"], lambda seen, policy=policy: policy(
            torch.as_tensor(seen)).detach().numpy()


def make_player(environment, settings):
    """In each process of the pool."""
    global env, shapes
    env = gymnasium.make(environment)
    shapes = shapes_of(env, settings)


def play_member(job):
    """Returns and steps, each a list of one number an episode; what was seen, where observations are normalised."""
    numbers, seeds, mean_and_scale = job
    policy, seen = network(numbers, shapes), None
    if mean_and_scale:
        seen = Normaliser(shapes[0][1])
        policy = seen.before(policy, *mean_and_scale)
    returns, steps = zip(*(play(env, policy, seed) for seed in seeds))
    return returns, steps, seen


def train_evosax(environment, settings, seed, workers):
    """Likewise; the two of a pair and all others play episodes of the same seeds."""
    pool = multiprocessing.Pool(workers, make_player, (environment, settings))  # before JAX has threads
    import jax
    from evosax.algorithms import PGPE
    from evosax.core.optimizer import clipup
    shapes = shapes_of(gymnasium.make(environment), settings)
    start = draw_start(shapes, settings, seed)
    search = PGPE(settings.population, start, clipup(settings.learning_rate, settings.max_speed))
    params = search.default_params.replace(std_init=settings.sigma, std_lr=settings.sigma_learning_rate)
    key = jax.random.key(seed)
    state = search.init(key, start, params)
    normaliser = Normaliser(shapes[0][1]) if settings.normalise else None
    steps = generation = 0
    while True:
        key, of_ask, of_tell = jax.random.split(key, 3)
        members, state = search.ask(of_ask, state, params)
        first = settings.episodes * generation
        seeds = range(first, first + settings.episodes)
        normal = normaliser.mean_and_scale() if normaliser else None
        played = pool.map(play_member, [(member, seeds, normal) for member in numpy.asarray(members)])
        fitness = numpy.array([-numpy.mean(returns) for returns, _, _ in played])  # it minimises
        state, _ = search.tell(of_tell, members, fitness, state, params)
        steps += sum(sum(counts) for _, counts, _ in played)
        generation += 1
        policy = network(numpy.asarray(search.get_mean(state)), shapes)
        if normaliser:
            policy = Normaliser(shapes[0][1]).before(policy, *normal)
            for _, _, seen in played:
                normaliser.add(seen.count, seen.sums)
        yield steps, policy


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
