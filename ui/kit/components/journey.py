"""A picture's way through the network as one row, which plays once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ui.kit.components import component, sent

_journey = component("journey")


@dataclass(frozen=True)
class JourneyStep:
    """One place on the way."""

    name: str  # the layer's, which a click opens; "" for the picture itself
    title: str
    size: str
    src: str  # the address of what is shown; "" while it is not there
    alt: str
    tip: str = ""


def journey(
    steps: Sequence[JourneyStep],
    classes: Sequence[tuple[str, float]],
    *,
    key: str,
    label: str,
    classes_title: str,
    on_pick: Callable[[str], None],
) -> None:
    """Shows the row.

    Args:
        classes: what it ends in: a text for each, and its share of the bar, 0 to 1.
        on_pick: called with the layer chosen, before the script runs again. What comes
            from a browser is not trusted: only one of the steps gets there.
    """

    def picked() -> None:
        name = sent(key, "picked")
        if name and name in {step.name for step in steps}:
            on_pick(str(name))

    shown = [vars(step) for step in steps]
    _journey(
        key=key,
        data={
            "id": f"{hash((tuple(steps), tuple(classes))):x}",
            "label": label,
            "steps": shown,
            "classes": [{"text": text, "share": share} for text, share in classes],
            "classes_title": classes_title,
        },
        on_picked_change=picked,
    )
