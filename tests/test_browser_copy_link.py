"""Copying the address of what is on screen, with a clipboard and without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import Server, wait_idle
from ui.kit import words

TEXT = words.page("shell").table("copy_link")
ADDRESS = "/feature-maps?picture=dog&layer=conv3&unit=17"
# As on a page that came by http from another machine.
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def loaded(server: Server) -> None:
    server.wait_ready(60)


def test_the_address_is_copied(open_page: Open, server: Server) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(ADDRESS)
    wait_idle(page)
    page.get_by_role("button", name=TEXT["label"]).click()
    expect(page.get_by_role("button", name=TEXT["copied"])).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert page.url == server.url + ADDRESS
    expect(page.get_by_role("button", name=TEXT["label"])).to_be_visible()  # once more


@pytest.mark.long("the address is copied")
def test_without_a_clipboard_there_is_a_field_to_copy_from(open_page: Open) -> None:
    page = open_page(width=390, height=664, has_touch=True, is_mobile=True)
    page.add_init_script(NO_CLIPBOARD)
    page.goto(ADDRESS)
    wait_idle(page)
    button = page.get_by_role("button", name=TEXT["label"])
    button.tap()
    field = page.get_by_label(TEXT["by_hand"])
    expect(field).to_have_value(page.url)
    expect(field).to_be_focused()
    chosen = "x => x.value.slice(x.selectionStart, x.selectionEnd)"
    assert field.evaluate(chosen) == page.url
    box = field.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    field.press("Escape")
    expect(field).to_be_hidden()
    expect(button).to_be_focused()
