"""What a run says of itself: plain records that travel between its rooms."""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lab.experiments import Experiment

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


@dataclass(frozen=True)
class RunSummary:
    """A line in the list of runs."""

    run_id: str
    name: str
    owner: str  # a visitor's key
    experiment: Experiment
    state: RunState
    created: float  # seconds since 1970
    ended: float | None
    guess: dict[str, Any] = field(default_factory=dict)
    instructor: bool = False  # an instructor started it


@dataclass(frozen=True)
class Control:
    """What is wanted of an arm now."""

    mode: Literal["run", "pause", "stop"] = "run"
    steps: int = 0  # single steps asked for since the arm began
    reason: str = ""  # why it is to stop, for the visitor


@dataclass(frozen=True)
class Ending:
    """Why an arm is over, and how."""

    state: Literal["finished", "stopped", "failed"]
    sentence: str


@dataclass(frozen=True)
class Event:
    """A report of a run, numbered in the order of arrival, from 1."""

    number: int
    arm: int  # its place in the experiment
    report: Report


RunState = Literal[
    "queued", "starting", "running", "paused", "finished", "stopped", "failed", "killed"
]
ArmState = Literal[
    "waiting",  # for a worker, or for a GPU
    "starting",  # its worker imports Keras, loads the pictures, compiles
    "running",
    "paused",
    "finished",
    "stopped",
    "failed",
    "killed",
]
OVER: tuple[str, ...] = ("finished", "stopped", "failed", "killed")


@dataclass(frozen=True)
class ArmStatus:
    """One arm of a run, now."""

    label: str
    state: ArmState
    sentence: str  # why it is over; empty before
    latest: Report | None
    device: str  # "CPU" or the GPU's name; empty before it starts
    saved_epoch: int  # Retry goes on from here
    loading: float | None = None  # how much of its pictures is there, 0 to 1


@dataclass(frozen=True)
class RunStatus:
    """A run, now: all that a page needs to draw its head."""

    run_id: str
    name: str
    owner: str  # a visitor's key
    experiment: Experiment
    state: RunState
    sentence: str  # for the visitor; empty where the state says it all
    place: int  # in the queue, 1 is next; 0 once it has begun
    arms: tuple[ArmStatus, ...]
    seconds_left: float  # of the time budget, of the arm that has most
    attempt: int  # 1, and 1 more at every Retry: events of lost steps are gone then
    last_event: int  # the newest number, for `Engine.events`
    created: float  # seconds since 1970
    ended: float | None
    guess: dict[str, Any] = field(default_factory=dict)
    instructor: bool = False  # an instructor started it
    # Seconds until it begins, while it is queued; None: not known, because a run
    # before it is paused.
    wait: float | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come, unless it is retried."""
        return self.state in OVER


# --- as bytes, for the store --------------------------------------------------------


def pack(report: Report) -> bytes:
    """A report as compressed bytes: a line of JSON, then the arrays it names."""
    plain = {f.name: getattr(report, f.name) for f in fields(Report)}
    plain["layers"] = [asdict(layer) for layer in report.layers]
    plain["counted"] = None if report.counted is None else asdict(report.counted)
    arrays: dict[str, NDArray[Any]] = {}
    if (filters := plain.pop("filters")) is not None:
        arrays["filters"] = filters
    if (masks := plain.pop("masks")) is not None:
        arrays |= vars(masks)
    plain["arrays"] = {
        name: [array.dtype.str, array.shape] for name, array in arrays.items()
    }
    body = b"".join(np.ascontiguousarray(x).tobytes() for x in arrays.values())
    return zlib.compress(json.dumps(plain).encode() + b"\n" + body, level=1)


def unpack(packed: bytes) -> Report:
    """The reverse of `pack`."""
    head, _, body = zlib.decompress(packed).partition(b"\n")
    plain = json.loads(head)
    arrays, start = {}, 0
    for name, (dtype, shape) in plain.pop("arrays").items():
        count = math.prod(shape)
        array = np.frombuffer(body, dtype, count, start).reshape(shape)
        arrays[name], start = array, start + array.nbytes
    plain["layers"] = tuple(
        LayerReport(**layer | {"histogram": tuple(layer["histogram"])})
        for layer in plain["layers"]
    )
    if (counted := plain.get("counted")) is not None:
        plain["counted"] = Counted(**counted)
    filters = arrays.pop("filters", None)
    return Report(
        **plain, filters=filters, masks=MaskReport(**arrays) if arrays else None
    )
