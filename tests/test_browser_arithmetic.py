"""How an activation came about: pointed at by mouse, finger and keys, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from model.analysis.map_statistics import peaks
from model.weights import DEFAULT, get
from tests import access
from tests.browser import Server, wait_idle
from ui.kit import cache, words
from ui.kit.network.activation_routes import kernels_address

TEXT = words.page("feature_maps").table("arithmetic")
WORDS = TEXT.table("component")
Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def loaded(server: Server) -> None:
    server.wait_ready(60)


def visit(page: Any, address: str = "layer=conv1&unit=4") -> Any:
    """The component, once its numbers are there."""
    page.goto(f"/feature-maps?arithmetic=1&{address}")
    part = page.locator("section.arithmetic")
    expect(part.locator(".sentence")).not_to_be_empty(timeout=60_000)
    wait_idle(page)
    part.scroll_into_view_if_needed()
    return part


def numbers(part: Any) -> tuple[float, float]:
    """The activation by the sum, and the network's own."""
    found = part.evaluate("x => [x.dataset.value, x.dataset.own]")
    return float(found[0]), float(found[1])


def position(part: Any) -> int:
    """Which position of the map is framed, row by row."""
    return int(part.locator(".output canvas").get_attribute("aria-valuenow"))


@pytest.mark.long("a hover moves the frame and the sum")
def test_it_is_loaded_once_it_is_asked_for(open_page: Open) -> None:
    page = open_page()
    sent: list[str] = []
    page.on("response", lambda x: sent.append(x.url))
    page.goto("/feature-maps?layer=conv1&unit=4")
    wait_idle(page)
    assert not [x for x in sent if "/activations/" in x or "/kernels/" in x]
    page.get_by_role("button", name=TEXT["show"]).click()
    expect(page.locator("section.arithmetic .sentence")).not_to_be_empty()
    assert len([x for x in sent if "/activations/" in x]) == 1
    assert "arithmetic=1" in page.url


def test_a_hover_moves_the_frame_and_the_sum(open_page: Open) -> None:
    page = open_page()
    part = visit(page)
    canvas = part.locator(".output canvas")
    seen = set()
    for x, y in ((20, 30), (120, 90), (200, 200)):
        canvas.hover(position={"x": x, "y": y})
        value, own = numbers(part)
        assert value == pytest.approx(own, abs=1e-3)
        seen.add(position(part))
    assert len(seen) == 3
    # And the other way round: the photograph moves the position of the map.
    part.locator(".photo canvas").hover(position={"x": 10, "y": 10})
    box = part.locator(".photo canvas").bounding_box()
    row = round((10 / box["height"] * 224 - 5.5) / 4)
    assert position(part) == row * 54 + row


def test_by_keys_alone(open_page: Open) -> None:
    page = open_page()
    part = visit(page, "layer=conv3&unit=17")
    canvas = part.locator(".output canvas")
    canvas.focus()
    page.keyboard.press("Home")
    assert position(part) == 0
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert position(part) == 13
    page.keyboard.press("End")
    assert position(part) == 143
    page.keyboard.press("ArrowDown")  # beyond the edge there is nothing
    assert position(part) == 143
    term = part.locator(".terms li").first
    term.focus()
    page.keyboard.press("ArrowRight")
    expect(part.locator(".cell")).to_contain_text("1")
    first = part.locator(".cell").inner_text()
    page.keyboard.press("ArrowRight")
    assert part.locator(".cell").inner_text() != first


def test_by_finger(open_page: Open) -> None:
    page = open_page(width=390, height=664, has_touch=True)
    part = visit(page)
    canvas = part.locator(".output canvas")
    canvas.scroll_into_view_if_needed()
    canvas.tap(position={"x": 15, "y": 15})
    before = position(part)
    canvas.tap(position={"x": 100, "y": 60})
    assert position(part) != before
    value, own = numbers(part)
    assert value == pytest.approx(own, abs=1e-3)


def test_one_walks_from_a_class_to_the_pixels_and_back(open_page: Open) -> None:
    page = open_page()
    part = visit(page, "layer=fc8")
    path = ["fc8"]
    while part.locator(".layer").input_value() != "conv1":
        part.locator(".terms button.name").first.click()
        expect(part.locator(".layer")).not_to_have_value(path[-1])
        path.append(part.locator(".layer").input_value())
        expect(part).to_have_attribute("data-drawn", path[-1])  # its weights are there
        value, own = numbers(part)
        assert value == pytest.approx(own, rel=1e-3, abs=1e-3), path[-1]
    layers = [x.name for x in get(DEFAULT).spec.layers]
    assert path == [
        x for x in reversed(layers) if not x.startswith(("drop", "flatten"))
    ]
    for name in reversed(path[:-1]):
        part.get_by_role("button", name=WORDS["back"], exact=True).click()
        expect(part.locator(".layer")).to_have_value(name)
    expect(part.get_by_role("button", name=WORDS["back"], exact=True)).to_be_disabled()


def test_playing_paints_the_map_and_can_be_stopped(open_page: Open) -> None:
    page = open_page()
    part = visit(page)
    play = part.locator("button.play")
    play.click()
    expect(play).to_have_text(WORDS["pause"])
    start = position(part)
    canvas = part.locator(".output canvas")
    expect(canvas).not_to_have_attribute("aria-valuenow", str(start))
    play.click()
    expect(play).to_have_text(WORDS["play"])
    at = position(part)
    part.locator("button.step").click()
    assert position(part) == at + 1
    part.locator("button.strongest").click()
    assert numbers(part)[1] == pytest.approx(strongest_of("conv1", 4), rel=1e-3)


def strongest_of(layer: str, unit: int) -> float:
    """The largest activation of a map on the sample that pages open with."""
    values = cache.activations(DEFAULT, cache.sample_picture("coffee"))[layer]
    return float(peaks(values)[unit])


@pytest.mark.long("playing paints the map and can be stopped")
def test_with_reduced_motion_the_map_is_painted_at_once(open_page: Open) -> None:
    page = open_page()
    page.emulate_media(reduced_motion="reduce")
    part = visit(page)
    part.locator("button.play").click()
    expect(part.locator("button.play")).to_have_text(WORDS["play"])
    assert position(part) == 54 * 54 - 1


@pytest.mark.parametrize(
    "address", access.some(["layer=conv2&unit=3", "layer=fc8", "layer=pool2"], 1)
)
def test_every_kind_of_layer_keeps_the_rules(open_page: Open, address: str) -> None:
    page = open_page(width=390, height=664)
    visit(page, address)
    assert not access.broken(page)


def test_the_address_of_weights_never_changes_its_content(server: Server) -> None:
    answer, content = server.get(f"{kernels_address(DEFAULT)}conv1/4")
    assert "immutable" in answer.headers["cache-control"]
    sent = np.frombuffer(content, "<f4")
    kernels, bias = cache.first_layer(DEFAULT)
    assert np.array_equal(sent[:-1], kernels[..., 4].ravel())
    assert sent[-1] == bias[4]
    for wrong in ("conv1/96", "pool1/0", "conv9/0"):
        refused, _ = server.get(f"{kernels_address(DEFAULT)}{wrong}")
        assert refused.status == 404, wrong
    other = kernels_address(DEFAULT).replace(DEFAULT + "/", DEFAULT + "/0")
    for gone in (f"{other}conv1/4", "/activations/" + "0" * 40):
        assert server.get(gone)[0].status == 404


@pytest.mark.long("one walks from a class to the pixels")
def test_the_address_opens_exactly_this_number(open_page: Open) -> None:
    page = open_page()
    part = visit(page, "layer=conv3&unit=17")
    assert "position" not in page.url, "what the page opens by itself needs no words"
    part.locator(".output canvas").focus()
    for key in ("Home", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"position=conv3\.17\.2\.2\b"))
    # A choice on the page has the server write the address.
    here = words.page("feature_maps").table("connections", "arrive")["here"]
    page.get_by_role("radio", name=here).click()
    expect(page).to_have_url(re.compile(r"connected=here"))
    expect(page).to_have_url(re.compile(r"position=conv3\.17\.2\.2\b"))
    for layer in ("pool2", "conv2"):
        part.locator(".terms button.name").first.click()
        expect(part).to_have_attribute("data-drawn", layer)
    part.locator(".terms li").nth(1).focus()  # its input map stands beside the sum
    expect(page).to_have_url(re.compile(r"position=conv2(\.\d+){4}\b"))
    seen, caption = numbers(part), part.locator(".before figcaption").inner_text()
    wait_idle(page)

    page.goto(page.url)
    again = page.locator("section.arithmetic")
    expect(again.locator(".sentence")).not_to_be_empty(timeout=60_000)
    assert again.locator(".layer").input_value() == "conv2"
    assert numbers(again) == seen
    assert again.locator(".before figcaption").inner_text() == caption
    # Another unit of the page's is opened by itself, where it is strongest.
    page.get_by_label(re.compile("^Map or unit")).fill("5")
    page.keyboard.press("Enter")
    expect(again.locator(".unit")).to_have_value("5")
    expect(again.locator(".layer")).to_have_value("conv3")
    expect(page).not_to_have_url(re.compile("position="))
