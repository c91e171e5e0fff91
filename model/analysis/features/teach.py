"""A new last layer for classes of one's own: softmax regression on fixed activations.

All but the last layer stay as they are (DeCAF, Donahue et al. 2014, arXiv:1310.1531).
The activations x of the last hidden layer are divided by their length; the new layer
has a weight for each unit and class, and a bias for each class. It minimises

    mean of -log p(class | x)  +  decay / 2 · (sum of all squared weights and biases)

which has one minimum. The gradient there is zero, so the weights are sums of the n
pictures' activations: all that is computed needs only their n × n products. Steps are
as long as the bound of Böhning (1992) on the curvature allows, with Nesterov's
momentum. Several problems on the same pictures, such as leaving out each one, are
solved at once.

numpy only; nothing is known here of the network that the activations are from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DECAY = 1e-3  # of a trained or a random network's activations; see bench/teach.py
DECAY_PIXELS = 1e-2
CLOSE = 1e-3  # the last step moves no logit farther
STEPS = 2_000  # at most
LOOK = 5  # steps between two looks at how far it moved
AMOUNTS = (1, 2, 3, 5, 8, 12, 20)  # pictures of a class that are tried
DRAWS = 20  # of each amount
MIDDLE = (0.1, 0.9)  # shares of the draws below and above a band
SEED = 2012

Array = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]


def prepared(values: Array) -> Array:
    """Each vector divided by its length, and a 1 for the bias.

    Args:
        values: (n, units). A vector of zeros stays one.

    Returns:
        (n, units + 1), float64.
    """
    rows = values.reshape(len(values), -1).astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = rows / np.where(lengths > 0, lengths, 1)
    return np.concatenate([rows, np.ones((len(rows), 1))], axis=1)


def softmax(logits: Array, axis: int = -1) -> Array:
    """Probabilities of the classes."""
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    found: Array = powers / powers.sum(axis=axis, keepdims=True)
    return found


def _coordinates(products: Array) -> Array:
    """Vectors with the same products as the pictures': (…, n, n) -> (…, n, n)."""
    values, columns = np.linalg.eigh(products)
    found: Array = columns * np.sqrt(np.maximum(values, 0))[..., np.newaxis, :]
    return found


def _minimise(
    points: Array,
    targets: Array,
    counts: Array,
    decay: float,
    *,
    close: float,
    start: Array | None = None,
) -> Array:
    """Weights of several problems.

    Args:
        points: (b, n, r): b sets of n pictures, each by r coordinates.
        targets: (b, n, classes, 1): 1 for a picture's class, else 0.
        counts: (b, n, q): q problems on each set; 0: without that picture.
        start: (b, r, classes, q), where to begin.

    Returns:
        (b, r, classes, q).
    """
    batch, n, size = points.shape
    classes, problems = targets.shape[2], counts.shape[2]
    penalty = decay * counts.sum(axis=1)[:, np.newaxis, np.newaxis]  # (b, 1, 1, q)
    # Half the squared coordinates bound the curvature of the cross-entropy.
    bound = 0.5 * np.einsum("bnr,bnr->br", points, points)
    curvature = bound[:, :, np.newaxis, np.newaxis] + penalty
    largest = bound.max(axis=1)[:, np.newaxis, np.newaxis, np.newaxis] + penalty
    ratio = np.sqrt(penalty / largest)
    momentum = (1 - ratio) / (1 + ratio)
    shape = (batch, size, classes, problems)
    weights = np.zeros(shape) if start is None else start
    ahead, back = weights, np.ascontiguousarray(np.swapaxes(points, 1, 2))
    for step in range(1, STEPS + 1):
        logits = (points @ ahead.reshape(batch, size, -1)).reshape(
            batch, n, classes, problems
        )
        error = softmax(logits, 2)
        error -= targets
        error *= counts[:, :, np.newaxis]
        move = (back @ error.reshape(batch, n, -1)).reshape(shape)
        move += penalty * ahead
        move /= curvature
        moved = ahead - move
        if step % LOOK == 0:
            farthest = np.abs(points @ move.reshape(batch, size, -1)).max()
            if farthest < close:
                return moved
        ahead, weights = moved + momentum * (moved - weights), moved
    return weights


def _targets(labels: Labels, classes: int) -> Array:
    return np.eye(classes)[labels][..., np.newaxis]


@dataclass(frozen=True, eq=False)
class LastLayer:
    """A trained last layer."""

    weights: Array  # (units, classes)
    bias: Array  # (classes,)

    def logits(self, values: Array) -> Array:
        """Of activations (n, units): (n, classes)."""
        found: Array = prepared(values) @ np.vstack([self.weights, self.bias])
        return found

    def probabilities(self, values: Array) -> Array:
        """Of activations (n, units): (n, classes), each row sums to 1."""
        return softmax(self.logits(values))


def _checked(labels: Labels, classes: int) -> None:
    """Raises ValueError: too few classes, or one without a picture."""
    if classes < 2:
        raise ValueError(f"Expected two classes or more. Received: {classes}")
    missing = set(range(classes)) - set(labels.tolist())
    if missing:
        raise ValueError(f"Expected a picture of each class. Missing: {missing}")


def train(
    values: Array,
    labels: Labels,
    classes: int,
    decay: float = DECAY,
    close: float = CLOSE,
) -> LastLayer:
    """The layer that fits all pictures best.

    Args:
        values: activations (n, units).
        labels: (n,), the classes' numbers from 0.

    Raises:
        ValueError: too few classes, or one without a picture.
    """
    _checked(labels, classes)
    rows = prepared(values)
    points = _coordinates(rows @ rows.T)[np.newaxis]
    targets, counts = _targets(labels, classes), np.ones((1, len(rows), 1))
    found = _minimise(points, targets[np.newaxis], counts, decay, close=close)
    error = targets[..., 0] - softmax(points[0] @ found[0, :, :, 0])
    weights = rows.T @ error / (decay * len(rows))  # where the gradient is zero
    return LastLayer(weights[:-1], weights[-1])


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What layers predict that were trained without one picture each.

    Attributes:
        labels: (n,), the pictures' classes.
        probabilities: (n, classes), of each picture by the layer trained without it.
        influence: (n,), how far the probabilities of the other pictures move when one
            is left out, on average: half the sum of the absolute changes, 0 to 1.
    """

    labels: Labels
    probabilities: Array
    influence: Array

    @property
    def predicted(self) -> Labels:
        """The most probable class of each picture, (n,)."""
        found: Labels = self.probabilities.argmax(axis=1)
        return found

    @property
    def right(self) -> int:
        """How many pictures are predicted as the class they were given for."""
        return int((self.predicted == self.labels).sum())

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Pictures by class (row) and predicted class (column)."""
        classes = self.probabilities.shape[1]
        found = np.zeros((classes, classes), np.int64)
        np.add.at(found, (self.labels, self.predicted), 1)
        return found


def leave_one_out(
    values: Array,
    labels: Labels,
    classes: int,
    decay: float = DECAY,
    close: float = CLOSE,
) -> LeftOut:
    """Trains once without each picture, all at the same time.

    Args: as those of `train`.

    Raises:
        ValueError: too few classes, or one with fewer than two pictures.
    """
    _checked(labels, classes)
    if np.bincount(labels).min() < 2:
        raise ValueError("Expected two pictures of each class or more")
    rows, n = prepared(values), len(labels)
    points = _coordinates(rows @ rows.T)[np.newaxis]
    targets = _targets(labels, classes)[np.newaxis]
    whole = _minimise(points, targets, np.ones((1, n, 1)), decay, close=close)
    without = _minimise(
        points,
        targets,
        1 - np.eye(n)[np.newaxis],
        decay,
        close=close,
        start=np.repeat(whole, n, axis=3),
    )
    before = softmax(points[0] @ whole[0, :, :, 0])  # (n, classes)
    logits = (points[0] @ without[0].reshape(n, -1)).reshape(n, classes, n)
    after = softmax(logits, 1)
    each = np.arange(n)
    moved = np.abs(after - before[..., np.newaxis]).sum(axis=1) / 2  # (n, problems)
    moved[each, each] = 0  # of the others
    return LeftOut(labels, after[each, :, each], moved.sum(axis=0) / (n - 1))


@dataclass(frozen=True)
class Amount:
    """What so many pictures of each class are worth."""

    count: int  # of each class
    accuracies: tuple[float, ...]  # of each draw, 0 to 1

    @property
    def mean(self) -> float:
        """Over the draws."""
        return float(np.mean(self.accuracies))

    @property
    def band(self) -> tuple[float, float]:
        """Between which accuracies the middle draws lie."""
        low, high = np.quantile(self.accuracies, MIDDLE)
        return float(low), float(high)


def amounts(labels: Labels) -> list[int]:
    """How many pictures of each class can be drawn, with one of each class left."""
    most = int(np.bincount(labels).min()) - 1
    found = [count for count in AMOUNTS if count < most]
    return [*found, most] if most > 0 else []


def learning_curve(
    values: Array,
    labels: Labels,
    classes: int,
    decay: float = DECAY,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Iterator[Amount]:
    """For each amount: trains on pictures drawn by the seed, tests on all others.

    The accuracy is the mean of the classes' accuracies: a class with many pictures does
    not count for more.

    Args: as those of `train`.

    Raises:
        ValueError: too few classes, or one without a picture.
    """
    _checked(labels, classes)
    rows = prepared(values)
    products = rows @ rows.T
    generator = np.random.default_rng(seed)
    groups = [np.flatnonzero(labels == number) for number in range(classes)]
    for count in amounts(labels):
        drawn = np.stack(
            [
                np.concatenate([generator.permutation(x)[:count] for x in groups])
                for _ in range(draws)
            ]
        )  # (draws, count · classes)
        given = labels[drawn]
        points = _coordinates(products[drawn[:, :, np.newaxis], drawn[:, np.newaxis]])
        targets, counts = _targets(given, classes), np.ones((*drawn.shape, 1))
        found = _minimise(points, targets, counts, decay, close=CLOSE)
        error = targets[..., 0] - softmax(points @ found[..., 0])
        # As in `train`; a positive factor does not change which logit is largest.
        logits = products[:, drawn].transpose(1, 0, 2) @ error  # (draws, n, classes)
        accuracies = [
            _balanced(labels, row.argmax(axis=1), chosen, groups)
            for row, chosen in zip(logits, drawn, strict=True)
        ]
        yield Amount(count, tuple(accuracies))


def _balanced(
    labels: Labels, predicted: Labels, drawn: Labels, groups: Sequence[Labels]
) -> float:
    """The mean of the classes' accuracies on the pictures that were not drawn."""
    right = predicted == labels
    tested = [np.setdiff1d(group, drawn) for group in groups]
    return float(np.mean([right[group].mean() for group in tested]))


def enough(curve: Sequence[Amount], within: float = 0.02) -> int:
    """The fewest pictures of each class whose mean is near that of the most.

    Args:
        within: how far below it may be, a share.
    """
    last = curve[-1].mean
    return next(one.count for one in curve if one.mean >= last - within)


def parameters(units: int, classes: int) -> int:
    """Weights and biases of a last layer."""
    return (units + 1) * classes
