"""The batch-norm network in JAX: a scan over the mini-batches of an epoch, vectorised over networks, compiled once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias, TypedDict

import jax
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

Arrays: TypeAlias = "dict[str, list[jax.Array]]"
Moments: TypeAlias = "list[tuple[jax.Array, jax.Array]]"

EPSILON, BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM = 1e-8, 1e-5, 0.9


class State(TypedDict):
    """A network on its way: its parameters by kind, Adam's moments `v` and `s`, the steps taken, batch norm's averages."""

    params: Arrays
    v: Arrays
    s: Arrays
    t: jax.Array
    averages: Moments


def trainer(
    sizes: Sequence[int], inputs: NDArray[np.float32], targets: NDArray[np.int64], hyperparameters: NDArray[np.float32]
) -> Callable[[NDArray[np.int64]], None]:
    """Return a function that trains all networks for an epoch, given its mini-batches' rows (steps, m).

    `hyperparameters` (K, 3) are each network's learning rate, beta1 and beta2. All networks see the same mini-batches.
    """
    x, y = jnp.asarray(inputs), jnp.asarray(targets.astype(np.int32))
    start = [initial(sizes, seed) for seed in range(len(hyperparameters))]
    state = jax.tree.map(lambda *leaves: jnp.stack(leaves), *start)
    numbers = jnp.asarray(hyperparameters)

    def epoch(state: State, own: jax.Array, rows: jax.Array) -> tuple[State, jax.Array]:
        ended: tuple[State, jax.Array] = jax.lax.scan(lambda s, i: step(s, own, x[i], y[i]), state, rows)
        return ended

    compiled = jax.jit(jax.vmap(epoch, in_axes=(0, 0, None)), donate_argnums=0)

    def train(rows: NDArray[np.int64]) -> None:
        nonlocal state
        state, losses = compiled(state, numbers, jnp.asarray(rows))
        losses.block_until_ready()

    return train


def initial(sizes: Sequence[int], seed: int) -> State:
    """Return a network's parameters, Adam's moments, and the averages of batch norm."""
    rng = np.random.default_rng(seed)
    weights = [
        jnp.asarray(rng.standard_normal(s, dtype=np.float32) * np.float32((2 / s[0]) ** 0.5)) for s in pairwise(sizes)
    ]
    hidden = sizes[1:-1]
    params: Arrays = {"w": weights, "gamma": [jnp.ones(n) for n in hidden], "beta": [jnp.zeros(n) for n in hidden]}
    params["bias"] = [jnp.zeros(sizes[-1])]
    v, s = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
    averages = [(jnp.zeros(n), jnp.zeros(n)) for n in hidden]
    return {"params": params, "v": v, "s": s, "t": jnp.zeros(()), "averages": averages}


def loss(params: Arrays, x: jax.Array, y: jax.Array) -> tuple[jax.Array, Moments]:
    """Return the mean cross-entropy of a mini-batch, and the moments of each layer."""
    a, moments = x, []
    for w, gamma, beta in zip(params["w"][:-1], params["gamma"], params["beta"], strict=True):
        z = a @ w
        mean = z.mean(0)
        variance = ((z - mean) ** 2).mean(0)
        moments.append((mean, variance))
        a = jnp.maximum((z - mean) * (gamma * jax.lax.rsqrt(variance + BATCH_NORM_EPSILON)) + beta, 0)
    log_probability = jax.nn.log_softmax(a @ params["w"][-1] + params["bias"][0])
    return -jnp.take_along_axis(log_probability, y[:, None], 1).mean(), moments


def step(state: State, own: jax.Array, x: jax.Array, y: jax.Array) -> tuple[State, jax.Array]:
    """Take one step of Adam."""
    (value, moments), gradient = jax.value_and_grad(loss, has_aux=True)(state["params"], x, y)
    alpha, beta1, beta2 = own
    t = state["t"] + 1
    v = jax.tree.map(lambda v, g: beta1 * v + (1 - beta1) * g, state["v"], gradient)
    s = jax.tree.map(lambda s, g: beta2 * s + (1 - beta2) * g * g, state["s"], gradient)
    rate, root = alpha / (1 - beta1**t), jnp.sqrt(1 / (1 - beta2**t))
    params = jax.tree.map(lambda p, v, s: p - rate * v / (jnp.sqrt(s) * root + EPSILON), state["params"], v, s)
    averages = jax.tree.map(
        lambda old, new: BATCH_NORM_MOMENTUM * old + (1 - BATCH_NORM_MOMENTUM) * new, state["averages"], moments
    )
    return {"params": params, "v": v, "s": s, "t": t, "averages": averages}, value
