"""What is presented on a projector: charts that fit their boxes, type that is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests import access
from tests.browser import Server, wait_idle
from tests.waiting import until
from ui.kit import words

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


@pytest.mark.parametrize("language", access.some(["de", "en"], 1))
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


# Of the part of a page that is open: its zoom, and what of it is cut off.
OPEN_PART = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    const content = [...document.querySelectorAll('[class*="st-key-part_"]')].find(
        one => one.clientWidth && /st-key-part_\\w+_fit/.test(one.className));
    const box = content?.closest('[class*="st-key-part_"]:not([class*="_fit"])');
    return box && {
        zoom: parseFloat(content.style.zoom || 0),
        cut: box.scrollHeight - box.clientHeight,
        below: Math.round(box.getBoundingClientRect().bottom - innerHeight),
        scrolls: main.scrollHeight - main.clientHeight,
        share: box.clientHeight / innerHeight,
    };
}"""
RUN = "recorded-relu-2012-cifar"


def part_fits(page: Any) -> dict[str, Any] | None:
    found: dict[str, Any] | None = page.evaluate(OPEN_PART)
    if not found or not found["zoom"]:
        return None
    is_whole = found["cut"] <= 2 and found["below"] <= 0 and found["scrolls"] <= 2
    return found if is_whole else None


@pytest.mark.parametrize(
    ("path", "language"),
    access.some(
        [
            ("/experiments", "de"),
            (f"/relu-vs-tanh?run={RUN}", "en"),
            ("/teach", "de"),
            ("/relu-vs-tanh", "en"),
            ("/dropout", "de"),
            (f"/relu-vs-tanh?run={RUN}", "de"),
        ],
        3,
    ),
)
def test_each_part_of_an_experiment_presented_fits_a_window(
    open_page: Open, path: str, language: str
) -> None:
    """Question, settings, findings; of a run: replay, curves, networks, result, why.

    Of teaching: the classes, how good they are, a game.
    """
    text = words.page("lab", language)
    mark = "&" if "?" in path else "?"
    page = open_page(f"{path}{mark}present=1&lang={language}", height=720)
    if path != "/teach":  # nothing is guessed there
        skip = page.get_by_role("button", name=text.table("guess")["skip"])
        skip.first.click()
        wait_idle(page)
    for width, height in ((1280, 720), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        for tab in page.get_by_role("tab").all():
            tab.click()
            wait_idle(page)
            name = f"{tab.text_content()} to fit {width} x {height}"
            found = until(partial(part_fits, page), name)
            assert found is not None
            assert found["share"] >= 0.6, f"{name}: {found}"
            assert found["zoom"] >= 0.65, f"{name}, to be read: {found}"
