"""A network's layers in a row, drawn to scale, one of which is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ui.kit.components import component, sent
from viz.layer_blocks import LayerBlock

_layer_strip = component("layer_strip")


def layer_strip(
    layers: Sequence[LayerBlock],
    *,
    key: str,
    selected: str,
    label: str,
    on_pick: Callable[[str], None],
) -> None:
    """Shows the row: a button each, and arrow keys from one to the next.

    Args:
        label: what is chosen there.
        on_pick: called with the layer chosen, before the script runs again. What comes
            from a browser is not trusted: only a layer of the row gets there.
    """

    def picked() -> None:
        name = sent(key, "picked")
        if name in {one.name for one in layers}:
            on_pick(str(name))

    _layer_strip(
        key=key,
        data={
            "layers": [[one.name, one.title, one.size, one.svg] for one in layers],
            "selected": selected,
            "label": label,
        },
        on_picked_change=picked,
    )
