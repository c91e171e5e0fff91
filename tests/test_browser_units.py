"""Units as pictures to click, and a square over the picture, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from model import measured, runtime
from model.analysis import occlusion
from model.pictures import to_input
from model.weights import DEFAULT, get
from tests.browser import Server, wait_idle
from tests.waiting import until
from ui.kit import cache, words
from ui.network.feature_maps.connections import page_words

FINGER = words.page("feature_maps").table("finger").table("component")
Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def loaded(server: Server) -> None:
    server.wait_ready(60)


def test_one_walks_from_a_class_to_an_edge(open_page: Open) -> None:
    """By clicks, a tap and the keyboard, each time to the first unit that feeds it."""
    page = open_page(width=390, height=664, has_touch=True)
    first = int(cache.layer(DEFAULT, cache.sample_picture("coffee"), "fc8").argmax())
    page.goto(f"/feature-maps?picture=coffee&layer=fc8&unit={first}")
    wait_idle(page)
    way = [("fc8", first)]
    while (found := cache.connections(DEFAULT, *way[-1])[0]) is not None:
        target = found.positive[0]
        title = page_words().table("fed_by")["up"].format(layer=target.layer)
        tile = page.get_by_role("list", name=title).get_by_role("button").first
        expect(tile).to_have_accessible_name(
            re.compile(re.escape(f"{target.layer} · {target.unit} "))
        )
        match len(way) % 3:
            case 0:
                tile.click()
            case 1:
                tile.tap()
            case _:
                tile.focus()
                page.keyboard.press("Enter")
        expect(page).to_have_url(
            re.compile(f"layer={target.layer}&(.*&)?unit={target.unit}(&|$)")
        )
        way.append((target.layer, target.unit))
    assert [layer for layer, _ in way[1:]] == [
        "fc7", "fc6", "conv5", "conv4", "conv3", "conv2", "conv1",
    ]  # fmt: skip
    facts = cache.filter_facts(DEFAULT).sentences[way[-1][1]]
    assert way[-1][0] == "conv1"
    expect(page.get_by_text(facts).first).to_be_visible()


def finger(page: Any, query: str = "picture=coffee&layer=conv5&unit=12") -> Any:
    """The square over the picture, once it is there."""
    page.goto(f"/feature-maps?saliency=1&{query}")
    part = page.locator("section.finger")
    expect(part.locator(".sentence")).not_to_be_empty(timeout=60_000)
    wait_idle(page)
    part.locator(".picture").scroll_into_view_if_needed()
    return part


def answers(part: Any) -> int:
    return int(part.get_attribute("data-answers") or 0)


def expect_answers(part: Any, before: int) -> None:
    expect(part).to_have_attribute("data-answers", re.compile(r"\d+"))
    until(lambda: answers(part) > before, "an answer")


def test_a_square_is_dragged_over_the_picture(open_page: Open) -> None:
    """By mouse and by the keyboard, with the probabilities that the network gives."""
    page = open_page()
    part = finger(page)
    picture = part.locator(".picture")
    picture.hover()  # it moves no more
    box = picture.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    expect_answers(part, 0)
    expect(picture).to_have_attribute("aria-valuenow", str(84 * 168 + 84))
    sample = cache.sample_picture("coffee")
    first = int(cache.layer(DEFAULT, sample, "fc8").argmax())
    x = occlusion.cover(to_input(sample, get(DEFAULT).spec), [(84, 84)], 56)
    outputs = runtime.network(DEFAULT).batches.ask(x)
    share = float(measured.probabilities(DEFAULT, outputs[0])[first])
    digits = 1 if share < 0.1 or share > 0.99 else 0
    sentence = part.locator(".sentence")
    expect(sentence).to_contain_text(f" {share:.{digits}%} ")
    expect(part.locator(".top li")).to_have_count(5)
    expect(part.locator(".legend")).to_be_visible()
    # By keys: to a corner, and a step to the right.
    before = answers(part)
    picture.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(picture).to_have_attribute("aria-valuenow", "14")
    expect_answers(part, before)
    # A larger square stays inside.
    page.keyboard.press("End")
    size = part.get_by_role("slider", name=FINGER["size"])
    size.focus()
    page.keyboard.press("End")
    expect(picture).to_have_attribute("aria-valuemax", str(112**2))
    part.get_by_role("button", name=FINGER["clear"]).click()
    expect(part.locator(".legend")).to_be_hidden()


@pytest.mark.long("a square is dragged over the picture")
def test_the_picture_is_covered_everywhere_by_finger(open_page: Open) -> None:
    page = open_page(width=390, height=664, has_touch=True)
    part = finger(page, "picture=dog&layer=conv5&unit=12")
    part.locator(".picture").tap(position={"x": 60, "y": 60})
    expect_answers(part, 0)
    part.get_by_role("button", name=FINGER["everywhere"]).tap()
    every = len(occlusion.places(224, 56))
    expect(part).to_have_attribute("data-done", str(every), timeout=60_000)
    expect(part.locator(".sentence")).to_contain_text(f" {every} ")
    expect(part.locator(".progress")).to_be_hidden()
    # Held up, it can be stopped: what is there stays.
    page.route("**/covered/**", lambda route: None)
    part.get_by_role("button", name=FINGER["everywhere"]).tap()
    stop = part.get_by_role("button", name=FINGER["stop"])
    expect(stop).to_be_visible()
    stop.tap()
    page.unroute("**/covered/**")
    expect(part.get_by_role("button", name=FINGER["everywhere"])).to_be_visible()
