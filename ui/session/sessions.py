"""Frees what sessions of visitors who have left still hold, by a timer."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from streamlit.runtime import Runtime

EVERY = 60.0  # seconds


def tidy() -> None:
    """Frees sessions that have ended, with their pictures and files.

    Streamlit keeps one for two minutes, in case its browser comes back, and then until
    some other visitor leaves: its store drops what is over when it is asked its length.
    """
    if Runtime.exists():
        manager: Any = Runtime.instance()._session_mgr
        len(manager._session_storage._cache)
        gc.collect(1)  # a session is part of circles


@asynccontextmanager
async def tidied() -> AsyncIterator[None]:
    """Does so every minute, until the block is left."""

    async def again() -> None:
        while True:
            await asyncio.sleep(EVERY)
            tidy()

    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
