"""The sum behind one activation: window, kernel, products, pre-activation."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ui.kit.components import component
from viz.palette import lut

_arithmetic = component(
    "arithmetic", ("numbers", "drawing", "terms", "layers", "arithmetic")
)


@dataclass(frozen=True)
class Addresses:
    """Where a browser gets what it computes with."""

    activations: str  # of what `model.analysis.arithmetic.pack` makes
    kernels: str  # under which <layer>/<unit> is a kernel slice; ends with a slash


def arithmetic(
    *,
    key: str,
    addresses: Addresses,
    layer: str,
    unit: int,
    position: str,
    alt: str,
    channels: Sequence[str],
    texts: Mapping[str, str],
    language: str,
    in_a_row: bool = False,
) -> None:
    """Shows it. Everything that is pointed at is computed in the browser.

    Args:
        layer: what is opened first, and whenever the page's own choice changes.
        position: of the address, opened instead whenever it changes; "": none.
        alt: what the image shows.
        channels: the names of the image's channels.
        texts: the component's sentences, with {fields} that it fills in.
        in_a_row: for a projector, where height is scarce: the channels side by side,
            and without the choice of a layer.
    """
    colours = {name: lut(name) for name in ("viridis", "diverging")}
    _arithmetic(
        key=key,
        data={
            "activations": addresses.activations,
            "kernels": addresses.kernels,
            "layer": layer,
            "unit": unit,
            "position": position,
            "alt": alt,
            "channels": list(channels),
            "words": dict(texts),
            "language": language,
            "row": in_a_row,
            "colours": {
                name: b64encode(table.tobytes()).decode()
                for name, table in colours.items()
            },
        },
    )
