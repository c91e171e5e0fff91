"""One's own classes in a browser: by keyboard and camera, and by touch without one."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect

from paths import ASSETS
from tests import access
from tests.browser import Server, wait_idle
from ui.kit import words

TEXT = words.page("teach")
PART = TEXT.table("component")
FOLDER = ASSETS / "photographs"
Open = Callable[..., Any]
FINGER: dict[str, Any] = {"has_touch": True, "is_mobile": True}
# A camera in front of which there is a red wall.
CAMERA = """() => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [320, 240];
  const context = canvas.getContext("2d");
  const draw = () => {
    context.fillStyle = "#c01020";
    context.fillRect(0, 0, 320, 240);
    requestAnimationFrame(draw);
  };
  draw();
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(10);
  const ask = window.fetch;
  window.asked = [];  // when it was asked what something is
  window.fetch = (to, ...more) => {
    if (String(to).includes("/look?")) window.asked.push(performance.now());
    return ask(to, ...more);
  };
}"""
INSECURE = "() => Object.defineProperty(window, 'isSecureContext', { value: false })"


@pytest.fixture(autouse=True)
def loaded(server: Server) -> None:
    server.wait_ready(60)


def visit(page: Any, script: str) -> Any:
    """Opens the page with a script of the browser's; its classes."""
    page.add_init_script(f"({script})()")
    page.goto("/teach")
    cards = page.locator("section.teach .card")
    expect(cards).to_have_count(2)
    wait_idle(page)
    return cards


def test_classes_are_taught_by_files_and_camera(
    open_page: Open, tmp_path: Any, server: Server
) -> None:
    """With the keyboard alone, but for the dialogue of files."""
    page = open_page(width=1280, height=800)
    cards = visit(page, CAMERA)
    section = page.locator("section.teach")
    fish, wall = cards.nth(0), cards.nth(1)
    for card, name in ((fish, "Fish"), (wall, "Red wall")):
        card.locator(".name").fill(name)
        card.locator(".name").press("Enter")
    expect(section.locator(".bars .called")).to_have_text(["Fish", "Red wall"])
    damaged = tmp_path / "notes.jpg"
    damaged.write_text("no picture")
    fish.locator("input[type=file]").set_input_files(
        [FOLDER / "fish1.jpg", damaged, FOLDER / "fish2.jpg", FOLDER / "fish3.jpg"]
    )
    expect(fish.locator(".pictures img")).to_have_count(3)
    expect(fish.locator(".trouble")).to_contain_text("notes.jpg: ")
    wait_idle(page)
    expect(
        page.get_by_text(TEXT["missing_1"].format(classes="Red wall"))
    ).to_be_visible()

    section.locator(".camera").press("Enter")
    expect(section.locator(".camera")).to_have_text(PART["stop"])
    record = wall.locator(".record")
    record.press("Enter")
    expect(record).to_have_attribute("aria-pressed", "true")
    expect(section).to_have_attribute("data-added", re.compile("^([7-9]|..)"))
    record.press("Enter")
    expect(record).to_have_attribute("aria-pressed", "false")
    sentence = section.locator(".sentence")
    expect(sentence).to_have_text(PART["predicted"].format(name="Red wall"))
    expect(section.locator(".bars .most .called")).to_have_text("Red wall")
    expect(section).to_have_attribute("data-answers", re.compile("^([4-9]|..)"))
    gaps = [b - a for a, b in pairwise(page.evaluate("window.asked"))]
    assert len(gaps) >= 3 and min(gaps) >= 499, gaps  # at most two a second

    before = wall.locator(".pictures img").count()
    section.locator(".camera").press("Enter")
    wall.locator(".pictures button").first.press("Enter")
    expect(wall.locator(".pictures img")).to_have_count(before - 1)
    wait_idle(page)
    expect(wall.locator(".count")).to_have_text(f"{before - 1} pictures")
    expect(
        page.get_by_text("times a layer was trained without one picture")
    ).to_be_visible()
    assert not access.broken(page)


@pytest.mark.long("classes are taught by files and camera")
def test_without_https_files_and_a_finger_do(open_page: Open, server: Server) -> None:
    page = open_page(width=390, height=664, **FINGER)
    cards = visit(page, INSECURE)
    section = page.locator("section.teach")
    expect(section.locator(".camera")).to_be_hidden()
    expect(section.locator(".off")).to_have_text(PART["insecure"])
    expect(section.locator(".file input")).to_have_attribute("capture", "environment")
    for place, name in enumerate(("fish", "windmill")):
        files = [FOLDER / f"{name}{x}.jpg" for x in (1, 2, 3)]
        cards.nth(place).locator("input[type=file]").set_input_files(files)
        expect(cards.nth(place).locator(".pictures img")).to_have_count(3)
    wait_idle(page)
    first, second = (TEXT["unnamed"].format(number=x) for x in (1, 2))
    section.locator(".tries button").nth(1).tap()  # a windmill
    sentence = section.locator(".sentence")
    expect(sentence).to_have_text(PART["predicted"].format(name=second))
    section.locator(".file input").set_input_files(FOLDER / "fish9.jpg")
    expect(sentence).to_have_text(PART["predicted"].format(name=first))
    expect(section.locator(".tried")).to_be_visible()
