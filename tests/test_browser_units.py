"""Units as pictures to click: whom one is connected to, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from model.weights import DEFAULT
from tests.browser import Server, wait_idle
from ui.kit import cache
from ui.kit.panels.connections import page_words

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
