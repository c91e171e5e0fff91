"""A button that copies the page's address, which says what is on screen."""

from __future__ import annotations

from ui.kit import words
from ui.kit.components import component

_copy_link = component("copy_link")


def copy_link(key: str = "copy_link") -> None:
    """The button; where browsers lend no clipboard, it opens a field to copy from.

    They lend it to pages of https and of the machine itself alone (W3C, Clipboard API),
    so not to a class that opens http://<address of the school's machine>.
    """
    _copy_link(key=key, data=words.page("shell").table("copy_link").as_dict())
