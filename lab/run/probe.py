"""What is measured of a network: error and accuracy, and how its layers do."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lab.datasets import Dataset
from lab.records import HISTOGRAM_EDGES, LayerReport, MaskReport, Report
from lab.run.images import counted, fixed
from lab.run.initialise import pre_activations
from lab.run.learner import Learner

FLAT = 0.06  # of its steepest slope: where a curve passes (almost) nothing on
SHOWN = 16  # images whose pre-activations are counted
COUNTED = 4_096  # of them a layer, at most
MASKS = 10  # of dropout, shown on one image
UNITS = 512  # of the first layer with dropout, at most, whose sleep is shown
_MOST = float(np.finfo(np.float16).max)


class Probe(keras.Model):
    """One forward pass in evaluation mode that also looks before each activation."""

    def __init__(self, network: keras.Model) -> None:
        super().__init__(name="probe")
        self.network = network
        self.dropouts = [x for x in network.layers if hasattr(x, "rate")]
        self.seed = keras.random.SeedGenerator(2012)  # its own: training's is not spent

    def call(self, inputs: Any) -> dict[str, Any]:
        x, idle, before = inputs, [], []
        for layer in self.network.layers[1:]:  # the first is the input
            if not hasattr(layer, "kernel"):
                x = layer(x, training=False)
                continue
            linear = pre_activations(layer, x)
            x = layer.activation(linear)
            idle.append(idle_share(layer.activation.__name__, linear, x))
            some = linear[:SHOWN]
            count = SHOWN * math.prod(linear.shape[1:])
            step = max(1, count // COUNTED)
            before.append(ops.reshape(some, (-1,))[::step])
        seen = {"probabilities": x, "idle": ops.stack(idle), "before": before}
        return seen | (self.masked(inputs[-1:]) if self.dropouts else {})

    def masked(self, one: Any) -> dict[str, Any]:
        """One image (1, size, size, 3) under MASKS masks, as training has them."""
        x = ops.repeat(one, MASKS, axis=0)
        awake = None
        for layer in self.network.layers[1:]:
            if layer not in self.dropouts:
                x = layer(x, training=False)
                continue
            kept = keras.random.dropout(ops.ones_like(x), layer.rate, seed=self.seed)
            x = x * kept  # 0, or 1 / (1 - rate)
            awake = kept if awake is None else awake
        return {"masked": x, "awake": ops.reshape(awake, (MASKS, -1))[:, :UNITS]}


def idle_share(activation: str, linear: Any, outputs: Any) -> Any:
    """See `LayerReport.idle`: a number from 0 to 1."""

    def share(condition: Any) -> Any:
        return ops.mean(ops.cast(condition, "float32"))

    most = ops.max(linear, axis=tuple(range(len(linear.shape) - 1)))  # (units,)
    match activation:
        case "relu":
            return share(most <= 0)
        case "gelu":
            return share(most < -3)  # where its slope is next to nothing for good
        case "tanh":
            return share(1 - ops.square(outputs) < FLAT)
        case "sigmoid":
            return share(4 * outputs * (1 - outputs) < FLAT)
        case _:
            return share(most < -math.inf)  # leaky ReLU and softmax are never flat


@dataclass(frozen=True)
class _Measured:
    """What a look at the fixed images has shown."""

    step: int
    loss: float
    training_error: float
    validation_accuracy: float
    idle: list[float]  # per layer
    histograms: list[tuple[int, ...]]
    masks: MaskReport | None


class Measurements:
    """Makes the reports of an arm.

    Args:
        sample: fixed images of either kind that error and accuracy are measured on.
    """

    def __init__(self, learner: Learner, data: Dataset, sample: int) -> None:
        self.learner = learner
        self.parts = [
            replace(part, inputs=learner.scaled(part.inputs))
            for part in fixed(data, len(learner.labels), sample)
        ]
        self.counted = counted(data, learner.labels, self.parts)
        self.probe = Probe(learner.network)
        self.last: _Measured | None = None

    def _measure(self, step: int) -> _Measured:
        wrong: list[Any] = []
        wrong_new: list[Any] = []
        right: list[Any] = []
        first: dict[str, Any] = {}
        for part in self.parts:
            seen = self.probe.predict_on_batch(part.inputs)
            first = first or seen
            likely, learned = seen["probabilities"], part.learned
            missed = np.argmax(likely, axis=-1) != part.truth
            wrong += list(missed[:learned])
            wrong_new += list(missed[learned:])
            right += list(likely[np.arange(learned), part.truth[:learned]])
        return _Measured(
            step,
            loss=float(-np.log(np.maximum(right, 1e-7)).mean()),
            training_error=float(np.mean(wrong)),
            validation_accuracy=1 - float(np.mean(wrong_new)),
            idle=[float(x) for x in np.asarray(first["idle"])],
            histograms=[_histogram(np.asarray(x)) for x in first["before"]],
            masks=_mask_report(first),
        )

    def report(
        self, step: int, evaluated_step: int, epoch: float, loss: float
    ) -> Report | None:
        """The report of a step; None if a value in it is no longer finite.

        `seconds` and `pictures_per_second` are 0 in it: the caller has the clock.

        Args:
            evaluated_step: measured now, unless that was done at this step before.
            loss: of the latest batches; not finite: before the first step.
        """
        if self.last is None or self.last.step != evaluated_step:
            self.last = self._measure(evaluated_step)
        last, optimiser = self.last, self.learner.optimiser
        norms = ops.convert_to_numpy(optimiser.norms)
        if not np.isfinite([last.loss, *last.idle, *norms]).all():
            return None
        names = optimiser.layer_names
        layers = zip(names, norms, last.idle, last.histograms, strict=True)
        return Report(
            step=step,
            epoch=epoch,
            seconds=0.0,
            loss=loss if math.isfinite(loss) else last.loss,
            training_error=last.training_error,
            validation_accuracy=last.validation_accuracy,
            pictures_per_second=0.0,
            evaluated_step=evaluated_step,
            layers=tuple(
                LayerReport(name, float(norm), idle, histogram)
                for name, norm, idle, histogram in layers
            ),
            filters=self.filters().astype(np.float16),
            masks=last.masks,
            counted=self.counted,
        )

    def filters(self) -> NDArray[np.float32]:
        """The first layer's as they are now: (height, width, 3, n)."""
        return np.clip(self.learner.first_kernel, -_MOST, _MOST)


def _mask_report(seen: dict[str, Any]) -> MaskReport | None:
    if "masked" not in seen:
        return None
    return MaskReport(
        awake=np.asarray(seen["awake"]) > 0,
        outputs=np.asarray(seen["masked"]).astype(np.float16),
        without=np.asarray(seen["probabilities"])[-1].astype(np.float16),
    )


def _histogram(values: NDArray[np.float32]) -> tuple[int, ...]:
    inside = np.clip(values, HISTOGRAM_EDGES[0], HISTOGRAM_EDGES[-1])
    counts, _ = np.histogram(inside, HISTOGRAM_EDGES)
    return tuple(int(x) for x in counts)
