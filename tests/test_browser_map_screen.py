"""Feature maps as one screen: what is seen without scrolling, pointed at and pinned."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from model.network import receptive
from model.weights import DEFAULT, get
from tests import access
from tests.browser import Server, wait_idle
from ui.kit import cache, words

SPEC = get(DEFAULT).spec
TEXT = words.page("feature_maps")
Open = Callable[..., Any]
FINGER: dict[str, Any] = {"has_touch": True, "is_mobile": True}


@pytest.fixture(autouse=True)
def loaded(server: Server) -> None:
    server.wait_ready(60)


def visit(page: Any, address: str) -> None:
    """Opens it, and waits for its maps and what they are shown with."""
    page.goto(f"/feature-maps?{address}")
    expect(page.locator(".photo img")).to_be_visible()
    expect(page.locator(".grid img").first).to_be_visible()
    wait_idle(page)


def inside(page: Any, part: Any) -> bool:
    """Whether all of a part is in the window."""
    box, window = part.bounding_box(), page.viewport_size
    return bool(
        box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= window["width"] + 0.5
        and box["y"] + box["height"] <= window["height"] + 0.5
    )


# Of the parts of the screen that are seen, in the order in which they arrive.
TOPS = """() => [...document.querySelector(".st-key-screen").children]
    .map(x => x.getBoundingClientRect()).filter(x => x.height).map(x => x.top)"""
SCROLLS = "x => x.scrollHeight > x.clientHeight + 1"


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 664)])
def test_the_maps_are_on_screen_without_scrolling(
    width: int, height: int, open_page: Open
) -> None:
    """All of them in the larger window; on a phone conv1's 96, and as many of others
    as a finger can hit: the rest comes by scrolling inside the mosaic."""
    how = FINGER if width == 390 else {}
    page = open_page(width=width, height=height, **how)
    for layer in ("conv1", "conv3", "pool5", "fc6", "fc8"):
        visit(page, f"layer={layer}")
        assert page.evaluate(
            "document.querySelector('[data-testid=stMain]').scrollTop === 0"
        )
        view = page.locator(".view")
        assert inside(page, view), layer
        assert inside(page, page.locator(".photo .picture")), layer
        assert inside(page, page.locator(".tip")), layer
        box = view.bounding_box()
        assert box["height"] >= 0.4 * height, layer
        if width == 1280 or layer == "conv1":
            assert not view.evaluate(SCROLLS), layer
        if layer != "fc6":
            assert page.locator(".mark").bounding_box()["width"] >= access.LEAST
    visit(page, "layer=overview")
    seen = 5 if width == 1280 else 1
    for view in page.locator(".view").all()[:seen]:
        assert inside(page, view)
        assert not view.evaluate(SCROLLS)
    page.goto("/filters")
    wait_idle(page)
    view = page.locator(".st-key-maps .view")
    assert inside(page, view) and not view.evaluate(SCROLLS)
    assert inside(page, page.locator(".photo .picture"))
    if width == 390:
        for address in ("/filters", "/feature-maps?layer=conv1"):
            page.goto(address)
            wait_idle(page)
            tops = page.evaluate(TOPS)
            assert tops == sorted(tops), "what comes late is below, and moves nothing"


def field(page: Any) -> tuple[float, ...] | None:
    """What is framed on the photograph, in pixels of the network's input."""
    frame = page.locator(".photo .field")
    if not frame.is_visible():
        return None
    style = frame.evaluate(
        "x => [x.style.top, x.style.left, x.style.height, x.style.width]"
    )
    top, left, high, wide = (
        float(x.rstrip("%")) * SPEC.input_size / 100 for x in style
    )
    return top, left, top + high, left + wide


@pytest.mark.parametrize("language", access.some(["de", "en"], 1))
def test_the_tip_writes_numbers_as_the_language_does(
    language: str, open_page: Open
) -> None:
    page = open_page(width=1280, height=800)
    visit(page, f"layer=conv2&picture=dog&unit=7&lang={language}")
    values = cache.layer(DEFAULT, cache.sample_picture("dog"), "conv2")[:, :, 7]
    reached = values.max() / cache.best_maps(DEFAULT)["conv2"][7]
    shares = f"{(values > 0).mean():.0%}", f"{reached:.0%}"
    tip = words.page("feature_maps", language)["tip_best"]
    sentence = tip.format(f"{values.max():.3g}", *shares, unit=7)
    shown = page.locator(".tip").evaluate("x => x.textContent")
    assert shown == sentence
    assert re.search(r"\d,\d" if language == "de" else r"\d\.\d", shown)


def test_a_hover_shows_what_is_seen_and_a_click_pins(open_page: Open) -> None:
    page = open_page(width=1280, height=800)
    visit(page, "layer=conv2&picture=dog")
    values = cache.layer(DEFAULT, cache.sample_picture("dog"), "conv2")
    best = np.unravel_index(values[:, :, 0].argmax(), values.shape[:2])
    assert field(page) == pytest.approx(
        receptive.patch(SPEC, "conv2", *map(int, best)), abs=0.01
    )
    # A position of a tile far from the first: its own receptive field, its own map.
    tile = page.locator(".mark").bounding_box()
    grid = page.locator(".grid").bounding_box()
    step = tile["width"] * 27 / 26  # a pixel of 26 between two
    at = {
        "x": 3 * step + tile["width"] * 5.5 / 26,
        "y": 2 * step + tile["width"] * 20.5 / 26,
    }
    page.locator(".grid").hover(position=at)
    columns = round((grid["width"] + step / 27) / step)
    unit = 2 * columns + 3
    expect(page.locator(".tip")).to_have_text(re.compile(rf"^map {unit}:"))
    assert field(page) == pytest.approx(receptive.patch(SPEC, "conv2", 20, 5), abs=0.01)
    caption = page.locator(".photo figcaption")
    expect(caption).to_contain_text(f"row 21, column 6 of map {unit}")
    expect(page.locator(".photo canvas")).to_be_visible()
    wait_idle(page)
    assert "unit" not in page.url  # a hover pins nothing
    expect(page.get_by_label("Map or unit")).to_have_value("0")
    page.locator(".grid").click(position=at)
    expect(page).to_have_url(re.compile(rf"unit={unit}$"))
    expect(page.get_by_label("Map or unit")).to_have_value(str(unit))
    page.get_by_role("button", name=TEXT["next"]).hover()
    best = np.unravel_index(values[:, :, unit].argmax(), values.shape[:2])
    expect(caption).to_contain_text(
        f"row {best[0] + 1}, column {best[1] + 1} of map {unit}"
    )
    assert field(page) == pytest.approx(
        receptive.patch(SPEC, "conv2", *map(int, best)), abs=0.01
    )


def test_a_filter_pointed_at_shows_its_map_and_a_click_opens_it(
    open_page: Open,
) -> None:
    page = open_page("/filters?picture=dog", width=390, height=664, **FINGER)
    sheet = page.locator(".st-key-unit")
    expect(sheet).to_be_hidden()
    grid = page.locator(".st-key-maps .grid")
    grid.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    maps = cache.layer(DEFAULT, cache.sample_picture("dog"), "conv1")
    best = np.unravel_index(maps[:, :, 1].argmax(), maps.shape[:2])
    expect(page.locator(".photo canvas")).to_be_visible()
    assert field(page) == pytest.approx(
        receptive.patch(SPEC, "conv1", *map(int, best)), abs=0.01
    )
    page.keyboard.press("Enter")
    expect(sheet).to_be_visible()
    expect(page.get_by_label("Filter (0 to 95)")).to_have_value("1")
    expect(page).to_have_url(re.compile("filter=1$"))
    wait_idle(page)
    sheet.get_by_role("button", name=TEXT["close"]).tap()
    expect(sheet).to_be_hidden()


@pytest.mark.long("a filter pointed at opens in one")
def test_on_a_phone_a_pinned_unit_is_a_sheet(open_page: Open) -> None:
    page = open_page(width=390, height=664, **FINGER)
    visit(page, "layer=conv3")
    sheet = page.locator(".st-key-unit")
    expect(sheet).to_be_hidden()
    tile = page.locator(".mark").bounding_box()
    page.locator(".grid").tap(
        position={"x": 3.5 * tile["width"], "y": 1.5 * tile["width"]}
    )
    expect(page).to_have_url(re.compile(r"unit=[1-9]\d*$"))
    expect(sheet).to_be_visible()
    expect(sheet.get_by_role("img").first).to_be_visible()
    wait_idle(page)
    assert inside(page, sheet) and inside(page, page.locator(".photo .picture"))
    mark = page.locator(".mark").bounding_box()
    assert mark["y"] + mark["height"] <= sheet.bounding_box()["y"]
    sheet.get_by_role("button", name=TEXT["close"]).tap()
    expect(sheet).to_be_hidden()
    expect(page).not_to_have_url(re.compile("unit="))
    # A link opens exactly that unit, a tile far below included.
    visit(page, "layer=conv3&unit=300")
    expect(sheet).to_be_visible()
    expect(page.get_by_label("Map or unit")).to_have_value("300")
    mark, view = (page.locator(x).bounding_box() for x in (".mark", ".view"))
    assert view["y"] - 1 <= mark["y"]
    assert mark["y"] + mark["height"] <= sheet.bounding_box()["y"]


@pytest.mark.parametrize(
    "address", access.some(["/similar-images", "/augmentation", "/filters"], 1)
)
def test_a_phone_shows_the_row_of_pages_and_where_one_is(
    address: str, open_page: Open
) -> None:
    page = open_page(width=390, height=664, **FINGER)
    page.goto(address)
    wait_idle(page)
    at = page.locator('.st-key-section [aria-current="page"]')
    expect(at).to_be_in_viewport(ratio=0.8)
    on_top = """x => {
        const { left, top, width, height } = x.getBoundingClientRect();
        const middle = [left + width / 2, top + height / 2];
        return x.contains(document.elementFromPoint(...middle));
    }"""
    assert at.evaluate(on_top), "nothing lies over it"
