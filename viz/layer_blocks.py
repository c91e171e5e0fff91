"""Every layer of a network as a small drawing of its own, all on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from model.network import shapes
from model.network.specs import Conv, Spec
from viz.blocks import (
    DEPTH,
    THIN,
    DrawnLayer,
    bar,
    block,
    filter_window,
    polygon,
    scale_for,
    size_words,
)
from viz.palette import Palette
from viz.svg import rectangle

HEIGHT, WIDTH = 76.0, 60.0  # of a drawing, in its own units
_TALL = HEIGHT / (1 + DEPTH[1]) - 2  # the height of the largest map's front
_THICK, _LONG, _BAR = 30.0, HEIGHT - 4, 12.0  # the most maps; the longest bar


@dataclass(frozen=True)
class LayerBlock:
    """One layer: a block for its maps, as high as they are and as thick as many, or a
    bar for its units."""

    name: str
    title: str  # what it is called on the page
    size: str  # 54×54×96
    svg: str


def _svg(parts: list[str]) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}">{"".join(parts)}</svg>'
    )


@cache
def layer_blocks(
    spec: Spec, names: tuple[str, ...], palette: Palette
) -> tuple[LayerBlock, ...]:
    """Those layers of a network, in its order. The square on a block is the kernel of
    the convolution that reads it, on the same scale."""
    scale = scale_for(spec)
    kinds = {layer.name: layer for layer in spec.layers}
    found = []
    for at, name in enumerate(names):
        info = shapes.layer_info(spec, name)
        reader = kinds.get(names[at + 1]) if at + 1 < len(names) else None
        if len(info.output) == 1:
            length = max(THIN, info.output[0] * _LONG / scale.units)
            left, top = (WIDTH - _BAR) / 2, HEIGHT - 2 - length
            parts = [bar(left, top, _BAR, length, palette.dense, ' rx="1.5"')]
        else:
            kernel = reader.kernel if isinstance(reader, Conv) else 0
            parts = _volume(
                info, kernel * _TALL / scale.side, scale.maps, scale.side, palette
            )
        found.append(LayerBlock(name, name, size_words(info.output), _svg(parts)))
    return tuple(found)


def _volume(
    info: shapes.LayerInfo, kernel: float, most: int, largest: int, palette: Palette
) -> list[str]:
    """The block of a layer with maps."""
    side, _, count = info.output
    item = DrawnLayer(info.name, info.kind, ())
    item.side = max(THIN, side * _TALL / largest)
    item.thick = max(THIN, count * _THICK / most)
    item.x, item.y = (WIDTH - item.right) / 2, [HEIGHT - 2]
    parts = block(item, 0, palette)
    if kernel:
        window = filter_window(item, 0, max(kernel, THIN))
        parts.append(polygon(window, palette.accent, palette.accent))
    return parts


def all_maps(palette: Palette) -> str:
    """A mosaic, for all layers at once."""
    cell, gap = 13.0, 3.0
    left, top = (WIDTH - 3 * cell - 2 * gap) / 2, HEIGHT - 2 - 3 * cell - 2 * gap
    return _svg(
        [
            rectangle(
                left + column * (cell + gap),
                top + row * (cell + gap),
                cell,
                cell,
                palette.conv,
                "none",
            )
            for row in range(3)
            for column in range(3)
        ]
    )
