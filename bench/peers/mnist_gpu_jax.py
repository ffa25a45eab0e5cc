# SPDX-License-Identifier: MIT
"""Generations of ES on MNIST's networks by plain JAX on a graphics card: what `dne bench gpu` does.

Antithetic pairs of normal noise around a centre, each pair on images of its own; convolutions of 5 x 5, each halved
by max pooling, and dense layers; cross-entropy; the sum of the noise weighted by the pairs' differences; Adam. As
JAX's libraries have it, members of one chunk go through the network together (vmap), and noise is drawn again for the
update, since that of a whole generation does not fit. Two ways of a convolution with weights of each member's own are
measured, the faster one counts: JAX's, and patches times weights. Prints "figure NAME NUMBER UNIT" lines.

Usage: mnist_gpu_jax.py NETWORK MEMBERS IMAGES PRECISION SECONDS
NETWORK: mnist_small or mnist_cnn. PRECISION: highest (float32, what dne computes) or default (TF32 where the card
has it, ten bits in place of twenty-three).
"""
import functools
import statistics
import sys
import time

import jax
import jax.numpy as jnp

NETWORK, MEMBERS, IMAGES, PRECISION = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
SECONDS = float(sys.argv[5])
REPEATS = 3
SIGMA = 0.002
TRAIN = 60_000
CONVOLUTIONS, DENSE = {"mnist_small": ([(1, 16), (16, 32)], [(1568, 10)]),
                       "mnist_cnn": ([(1, 32), (32, 64)], [(3136, 1024), (1024, 10)])}[NETWORK]
SHAPES = ([(5, 5, *c) for c in CONVOLUTIONS], DENSE)
CHUNKS = [50, 250, 1000] if NETWORK == "mnist_small" else [10, 50, 250]  # pairs at a time

jax.config.update("jax_default_matmul_precision", PRECISION)


def size_of(shape):
    size = shape[-1]
    product = 1
    for n in shape:
        product *= n
    return product + size


NUM_PARAMETERS = sum(size_of(shape) for shapes in SHAPES for shape in shapes)


def layers_of(flat):
    """Lists of (weight, bias): of convolutions, of dense layers."""
    parts, at = ([], []), 0
    for kind, shapes in enumerate(SHAPES):
        for shape in shapes:
            end = at + size_of(shape)
            parts[kind].append((flat[at:end - shape[-1]].reshape(shape), flat[end - shape[-1]:end]))
            at = end
    return parts


def convolve(value, weight):
    return jax.lax.conv_general_dilated(value, weight, (1, 1), "SAME",
                                        dimension_numbers=("NHWC", "HWIO", "NHWC"))


def patches_times(value, weight):
    """The same; a patch's values are ordered (channel, row, column)."""
    patches = jax.lax.conv_general_dilated_patches(value, (5, 5), (1, 1), "SAME",
                                                   dimension_numbers=("NHWC", "HWIO", "NHWC"))
    matrix = weight.transpose(2, 0, 1, 3).reshape(-1, weight.shape[-1])
    return patches @ matrix


def loss(flat, images, labels, way):
    convolutions, dense = layers_of(flat)
    value = images
    for weight, bias in convolutions:
        value = jax.nn.relu(way(value, weight) + bias)
        n, height, width, channels = value.shape
        value = value.reshape(n, height // 2, 2, width // 2, 2, channels).max((2, 4))
    value = value.reshape(len(images), -1)
    for weight, bias in dense[:-1]:
        value = jax.nn.relu(value @ weight + bias)
    outputs = value @ dense[-1][0] + dense[-1][1]
    chosen = jnp.take_along_axis(outputs, labels[:, None], 1)[:, 0]
    return (jax.nn.logsumexp(outputs, 1) - chosen).mean()


def make_generation(way, chunk, images, labels):
    pairs = MEMBERS // 2
    count = pairs // chunk

    def noise_of(key):
        return jax.random.normal(key, (chunk, NUM_PARAMETERS))

    @jax.jit
    def generation(centre, moments, key, step):
        keys = jax.random.split(key, count)

        def differences(key):
            noise = noise_of(key)
            which = jax.random.randint(jax.random.fold_in(key, 1), (chunk, IMAGES), 0, TRAIN)
            seen, named = images[which].astype(jnp.float32)[..., None] / 255, labels[which]
            both = jax.vmap(functools.partial(loss, way=way))
            return (both(centre - SIGMA * noise, seen, named) -
                    both(centre + SIGMA * noise, seen, named))

        scores = jax.lax.map(differences, keys)

        def add(total, both):
            key, score = both
            return total + score @ noise_of(key), None

        total, _ = jax.lax.scan(add, jnp.zeros(NUM_PARAMETERS), (keys, scores))
        gradient = total / MEMBERS
        mean, square = moments
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        moved = centre + 0.005 * (mean / (1 - 0.9**step)) / (
            jnp.sqrt(square / (1 - 0.999**step)) + 1e-8)
        return moved, (mean, square)

    return generation


def milliseconds(way, chunk, images, labels):
    generation = make_generation(way, chunk, images, labels)
    centre = jnp.zeros(NUM_PARAMETERS) + 0.01
    moments = (jnp.zeros(NUM_PARAMETERS), jnp.zeros(NUM_PARAMETERS))
    step = 0

    def run():
        nonlocal centre, moments, step
        step += 1
        centre, moments = generation(centre, moments, jax.random.key(step), step)
        jax.block_until_ready(centre)

    run()
    means = []
    for _ in range(REPEATS):
        done, start = 0, time.perf_counter()
        while done == 0 or time.perf_counter() - start < SECONDS:
            run()
            done += 1
        means.append(1000 * (time.perf_counter() - start) / done)
    return statistics.median(means)


def main():
    key = jax.random.key(0)
    images = jax.random.randint(key, (TRAIN, 28, 28), 0, 256, jnp.uint8)
    labels = jnp.arange(TRAIN) % 10
    best = None
    for name, way in (("convolutions", convolve), ("patches", patches_times)):
        for chunk in CHUNKS:
            if MEMBERS // 2 % chunk or MEMBERS // 2 < chunk:
                continue
            try:
                time_taken = milliseconds(way, chunk, images, labels)
            except jax.errors.JaxRuntimeError as error:  # no memory left
                print("skipped", name, chunk, str(error)[:60].replace("\n", " "))
                continue
            print("tried", NETWORK, PRECISION, name, chunk, round(time_taken, 1), "ms", flush=True)
            if best is None or time_taken < best:
                best = time_taken
            elif time_taken > 3 * best:
                break
    print("figure generation", best, "ms", NETWORK, MEMBERS, IMAGES, PRECISION, jax.__version__,
          jax.devices()[0].device_kind, flush=True)


if __name__ == "__main__":
    main()
