"""How soon a fresh server's first page can be used: `python -m bench.start`.

Three fresh servers, each visited by Chromium as soon as it listens. "Picture" is the
home page with its picture under the divider, decoded and drawn; "usable" has the first
layer's maps, too. TensorFlow and the network are still loading then, and the predicted
class follows.

Then how soon the home page of a server that is warm is there: its Largest Contentful
Paint (https://web.dev/articles/lcp), in turn with that of a Streamlit page with one
line (`bench/empty_page.py`), which no page can be faster than. The browser has both
pages' scripts in its cache.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser import ARGUMENTS, NO_CHROMIUM, Server, find_chromium, serving
from tests.browser import wait_idle as wait

REPEATS = 3
PAINTS = 9  # of each page, in turn

PICTURE = """async () => {
    const image = document.querySelector(".st-key-stage img");
    if (!image?.src) return false;
    await image.decode();
    return image.naturalWidth > 0 && image.getBoundingClientRect().width > 100;
}"""

LARGEST = """
window.__largest = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.__largest = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""


def first_visit(chromium: Browser, folder: Path) -> dict[str, float]:
    """Seconds from the start of the process, and from when it listens."""
    began = time.monotonic()
    with serving(folder / f"log-{began}") as server:
        listens = time.monotonic() - began
        page = chromium.new_page()
        page.goto(server.url)
        page.wait_for_function(PICTURE, timeout=60_000)
        picture = time.monotonic() - began
        page.get_by_role("button", name="conv1").wait_for(timeout=60_000)
        usable = time.monotonic() - began
        early = server.get("/ready")[0].status == 503
        page.locator(".st-key-chip").wait_for(timeout=120_000)
        guess = time.monotonic() - began
        page.close()
    return {
        "listens_s": listens,
        "first_picture_s": picture - listens,
        "first_page_s": usable - listens,
        "usable_s": usable,
        "before_tensorflow": float(early),
        "guess_s": guess,
    }


def largest_paint(context: Any, server: Server) -> float:
    """Seconds to the Largest Contentful Paint of a server's first page."""
    page = context.new_page()
    page.add_init_script(LARGEST)
    page.goto(server.url)
    wait(page)
    seconds = float(page.evaluate("window.__largest")) / 1000
    page.close()
    return seconds


def warm_visits(chromium: Browser, folder: Path) -> dict[str, float]:
    """Medians for the home page and the empty one, on servers that are warm."""
    empty = str(Path(__file__).with_name("empty_page.py"))
    with (
        serving(folder / "log-home") as home,
        serving(folder / "log-empty", script=empty) as other,
    ):
        home.wait_ready()
        contexts = [(chromium.new_context(), one) for one in (home, other)]
        taken: list[list[float]] = [[], []]
        for number in range(PAINTS + 1):
            for place, (context, server) in enumerate(contexts):
                seconds = largest_paint(context, server)
                if number:  # the first visit fills the browser's cache
                    taken[place].append(seconds)
    return {
        "lcp_s": statistics.median(taken[0]),
        "lcp_empty_s": statistics.median(taken[1]),
    }


def main() -> None:
    """Prints a table and, last, one JSON line."""
    path = find_chromium()
    if path is None:
        raise SystemExit(NO_CHROMIUM)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        runs = [first_visit(chromium, Path(folder)) for _ in range(REPEATS)]
        warm = warm_visits(chromium, Path(folder))
        chromium.close()
    medians = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    medians |= warm
    rows = {
        "listens_s": "process started → listens (s)",
        "first_picture_s": "listens → the picture on the home page (s)",
        "first_page_s": "listens → home page usable (s)",
        "usable_s": "process started → home page usable (s)",
        "before_tensorflow": "usable before the network was loaded (1 = yes)",
        "guess_s": "process started → the predicted class (s)",
        "lcp_s": "warm: Largest Contentful Paint of the home page (s)",
        "lcp_empty_s": "warm: the same of an empty Streamlit page (s)",
    }
    for name, words in rows.items():
        print(f"{words:<52} {medians[name]:6.2f}")
    print(json.dumps({name: round(value, 2) for name, value in medians.items()}))


if __name__ == "__main__":
    main()
