"""Waiting for a condition: the one place of the tests that lets time pass.

How long something takes depends on what else the machine does. A test names what it
waits for, and goes on as soon as it is so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

LONG = 120.0  # seconds that a busy machine may take for anything but training
LOOK = 0.02  # seconds between two looks

T = TypeVar("T")


class TooLong(AssertionError):
    """What was waited for has not come."""


def until(condition: Callable[[], T], what: str, seconds: float = LONG) -> T:
    """Waits for a condition, and returns what it then is.

    Raises:
        TooLong: it did not come true within so many seconds.
    """
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise TooLong(f"waited {seconds:g} s for {what}")
        time.sleep(LOOK)
    return found


async def until_so(
    condition: Callable[[], object], what: str, seconds: float = LONG
) -> None:
    """The same on an event loop, which runs meanwhile.

    Raises:
        TooLong: as `until`.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TooLong(f"waited {seconds:g} s for {what}")
        await asyncio.sleep(LOOK)


def stays(condition: Callable[[], object], what: str, seconds: float) -> None:
    """For what must not happen: looks again and again, for so many seconds.

    Raises:
        AssertionError: the condition did not hold at one of the looks.
    """
    end = time.monotonic() + seconds
    while True:
        assert condition(), f"for {seconds} s: {what}"
        if time.monotonic() > end:
            return
        time.sleep(LOOK)
