"""What each convolution unit responds to most: images made by activation maximisation.

    python -m model.analysis.favourites

starts from noise and changes an image, as large as the unit's receptive field, until
the pre-activation of the unit in the middle of its map is as large as it gets
(Erhan et al. 2009, "Visualizing Higher-Layer Features of a Deep Network"). Without
regularisers such images are noise of high frequency; those used here are usual
(Yosinski et al. 2015, "Understanding Neural Networks Through Deep Visualization";
Olah et al. 2017, "Feature Visualization"):

- the image has as many pixels as the network receives detail, enlarged as pictures are;
- it is moved by a few pixels before each step, so that no single pixel counts;
- differences between neighbouring pixels, and distance from grey, cost something;
- pixels stay between 0 and 255.

Beside each image lies what the unit's pre-activation is on it, to be compared with the
largest on photographs: where a photograph excites a unit more, the image is a poor
account of it, and pages say so.

Files: assets/weights/<set>-favourites.npz, by layer `<layer>.images` (units, side,
side, 3) uint8 as one JPEG each in `<layer>.jpeg` and `<layer>.activation` (units,).
A layer that is in the file is not made again.
"""

from __future__ import annotations

import argparse
import logging
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model import weights
from model.analysis import favourite_images
from model.network import shapes
from model.network.build import build
from model.network.specs import Conv, Spec

log = logging.getLogger(__name__)

STEPS = 160
RATE = 0.08  # of Adam, on the logits of the pixels
MOVED = 1 / 24  # of the side: by how much an image is moved before a step, at most
ROUGH, FAR = 4.0, 0.05  # what neighbouring differences and distance from grey cost
BATCH = 32  # units at a time
SEED = 2012


def detail(spec: Spec, side: int) -> int:
    """Pixels of a side whose detail the network receives, in an image of `side`."""
    fine = spec.pixels.detail or spec.input_size
    return max(3, math.ceil(side * fine / spec.input_size))


def upto(network: Any, spec: Spec, layer: str) -> tuple[Any, int]:
    """The network from an image to a layer's pre-activations, and the image's side.

    The image is as large as the layer's receptive field: the unit in the middle of the
    map sees all of it and no padding.
    """
    side = shapes.layer_info(spec, layer).field
    assert side is not None
    names = [one.name for one in spec.layers]
    kept = list(spec.layers[: names.index(layer) + 1])
    last = kept[-1]
    assert isinstance(last, Conv)
    kept[-1] = replace(last, activation="linear")
    part = build(replace(spec, input_size=side, layers=tuple(kept)))
    for one in part.layers:
        if one.get_weights():
            one.set_weights(network.get_layer(one.name).get_weights())
    return part, side


def maximise(
    part: Any, spec: Spec, side: int, units: Sequence[int], seed: int, steps: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Images that excite some units, and their pre-activations on them.

    Returns:
        (units, detail, detail, 3) RGB, and (units,) of the images in 8 bits.
    """
    fine = detail(spec, side)
    generator = np.random.default_rng([seed, side, *units])
    start = generator.normal(0, 0.05, (len(units), fine, fine, 3))
    logits = tf.Variable(start.astype(np.float32))
    mean = tf.constant(spec.pixels.mean, tf.float32)
    deviation = tf.constant(spec.pixels.deviation, tf.float32)
    numbers = tf.stack([tf.range(len(units)), tf.constant(list(units))], axis=1)
    optimiser = keras.optimizers.Adam(RATE)
    optimiser.build([logits])
    most = round(side * MOVED)  # of 11 pixels, none

    def outputs(pixels: Any, down: Any, across: Any) -> Any:
        large = tf.image.resize(pixels, (side, side))  # bilinear, as pictures are
        moved = tf.roll(large, [down, across], axis=[1, 2])
        x = (255 * moved - mean) / deviation
        if spec.pixels.order == "BGR":
            x = x[..., ::-1]
        maps = part(x, training=False)
        middle = maps.shape[1] // 2
        return tf.gather_nd(maps[:, middle, middle, :], numbers)

    def step(down: Any, across: Any) -> Any:
        with tf.GradientTape() as tape:
            pixels = tf.sigmoid(logits)
            found = outputs(pixels, down, across)
            rough = tf.reduce_mean(tf.image.total_variation(pixels)) / fine**2
            far = tf.reduce_mean(tf.square(logits))
            # Each unit's own scale is divided out, so that costs weigh alike.
            scale = tf.stop_gradient(tf.maximum(tf.abs(found), 1e-3))
            loss = -tf.reduce_sum(found / scale) + len(units) * (
                ROUGH * rough + FAR * far
            )
        return tape.gradient(loss, logits)

    compiled = tf.function(step)
    for _ in range(steps):
        down, across = generator.integers(-most, most + 1, 2)
        gradient = compiled(tf.constant(int(down)), tf.constant(int(across)))
        optimiser.apply([gradient], [logits])
    pixels = np.round(255 * tf.sigmoid(logits).numpy()).astype(np.uint8)
    kept = outputs(tf.constant(pixels / np.float32(255)), 0, 0).numpy()
    return pixels, kept.astype(np.float32)


def make(name: str, out: Path, layers: Sequence[str], steps: int = STEPS) -> None:
    """Makes the images of a set's layers, and writes the file after each."""
    spec = weights.get(name).spec
    network = weights.load(name)
    found = favourite_images.read(out) if out.is_file() else {}
    for conv in spec.convolutions():
        if conv.name in found or (layers and conv.name not in layers):
            continue
        part, side = upto(network, spec, conv.name)
        images, kept, began = [], [], time.monotonic()
        for first in range(0, conv.filters, BATCH):
            units = range(first, min(first + BATCH, conv.filters))
            pixels, values = maximise(part, spec, side, units, SEED, steps)
            images.append(pixels)
            kept.append(values)
            log.info(
                "%s: %d of %d, %.0f s",
                conv.name,
                units.stop,
                conv.filters,
                time.monotonic() - began,
            )
        found[conv.name] = favourite_images.Favourites(
            np.concatenate(images), np.concatenate(kept)
        )
        favourite_images.write(found, out)


def main() -> None:
    """Makes what is not there yet."""
    parser = argparse.ArgumentParser(prog="python -m model.analysis.favourites")
    parser.add_argument("--weights", default=weights.DEFAULT)
    parser.add_argument("--layers", nargs="*", default=[], help="all, if none is named")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    if arguments.threads:
        tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    out = arguments.out or favourite_images.path(arguments.weights)
    make(arguments.weights, out, arguments.layers, arguments.steps)


if __name__ == "__main__":
    main()
