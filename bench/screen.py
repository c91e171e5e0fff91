"""How soon another layer's maps are on screen, and how smoothly a recording plays.

    python -m bench.screen

Chromium shows /feature-maps at 1280 × 800 and goes from layer to layer by the row of
blocks; then the training of the filters plays on /filters for its ten seconds.

    layer       from the click until the other layer's maps are drawn: 12 clicks
    frame       between two frames while it plays, 95 of 100 within
    replay      of all recordings, what a browser is sent: the smallest and the largest
"""

from __future__ import annotations

import json
from typing import Any

from bench.chromium import chromium
from bench.visitors import percentile
from lab.recordings import read_all
from lab.recordings.replay import arms, pack
from tests import browser

LAYERS = ("conv1", "conv3", "pool5", "conv2", "conv5", "fc6") * 2

CHANGE = """async (name) => {
    const roots = (node) => [...node.querySelectorAll("*")].flatMap(
        (x) => x.shadowRoot ? [x.shadowRoot, ...roots(x.shadowRoot)] : []);
    const find = (what) => [document, ...roots(document)]
        .map((root) => root.querySelector(what)).find(Boolean);
    const source = () => find(".grid img")?.src;
    const before = source();
    const start = performance.now();
    find(`[data-layer="${name}"]`).click();
    while (source() === before || !find(".grid img")?.complete) {
        await new Promise(requestAnimationFrame);
    }
    return performance.now() - start;
}"""

FRAMES = """async (part) => {
    const taken = [];
    let last = performance.now();
    while (part.dataset.part !== "1.000") {
        const now = await new Promise(requestAnimationFrame);
        taken.push(now - last);
        last = now;
    }
    return taken.slice(1);
}"""


def change_layers(page: Any) -> list[float]:
    """Milliseconds of each change."""
    page.goto("/feature-maps?layer=overview")
    browser.wait_idle(page)
    found = []
    for layer in LAYERS:
        found.append(page.evaluate(CHANGE, layer))
        browser.wait_idle(page)
    return found


def play(page: Any) -> list[float]:
    """Milliseconds between two frames while the training of the filters plays."""
    page.goto("/filters")
    browser.wait_idle(page)
    part = page.locator("section.replay[data-ready]")
    part.scroll_into_view_if_needed()
    part.locator("button.play").click()
    return list(part.evaluate(FRAMES))


def main() -> None:
    """Measures, and prints a table and a line of JSON."""
    with chromium() as (window, address):
        size: Any = {"width": 1280, "height": 800}
        page = window.new_page(base_url=address, viewport=size)
        layers, frames = change_layers(page), play(page)
    sizes = [len(pack(arms(one))) / 1e3 for one in read_all().values()]
    found = {
        "layer_median_ms": percentile(layers, 50),
        "layer_longest_ms": max(layers),
        "frame_ms": percentile(frames, 95),
        "replay_least_kb": min(sizes),
        "replay_most_kb": max(sizes),
    }
    for name, value in found.items():
        print(f"{name:20}{value:8.1f}")
    print(json.dumps({name: round(value, 1) for name, value in found.items()}))


if __name__ == "__main__":
    main()
