"""Small pictures in named groups, one of which the visitor chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ui.kit.components import component, sent
from ui.kit.components.divider import jpeg

_thumbnails = component("thumbnails")


@dataclass(frozen=True)
class Thumbnail:
    """One picture to choose."""

    name: str
    title: str
    photo: bytes  # JPEG, a square


def thumbnails(
    groups: Sequence[tuple[str, Sequence[Thumbnail]]],
    *,
    key: str,
    selected: str,
    on_pick: Callable[[str], None],
) -> None:
    """Shows them.

    Args:
        groups: what each is called, and what is in it.
        on_pick: called with the name of the one chosen, before the script runs again.
            What comes from a browser is not trusted: only one of them gets there.
    """

    def picked() -> None:
        name = sent(key, "picked")
        if name in {one.name for _, group in groups for one in group}:
            on_pick(str(name))

    _thumbnails(
        key=key,
        data={
            "groups": [
                {
                    "title": title,
                    "pictures": [
                        {"name": one.name, "title": one.title, "src": jpeg(one.photo)}
                        for one in group
                    ],
                }
                for title, group in groups
            ],
            "selected": selected,
        },
        on_picked_change=picked,
    )
