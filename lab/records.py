"""An arm's reports and commands: plain records that are sent to and from workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# Where pre-activations are counted: 40 bins; what lies outside counts in the last ones.
HISTOGRAM_EDGES: NDArray[np.float32] = np.linspace(-5, 5, 41, dtype=np.float32)

# Images of either kind, trained on and not, that error and accuracy are measured on.
MEASURED_ON = 200  # in a live run
RECORDED_ON = 1_000  # in a recording, and in a search for rates


@dataclass(frozen=True)
class LayerReport:
    """One layer with weights, measured on the fixed pictures of the arm."""

    name: str
    gradient_norm: float  # of the last step: weights and biases together
    # Share of outputs that pass no gradient on: for ReLU, units that are silent on
    # every picture; for the others, outputs on the flat part of the curve.
    idle: float
    histogram: tuple[int, ...]  # of pre-activations, in HISTOGRAM_EDGES

    @property
    def middle(self) -> tuple[float, float]:
        """Between which pre-activations the middle 80 % of them lie."""
        counts = np.asarray(self.histogram, float)
        below = counts.cumsum() / max(counts.sum(), 1)
        low, high = (int(i) for i in np.searchsorted(below, (0.1, 0.9)))
        edges = HISTOGRAM_EDGES
        return float(edges[min(low, len(counts))]), float(
            edges[min(high + 1, len(counts))]
        )


@dataclass(frozen=True)
class MaskReport:
    """One fixed picture under ten dropout masks, and under none."""

    awake: NDArray[np.bool_]  # (10, units) of the first layer with dropout, up to 512
    outputs: NDArray[np.float16]  # (10, classes), probabilities
    without: NDArray[np.float16]  # (classes,): all units awake, as when it is used


@dataclass(frozen=True)
class Counted:
    """The images that a report's error and accuracy were counted on."""

    training: int  # images
    validation: int
    classes: int
    largest: float  # share of the largest class among all images trained on
    # The error of naming that class always, on the images above.
    training_error: float
    validation_error: float


@dataclass(frozen=True)
class Report:
    """One arm at one step. Errors and accuracies are in evaluation mode, 0 to 1."""

    step: int  # batches seen
    epoch: float  # passes through the training pictures
    seconds: float  # of training so far; pauses are not counted
    # Mean of the batches since the last measurement; at the start, of the fixed ones.
    loss: float
    training_error: float  # on fixed training pictures
    validation_accuracy: float  # on fixed pictures that are never trained on
    pictures_per_second: float  # since the report before
    # The step at which error, accuracy, idle shares and histograms were measured. That
    # costs a forward pass of some hundred pictures, so it is done every few thousand
    # training pictures; the rest is new in every report.
    evaluated_step: int
    layers: tuple[LayerReport, ...]
    filters: NDArray[np.float16] | None = None  # first layer: (height, width, 3, n)
    masks: MaskReport | None = None  # where the arm has dropout
    counted: Counted | None = None  # None: recorded before this was kept
    # Since the report before: (epoch, error of the batches since the pair before).
    batch_errors: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Control:
    """The command for an arm."""

    mode: Literal["run", "pause", "stop"] = "run"
    steps: int = 0  # single steps asked for since the arm began
    reason: str = ""  # why it is to stop, for the visitor


@dataclass(frozen=True)
class Ending:
    """Why an arm is over, and how."""

    state: Literal["finished", "stopped", "failed"]
    sentence: str


@dataclass(frozen=True)
class ArmEvent:
    """A report of a run, numbered in the order of arrival, from 1."""

    number: int
    arm: int  # its place in the experiment
    report: Report
