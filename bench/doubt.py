"""Known from unknown: how far any score of the network tells them apart.

    python -m bench.doubt --data path/to/tiny-imagenet-200

Of the 200 classes, 40 drawn by a seed are removed from the last layer: its
probabilities are then those of the 160 that are left, and the validation images of the
40 show things that it cannot name. Both kinds are of one source and reduced in the same
way. The layers below have learned the 40, too, which flatters the network: images of
what it has never seen will hardly be told apart better.

Scores, all larger for what is known: the largest probability and minus the entropy
(Hendrycks and Gimpel 2017, "A Baseline for Detecting Misclassified and
Out-of-Distribution Examples"), the largest logit (Hendrycks et al. 2022, "Scaling
Out-of-Distribution Detection for Real-World Settings"), the energy (Liu et al. 2020,
"Energy-based Out-of-distribution Detection"), and the cosine between fc7 and the
nearest class mean. The threshold that keeps 95 % of the known images is taken from one
half of the images, every figure from the other. The last line is JSON, of the means
over all draws.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from numpy.typing import NDArray

from model import card, measured, weights
from model.training.tiny_imagenet import load_tiny_imagenet

LEFT_OUT = 40  # classes
KEPT = 0.95  # of the known images

Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]
Figures = dict[str, dict[str, float]]


def auroc(known: Floats, unknown: Floats) -> float:
    """The probability that a known image has the higher score; a tie counts half."""
    order = np.sort(unknown)
    below = np.searchsorted(order, known, "left") + np.searchsorted(
        order, known, "right"
    )
    return float(below.mean() / 2 / len(order))


def scores(logits: Floats, hidden: Floats, means: Floats) -> dict[str, Floats]:
    """Every score of every image.

    Args:
        logits: (N, classes), of the classes that are left.
        hidden: (N, units), activations of fc7.
        means: (classes, units), theirs over each class.
    """
    largest = logits.max(axis=1)
    powers = np.exp(logits - largest[:, None])
    total = powers.sum(axis=1)
    p = powers / total[:, None]
    directions = means / np.linalg.norm(means, axis=1, keepdims=True)
    lengths = np.linalg.norm(hidden, axis=1) + 1e-12
    return {
        "largest probability": p.max(axis=1),
        "minus entropy": (p * np.log(p + 1e-30)).sum(axis=1),
        "largest logit": largest,
        "energy": largest + np.log(total),
        "cosine to the nearest mean": (hidden @ directions.T).max(axis=1) / lengths,
    }


def one_draw(
    logits: Floats, hidden: Floats, means: Floats, labels: Labels, seed: int
) -> Figures:
    """Each score's figures with LEFT_OUT classes removed.

    Args:
        logits: (N, classes), of all classes.
        labels: (N,), what each image shows.
    """
    random = np.random.default_rng(seed)
    classes = logits.shape[1]
    left_out = random.permutation(classes)[:LEFT_OUT]
    kept = np.setdiff1d(np.arange(classes), left_out)
    is_known = ~np.isin(labels, left_out)
    judged = random.permutation(len(labels)) % 2 == 0
    found = {}
    for name, score in scores(logits[:, kept], hidden, means[kept]).items():
        threshold = np.quantile(score[is_known & ~judged], 1 - KEPT)
        known, unknown = score[is_known & judged], score[~is_known & judged]
        found[name] = {
            "auroc": auroc(known, unknown),
            "unknown_doubted": float((unknown < threshold).mean()),
            "known_doubted": float((known < threshold).mean()),
        }
    return found


def activations(name: str, folder: Path) -> tuple[Floats, Floats, Floats, Labels]:
    """Logits, fc7, its means over the classes, and labels of the validation images.

    Raises:
        ValueError: the set's class means were not measured.
    """
    spec, network = weights.get(name).spec, weights.load(name)
    images = card.for_set(name, load_tiny_imagenet(folder, "val"), folder)
    hidden, _ = card.heads(network, images.images, spec)
    kernel, bias = network.get_layer(spec.layers[-1].name).get_weights()
    typical = measured.typical(name)
    if typical is None:
        raise ValueError(f"Expected class means of {name}. Received: none")
    fc7 = hidden.astype(np.float32)
    means = typical.mean * typical.scale[:, None] / 255
    return fc7 @ kernel + bias, fc7, means, images.labels


def summary(draws: Sequence[Figures]) -> Figures:
    """Means over the draws, with the lowest and the highest AUROC."""
    found = {}
    for name in draws[0]:
        rows = [draw[name] for draw in draws]
        found[name] = {
            key: round(float(np.mean([row[key] for row in rows])), 3) for key in rows[0]
        } | {
            "lowest": round(min(row["auroc"] for row in rows), 3),
            "highest": round(max(row["auroc"] for row in rows), 3),
        }
    return found


def table(found: Figures) -> str:
    """For people."""
    lines = [f"{'score':28} {'AUROC':>6} {'from':>6} {'to':>6}  unknown, known doubted"]
    lines += [
        f"{name:28} {row['auroc']:6.3f} {row['lowest']:6.3f} {row['highest']:6.3f}"
        f"  {row['unknown_doubted']:16.1%} {row['known_doubted']:6.1%}"
        for name, row in found.items()
    ]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    first = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m bench.doubt", description=first)
    parser.add_argument("--data", type=Path, required=True, help="Tiny ImageNet")
    parser.add_argument("--draws", type=int, default=10, help="of classes left out")
    options = parser.parse_args(argv)
    seen = activations(weights.DEFAULT, options.data)
    found = summary([one_draw(*seen, seed) for seed in range(options.draws)])
    print(table(found))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
