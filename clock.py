"""The time of day, from one place: what is over, open or old is so by this clock."""

from __future__ import annotations

import time


def now() -> float:
    """Seconds since 1970, by the server's clock. Tests put another in its place."""
    return time.time()
