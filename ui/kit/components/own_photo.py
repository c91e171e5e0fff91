"""A button for one's own photograph; on a phone it opens the camera."""

from __future__ import annotations

from ui.kit.components import component

_own_photo = component("own_photo")


def own_photo(label: str, other: str | None, *, key: str, uploader: str) -> None:
    """The button.

    Args:
        other: what the second button is called, to the files of a phone; None: there
            is none, and without a touch screen no button at all.
        uploader: the key of the file uploader that gets the photograph.
    """
    _own_photo(
        key=key,
        data={"label": label, "other": other, "uploader": f"st-key-{uploader}"},
    )
