"""How soon a fresh server's first page can be used: `python -m bench.start`.

Three fresh servers, each visited by Chromium as soon as it listens. "Usable" is the
home page with its title, its picture and the first layer's maps; TensorFlow and the
network are still loading then, and the network's guess follows.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import ARGUMENTS, NO_CHROMIUM, find_chromium, serving

REPEATS = 3


def first_visit(chromium: Browser, folder: Path) -> dict[str, float]:
    """Seconds from the start of the process, and from when it listens."""
    began = time.monotonic()
    with serving(folder / f"log-{began}") as server:
        listens = time.monotonic() - began
        page = chromium.new_page()
        page.goto(server.url)
        page.get_by_role("slider").wait_for(timeout=60_000)
        usable = time.monotonic() - began
        early = server.get("/ready")[0].status == 503
        page.get_by_text("The predicted class").wait_for(timeout=120_000)
        guess = time.monotonic() - began
        page.close()
    return {
        "listens_s": listens,
        "first_page_s": usable - listens,
        "usable_s": usable,
        "before_tensorflow": float(early),
        "guess_s": guess,
    }


def main() -> None:
    """Prints a table and, last, one JSON line."""
    path = find_chromium()
    if path is None:
        raise SystemExit(NO_CHROMIUM)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        runs = [first_visit(chromium, Path(folder)) for _ in range(REPEATS)]
        chromium.close()
    medians = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    rows = {
        "listens_s": "process started → listens (s)",
        "first_page_s": "listens → home page usable (s)",
        "usable_s": "process started → home page usable (s)",
        "before_tensorflow": "usable before the network was loaded (1 = yes)",
        "guess_s": "process started → the network's guess (s)",
    }
    for name, words in rows.items():
        print(f"{words:<50} {medians[name]:6.2f}")
    print(json.dumps({name: round(value, 2) for name, value in medians.items()}))


if __name__ == "__main__":
    main()
