"""Trains one arm of an experiment. Knows neither Dask nor Streamlit.

Backend-neutral Keras 3. The loop is `model.fit`'s own compiled one, and everything it
needs lies on the device from the start: the pictures are a variable, and what `fit`
is fed are their numbers, in an order that seed and step alone decide. So an arm is as
fast as a bare `fit` (`python -m bench.lab`), and one that was interrupted goes on with
the very batch it would have had.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lab import checkpoints, datasets, networks
from lab.experiments import Arm
from lab.records import (
    HISTOGRAM_EDGES,
    Control,
    Counted,
    Ending,
    LayerReport,
    MaskReport,
    Report,
)
from model.network.build import build
from model.network.specs import Conv, Dense, Layer, Spec

# Unless `train` is told otherwise, error and accuracy are measured on so many pictures
# each, always the same. A picture looked at costs a third of one learned from, so this
# schedule takes 2 % of the time.
SAMPLE = 200
EVALUATE_EVERY = 6_400  # training pictures, at most
POINTS = 24  # of a curve that its epochs end, at least, where it has so many steps
TRACE_EVERY = 1_280  # training images between two points of the running batch error
REPORT_EVERY = 0.9  # seconds
KEEP_EVERY = 2.0  # seconds between two saved states, at least
NAP = 0.02  # seconds between two looks at the command while paused
SHIFT = 4  # pixels, at most, in each direction (augmentation)
FLAT = 0.06  # of its steepest slope: where a curve passes (almost) nothing on
SHOWN = 16  # pictures whose pre-activations are counted
COUNTED = 4_096  # of them a layer, at most
MASKS = 10  # of dropout, shown on one picture
LOGITS = 0.1  # deviation of the logits at the start, with "unit-variance"
SCALED_ON = 256  # training images that this start is measured on
UNITS = 512  # of the first layer with dropout, at most, whose sleep is shown
_MOST = float(np.finfo(np.float16).max)


class Command(Protocol):
    """Answers at once with what is wanted; asked after every batch."""

    def __call__(self) -> Control: ...


class Trace(Protocol):
    """Is handed the error of the batches since the last call, 0 to 1."""

    def __call__(self, epoch: float, batch_error: float) -> None: ...


RUN = Control()


# --- the network --------------------------------------------------------------------


def _start(arm: Arm, layer: Layer, first: str) -> keras.initializers.Initializer:
    """A layer's first weights. One seed a layer: adding one leaves the others alone."""
    seed = zlib.crc32(f"{arm.seed} {layer.name}".encode()) & 0x7FFFFFFF
    if arm.initialisation == "2012":
        deviation = 0.0001 if layer.name == first else 0.01
        return keras.initializers.RandomNormal(stddev=deviation, seed=seed)
    rectified = getattr(layer, "activation", "") in ("relu", "leaky_relu", "gelu")
    he_or_glorot = (
        keras.initializers.HeNormal if rectified else keras.initializers.GlorotNormal
    )
    return he_or_glorot(seed=seed)


def network(arm: Arm, spec: Spec) -> keras.Model:
    """The arm's network with its first weights; biases are zero."""
    first = next(spec.convolutions()).name

    def options(layer: Layer) -> dict[str, Any]:
        if not isinstance(layer, Conv | Dense):
            return {}
        return {"kernel_initializer": _start(arm, layer, first)}

    return build(spec, options)


def scale_to_unit_variance(net: keras.Model, inputs: Any) -> None:
    """Scales each layer's kernel so that its pre-activations have deviation 1.

    Layer after layer, each on what the scaled ones before it make of the images; the
    logits get a deviation of LOGITS, so that the loss begins at that of chance
    (Mishkin and Matas 2016, arXiv 1511.06422, without their orthonormal start).

    Args:
        inputs: (N, size, size, 3) network inputs.
    """
    x = inputs
    weighted = [layer for layer in net.layers if hasattr(layer, "kernel")]
    for layer in net.layers[1:]:  # the first is the input
        if hasattr(layer, "kernel"):
            deviation = float(ops.std(_linear(layer, x)))
            wanted = LOGITS if layer is weighted[-1] else 1.0
            layer.kernel.assign(layer.kernel * (wanted / max(deviation, 1e-12)))
        x = layer(x, training=False)


def _linear(layer: Any, x: Any) -> Any:
    """The layer's pre-activations."""
    if hasattr(layer, "convolution_op"):
        return layer.convolution_op(x, layer.kernel) + layer.bias
    return ops.matmul(x, layer.kernel) + layer.bias


class Pictures(keras.layers.Layer):
    """Numbers of pictures -> network inputs: (N,) int32 -> (N, size, size, 3) float32.

    With `augment`, while training, each picture is shifted by up to SHIFT pixels,
    its border repeated, and mirrored half of the time.
    """

    def __init__(
        self, pictures: NDArray[np.uint8], size: int, arm: Arm, **kwargs: Any
    ) -> None:
        super().__init__(trainable=False, name="pictures", **kwargs)
        self.size, self.augment = size, arm.augment
        self.side = pictures.shape[1]
        some = pictures[:: max(1, len(pictures) // 5_000)].astype(np.float32)
        self.mean = some.mean((0, 1, 2))
        if arm.scaling == "mean-image":
            self.mean = pictures.mean(0, np.float32)[:size, :size]
        self.deviation = (
            some.std((0, 1, 2)) + 1e-3
            if arm.scaling == "standardised"
            else np.ones(3, np.float32)
        )
        self.pixels = self.add_weight(
            shape=(pictures.size // 3, 3),
            dtype="uint8",
            initializer="zeros",
            trainable=False,
            name="pixels",
        )
        self.pixels.assign(pictures.reshape(-1, 3))
        self.seed = keras.random.SeedGenerator(arm.seed)

    def scaled(self, pixels: Any) -> Any:
        return (ops.cast(pixels, "float32") - self.mean) / self.deviation

    def call(self, numbers: Any, training: bool = False) -> Any:
        if not (training and self.augment):
            shape = (-1, self.side, self.side, 3)
            whole = ops.take(ops.reshape(self.pixels, shape), numbers, axis=0)
            return self.scaled(whole[:, : self.size, : self.size])
        one = ops.expand_dims(numbers, 1)  # (N, 1)
        at = ops.zeros_like(one) + ops.arange(self.size, dtype="int32")
        down, right = (
            keras.random.randint(
                ops.shape(one), -SHIFT, SHIFT + 1, "int32", seed=self.seed
            )
            for _ in "yx"
        )
        mirrored = keras.random.uniform(ops.shape(one), seed=self.seed) < 0.5
        rows = ops.clip(at + down, 0, self.side - 1)
        columns = ops.where(mirrored, self.size - 1 - at, at)
        columns = ops.clip(columns + right, 0, self.side - 1)
        at = (one * self.side + rows)[:, :, None] * self.side + columns[:, None, :]
        return self.scaled(ops.take(self.pixels, at, axis=0))  # (N, size, size, 3)


class Paper(keras.optimizers.SGD):
    """The paper's section 5, and the size of each layer's gradient as it goes by.

    v <- momentum * v - rate * (gradient + decay * w);  w <- w + v
    Weights decay, biases do not; biases may have a rate of their own.
    """

    def __init__(self, arm: Arm) -> None:
        super().__init__(arm.learning_rate, momentum=float(arm.momentum))
        self.decay, self.bias_rate = arm.weight_decay, arm.bias_rate

    def build(self, variables: list[Any]) -> None:
        if self.built:
            return
        super().build(variables)
        names = [variable.path.split("/")[-2] for variable in variables]
        self.layer_names = list(dict.fromkeys(names))
        self.layer_of = [self.layer_names.index(name) for name in names]
        self.norms = self.add_variable(
            (len(self.layer_names),), dtype="float32", name="norms"
        )

    def apply(self, grads: list[Any], trainable_variables: Any = None) -> None:
        variables = (
            self._trainable_variables
            if trainable_variables is None
            else list(trainable_variables)
        )
        if not self.built:
            self.build(variables)
        squares: list[Any] = [0.0] * len(self.layer_names)
        for gradient, layer in zip(grads, self.layer_of, strict=True):
            squares[layer] = squares[layer] + ops.sum(ops.square(gradient))
        self.norms.assign(ops.sqrt(ops.stack(squares)))
        if self.decay:
            grads = [
                gradient + self.decay * ops.convert_to_tensor(variable)
                if len(variable.shape) > 1
                else gradient
                for gradient, variable in zip(grads, variables, strict=True)
            ]
        if self.bias_rate != 1:
            grads = [
                gradient if len(variable.shape) > 1 else gradient * self.bias_rate
                for gradient, variable in zip(grads, variables, strict=True)
            ]
        super().apply(grads, trainable_variables)


class Probe(keras.Model):
    """One forward pass in evaluation mode that also looks before each activation."""

    def __init__(self, network: keras.Model) -> None:
        super().__init__(name="probe")
        self.network = network
        self.sleepers = [x for x in network.layers if hasattr(x, "rate")]
        self.seed = keras.random.SeedGenerator(2012)  # its own: training's is not spent

    def call(self, inputs: Any) -> dict[str, Any]:
        x, idle, before = inputs, [], []
        for layer in self.network.layers[1:]:  # the first is the input
            if not hasattr(layer, "kernel"):
                x = layer(x, training=False)
                continue
            linear = _linear(layer, x)
            x = layer.activation(linear)
            idle.append(_idle(layer.activation.__name__, linear, x))
            some = linear[:SHOWN]
            count = min(SHOWN, 2 * SAMPLE) * math.prod(linear.shape[1:])
            step = max(1, count // COUNTED)
            before.append(ops.reshape(some, (-1,))[::step])
        seen = {"probabilities": x, "idle": ops.stack(idle), "before": before}
        return seen | (self.masked(inputs[-1:]) if self.sleepers else {})

    def masked(self, one: Any) -> dict[str, Any]:
        """One picture (1, size, size, 3) under MASKS masks, as training has them."""
        x = ops.repeat(one, MASKS, axis=0)
        awake = None
        for layer in self.network.layers[1:]:
            if layer not in self.sleepers:
                x = layer(x, training=False)
                continue
            kept = keras.random.dropout(ops.ones_like(x), layer.rate, seed=self.seed)
            x = x * kept  # 0, or 1 / (1 - rate)
            awake = kept if awake is None else awake
        return {"masked": x, "awake": ops.reshape(awake, (MASKS, -1))[:, :UNITS]}


def _idle(activation: str, linear: Any, outputs: Any) -> Any:
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


# --- the order and the state --------------------------------------------------------


def order(seed: int, count: int, batch: int, start: int, steps: int) -> NDArray[Any]:
    """The pictures of `steps` batches from step `start` on: (steps * batch,) int32.

    One shuffle of all pictures after another, so every batch is full. What a step
    sees depends on the seed and its number alone.
    """
    first, last = start * batch, (start + steps) * batch
    laps = range(first // count, -(-last // count))
    stream = [
        np.random.default_rng([seed, lap]).permutation(count).astype(np.int32)
        for lap in laps
    ]
    offset = first - laps.start * count
    return np.concatenate([*stream, np.empty(0, np.int32)])[
        offset : offset + last - first
    ]


def _variables(network: keras.Model, optimizer: Paper, pictures: Pictures) -> list[Any]:
    """Everything that a step changes: weights, momentum, random states."""
    return [*network.variables, *optimizer.variables, pictures.seed.state]


def _restore(state: bytes, variables: list[Any]) -> checkpoints.Progress:
    """Puts a saved state back.

    Raises:
        lab.states.StateBroken: it is damaged, or another arm's.
    """
    arrays, progress = checkpoints.unpack(state)
    if [x.shape for x in arrays] != [tuple(v.shape) for v in variables]:
        raise checkpoints.StateBroken(
            "The saved state belongs to another network. Start the experiment again."
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return progress


# --- the watcher --------------------------------------------------------------------


class _Watcher(keras.callbacks.Callback):
    """Between two batches: obeys, reports, saves, and ends what must end."""

    def __init__(
        self,
        arm: Arm,
        count: int,
        total: int,
        now: checkpoints.Progress,
        evaluate: Callable[[], Report | None],
        report: Callable[[Report], None],
        command: Command,
        keep: Callable[[], None],
        evaluate_steps: int,
        trace: Trace | None,
    ) -> None:
        super().__init__()
        self.trace = trace
        self.trace_steps = max(1, round(TRACE_EVERY / arm.batch))
        self.traced = (0, 0.0)  # batches since the metrics' reset, errors in them
        self.reset_step = now.step
        self.arm, self.count, self.total = arm, count, total
        self.evaluate, self.report, self.keep = evaluate, report, keep
        self.command = command
        self.step, self.before = now.step, now.seconds
        self.began: float | None = None
        self.paused = 0.0  # seconds
        self.single = command().steps  # steps asked for and done
        self.reported = self.kept = 0.0  # when, in `seconds`
        self.reported_step = self.evaluated_step = self.told_step = now.step
        self.speed = 0.0
        self.loss = math.nan
        self.latest: Report | None = None
        self.errors: list[float] = []  # each training error measured
        self.ending: Ending | None = None
        self.evaluate_steps = evaluate_steps

    @property
    def seconds(self) -> float:
        """Of training, pauses taken off, those of an earlier attempt counted."""
        if self.began is None:
            return self.before
        return self.before + time.monotonic() - self.began - self.paused

    def end(self, state: Literal["finished", "stopped", "failed"], why: str) -> None:
        self.ending = Ending(state, why)
        self.model.stop_training = True

    def sync(self) -> None:
        """JAX's trainer keeps the state to itself until it is asked for."""
        if hasattr(self.model, "jax_state_sync"):
            self.model.jax_state_sync()

    def tell(self, evaluate: bool) -> None:
        self.sync()
        if evaluate:
            self.evaluated_step = self.step
        seconds = self.seconds
        if seconds > self.reported and self.step > self.reported_step:
            pictures = (self.step - self.reported_step) * self.arm.batch
            self.speed = pictures / (seconds - self.reported)
        self.reported, self.reported_step = seconds, self.step
        self.told_step = self.step
        self.latest = self.evaluate()
        if self.latest is None:
            return self.end("failed", _not_a_number(self.arm))
        if evaluate:
            self.errors.append(self.latest.training_error)
        self.report(self.latest)

    def on_train_begin(self, logs: Any = None) -> None:
        self.sync()
        self.latest = self.evaluate()
        self.obey()

    def begin(self) -> None:
        """The clock starts after the first batch, which is spent compiling."""
        self.began, self.paused = time.monotonic(), 0.0
        self.reported, self.kept = self.before, self.before
        if self.latest is not None:
            self.report(self.latest)
        self.reported_step = self.step

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        arm, logs = self.arm, logs or {}
        self.step += 1
        if batch == 0:
            self.begin()
        self.follow_batches(logs)
        due = self.step % self.evaluate_steps == 0 or self.step == self.total
        if due or self.seconds - self.reported >= REPORT_EVERY:
            self.loss = float(logs["loss"])
            if not math.isfinite(self.loss):
                return self.end("failed", _not_a_number(arm))
            self.tell(due)
            if self.ending is not None:
                return None
            if due:
                self.model.reset_metrics()
                self.traced, self.reset_step = (0, 0.0), self.step
        laps = [(step * arm.batch) // self.count for step in (self.step - 1, self.step)]
        if laps[0] < laps[1] and self.seconds - self.kept >= KEEP_EVERY:
            self.sync()
            self.keep()
            self.kept = self.seconds
        last = self.errors[-2:]
        if arm.until is not None and len(last) > 1 and max(last) <= arm.until:
            there = f"It is at {arm.until:.0%} training error."
            return self.end("finished", there)
        if self.step == self.total:
            return self.end("finished", _all_done(arm))
        if self.seconds >= arm.seconds:
            return self.end(
                "finished", f"Its time of {arm.seconds:g} seconds is used up."
            )
        self.obey(logs)

    def follow_batches(self, logs: dict[str, Any]) -> None:
        """Hands the error of the latest batches on, every `trace_steps` steps."""
        if self.trace is None or self.step % self.trace_steps:
            return
        count = self.step - self.reset_step
        wrong = (1 - float(logs["accuracy"])) * count
        before, wrong_before = self.traced
        self.traced = count, wrong
        error = (wrong - wrong_before) / (count - before)
        self.trace(self.step * self.arm.batch / self.count, min(max(error, 0.0), 1.0))

    def obey(self, logs: dict[str, Any] | None = None) -> None:
        """Waits here while paused; lets single steps through."""
        wanted = self.command()
        if wanted.mode == "run":
            self.single = wanted.steps
            return
        if self.began is None and self.latest is not None:
            self.report(self.latest)  # paused before its first step
            self.latest = None
        halted = time.monotonic()
        if wanted.mode == "pause" and logs and self.step > self.told_step:
            self.loss = float(logs["loss"])
            self.tell(evaluate=True)
        while wanted.mode == "pause" and wanted.steps <= self.single:
            time.sleep(NAP)
            wanted = self.command()
        self.paused += time.monotonic() - halted
        if wanted.mode == "stop":
            self.end("stopped", wanted.reason or f"Stopped at step {self.step:,}.")
        elif wanted.mode == "pause":
            self.single += 1


def _not_a_number(arm: Arm) -> str:
    return (
        f"The learning rate {arm.learning_rate:g} is too high for {arm.activation} "
        "here: the loss is no longer a number. Try a smaller one."
    )


def _all_done(arm: Arm) -> str:
    if arm.epochs == 1:
        return "The one epoch is done."
    return f"All {arm.epochs} epochs are done."


def device() -> str:
    """What arms are trained on here: "CPU", or the name Keras has for the GPU."""
    gpus = [name for name in keras.distribution.list_devices() if "cpu" not in name]
    return gpus[0].upper() if gpus else "CPU"


@dataclass(frozen=True)
class _Fixed:
    """Fixed pictures that are looked at together."""

    inputs: Any  # (N, size, size, 3)
    truth: NDArray[np.int32]  # (N,)
    learned: int  # how many of them, from the first on, are trained on; not the others


def _fixed(data: datasets.Dataset, count: int, sample: int) -> list[_Fixed]:
    """The fixed pictures: `sample` of the first `count` to train on, and of the others.

    In parts, for one look at all would take much memory. The first part does not depend
    on `sample`, so idle shares and histograms, which are its, do not either.
    """
    chosen, others = (
        np.random.default_rng(2012).permutation(number)[:sample]
        for number in (count, len(data.validation_labels))
    )
    parts = []
    for start in range(0, max(len(chosen), len(others)), SAMPLE):
        part = np.s_[start : start + SAMPLE]
        mine, new = chosen[part], others[part]
        parts.append(
            _Fixed(
                np.concatenate([data.train[mine], data.validation[new]]),
                np.concatenate([data.train_labels[mine], data.validation_labels[new]]),
                len(mine),
            )
        )
    return parts


def steps_between(batch: int, total: int) -> int:
    """Steps from one measurement to the next, of an arm with `total` steps.

    About EVALUATE_EVERY images, or a whole fraction of that where the curve would have
    fewer than POINTS points: a longer run is measured wherever a shorter one is.
    """
    whole = max(1, round(EVALUATE_EVERY / batch))
    most = max(1, total // POINTS)
    return max(n for n in range(1, whole + 1) if whole % n == 0 and n <= most)


def _counted(
    data: datasets.Dataset, labels: NDArray[np.int32], parts: list[_Fixed]
) -> Counted:
    """What is counted on the fixed images, and what naming one class would reach.

    Args:
        labels: (N,) of all images trained on.
    """
    learned = np.concatenate([part.truth[: part.learned] for part in parts])
    others = np.concatenate([part.truth[part.learned :] for part in parts])
    shares = np.bincount(labels, minlength=len(data.classes)) / len(labels)
    largest = int(np.argmax(shares))
    return Counted(
        training=len(learned),
        validation=len(others),
        classes=len(data.classes),
        largest=float(shares[largest]),
        training_error=float(np.mean(learned != largest)),
        validation_error=float(np.mean(others != largest)),
    )


# --- the arm ------------------------------------------------------------------------


def train(
    arm: Arm,
    report: Callable[[Report], None],
    command: Command = lambda: RUN,
    *,
    data: datasets.Dataset | None = None,
    start: bytes | None = None,
    keep: Callable[[bytes, int], None] = lambda state, epoch: None,
    sample: int = SAMPLE,
    evaluate_every: int | None = None,
    trace: Trace | None = None,
) -> Ending:
    """Trains an arm to its end; reports at least every second.

    The same arm gives the same curve: the order, the first weights, the shifts and
    the dropout depend on its seed alone, and error and accuracy are measured at the
    same steps whatever the machine's speed.

    Args:
        report: is handed a Report at the start, every second, and at the end.
        command: answers what is wanted; obeyed after the batch in hand.
        data: instead of what `lab.datasets` has under the arm's name.
        start: a state that `keep` was given; training goes on from there.
        keep: is handed the state and its number of passes after a pass.
        sample: fixed pictures of either kind that error and accuracy are measured on.
        evaluate_every: training images from one measurement to the next; None: as
            `steps_between` has it.
        trace: is handed the running batch error, every TRACE_EVERY training images.

    Raises:
        lab.states.StateBroken: `start` is damaged, or another arm's.
        KeyError: there is no data set of that name.
        ValueError: the pictures are too small for the network.
    """
    data = data or datasets.load(arm.dataset, arm.seed, arm.pictures)
    images, labels = data.train[: arm.pictures], data.train_labels[: arm.pictures]
    count = len(labels)
    # A batch that is larger than the set would show each image more than once a step,
    # and leave too few steps for a curve.
    arm = replace(arm, batch=min(arm.batch, count))
    spec = networks.spec(arm, images.shape[1], len(data.classes))
    keras.utils.set_random_seed(arm.seed)
    net = network(arm, spec)
    pictures = Pictures(images, spec.input_size, arm)
    learner = keras.Sequential([keras.Input((), dtype="int32"), pictures, net])
    optimizer = Paper(arm)
    watched = ["accuracy"] if trace is not None else []
    learner.compile(optimizer, "sparse_categorical_crossentropy", metrics=watched)
    optimizer.build(net.trainable_variables)
    variables = _variables(net, optimizer, pictures)
    if start is not None:
        now = _restore(start, variables)
    else:
        now = checkpoints.Progress(0, 0.0)
        if arm.initialisation == "unit-variance":
            some = order(arm.seed, count, min(SCALED_ON, count), 0, 1)
            cut = images[some][:, : spec.input_size, : spec.input_size]
            scale_to_unit_variance(net, pictures.scaled(cut))

    cut = np.s_[:, : spec.input_size, : spec.input_size]
    looked_at = [
        replace(part, inputs=pictures.scaled(part.inputs[cut]))
        for part in _fixed(data, count, sample)
    ]
    counted = _counted(data, labels, looked_at)
    probe = Probe(net)
    first = net.get_layer(next(spec.convolutions()).name)

    def measured() -> dict[str, Any]:
        wrong, wrong_new, right = [], [], []
        for part in looked_at:
            seen = probe.predict_on_batch(part.inputs)
            likely, learned = seen["probabilities"], part.learned
            missed = np.argmax(likely, axis=-1) != part.truth
            wrong += list(missed[:learned])
            wrong_new += list(missed[learned:])
            right += list(likely[np.arange(learned), part.truth[:learned]])
            if part is looked_at[0]:
                within = seen
        return {
            "loss": float(-np.log(np.maximum(right, 1e-7)).mean()),
            "training_error": float(np.mean(wrong)),
            "validation_accuracy": 1 - float(np.mean(wrong_new)),
            "idle": [float(x) for x in np.asarray(within["idle"])],
            "histograms": [_histogram(np.asarray(x)) for x in within["before"]],
            "step": watcher.evaluated_step,
            "masks": _masks(within),
        }

    last: dict[str, Any] = {}

    def look() -> Report | None:
        """What is reported now; None if it is no longer a number."""
        if last.get("step") != watcher.evaluated_step:
            last.update(measured())
        norms = ops.convert_to_numpy(optimizer.norms)
        if not np.isfinite([last["loss"], *last["idle"], *norms]).all():
            return None
        kernel = np.clip(ops.convert_to_numpy(first.kernel), -_MOST, _MOST)
        return Report(
            step=watcher.step,
            epoch=watcher.step * arm.batch / count,
            seconds=watcher.seconds,
            loss=watcher.loss if math.isfinite(watcher.loss) else last["loss"],
            training_error=last["training_error"],
            validation_accuracy=last["validation_accuracy"],
            pictures_per_second=watcher.speed,
            evaluated_step=watcher.evaluated_step,
            layers=tuple(
                LayerReport(name, float(norm), idle, histogram)
                for name, norm, idle, histogram in zip(
                    optimizer.layer_names,
                    norms,
                    last["idle"],
                    last["histograms"],
                    strict=True,
                )
            ),
            filters=kernel.astype(np.float16),
            masks=last["masks"],
            counted=counted,
        )

    def save() -> None:
        arrays = [ops.convert_to_numpy(variable) for variable in variables]
        progress = checkpoints.Progress(watcher.step, watcher.seconds)
        keep(checkpoints.pack(arrays, progress), watcher.step * arm.batch // count)

    total = math.ceil(arm.epochs * count / arm.batch)
    between = (
        steps_between(arm.batch, total)
        if evaluate_every is None
        else max(1, round(evaluate_every / arm.batch))
    )
    watcher = _Watcher(
        arm, count, total, now, look, report, command, save, between, trace
    )
    if now.step >= total:
        return Ending("finished", _all_done(arm))
    numbers = order(arm.seed, count, arm.batch, now.step, total - now.step)
    learner.fit(
        numbers,
        labels[numbers],
        batch_size=arm.batch,
        shuffle=False,
        verbose=0,
        callbacks=[watcher],
    )
    ended_well = watcher.ending is None or watcher.ending.state != "failed"
    if ended_well and watcher.evaluated_step != watcher.step:
        watcher.tell(evaluate=True)
    assert watcher.ending is not None  # the last step ends it
    return watcher.ending


def _masks(seen: dict[str, Any]) -> MaskReport | None:
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
