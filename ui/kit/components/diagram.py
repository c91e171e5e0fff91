"""A network's drawing, one layer of which the visitor can choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ui.kit.components import component, sent
from viz.diagram import LayerDrawing

_diagram = component("diagram")


def diagram(
    drawings: Sequence[LayerDrawing],
    *,
    key: str,
    selected: str,
    alt: str,
    label: str,
    tip: str,
    disabled: bool,
    on_pick: Callable[[str], None],
) -> None:
    """Shows the drawing.

    Args:
        drawings: of one network; the widest that is not shrunk is shown.
        selected: the layer that is marked; "" for none.
        tip: the name of a layer's button, with {layer}.
        on_pick: called with the layer chosen, before the script runs again. What comes
            from a browser is not trusted: only a layer of the drawing gets there.
    """

    def picked() -> None:
        name = sent(key, "picked")
        if name in drawings[0].places:
            on_pick(str(name))

    _diagram(
        key=key,
        data={
            "drawings": [
                {
                    "svg": one.svg,
                    "width": one.width,
                    "height": one.height,
                    "places": [[name, *box] for name, box in one.places.items()],
                }
                for one in drawings
            ],
            "selected": selected,
            "alt": alt,
            "label": label,
            "tip": tip,
            "disabled": disabled,
        },
        on_picked_change=picked,
    )
