"""The experiments that pages offer.

Their numbers come from `python -m bench.lab` and the papers named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from lab.experiments import Activation, Arm, Experiment, check, differing


def _between(
    name: str,
    base: Arm,
    *arms: Mapping[str, Any],
    tuned: tuple[str, ...] = (),
    **about: Any,
) -> Experiment:
    """An experiment whose arms are `base` with these changes."""
    made = tuple(replace(base, **arm) for arm in arms)
    difference = tuple(f for f in differing(made) if f not in tuned)
    return Experiment(name, made, difference, tuned, **about)


_PAPER = Arm("", initialisation="2012", scaling="centred", pictures=10_000)
_RELU_PAGE: dict[str, Any] = {
    "tuned": ("learning_rate",),
    "measure": "training_error",
    "target": 0.25,
    "page": "relu-vs-tanh",
    "paper": "3.1",
}
_DROPOUT_PAGE: dict[str, Any] = {"measure": "gap", "page": "dropout", "paper": "4.2"}
_RELU = {"label": "ReLU", "activation": "relu"}
_TANH = {"label": "tanh", "activation": "tanh"}
_SIGMOID = {"label": "sigmoid", "activation": "sigmoid"}
# On the built-in pictures, a rate of 0.004 leaves the four-layer network with ReLU at
# chance for one seed in three; 0.002 and 0.001 learn with all five, equally fast.
_TODAY = Arm("", pictures=5_000, learning_rate=0.002)

PRESETS: dict[str, Experiment] = {
    experiment.name: check(experiment)
    for experiment in (
        # Rates: the best of a sweep for each arm on the built-in pictures; sigmoid
        # learned at none. CIFAR-10's are in its recordings.
        _between(
            "relu-vs-tanh-2012",
            _PAPER,
            _RELU | {"learning_rate": 0.002},
            _TANH | {"learning_rate": 0.016},
            **_RELU_PAGE,
        ),
        _between(
            "relu-vs-tanh-today",
            _TODAY,
            _RELU | {"learning_rate": 0.002},
            _TANH | {"learning_rate": 0.03},
            **_RELU_PAGE,
        ),
        # The fastest of 0.005, 0.01, 0.02 and of 0.015, 0.03, 0.06 on the built-in
        # images, with one seed.
        _between(
            "relu-vs-tanh-unit",
            replace(_TODAY, initialisation="unit-variance"),
            _RELU | {"learning_rate": 0.02},
            _TANH | {"learning_rate": 0.03},
            **_RELU_PAGE,
        ),
        # cuda-convnet's layers-19pct.cfg without weight decay; as many epochs as two
        # processor cores do in two minutes.
        _between(
            "relu-vs-tanh-authors",
            Arm(
                "",
                network="19pct",
                initialisation="2012",
                scaling="mean-image",
                bias_rate=2.0,
                dataset="cifar-10",
                pictures=50_000,
                epochs=3,
                seconds=300.0,
            ),
            _RELU | {"learning_rate": 0.002},
            _TANH | {"learning_rate": 0.008},
            **(_RELU_PAGE | {"target": None}),
        ),
        _between(
            "relu-vs-tanh-deep",
            replace(_TODAY, depth=9),
            _RELU | {"learning_rate": 0.01},
            _TANH | {"learning_rate": 0.02},
            _SIGMOID | {"learning_rate": 0.05},
            **_RELU_PAGE,
        ),
        _between(
            "relu-vs-tanh-alexnet",
            replace(_TODAY, network="alexnet"),
            _RELU | {"learning_rate": 0.005},
            _TANH | {"learning_rate": 0.02},
            **_RELU_PAGE,
        ),
        _between(
            "dropout-small",
            Arm("", network="dense", pictures=1_000, learning_rate=0.004, epochs=200),
            {"label": "without dropout", "dropout": 0.0},
            {"label": "dropout 0.5", "dropout": 0.5},
            **_DROPOUT_PAGE,
        ),
        _between(
            "dropout-large",
            Arm("", network="dense", learning_rate=0.004),
            {"label": "without dropout", "dropout": 0.0},
            {"label": "dropout 0.5", "dropout": 0.5},
            **_DROPOUT_PAGE,
        ),
        _between(
            "pooling",
            _TODAY,
            {"label": "max", "pooling": "max"},
            {"label": "average", "pooling": "average"},
        ),
        _between(
            "overlapping",
            _TODAY,
            {"label": "overlapping: pool size 3, stride 2", "overlapping": True},
            {"label": "not overlapping: pool size 2, stride 2", "overlapping": False},
            paper="3.4",
        ),
        _between(
            "normalisation",
            _TODAY,
            {"label": "with normalisation", "normalise": True},
            {"label": "without", "normalise": False},
            paper="3.3",
        ),
        _between(
            "augmentation",
            replace(_TODAY, pictures=2_000),
            {"label": "shifted and mirrored", "augment": True},
            {"label": "as they are", "augment": False},
            paper="4.1",
        ),
        _between(
            "depth",
            replace(_TODAY, network="alexnet"),
            {"label": "five convolutions", "depth": 5},
            {"label": "four", "depth": 4},
            {"label": "two", "depth": 2},
            paper="7",
        ),
        _between(
            "first-filters",
            _TODAY,
            {"label": "3 × 3", "first_filter": 3},
            {"label": "5 × 5", "first_filter": 5},
            {"label": "7 × 7", "first_filter": 7},
            {"label": "11 × 11", "first_filter": 11},
            paper="3.5",
        ),
        _between(
            "half-the-data",
            _TODAY,
            {"label": "5,000 images", "pictures": 5_000},
            {"label": "2,500 images", "pictures": 2_500},
        ),
    )
}

# --- other activation functions -------------------------------------------------------

ACTIVATIONS: dict[Activation, str] = {
    "relu": "ReLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "leaky_relu": "leaky ReLU",
    "gelu": "GELU",
}
RATES: dict[Activation, float] = {
    "relu": 0.004,
    "tanh": 0.02,
    "sigmoid": 0.05,
    "leaky_relu": 0.004,
    "gelu": 0.004,
}


def with_activations(preset: Experiment, names: Collection[str]) -> tuple[Arm, ...]:
    """A preset's arms for these activation functions, in the order of ACTIVATIONS.

    One that the preset lacks gets a learning rate at which it usually learns.
    """
    known = {arm.activation: arm for arm in preset.arms}
    slow = preset.arms[0].initialisation == "2012"
    return tuple(
        known[name]
        if name in known
        else replace(
            preset.arms[0],
            label=ACTIVATIONS[name],
            activation=name,
            learning_rate=0.002 if slow else RATES[name],
        )
        for name in ACTIVATIONS
        if name in names
    )
