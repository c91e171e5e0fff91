"""Pictures: the one door through which a file becomes pixels, and what a network sees.

Importing this package imports nothing: the process that opens files lives in it, too,
and is to hold Pillow alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model.pictures.door import Picture, close, load_picture, warm_up
    from model.pictures.formats import MAX_BYTES, PictureRefused
    from model.pictures.network_input import as_received, cropped, to_input

__all__ = [
    "MAX_BYTES",
    "Picture",
    "PictureRefused",
    "as_received",
    "close",
    "cropped",
    "load_picture",
    "to_input",
    "warm_up",
]
_HOMES = {
    "MAX_BYTES": "formats",
    "PictureRefused": "formats",
    "as_received": "network_input",
    "cropped": "network_input",
    "to_input": "network_input",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'door')}"), name)
