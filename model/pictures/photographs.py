"""The collection of photographs that units are measured on: the samples and many more.

`assets/photographs/photographs.toml` lists those that are no samples. They are small,
128 pixels on the shorter side: the embedded network is given no finer detail than 64.
numpy and Pillow are all that this needs; what a network receives of one is
`model.pictures.as_received`.
"""

from __future__ import annotations

import io
import tomllib
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from PIL import Image

from model.pictures import samples
from paths import ASSETS

FOLDER = ASSETS / "photographs"


@dataclass(frozen=True)
class Photograph:
    """One photograph and whose it is."""

    name: str
    title: str
    author: str
    licence: str
    package: str = ""  # the package that it came in, and its file there; "": a sample
    source: str = ""  # where the author published it, if the package says so
    changes: str = ""  # what the package had changed


@cache
def photographs() -> MappingProxyType[str, Photograph]:
    """All by name: the samples that are photographs, then those of the table."""
    found = {}
    for name in samples.photographs():
        one = samples.sample(name)
        found[name] = Photograph(name, one.title, one.author, one.licence)
    table = tomllib.loads((FOLDER / "photographs.toml").read_text(encoding="utf-8"))
    found |= {name: Photograph(name, **fields) for name, fields in table.items()}
    return MappingProxyType(found)


def image(name: str) -> Image.Image:
    """A photograph in RGB.

    Raises:
        KeyError: there is none of that name.
    """
    if photographs()[name].package:
        data = (FOLDER / f"{name}.jpg").read_bytes()
    else:
        data = samples.data(name)
    with Image.open(io.BytesIO(data)) as opened:
        return opened.convert("RGB")
