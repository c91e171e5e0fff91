"""A Chromium and a server of the bench's own, for what is measured in a browser."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests import browser


@contextmanager
def chromium() -> Iterator[tuple[Any, str]]:
    """A browser, and the address of a server that has loaded its network.

    Raises:
        SystemExit: there is no Chromium; the message says how to get one.
    """
    path = browser.find_chromium()
    if path is None:
        raise SystemExit(browser.NO_CHROMIUM)
    with (
        tempfile.TemporaryDirectory() as folder,
        browser.serving(Path(folder) / "log", ALEXNET_DATA=folder) as server,
        sync_playwright() as driver,
    ):
        server.wait_ready(120)
        window = driver.chromium.launch(executable_path=path, args=browser.ARGUMENTS)
        try:
            yield window, server.url
        finally:
            window.close()
