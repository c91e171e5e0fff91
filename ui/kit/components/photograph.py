"""A button that opens a phone's camera."""

from __future__ import annotations

from ui.kit.components import component

_photograph = component("photograph")


def photograph(label: str, *, key: str, uploader: str) -> None:
    """A button that opens a phone's camera; nothing where there is no touch screen.

    Args:
        uploader: the key of the file uploader that gets the photograph.
    """
    _photograph(key=key, data={"label": label, "uploader": f"st-key-{uploader}"})
