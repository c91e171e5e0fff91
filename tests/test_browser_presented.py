"""What is presented on a projector: charts that fit their boxes, type that is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.browser import Server, wait_idle
from tests.waiting import until

Open = Callable[..., Any]

# Of everything that is drawn in a step: how far it reaches beyond its box. A chart of
# Vega is measured against the column that it was given, which it fills.
DRAWN = """() => {
    const box = document.querySelector(".st-key-slide_live");
    const content = box.querySelector(".st-key-slide_live_fit");
    const all = root => [...root.querySelectorAll("*")].flatMap(
        one => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
    const drawn = all(content).filter(one => ["svg", "canvas"].includes(one.localName));
    const edges = box.getBoundingClientRect();
    const charts = [...content.querySelectorAll("[data-testid=stVegaLiteChart]")];
    const apart = charts.map(one => {
        const given = one.closest("[data-testid=stElementContainer]").clientWidth;
        const width = one.querySelector("svg, canvas")?.getBoundingClientRect().width;
        return width ? width / content.currentCSSZoom - given : 999;
    });
    return {
        zoom: parseFloat(content.style.zoom || 0),
        beyond: Math.max(0, ...drawn.map(one => {
            const place = one.getBoundingClientRect();
            return Math.max(place.right - edges.right, place.bottom - edges.bottom);
        })),
        apart: Math.max(0, ...apart.map(Math.abs)),
        cut: box.scrollHeight - box.clientHeight,
        charts: charts.length,
    };
}"""
# The steps with charts, and how many; the convolution has canvases alone.
CHARTS = {"data": 1, "generalisation": 4, "convolution": 0}


@pytest.fixture(autouse=True)
def ready(server: Server) -> None:
    server.wait_ready()


def fitting(page: Any, charts: int) -> dict[str, Any] | None:
    """How a step is drawn, once so many charts and all else fit their boxes."""
    found: dict[str, Any] = page.evaluate(DRAWN)
    is_whole = found["zoom"] and found["charts"] == charts
    fits = found["beyond"] <= 2 and found["apart"] <= 4 and found["cut"] <= 2
    return found if is_whole and fits else None


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_drawn_in_a_presented_step_fits(open_page: Open, language: str) -> None:
    """Streamlit measures a chart's room before the step is zoomed, and zoomed."""
    for step, charts in CHARTS.items():
        page = open_page(
            f"/lesson?step={step}&present=1&reveal=1&lang={language}", height=720
        )
        for width, height in ((1280, 720), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            wait_idle(page)
            found = until(
                partial(fitting, page, charts), f"{step} to fit {width} x {height}"
            )
            assert found is not None
            assert found["zoom"] >= 0.95, f"{step} is read from the last row: {found}"
