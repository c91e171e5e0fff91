"""A button that copies an address: the page's, which says what is on screen."""

from __future__ import annotations

from ui.kit import state, words
from ui.kit.components import component

_copy_link = component("copy_link")


def copy_link(key: str = "copy_link", address: str = "") -> None:
    """The button; where browsers lend no clipboard, it opens a field to copy from.

    They lend it to pages of https and of the machine itself alone (W3C, Clipboard API),
    so not to a class that opens http://<address of the school's machine>.

    Args:
        address: another than the page's. The page's is not offered while the visitor's
            own picture is on it: that is kept for them alone, and a link opens without.
    """
    is_private = state.PICTURE.get() == "own" and state.page() in state.PICTURE.pages
    if is_private and not address:
        return
    text = words.page("shell").table("copy_link")
    by_hand = text["by_hand_of" if address else "by_hand"]
    data = {**text, "by_hand": by_hand, "address": address}
    _copy_link(key=key, data=data)
