"""Replays in Chromium: played, scrubbed by key and finger, and still on request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from lab.recordings import read_all
from lab.results import metrics
from model import measured, weights
from tests.browser import TOO_WIDE, set_mark, wait_idle
from ui.experiments.findings import why
from ui.kit import words
from ui.kit.runs import run_sentences
from viz.filters import filter_pixels

Open = Callable[..., Any]
NAME = "half-the-data"
RECORDING = read_all()[NAME]
TEXT = words.page("lab").table("replay")
PLAYER = TEXT.table("component")

# The pixels of a canvas of filters, without those between two filters.
PIXELS = """(canvas) => {
    const { width, height } = canvas;
    const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    return { width, height, data: [...data] };
}"""


def replay(page: Any) -> Any:
    """The replay, once it has its recording."""
    found = page.locator("section.replay[data-ready]")
    expect(found).to_be_visible()
    return found


def told(at: float) -> str:
    """What was measured by an epoch, as the replay says it."""
    experiment, values = RECORDING.experiment, []
    for index, arm in enumerate(experiment.arms):
        reports = metrics.measured(RECORDING.events, index)
        report = [x for x in reports if x.epoch <= at + 1e-6][-1]
        share = run_sentences.percent(1 - report.validation_accuracy, 10_000)
        values.append(f"{arm.label} {share}")
    return ", ".join(values)


def test_a_recording_waits_plays_and_is_scrubbed_by_keys(open_page: Open) -> None:
    page = open_page("/experiments?idea=half-the-data")
    watch = page.get_by_role("button", name=TEXT["watch"])
    expect(watch).to_be_disabled()
    expect(page.locator("section.replay")).to_have_count(0)
    page.get_by_test_id("stRadio").get_by_text("5,000 images", exact=True).click()
    set_mark(page)
    expect(watch).to_be_enabled()
    watch.click()
    shown = replay(page)
    expect(shown).to_be_in_viewport()
    # It plays by itself: the visitor has asked for that.
    page.wait_for_function(
        "x => Number(x.dataset.part) > 0.02", arg=shown.element_handle()
    )
    shown.get_by_role("button", name=PLAYER["speed"].format(speed=4)).click()
    expect(shown).to_have_attribute("data-part", "1.000")
    expect(shown.get_by_role("button", name=PLAYER["again"])).to_be_visible()
    scrub = shown.get_by_role("slider", name=PLAYER["scrub"])
    scrub.focus()
    page.keyboard.press("Home")
    expect(shown.locator(".sentence")).to_contain_text("After 0 epochs")
    before = shown.locator("canvas").first.evaluate(PIXELS)
    page.keyboard.press("End")
    sentence = shown.locator(".sentence")
    expect(sentence).to_contain_text(told(100))
    expect(scrub).to_have_attribute("aria-valuetext", sentence.inner_text())
    assert before["data"] != shown.locator("canvas").first.evaluate(PIXELS)["data"]
    # In the middle: what was measured by then, not what lies between two points.
    scrub.fill("500")
    at = float(shown.get_attribute("data-at") or 0)
    expect(sentence).to_contain_text(told(at))
    curve = TEXT.table("curve_names")["gap"]
    shown.get_by_role("button", name=curve).press("Enter")
    expect(sentence).to_contain_text(f"epochs, {curve}:")


def test_the_filters_are_drawn_as_the_app_draws_them(open_page: Open) -> None:
    page = open_page("/filters?reports_back=3")
    shown = replay(page)
    history = measured.history(weights.DEFAULT)
    assert history is not None
    report = len(history.shown) - 4
    expect(shown.locator(".sentence")).to_contain_text(f"{history.shown[report]:,}")
    drawn = shown.locator("canvas").evaluate(PIXELS)
    pixels = np.array(drawn["data"]).reshape(drawn["height"], drawn["width"], 4)
    wanted = filter_pixels(history.filters(report))  # (n, h, w, 3)
    count, height, width, _ = wanted.shape
    columns = (drawn["width"] + 1) // (width + 1)
    for number in range(count):
        top, left = (
            (number // columns) * (height + 1),
            (number % columns) * (width + 1),
        )
        found = pixels[top : top + height, left : left + width, :3]
        assert np.abs(found - wanted[number].astype(int)).max() <= 1


@pytest.mark.long("a recording waits, plays and is scrubbed")
def test_a_finger_plays_and_stops_it(open_page: Open) -> None:
    page = open_page("/filters", width=390, height=664, has_touch=True)
    shown = replay(page)
    assert page.evaluate(TOO_WIDE) == []
    play = shown.locator(".play")
    play.tap()
    page.wait_for_function(
        "x => Number(x.dataset.part) < 0.9", arg=shown.element_handle()
    )
    play.tap()
    expect(play).to_contain_text(PLAYER["play"])
    box = shown.get_by_role("slider").bounding_box()
    assert box is not None and box["height"] >= 44
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    part = float(shown.get_attribute("data-part") or 0)
    assert part == pytest.approx(0.5, abs=0.1)


def test_with_reduced_motion_nothing_moves_and_all_can_be_seen(open_page: Open) -> None:
    page = open_page(
        "/experiments?idea=half-the-data", fresh=True, reduced_motion="reduce"
    )
    page.get_by_test_id("stRadio").get_by_text("5,000 images", exact=True).click()
    set_mark(page)
    page.get_by_role("button", name=TEXT["watch"]).click()
    shown = replay(page)
    wait_idle(page)
    expect(shown).to_have_attribute("data-part", "0.000")
    shown.get_by_role("slider").focus()
    page.keyboard.press("PageUp")
    expect(shown).to_have_attribute("data-part", "0.100")
    shown.locator(".play").press("Enter")
    expect(shown).to_have_attribute("data-part", "1.000")


def test_masks_follow_each_other(open_page: Open) -> None:
    page = open_page("/dropout?run=recorded-dropout-small&why=masks")
    page.get_by_role("button", name=words.page("lab").table("guess")["skip"]).click()
    masks = page.locator("section.masks")
    expect(masks).to_have_attribute("data-mask", "0")
    first = masks.locator(".sentence").inner_text()
    masks.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(masks).to_have_attribute("data-mask", "1")
    expect(masks.locator(".sentence")).not_to_have_text(first)
    masks.get_by_role("button", name=PLAYER["speed"].format(speed=4)).click()
    masks.locator(".play").click()
    expect(masks).to_have_attribute("data-mask", "9")
    image = masks.get_by_role("img")
    assert image.get_attribute("alt") == masks.locator(".sentence").inner_text()


def test_the_second_curve_is_drawn_by_mouse_and_keys(open_page: Open) -> None:
    """What is drawn is the guess, and a ghost in the replay."""
    page = open_page("/dropout")
    text = words.page("lab").table("draw")
    page.get_by_test_id("stExpander").get_by_text(text["title"]).click()
    drawing = page.locator("section.draw-curve")
    handles = drawing.get_by_role("slider")
    expect(handles).to_have_count(4)
    page.get_by_test_id("stRadio").get_by_role("radio").first.check(force=True)
    line = page.locator("section.number-line")
    expect(line).to_have_class(re.compile("unset"))
    wait_idle(page)
    box = line.locator("svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
    page.mouse.down()
    expect(line.locator(".sentence")).to_contain_text("by 30 percentage points")
    page.mouse.move(box["x"] + 5, box["y"] + 50, steps=3)
    expect(line.locator(".sentence")).to_contain_text("by 1 percentage point.")
    watch = page.get_by_role("button", name=TEXT["watch"])
    expect(watch).to_be_disabled()  # nothing is sent before it is let go
    page.mouse.up()
    expect(watch).to_be_enabled()
    last = handles.last
    wait_idle(page)  # what comes late moves it
    last.hover()  # once it stands still: the expander opens slowly
    box = last.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 60, steps=5)
    page.mouse.up()
    expect(drawing).not_to_have_attribute("data-drawn", "null")
    expect(drawing.locator(".told")).to_contain_text("Your curve ends at")
    value = int(last.get_attribute("aria-valuenow") or 0)
    assert value > 0
    expect(page.get_by_test_id("stRadio").get_by_role("radio").nth(1)).to_be_checked()
    last.focus()
    page.keyboard.press("ArrowUp")
    expect(drawing.locator(".told")).to_contain_text(f"ends at {value + 1}%")
    expect(last).to_be_focused()
    wait_idle(page)
    page.get_by_role("button", name=TEXT["watch"]).click()
    shown = replay(page)
    expect(shown.locator(".ghost")).to_have_count(1)
    expect(shown.get_by_text(words.page("lab").table("live")["ghost"])).to_be_visible()


@pytest.mark.long("it is drawn by mouse and keys")
def test_the_second_curve_is_drawn_by_a_finger(open_page: Open) -> None:
    page = open_page("/dropout", width=390, height=664, has_touch=True)
    text = words.page("lab").table("draw")
    page.get_by_test_id("stExpander").get_by_text(text["title"]).click()
    drawing = page.locator("section.draw-curve")
    handle = drawing.get_by_role("slider").nth(1)
    expect(handle).to_be_visible()
    wait_idle(page)  # what comes late moves it
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None and box["width"] >= 44
    assert page.evaluate(TOO_WIDE) == []
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    for kind, up in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40)):
        point = {"x": x, "y": y - up}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(drawing.locator(".told")).to_contain_text("Your curve ends at")
    assert int(handle.get_attribute("aria-valuenow") or 0) > 0
    # The same guess is a mark on the number line; a finger moves it.
    line = page.locator("section.number-line")
    expect(line).to_have_class(re.compile(" set"))
    line.scroll_into_view_if_needed()
    wait_idle(page)
    box = line.locator("svg").bounding_box()
    assert box is not None and box["height"] >= 44
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(line).to_have_attribute("data-at", "29")


def test_a_dropout_rate_answers_while_it_is_dragged(open_page: Open) -> None:
    page = open_page("/dropout?run=recorded-dropout-small")
    page.get_by_role("button", name=words.page("lab").table("guess")["skip"]).click()
    shown = page.locator("section.stops")
    expect(shown).to_have_attribute("data-stop", "5")
    rate = shown.get_by_role("slider", name="Dropout rate")
    rate.focus()
    for place in (6, 7, 8):
        page.keyboard.press("ArrowRight")
        stop = why.scalings()[place]
        expect(shown.locator("dd")).to_have_text(stop.rows)
        expect(shown.locator(".sentence")).to_have_text(stop.sentence)
    expect(rate).to_have_attribute("aria-valuetext", "0.8")
