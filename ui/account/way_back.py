"""The language of who goes to their school to sign in: they return in a new session.

Kept in memory, by the browser's cookie, for half an hour.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import clock

LASTS = 1800.0  # seconds
MOST = 1_000  # visitors; who went first is forgotten first

_kept: OrderedDict[str, tuple[float, str]] = OrderedDict()
_lock = threading.Lock()


def keep(visitor: str, language: str) -> None:
    """Before a visitor leaves for the school."""
    with _lock:
        _kept[visitor] = (clock.now(), language)
        _kept.move_to_end(visitor)
        while len(_kept) > MOST:
            _kept.popitem(last=False)


def take(visitor: str) -> str:
    """Once the visitor is back: the language; "": none was kept, or long ago."""
    with _lock:
        at, language = _kept.pop(visitor, (0.0, ""))
    return language if at >= clock.now() - LASTS else ""
