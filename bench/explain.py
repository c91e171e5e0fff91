"""How soon the arithmetic of an activation answers, and how much is sent for it.

    python -m bench.explain

Chromium shows /feature-maps, once as fast as this machine is and once with its
processor slowed down THROTTLE times, about a cheap phone against a desk. Each event is
sent to the component, and the time is taken until its numbers and its drawings are
those of the new position or unit.

    hover       a position of the map: 300 of conv1, conv3 and conv5, 95 of 100
    click       a unit whose kernel slice is there already
    click, new  a unit whose slice is fetched first
    sent        of a picture, gzipped; and of a slice, the largest layer's
"""

from __future__ import annotations

import json
from typing import Any

from bench.chromium import chromium
from bench.visitors import percentile
from tests import browser

THROTTLE = 4
LAYERS = ("conv1", "conv3", "conv5")
UNITS = 20

HOVER = """(part, [count]) => {
    const canvas = part.querySelector(".output canvas");
    const box = canvas.getBoundingClientRect();
    const taken = [];
    for (let i = 0; i < count; i += 1) {
        const x = box.left + ((i * 0.618034) % 1) * box.width;
        const y = box.top + ((i * 0.414214) % 1) * box.height;
        const start = performance.now();
        canvas.dispatchEvent(
            new PointerEvent("pointermove", {clientX: x, clientY: y, bubbles: true}));
        part.getBoundingClientRect();  // laid out, too
        taken.push(performance.now() - start);
    }
    return taken;
}"""

CLICK = """async (part, [units]) => {
    const unit = part.querySelector(".unit");
    const taken = [];
    for (const one of units) {
        const sentence = part.querySelector(".sentence");
        const start = performance.now();
        unit.value = one;
        unit.dispatchEvent(new Event("change"));
        const is = () => new RegExp(`map ${one}:`).test(sentence.textContent);
        while (!is()) await new Promise(done => setTimeout(done));
        part.getBoundingClientRect();
        taken.push(performance.now() - start);
    }
    return taken;
}"""


def measure(page: Any, throttle: int) -> dict[str, float]:
    """The figures of one visit, in milliseconds and megabytes."""
    sizes: dict[str, int] = {}

    def note(response: Any) -> None:
        for kind in ("activations", "kernels"):
            if f"/{kind}/" in response.url:
                size = int(response.headers.get("content-length", 0))
                sizes[kind] = max(size, sizes.get(kind, 0))

    page.on("response", note)
    page.goto("/feature-maps?arithmetic=1&layer=conv1&unit=4")
    part = page.locator("section.arithmetic")
    part.locator(".sentence:not(:empty)").wait_for(timeout=60_000)
    browser.wait_idle(page)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    hover: list[float] = []
    new: list[float] = []
    again: list[float] = []
    for layer in LAYERS:
        part.locator(".layer").select_option(layer)
        part.locator(".sentence:not(:empty)").wait_for()
        hover += part.evaluate(HOVER, [100])
        units = list(range(1, 1 + UNITS))
        new += part.evaluate(CLICK, [units])
        again += part.evaluate(CLICK, [units])
    part.locator(".layer").select_option("fc6")
    part.locator(".sentence:not(:empty)").wait_for()
    return {
        "hover_ms": percentile(hover, 95),
        "hover_median_ms": percentile(hover, 50),
        "click_ms": percentile(again, 95),
        "click_new_ms": percentile(new, 95),
        "sent_mb": sizes["activations"] / 1e6,
        "slice_kb": sizes["kernels"] / 1e3,
    }


def main() -> None:
    """Measures and prints."""
    found = []
    with chromium() as (window, address):
        for throttle in (1, THROTTLE):
            page = window.new_page(base_url=address)
            found.append(measure(page, throttle))
            page.close()
    rows = (
        ("hover: 95 of 100 within", "hover_ms", "ms"),
        ("hover: half within", "hover_median_ms", "ms"),
        ("click, slice there: 95 of 100 within", "click_ms", "ms"),
        ("click, slice fetched: 95 of 100 within", "click_new_ms", "ms"),
        ("sent for a picture", "sent_mb", "MB"),
        ("sent for a unit of fc6", "slice_kb", "kB"),
    )
    own, slow = found
    print(f"Chromium, and with its processor slowed down {THROTTLE} times")
    for label, name, unit in rows:
        print(f"{label:40} {own[name]:8.1f} {slow[name]:8.1f} {unit}")
    slowed = {f"{k}_slowed_{THROTTLE}": v for k, v in slow.items() if "_ms" in k}
    print(json.dumps({k: round(v, 3) for k, v in (own | slowed).items()}))


if __name__ == "__main__":
    main()
