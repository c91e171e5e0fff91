"""Trains the embedded weights: `python -m model.training --data FOLDER --out FOLDER`.

The lesson's network on the 200 classes of Tiny ImageNet, in backend-neutral
Keras 3 (`KERAS_BACKEND` may be tensorflow, jax or torch), end to end and
resumable: run the same command again and it goes on after the last report.

The recipe, and why
    Growing pictures. The convolutions are the same at every input size, and a
    small picture costs a fraction of a large one. So the network learns at 72
    pixels, then at 104 and 144, and finishes at 224; in between, the weights of the
    first dense layer are spread over its other input (`grow`). A run that is over can
    be given more stages, at any size: `--stages`, with the old ones first.
    Batch normalisation as scaffolding. It was invented in 2015 and is not part of
    the network: it stands between each sum and its ReLU while the network learns,
    several times faster than without, and is then folded into the weights
    (`model.network.build.fold`), which changes no answer.
    A small Gaussian in conv1 (deviation 0.005). With the usual He initialisation
    the network learns as well, but its 11 x 11 filters keep looking like the noise
    they started from; from a small start, what they show is what they learned.
    Several magnifications and sharpnesses (`Crops`), because students upload
    photographs far sharper than the 64-pixel pictures of the training set.
    SGD with Nesterov momentum 0.9 and L2 0.00025, which is the paper's weight
    decay of 0.0005 (section 5); the rate warms up and then falls.
    All pictures lie on the device as they are, 8 bits a value (`Resident`): a step
    sends it their numbers, and what crops and colours them runs beside the network.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from numpy.typing import NDArray

from model import weights
from model.network.build import build, fold
from model.network.specs import SIMPLIFIED, Conv, Dense, Dropout, Layer, Pixels, Spec
from model.training.recipe import RECIPES, Recipe, Stage
from model.training.tiny_imagenet import (
    SIDE,
    Crops,
    Pictures,
    Resident,
    left_out_classes,
    load_tiny_imagenet,
    without,
)

VALIDATED = 2_000  # pictures that a report is validated on


def network(spec: Spec, recipe: Recipe) -> keras.Model:
    """The network in training: with dropout, weight decay and batch normalisation."""

    def options(layer: Layer) -> dict[str, Any]:
        if layer == next(spec.convolutions()):
            start = keras.initializers.RandomNormal(
                stddev=recipe.first_deviation, seed=recipe.seed
            )
        elif isinstance(layer, Dense) and layer.activation == "softmax":
            start = keras.initializers.RandomNormal(stddev=0.01, seed=recipe.seed)
        elif isinstance(layer, Conv | Dense):
            start = keras.initializers.HeNormal(seed=recipe.seed)
        else:
            return {}
        return {
            "kernel_initializer": start,
            "kernel_regularizer": keras.regularizers.L2(recipe.decay),
        }

    layers = tuple(
        replace(layer, rate=recipe.dropout) if isinstance(layer, Dropout) else layer
        for layer in spec.layers
    )
    return build(replace(spec, layers=layers), options, batch_norm=True)


def spread(kernel: NDArray[np.float32], before: int, after: int) -> NDArray[np.float32]:
    """The first dense layer's weights for maps of another size.

    (before * before * C, units) -> (after * after * C, units): the weights of each old
    position are shared out over the new positions by the area they overlap, so that
    maps that are constant in space give the same sum.
    """
    units = kernel.shape[1]
    low = np.arange(after)[:, None] * before / after  # new cells, in old cells
    high = low + before / after
    old = np.arange(before)[None, :]
    share = np.clip(np.minimum(high, old + 1) - np.maximum(low, old), 0, None)
    cube = kernel.reshape(before, before, -1, units)
    new = np.einsum("ai,bj,ijcu->abcu", share, share, cube, optimize=True)
    return np.ascontiguousarray(new.reshape(-1, units), np.float32)


def grow(before: keras.Model, after: keras.Model) -> None:
    """Moves the weights of a network to the same network at another input size."""
    for layer in before.layers:
        arrays = [np.asarray(w) for w in layer.get_weights()]
        target = after.get_layer(layer.name)
        if arrays and arrays[0].shape != tuple(target.weights[0].shape):
            sides = (m.get_layer("pool5").output.shape[1] for m in (before, after))
            arrays[0] = spread(arrays[0], *sides)
        target.set_weights(arrays)


class PictureOrder(keras.utils.PyDataset):
    """The batches of a run, one shuffle of all pictures after another.

    What is shown depends on the seed and on the step of the whole run alone, so a run
    that was interrupted goes on where it was: starting each time with the same
    pictures teaches the network these by heart.
    """

    def __init__(self, pictures: Pictures, recipe: Recipe, done: int, steps: int):
        super().__init__()
        self.pictures, self.recipe = pictures, recipe
        self.done, self.steps, self.step = done, steps, done

    def __len__(self) -> int:
        return self.steps

    def begin(self, report: int) -> None:
        """Which report of this stage comes next."""
        self.step = self.done + report * self.steps

    def numbers(self, index: int) -> NDArray[np.intp]:
        """The pictures in one batch of the report: (batch,)."""
        count, batch = len(self.pictures.labels), self.recipe.batch
        places = (self.step + index) * batch + np.arange(batch)
        chosen = np.empty(batch, np.intp)
        for lap in np.unique(places // count):
            here = places // count == lap
            shuffled = np.random.default_rng([self.recipe.seed, lap]).permutation(count)
            chosen[here] = shuffled[places[here] % count]
        return chosen

    def __getitem__(self, index: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        chosen = self.numbers(index).astype(np.int32)
        return chosen, self.pictures.labels[chosen]


class _Pace(keras.callbacks.Callback):
    """Sets what is shown at each report, and the learning rate before each batch."""

    def __init__(self, order: PictureOrder, number: int, steps: int) -> None:
        super().__init__()
        self.order, self.number, self.steps = order, number, steps
        self.step = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.order.begin(epoch)
        self.step = self.order.step

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        progress = (self.step - self.order.done) / self.steps
        rate = self.order.recipe.rate(self.number, progress)
        self.model.optimizer.learning_rate = rate
        self.step += 1


class Journal(keras.callbacks.Callback):
    """Writes a line, and conv1's filters, at every report."""

    def __init__(self, folder: Path, size: int, pictures: int, shown: int) -> None:
        super().__init__()
        self.folder, self.size, self.pictures, self.shown = (
            folder,
            size,
            pictures,
            shown,
        )
        self.began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        shown = self.shown + (epoch + 1) * self.pictures
        line = {
            "pictures": shown,
            "size": self.size,
            "seconds": round(time.monotonic() - self.began, 1),
            **{name: round(float(value), 5) for name, value in (logs or {}).items()},
        }
        with (self.folder / "journal.jsonl").open("a") as journal:
            journal.write(json.dumps(line) + "\n")
        _keep_filters(self.model.get_layer(SIMPLIFIED.name), self.folder, shown)


def first_filters(trained: keras.Model) -> NDArray[np.float32]:
    """conv1's filters as they will be shipped, normalisation folded in."""
    spec = SIMPLIFIED
    conv1 = next(spec.convolutions())
    folded = build(replace(spec.at(trained.input_shape[1]), layers=(conv1,)))
    fold(trained, folded)
    return np.asarray(folded.get_layer(conv1.name).kernel)


def _keep_filters(trained: keras.Model, folder: Path, shown: int) -> None:
    kept = first_filters(trained).astype(np.float16)
    np.save(folder / f"filters-{shown:08d}.npy", kept)


def _learner(
    spec: Spec, stage: Stage, recipe: Recipe, images: NDArray[np.uint8]
) -> keras.Model:
    """Picture numbers in, probabilities out: crops and network, compiled."""
    model = keras.Sequential(
        [
            keras.Input((), dtype="int32"),
            Resident(images),
            Crops(stage.size, spec.pixels, stage.least_area, recipe.seed + stage.size),
            network(spec.at(stage.size), recipe),
        ]
    )
    model.compile(
        keras.optimizers.SGD(0.0, momentum=0.9, nesterov=True, global_clipnorm=5.0),
        "sparse_categorical_crossentropy",
        metrics=[
            "accuracy",
            keras.metrics.SparseTopKCategoricalAccuracy(5, name="top5"),
        ],
    )
    return model


def train(
    recipe: Recipe, train_set: Pictures, validation: Pictures, folder: Path
) -> keras.Model:
    """Runs every stage that `folder` does not hold yet; returns the last network.

    Writes into `folder`: recipe.json, journal.jsonl, filters-<pictures shown>.npy, and
    the weights after each stage; an interrupted stage resumes at its last report.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe)) + "\n", "utf-8")
    keras.utils.set_random_seed(recipe.seed)
    classes = int(train_set.labels.max()) + 1
    spec = SIMPLIFIED.with_classes(classes)
    steps = recipe.steps(len(train_set.labels))
    # The pictures that validate lie behind those that teach.
    seen = len(train_set.labels) + np.arange(min(VALIDATED, len(validation.labels)))
    images = np.concatenate([train_set.images, validation.images[: len(seen)]])
    before: keras.Model | None = None
    done = 0
    for number, stage in enumerate(recipe.stages):
        name = f"{number + 1}-{stage.size}"
        learner = _learner(spec, stage, recipe, images)
        now = learner.get_layer(spec.name)
        if before is not None:
            grow(before, now)
        else:
            _keep_filters(now, folder, 0)
        kept = folder / f"stage-{name}.weights.h5"
        if kept.exists():
            now.load_weights(kept)
        else:
            order = PictureOrder(train_set, recipe, done, steps)
            learner.fit(
                order,
                epochs=stage.reports,
                validation_data=(
                    seen.astype(np.int32),
                    validation.labels[: len(seen)],
                ),
                callbacks=[
                    keras.callbacks.BackupAndRestore(folder / f"resume-{name}"),
                    _Pace(order, number, stage.reports * steps),
                    Journal(
                        folder, stage.size, steps * recipe.batch, done * recipe.batch
                    ),
                    keras.callbacks.TerminateOnNaN(),
                ],
                verbose=1 if sys.stdout.isatty() else 2,
            )
            now.save_weights(kept)
        done += stage.reports * steps
        before = now
    assert before is not None
    folded = build(spec.at(stage.size))
    fold(before, folded)
    return folded


def accuracy(
    model: keras.Model, pictures: Pictures, pixels: Pixels
) -> dict[str, float]:
    """Top-1 and top-5 on whole pictures, one crop, 0 to 1."""
    size = model.input_shape[1]
    view = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3), dtype="uint8"),
            Crops(size, pixels, 1.0, 0),
            model,
        ]
    )
    view.compile(
        metrics=[
            "accuracy",
            keras.metrics.SparseTopKCategoricalAccuracy(5, name="top5"),
        ],
        loss="sparse_categorical_crossentropy",
    )
    result = view.evaluate(
        pictures.images, pictures.labels, batch_size=100, return_dict=True, verbose=0
    )
    return {"top1": float(result["accuracy"]), "top5": float(result["top5"])}


def _stages(text: str) -> tuple[Stage, ...]:
    """ "104:512000:0.3:0.04,224:76800:0.3:0.01" -> stages."""
    rows = (part.split(":") for part in text.split(","))
    return tuple(
        Stage(int(size), int(pictures), float(area), float(rate))
        for size, pictures, area, rate in rows
    )


def main(arguments: list[str] | None = None) -> None:
    """The command line; see `--help`."""
    parser = argparse.ArgumentParser(
        prog="python -m model.training",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="Tiny ImageNet's folder"
    )
    parser.add_argument("--out", type=Path, help="folder for weights and journal")
    parser.add_argument("--recipe", choices=RECIPES, default="gpu")
    parser.add_argument(
        "--stages",
        type=_stages,
        help="size:pictures:least area:rate,... instead of the recipe's",
    )
    parser.add_argument("--batch", type=int)
    parser.add_argument("--dropout", type=float)
    parser.add_argument("--dtype", default="mixed_bfloat16", help="Keras dtype policy")
    parser.add_argument(
        "--limit", type=int, help="use only so many pictures (a rehearsal)"
    )
    parser.add_argument(
        "--leave-out",
        type=int,
        default=0,
        help="so many classes are not trained on, chosen by the seed: what a network "
        "makes of things that it does not know is measured on such a copy",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="train nothing: measure the shipped weights on the validation images",
    )
    options = parser.parse_args(arguments)
    validation = load_tiny_imagenet(options.data, "val")
    if options.check:
        shipped = weights.load(weights.DEFAULT)
        print(json.dumps(accuracy(shipped, validation, SIMPLIFIED.pixels)))
        return
    if options.out is None:
        parser.error("--out is missing: a folder for the weights and the journal")
    keras.config.set_dtype_policy(options.dtype)
    recipe = RECIPES[options.recipe]
    if options.stages:
        recipe = replace(recipe, stages=options.stages)
    if options.batch:
        recipe = replace(recipe, batch=options.batch)
    if options.dropout is not None:
        recipe = replace(recipe, dropout=options.dropout)
    pictures = load_tiny_imagenet(options.data, "train")
    if options.leave_out:
        classes = int(pictures.labels.max()) + 1
        left_out = left_out_classes(classes, options.leave_out, recipe.seed)
        pictures, validation = (without(x, left_out) for x in (pictures, validation))
    order = np.random.default_rng(recipe.seed).permutation(len(pictures.labels))
    order = order[: options.limit]
    pictures = Pictures(pictures.images[order], pictures.labels[order])
    model = train(recipe, pictures, validation, options.out)
    weights.save(model, options.out / "weights.npz")
    print(json.dumps(accuracy(model, validation, SIMPLIFIED.pixels)))
