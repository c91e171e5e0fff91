"""What excites each unit most among photographs, cropped to its receptive field.

    python -m model.analysis.patches
    python -m model.analysis.patches --tiny-imagenet path/to/tiny-imagenet-200
    python -m model.analysis.patches --compare

The first looks at the photographs of `model.pictures.photographs` and writes
assets/weights/<set>-patches.npz; the second looks at a Tiny ImageNet folder instead and
writes <set>-patches.npz into the cache folder, with the images that it needs: images of
ImageNet may not be passed on. Pages read that file where it is, or the shipped one. The
third says of which units the favourite excites them more than any photograph.

Of each photograph the strongest position of a map counts, so that the patches of a unit
come from different ones. A unit of a dense layer sees all of the image: its patch is
the whole photograph.

Files, by layer: `<layer>.picture` (units, KEPT) which photograph, `<layer>.place`
(units, KEPT, 2) row and column of the map, `<layer>.activation` (units, KEPT), the
strongest first; `names`, one for each photograph; and, where these are not the lab's,
`jpegs`, all files one after another, and `ends`, where each ends.
"""

from __future__ import annotations

import argparse
import io
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model import runtime, weights
from model.analysis import favourite_images
from model.network.specs import Conv, Dense
from model.pictures import photographs, to_input
from paths import ASSETS, cache_folder

log = logging.getLogger(__name__)

KEPT = 6  # patches of a unit
IMAGES = 10_000  # of a Tiny ImageNet folder that are looked at, if not said otherwise
SEED = 2012  # of which these are


@dataclass(frozen=True)
class Strongest:
    """Of one layer's units, strongest first."""

    picture: NDArray[np.int32]  # (units, KEPT): number of the photograph; -1: none
    place: NDArray[np.int16]  # (units, KEPT, 2): row and column; 0 of a dense layer
    activation: NDArray[np.float32]  # (units, KEPT)

    @classmethod
    def none(cls, units: int) -> Strongest:
        """Before anything was looked at."""
        return cls(
            np.full((units, KEPT), -1, np.int32),
            np.zeros((units, KEPT, 2), np.int16),
            np.full((units, KEPT), -np.inf, np.float32),
        )

    def with_picture(self, number: int, values: NDArray[np.float32]) -> Strongest:
        """With one photograph more.

        Args:
            values: the layer's output for it, (rows, columns, units) or (units,).
        """
        units = values.shape[-1]
        flat = values.reshape(-1, units)
        at = flat.argmax(axis=0)
        rows, columns = np.divmod(at, values.shape[1] if values.ndim == 3 else 1)
        new = flat[at, np.arange(units)].astype(np.float32)
        every = np.column_stack([self.activation, new])
        # Stable: of equal ones the first photograph stays in front.
        order = np.argsort(-every, axis=1, kind="stable")[:, :KEPT]
        numbers = np.full((units, 1), number, np.int32)
        picture = np.concatenate([self.picture, numbers], axis=1)
        here = np.stack([rows, columns], axis=1).astype(np.int16)[:, None]
        place = np.concatenate([self.place, here], axis=1)
        return Strongest(
            np.take_along_axis(picture, order, 1),
            np.take_along_axis(place, order[:, :, None], 1),
            np.take_along_axis(every, order, 1),
        )


@dataclass(frozen=True)
class Patches:
    """What was found, and the photographs that it was found on."""

    names: tuple[str, ...]  # of the photographs, in order
    layers: Mapping[str, Strongest]
    jpegs: tuple[bytes, ...] = ()  # their files, where they are not the lab's

    @property
    def ours(self) -> bool:
        """Whether these are the lab's own photographs."""
        return not self.jpegs

    def image(self, number: int) -> Image.Image:
        """A photograph in RGB."""
        if self.ours:
            return photographs.image(self.names[number])
        with Image.open(io.BytesIO(self.jpegs[number])) as opened:
            return opened.convert("RGB")

    def best(self, layer: str) -> NDArray[np.float32]:
        """The largest activation of each unit on any of them, (units,)."""
        found: NDArray[np.float32] = self.layers[layer].activation[:, 0]
        return found


def find(set_name: str, images: Iterable[Image.Image]) -> dict[str, Strongest]:
    """The strongest patches of a set's convolutions and dense layers.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken
    """
    spec, look = weights.get(set_name).spec, runtime.network(set_name).activations
    names = [x.name for x in spec.layers if isinstance(x, Conv | Dense)]
    found: dict[str, Strongest] = {}
    for number, image in enumerate(images):
        outputs = look(to_input(image, spec))
        for name in names:
            known = found.get(name) or Strongest.none(outputs[name].shape[-1])
            found[name] = known.with_picture(number, outputs[name])
        if number % 100 == 99:
            log.info("%d images", number + 1)
    return found


def path(set_name: str) -> Path:
    """Where a set's shipped file is, or would be."""
    return ASSETS / "weights" / f"{set_name}-patches.npz"


def cached_path(set_name: str) -> Path:
    """Where the file of an instructor's Tiny ImageNet is, or would be."""
    return cache_folder() / f"{set_name}-patches.npz"


def write(patches: Patches, out: Path) -> None:
    """To a file, as a whole or not at all."""
    arrays: dict[str, NDArray[np.generic]] = {"names": np.array(patches.names)}
    for name, one in patches.layers.items():
        arrays[f"{name}.picture"] = one.picture
        arrays[f"{name}.place"] = one.place
        arrays[f"{name}.activation"] = one.activation
    if patches.jpegs:
        arrays["jpegs"] = np.frombuffer(b"".join(patches.jpegs), np.uint8)
        arrays["ends"] = np.cumsum([len(x) for x in patches.jpegs])
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)  # type: ignore[arg-type]
    partial.replace(out)


def read(file: Path) -> Patches:
    """What `write` wrote."""
    with np.load(file, allow_pickle=False) as arrays:
        layers = {
            name: Strongest(
                arrays[f"{name}.picture"],
                arrays[f"{name}.place"],
                arrays[f"{name}.activation"],
            )
            for name in [
                x.removesuffix(".place") for x in arrays.files if ".place" in x
            ]
        }
        names = tuple(str(x) for x in arrays["names"])
        jpegs: tuple[bytes, ...] = ()
        if "jpegs" in arrays.files:
            whole, ends = arrays["jpegs"].tobytes(), arrays["ends"].tolist()
            starts = [0, *ends[:-1]]
            jpegs = tuple(whole[a:b] for a, b in zip(starts, ends, strict=True))
    return Patches(names, layers, jpegs)


@cache
def shipped(set_name: str) -> Patches | None:
    """What was found on the lab's photographs; None where nothing was looked for."""
    file = path(set_name)
    return read(file) if file.is_file() else None


@cache
def _read_cached(file: Path, changed: float) -> Patches:
    """Once for each time at which the file was changed."""
    return read(file)


def of(set_name: str) -> Patches | None:
    """What pages show: an instructor's Tiny ImageNet, or the lab's photographs."""
    file = cached_path(set_name)
    if file.is_file():
        return _read_cached(file, file.stat().st_mtime)
    return shipped(set_name)


def on_photographs(set_name: str) -> Patches:
    """The strongest patches among the lab's photographs."""
    names = tuple(photographs.photographs())
    return Patches(names, find(set_name, map(photographs.image, names)))


def on_tiny_imagenet(set_name: str, folder: Path, images: int) -> Patches:
    """The strongest patches among some training images of a Tiny ImageNet folder.

    Raises:
        FileNotFoundError: the folder has another layout; the message says so.
    """
    files = sorted(folder.glob("train/*/images/*.JPEG"))
    if not files:
        raise FileNotFoundError(
            "Expected Tiny ImageNet's folder with train/<class>/images/*.JPEG. "
            f"Received: {folder}. Unpack tiny-imagenet-200.zip and name its folder."
        )
    chosen = np.random.default_rng(SEED).permutation(len(files))[:images]
    files = [files[i] for i in sorted(chosen.tolist())]
    found = find(set_name, _opened(files))
    shown = np.unique(np.concatenate([x.picture.ravel() for x in found.values()]))
    shown = shown[shown >= 0]
    layers = {
        name: Strongest(
            np.where(one.picture < 0, -1, np.searchsorted(shown, one.picture)).astype(
                np.int32
            ),
            one.place,
            one.activation,
        )
        for name, one in found.items()
    }
    kept = [files[i] for i in shown.tolist()]
    return Patches(
        tuple(x.stem for x in kept), layers, tuple(x.read_bytes() for x in kept)
    )


def _opened(files: Sequence[Path]) -> Iterator[Image.Image]:
    for file in files:
        with Image.open(file) as image:
            yield image.convert("RGB")


@dataclass(frozen=True)
class Comparison:
    """Of one layer: favourites against the strongest natural patch."""

    layer: str
    units: int
    less: tuple[int, ...]  # units that a photograph excites at least as much

    @property
    def more(self) -> int:
        """Units whose favourite excites them more than any photograph."""
        return self.units - len(self.less)

    def row(self) -> str:
        """A row of the table in docs/weights.md."""
        units = ", ".join(map(str, self.less))
        return f"| {self.layer} | {self.more} of {self.units} | {units} |"


def compare(
    favourite: Mapping[str, NDArray[np.float32]], patches: Patches
) -> list[Comparison]:
    """Each layer's favourites against its strongest patches.

    Args:
        favourite: by layer, the activation of each unit on its favourite, (units,).
    """
    found = []
    for layer, activation in favourite.items():
        less = np.flatnonzero(activation <= patches.best(layer))
        found.append(Comparison(layer, len(activation), tuple(less.tolist())))
    return found


def main() -> None:
    """Finds them and writes the file; says how favourites compare."""
    parser = argparse.ArgumentParser(prog="python -m model.analysis.patches")
    parser.add_argument("--weights", default=weights.DEFAULT)
    parser.add_argument(
        "--tiny-imagenet", type=Path, help="a folder to look at instead"
    )
    parser.add_argument("--images", type=int, default=IMAGES, help="of that folder")
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--compare", action="store_true", help="favourites with the shipped patches"
    )
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    if given.compare:
        known, made = shipped(given.weights), favourite_images.of(given.weights)
        if known:
            activation = {name: one.activation for name, one in made.items()}
            for one in compare(activation, known):
                log.info("%s", one.row())
        return
    if given.tiny_imagenet:
        found = on_tiny_imagenet(given.weights, given.tiny_imagenet, given.images)
        out = given.out or cached_path(given.weights)
    else:
        found = on_photographs(given.weights)
        out = given.out or path(given.weights)
    write(found, out)
    log.info("%s: %d photographs", out, len(found.names))


if __name__ == "__main__":
    main()
