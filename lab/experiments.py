"""Experiments as data: two or more arms, and the one thing that differs between them.

Nothing here trains, and importing it brings neither Keras nor Dask. `lab.run` trains
one arm, `lab.engine` runs experiments, `lab.networks` turns an arm into a network.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

Activation = Literal["relu", "tanh", "sigmoid", "leaky_relu", "gelu"]
Network = Literal["four-layer", "dense", "alexnet", "19pct", "18pct"]
Initialisation = Literal["today", "2012", "unit-variance"]
Scaling = Literal["standardised", "centred", "mean-image"]
Pooling = Literal["max", "average"]
DropoutAt = Literal["dense", "convolutions", "both"]
Measure = Literal["training_error", "validation_accuracy", "gap"]


Why = Literal["few", "many", "alike", "unlike", "rates", "value"]


class ExperimentRefused(ValueError):
    """The experiment is not a fair or possible one; the message says why.

    It speaks to who writes experiments; `why` lets a page say it to who chooses them.
    """

    def __init__(self, message: str, why: Why = "value") -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True)
class Arm:
    """Everything that decides one curve. Two arms with equal fields draw the same."""

    label: str
    network: Network = "four-layer"
    activation: Activation = "relu"
    # "today": He's for ReLU and its kin, Glorot's for tanh and sigmoid. "2012":
    # Gaussians of deviation 0.0001 (first layer) and 0.01, as in cuda-convnet.
    # "unit-variance": "today", then each layer scaled on 256 training images until its
    # pre-activations have deviation 1 (Mishkin and Matas 2016, "All you need is a good
    # init"), and the logits 0.1: the loss begins at that of chance.
    initialisation: Initialisation = "today"
    # "standardised": mean off, divided by the deviation. "centred": 0 to 255, mean off.
    # "mean-image": 0 to 255, each pixel's own mean off, as in cuda-convnet.
    scaling: Scaling = "standardised"
    depth: int = 0  # convolutions; 0 is the network's own number
    first_filter: int = 5  # pixels, height and width
    pooling: Pooling = "max"
    overlapping: bool = True  # windows of 3 in steps of 2, else of 2 (3.4)
    normalise: bool = False  # local response normalisation (3.3)
    dropout: float = 0.0  # share of units dropped in a step (4.2)
    dropout_at: DropoutAt = "dense"
    learning_rate: float = 0.01
    bias_rate: float = 1.0  # of biases, as a multiple of the learning rate
    momentum: float = 0.9
    weight_decay: float = 0.0  # enters the momentum, as in the paper's section 5
    batch: int = 128
    dataset: str = "shapes"  # a name that `lab.datasets.load` knows
    pictures: int | None = None  # for training; None is all there are
    augment: bool = False  # shifts of up to 4 pixels, and mirror images (4.1)
    seed: int = 0  # of the first weights, the order, the shifts and the dropout
    epochs: int = 40  # at most
    seconds: float = 120.0  # of training, at most; pauses are not counted
    # Training error at which it ends, once two measurements in a row are there (one may
    # be luck); None: its epochs or seconds end it.
    until: float | None = None


# What differs from arm to arm without saying anything about what is compared.
FREE = ("label",)


@dataclass(frozen=True)
class Experiment:
    """Arms that are alike but for what `difference` names.

    `tuned` names what each arm may choose for itself because the comparison would not
    be fair otherwise: the paper's arms have "learning rates chosen independently".
    """

    name: str  # of a preset; its words are in assets under this key
    arms: tuple[Arm, ...]
    difference: tuple[str, ...]
    tuned: tuple[str, ...] = ()
    measure: Measure = "validation_accuracy"  # what the question is about
    target: float | None = None  # training error at which arms are timed, 0 to 1
    page: str = "experiments"  # whose preset it is
    paper: str = ""  # section of the 2012 paper

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Experiment:
        """The reverse of `to_dict`; checks nothing (`check` does).

        Raises:
            ExperimentRefused: fields are missing or unknown.
        """
        try:
            arms = tuple(Arm(**arm) for arm in data["arms"])
            rest = {name: data[name] for name in data if name != "arms"}
            for name in ("difference", "tuned"):
                rest[name] = tuple(rest.get(name, ()))
            return Experiment(arms=arms, **rest)
        except (KeyError, TypeError) as error:
            raise ExperimentRefused(
                f"Expected an experiment as `Experiment.to_dict` makes it. "
                f"Received one with this fault: {error}"
            ) from error

    def vary(self, **changes: Any) -> Experiment:
        """The same experiment with a field changed in all arms alike."""
        return replace(self, arms=tuple(replace(a, **changes) for a in self.arms))


# --- the checker --------------------------------------------------------------------


def _one_of(*names: str) -> tuple[Callable[[Any], bool], str]:
    return names.__contains__, f"one of {', '.join(names)}"


def _number(low: float, high: float) -> tuple[Callable[[Any], bool], str]:
    def fits(value: Any) -> bool:
        return (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and low <= value <= high
        )

    return fits, f"a number from {low:g} to {high:g}"


def _whole(low: int, high: int) -> tuple[Callable[[Any], bool], str]:
    number, _ = _number(low, high)
    return lambda x: isinstance(x, int) and number(x), f"{low} to {high}, whole"


_FLAG = (lambda value: isinstance(value, bool), "true or false")
_TEXT = (lambda value: isinstance(value, str) and 0 < len(value) <= 200, "a short name")

# What each field may be. Shown ranges (sliders, number inputs) are a page's; these
# keep a worker from what it could not finish.
RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "label": _TEXT,
    "network": _one_of(*get_args(Network)),
    "activation": _one_of(*get_args(Activation)),
    "initialisation": _one_of(*get_args(Initialisation)),
    "scaling": _one_of(*get_args(Scaling)),
    "depth": _whole(0, 12),
    "first_filter": (lambda x: x in range(1, 16, 2), "odd, 1 to 15"),
    "pooling": _one_of(*get_args(Pooling)),
    "overlapping": _FLAG,
    "normalise": _FLAG,
    "dropout": _number(0, 0.95),
    "dropout_at": _one_of(*get_args(DropoutAt)),
    "learning_rate": _number(1e-7, 10),
    "bias_rate": _number(0, 10),
    "momentum": _number(0, 0.999),
    "weight_decay": _number(0, 1),
    "batch": _whole(1, 1024),
    "dataset": _TEXT,
    "pictures": (
        lambda x: x is None or _whole(10, 1_000_000)[0](x),
        "10 or more, or all of them",
    ),
    "augment": _FLAG,
    "seed": _whole(0, 2**31 - 1),
    "epochs": _whole(1, 1000),
    "seconds": _number(1, 6 * 3600),
    "until": (lambda x: x is None or _number(0, 1)[0](x), "0 to 1, or none"),
}
_ABOUT: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": _TEXT,
    "measure": _one_of(*get_args(Measure)),
    "target": (lambda x: x is None or _number(0, 1)[0](x), "0 to 1, or none"),
    "page": _TEXT,
}
MOST_ARMS = 16  # a sweep: three arms at five rates


def _check_fields(
    rules: Mapping[str, tuple[Callable[[Any], bool], str]], record: Any, whose: str
) -> None:
    for field, (fits, expected) in rules.items():
        if not fits(value := getattr(record, field)):
            raise ExperimentRefused(
                f"{whose}: expected {field} to be {expected}. Received: {value!r}"
            )


def differing(arms: tuple[Arm, ...]) -> tuple[str, ...]:
    """The fields in which any two of the arms differ, labels apart."""
    return tuple(
        field.name
        for field in fields(Arm)
        if field.name not in FREE
        and len({getattr(arm, field.name) for arm in arms}) > 1
    )


def check(experiment: Experiment) -> Experiment:
    """The experiment itself, if its arms differ in what it declares and nothing else.

    Raises:
        ExperimentRefused: the message names the field and what was expected.
    """
    arms, name = experiment.arms, experiment.name
    if not 2 <= len(arms) <= MOST_ARMS:
        raise ExperimentRefused(
            f"{name}: expected 2 to {MOST_ARMS} arms to compare. Received: {len(arms)}",
            "few" if len(arms) < 2 else "many",
        )
    _check_fields(_ABOUT, experiment, name)
    for arm in arms:
        _check_fields(RULES, arm, f"{name}, {arm.label}")
    if len({arm.label for arm in arms}) < len(arms):
        raise ExperimentRefused(f"{name}: two arms have the same label; rename one.")
    known = {field.name for field in fields(Arm)} - set(FREE)
    declared = (*experiment.difference, *experiment.tuned)
    if strange := sorted(set(declared) - known):
        raise ExperimentRefused(
            f"{name}: expected the difference to name fields of an arm. "
            f"Received: {', '.join(strange)}"
        )
    if not experiment.difference:
        raise ExperimentRefused(f"{name}: declare what its arms differ in.")
    found = differing(arms)
    if undeclared := sorted(set(found) - set(declared)):
        raise ExperimentRefused(
            f"{name}: the arms also differ in {', '.join(undeclared)}, so nobody "
            f"could tell what made the difference. Make them equal there.",
            "unlike",
        )
    if missing := sorted(set(experiment.difference) - set(found)):
        raise ExperimentRefused(
            f"{name}: the arms are alike in {', '.join(missing)}, which they should "
            f"differ in. Change it in one of them.",
            "alike",
        )
    values = [tuple(getattr(arm, f) for f in experiment.difference) for arm in arms]
    if len(set(values)) < len(values):
        raise ExperimentRefused(
            f"{name}: two arms are alike in {', '.join(experiment.difference)}. "
            f"Remove one of them.",
            "alike",
        )
    return experiment


# --- other numbers of images ----------------------------------------------------------

STEPS = 400  # of training at least: what a small network needs to learn anything


def epochs_for(arm: Arm, images: int) -> int:
    """The arm's epochs, or as many as STEPS are of so few images."""
    return max(arm.epochs, math.ceil(STEPS * min(arm.batch, images) / images))


def share_out(arms: Sequence[Arm], images: int, fewest: int) -> list[int]:
    """Images for each arm, in the proportions that the arms have among them."""
    most = max(arm.pictures or 1 for arm in arms)
    return [max(fewest, round(images * (arm.pictures or most) / most)) for arm in arms]


# --- the sweep ----------------------------------------------------------------------

RATE = "learning_rate"


def swept(experiment: Experiment, rates: Sequence[float]) -> Experiment:
    """The same question asked at several learning rates: every arm at each of them.

    Where arms are timed, they end at the target: how soon is all that is asked.

    Raises:
        ExperimentRefused: fewer than two rates, one of them twice, or too many arms.
    """
    if len(set(rates)) < max(2, len(rates)):
        raise ExperimentRefused(
            f"{experiment.name}: expected two or more different learning rates to "
            f"sweep. Received: {', '.join(f'{rate:g}' for rate in rates) or 'none'}",
            "rates",
        )
    arms = tuple(
        replace(
            arm,
            label=f"{arm.label}, {rate:g}",
            learning_rate=float(rate),
            until=experiment.target,
        )
        for arm in experiment.arms
        for rate in sorted(rates)
    )
    return check(
        replace(
            experiment,
            arms=arms,
            difference=(*(f for f in experiment.difference if f != RATE), RATE),
            tuned=tuple(field for field in experiment.tuned if field != RATE),
        )
    )


LADDER = tuple(
    float(f"{digit}e{power}") for power in range(-4, 0) for digit in (1, 2, 5)
)  # 0.0001 to 0.5


def suggested_rates(experiment: Experiment) -> tuple[float, ...]:
    """Rates worth a sweep: of the ladder, around the arms' own, as many as fit."""
    most = min(5, MOST_ARMS // max(len(experiment.arms), 1))
    logarithms = [math.log(arm.learning_rate) for arm in experiment.arms]
    middle = (min(logarithms) + max(logarithms)) / 2
    near = sorted(LADDER, key=lambda rate: abs(math.log(rate) - middle))
    return tuple(sorted(near[:most]))


def is_sweep(experiment: Experiment) -> bool:
    """Whether it was made by `swept`: its arms differ in their rates and more."""
    return RATE in experiment.difference and len(experiment.difference) > 1


def sweep_of(experiment: Experiment) -> dict[str, tuple[int, ...]]:
    """The places of a sweep's arms by the arm that they are of, rates rising."""
    groups: dict[str, list[int]] = {}
    for index, arm in enumerate(experiment.arms):
        groups.setdefault(arm.label.rpartition(", ")[0], []).append(index)
    return {label: tuple(places) for label, places in groups.items()}


def without_rates(experiment: Experiment) -> Experiment:
    """Of a sweep, each arm once and without its rate; else the experiment itself."""
    if not is_sweep(experiment):
        return experiment
    first = {label: places[0] for label, places in sweep_of(experiment).items()}
    arms = (replace(experiment.arms[i], label=x) for x, i in first.items())
    return replace(experiment, arms=tuple(arms))
