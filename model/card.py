"""Measures the shipped weights for their card: `python -m model.card --data FOLDER`.

Writes what `model.measured` reads, beside the weights, and prints the figures as one
JSON line. `--run` names the folder that `python -m model.training` wrote: its journal,
recipe and filters become the history. `--strangers` names a folder with folders of
pictures of things that are none of the classes; without it that figure is kept.
At the end the card's page, NAME.md, is written again from NAME.card.md.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model import best, card_page, measured, weights
from model.activations import Network
from model.analysis import calibration, filters
from model.network.specs import Conv, Dense, Spec
from model.pictures import load_picture, to_input
from model.pictures.samples import data, samples
from model.training.tiny_imagenet import Pictures, load_tiny_imagenet

BATCH = 50
TAUGHT = 40  # training pictures of each class that its mean is taken of
CROPS = 10  # of each sample photograph
CONFUSIONS = 12
HIDDEN = "fc7"

Floats = NDArray[np.float32]


def for_set(name: str, pictures: Pictures, folder: Path) -> Pictures:
    """Tiny ImageNet's pictures with the class numbers of a set that knows them."""
    place = {wnid: number for number, wnid in enumerate(weights.class_ids(name))}
    wnids = sorted((folder / "wnids.txt").read_text().split())
    numbers = np.array([place[wnid] for wnid in wnids], np.int32)
    return Pictures(pictures.images, numbers[pictures.labels])


def _inputs(pictures: NDArray[np.uint8], spec: Spec) -> Iterator[Floats]:
    """(N, H, W, 3) uint8 in batches, as a visitor's picture would arrive."""
    for start in range(0, len(pictures), BATCH):
        some = pictures[start : start + BATCH]
        yield np.concatenate([to_input(Image.fromarray(p), spec) for p in some])


def heads(network: keras.Model, pictures: NDArray[np.uint8], spec: Spec) -> Any:
    """fc7 (N, units) float16 and the probabilities (N, classes) of pictures."""
    last = spec.layers[-1].name
    two = keras.Model(
        network.inputs,
        [network.get_layer(HIDDEN).output, network.get_layer(last).output],
    )
    hidden, probabilities = zip(
        *(map(np.asarray, two.predict_on_batch(x)) for x in _inputs(pictures, spec)),
        strict=True,
    )
    return np.concatenate(hidden).astype(np.float16), np.concatenate(probabilities)


def _dead_units(
    network: keras.Model, pictures: NDArray[np.uint8], spec: Spec
) -> dict[str, int]:
    """Maps and units of each layer that no picture brings above 0."""
    names = [
        layer.name
        for layer in spec.layers
        if isinstance(layer, Conv | Dense) and layer.activation == "relu"
    ]
    every = keras.Model(network.inputs, [network.get_layer(n).output for n in names])
    alive: list[Any] = [False] * len(names)
    for x in _inputs(pictures, spec):
        for i, values in enumerate(every.predict_on_batch(x)):
            axes = tuple(range(np.ndim(values) - 1))
            alive[i] = alive[i] | (np.asarray(values) > 0).any(axis=axes)
    return {n: int((~a).sum()) for n, a in zip(names, alive, strict=True)}


def _sharp() -> list[Image.Image]:
    """The sample photographs and crops of them, half their side and more."""
    random = np.random.default_rng(2012)
    out = []
    for sample in samples().values():
        if sample.kind != "photograph":
            continue
        image = load_picture(data(sample.name)).image
        out.append(image)
        for _ in range(CROPS):
            side = int(random.uniform(0.5, 1) * min(image.size))
            left = int(random.integers(0, image.width - side + 1))
            top = int(random.integers(0, image.height - side + 1))
            out.append(image.crop((left, top, left + side, top + side)))
    return out


def _agreement(network: keras.Model, spec: Spec) -> float:
    """Share of sharp pictures that are named alike when shrunk to 64 pixels before."""
    same = []
    for image in _sharp():
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        square = image.crop((left, top, left + side, top + side))
        small = square.resize((64, 64), Image.Resampling.BICUBIC)
        pair = np.concatenate([to_input(image, spec), to_input(small, spec)])
        one, two = np.asarray(network.predict_on_batch(pair)).argmax(axis=1)
        same.append(one == two)
    return float(np.mean(same))


def typical(
    network: keras.Model, taught: Pictures, validation: Pictures, spec: Spec
) -> dict[str, NDArray[Any]]:
    """`measured.Typical`: means of taught pictures, distances of those held out."""
    hidden, _ = heads(network, validation.images, spec)
    random = np.random.default_rng(0)
    means, spreads, scales = [], [], []
    for number in range(spec.classes):
        places = np.flatnonzero(taught.labels == number)
        places = random.permutation(places)[:TAUGHT]
        values, _ = heads(network, taught.images[places], spec)
        mean = values.astype(np.float32).mean(axis=0)
        scale = float(mean.max()) + 1e-12
        code = np.round(mean / scale * 255).astype(np.uint8)
        one = measured.Typical(code[None], np.zeros(1, "f4"), np.zeros((1, 1), "f4"))
        away = [
            one.distance(0, v.astype(np.float32))
            for v in hidden[validation.labels == number]
        ]
        means.append(code)
        scales.append(scale)
        spreads.append(np.quantile(away, np.linspace(0, 1, measured.STEPS + 1)))
    return {
        "mean": np.stack(means),
        "scale": np.array(scales, np.float32),
        "spread": np.array(spreads, np.float32),
    }


def _strangers(folder: Path, limit: int = 3000) -> NDArray[np.uint8]:
    paths = sorted(p for p in folder.glob("*/*") if p.is_file())
    chosen = np.random.default_rng(0).permutation(len(paths))[:limit]
    out = np.empty((len(chosen), 64, 64, 3), np.uint8)
    for i, place in enumerate(chosen):
        with Image.open(paths[place]) as picture:
            out[i] = np.asarray(picture.convert("RGB").resize((64, 64)))
    return out


def history(run: Path) -> dict[str, NDArray[Any]]:
    """`measured.History` of a training folder: journal.jsonl and filters-*.npy."""
    lines = [json.loads(x) for x in (run / "journal.jsonl").read_text().splitlines()]
    kernels = [np.load(run / "filters-00000000.npy")]
    kernels += [np.load(run / f"filters-{line['pictures']:08d}.npy") for line in lines]
    codes, scale = measured.pack_filters(kernels)
    nothing = float("nan")
    return {
        "shown": np.array([0] + [line["pictures"] for line in lines]),
        "size": np.array([lines[0]["size"]] + [line["size"] for line in lines]),
        "seconds": np.array([0.0] + [line["seconds"] for line in lines]),
        "train": np.array([nothing] + [line["accuracy"] for line in lines]),
        "validation": np.array([nothing] + [line["val_accuracy"] for line in lines]),
        "codes": codes,
        "scale": scale,
    }


def _calibration(probabilities: Floats, labels: NDArray[np.int32]) -> dict[str, Any]:
    """Temperature and threshold from one half of the pictures, judged on the other.

    A network whose probabilities a temperature does not make truer keeps them: 1.
    """
    half = np.random.default_rng(0).permutation(len(labels)) % 2 == 0
    error, truth = calibration.expected_calibration_error, labels[~half]
    before = error(probabilities[~half], truth)
    temperature = calibration.fit_temperature(probabilities[half], labels[half])
    cooled = calibration.at_temperature(probabilities, temperature)
    if error(cooled[~half], truth) >= before:
        temperature, cooled = 1.0, probabilities
    threshold, _ = calibration.doubt(cooled[half], labels[half])
    other = cooled[~half]
    right = other.argmax(axis=1) == truth
    doubted = other.max(axis=1) < threshold
    return {
        "temperature": temperature,
        "threshold": threshold,
        "ece_before": before,
        "ece_after": error(other, truth),
        "right_kept": float((right & ~doubted).sum() / right.sum()),
        "wrong_doubted": float((~right & doubted).sum() / max(1, (~right).sum())),
        "reliability": _in_steps(other, truth),
    }


def _in_steps(
    probabilities: Floats, labels: NDArray[np.int32]
) -> list[tuple[int, float, float]]:
    """`Evaluation.reliability` of some pictures; 0 where a step has none."""
    sure, right, count = calibration.reliability(
        probabilities, labels, measured.CERTAINTIES
    )
    sure, right = np.nan_to_num(sure), np.nan_to_num(right)
    return list(zip(count.tolist(), sure.tolist(), right.tolist(), strict=True))


def of_strangers(
    probabilities: Floats, table: dict[str, Any]
) -> dict[str, float | list[int]]:
    """How many pictures of other things are doubted, and how sure of them it is."""
    cooled = calibration.at_temperature(probabilities, table["temperature"])
    nothing = np.zeros(len(cooled), np.int32)
    *_, count = calibration.reliability(cooled, nothing, measured.CERTAINTIES)
    return {
        "strangers_doubted": float((cooled.max(axis=1) < table["threshold"]).mean()),
        "strangers_in_steps": count.tolist(),
    }


def measure(name: str, network: keras.Model, validation: Pictures) -> dict[str, Any]:
    """A set's figures, as far as validation pictures with its class numbers tell."""
    spec = weights.get(name).spec
    _, probabilities = heads(network, validation.images, spec)
    labels = validation.labels
    order = np.argsort(-probabilities, axis=1)[:, :5]
    first = order[:, 0]
    pairs = np.zeros((spec.classes, spec.classes), int)  # [true, named]
    np.add.at(pairs, (labels, first), 1)
    wrong = pairs - np.diag(np.diag(pairs))
    worst = np.argsort(-wrong, axis=None, kind="stable")[:CONFUSIONS]
    top1 = float((first == labels).mean())
    sharp = replace(spec, pixels=replace(spec.pixels, detail=None))
    kernels, _ = weights.first_layer(name)
    found = filters.measure(kernels)
    return {
        "top1": top1,
        "top5": float((order == labels[:, None]).any(axis=1).mean()),
        "top1_before_compression": top1,
        **_calibration(probabilities, labels),
        "agreement": _agreement(network, spec),
        "agreement_without": _agreement(network, sharp),
        "agreement_pictures": len(_sharp()),
        "clear_filters": int((found.clear_orientation | found.clear_colour).sum()),
        "clear_orientation": int(found.clear_orientation.sum()),
        "clear_colour": int(found.clear_colour.sum()),
        "dead_filters": int(found.dead.sum()),
        "dead_units": _dead_units(network, validation.images[::5], spec),
        "class_accuracy": [
            float(pairs[i, i] / max(1, pairs[i].sum())) for i in range(spec.classes)
        ],
        "confusions": [
            [int(i // spec.classes), int(i % spec.classes), int(wrong.flat[i])]
            for i in worst
        ],
    }


def _uncompressed(run: Path, spec: Spec) -> keras.Model | None:
    """The network as the training left it."""
    from model.network.build import build, fold

    kept = sorted(run.glob(f"stage-*-{spec.input_size}.weights.h5"))
    if not kept:
        return None
    trained, folded = build(spec, batch_norm=True), build(spec)
    trained.load_weights(kept[-1])
    fold(trained, folded)
    return folded


def main(arguments: list[str] | None = None) -> None:
    """The command line; see `--help`."""
    parser = argparse.ArgumentParser(
        prog="python -m model.card",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="Tiny ImageNet's folder"
    )
    parser.add_argument("--run", type=Path, help="the training's folder")
    parser.add_argument("--strangers", type=Path, help="folder of folders of pictures")
    parser.add_argument("--strangers-are", default="", help="what they show")
    parser.add_argument("--hardware", help="what the training ran on, in words")
    options = parser.parse_args(arguments)
    name = weights.DEFAULT
    spec = weights.get(name).spec
    path = measured.FOLDER / f"{name}.json"
    old = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    validation = load_tiny_imagenet(options.data, "val")
    network = weights.load(name)
    table = old | measure(name, network, validation)
    if "top1_before_compression" in old:
        table["top1_before_compression"] = old["top1_before_compression"]
    if options.run is not None:
        if before := _uncompressed(options.run, spec):
            _, probabilities = heads(before, validation.images, spec)
            right = (probabilities.argmax(axis=1) == validation.labels).mean()
            table["top1_before_compression"] = float(right)
        table["recipe"] = json.loads((options.run / "recipe.json").read_text("utf-8"))
        journal = (options.run / "journal.jsonl").read_text("utf-8")
        (measured.FOLDER / f"{name}-journal.jsonl").write_text(journal, "utf-8")
        np.savez(
            measured.FOLDER / f"{name}-history.npz",
            **history(options.run),  # type: ignore[arg-type]
        )
    taught = load_tiny_imagenet(options.data, "train")
    best.write(name, Network(weights.get(name)).activations)
    np.savez(
        measured.FOLDER / f"{name}-typical.npz",
        **typical(network, taught, validation, spec),  # type: ignore[arg-type]
    )
    if options.strangers is not None:
        _, probabilities = heads(network, _strangers(options.strangers), spec)
        table |= {"strangers": options.strangers_are}
        table |= of_strangers(probabilities, table)
    if options.hardware is not None:
        table["hardware"] = options.hardware
    rounded = json.loads(
        json.dumps(table), parse_float=lambda text: round(float(text), 5)
    )
    path.write_text(json.dumps(rounded, indent=1) + "\n", "utf-8")
    measured.evaluation.cache_clear()
    (measured.FOLDER / f"{name}.md").write_text(card_page.page(name), "utf-8")
    print(json.dumps(rounded))


if __name__ == "__main__":
    main()
