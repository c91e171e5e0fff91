"""The lesson in a browser: keys, address, presenting, notes in a second window."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from classroom.content import lesson
from classroom.content.numbers import Number
from model.analysis.lesson_steps import slopes
from tests import access
from tests import browser as stand
from tests.browser import Server, reload, serving, wait_idle
from tests.test_browser import query
from ui.kit import words
from ui.lesson.claims import CLAIMS

ENGLISH = lesson.load()
ANSWER = ENGLISH.words["answer"]


@pytest.fixture(autouse=True)
def ready(server: Server) -> None:
    server.wait_ready()


def heading(page: Any, slug: str, language: str = "en") -> Any:
    title = lesson.load(language).step(slug).title
    return page.get_by_role("heading", name=title, exact=True)


def keys_at(page: Any, slug: str) -> None:
    """Waits until the arrow keys count from that step: just after it is drawn."""
    place = [step.slug for step in ENGLISH.steps].index(slug)
    expect(page.locator(".keys")).to_have_attribute("data-at", str(place))


def answer(page: Any) -> Any:
    return page.get_by_text(ANSWER, exact=True)


def test_arrows_step_and_r_reveals(open_page: Callable[..., Any]) -> None:
    page = open_page("/lesson")
    expect(heading(page, "start")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(heading(page, "before")).to_be_visible()
    expect(page).to_have_url(re.compile("step=before"))
    expect(answer(page)).to_have_count(0)
    page.keyboard.press("r")
    expect(answer(page)).to_be_visible()
    expect(page).to_have_url(re.compile("reveal=1"))
    page.keyboard.press("r")
    expect(answer(page)).to_have_count(0)
    page.keyboard.press("R")  # with caps lock
    expect(answer(page)).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(heading(page, "lenet")).to_be_visible()
    expect(answer(page)).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    expect(heading(page, "before")).to_be_visible()


@pytest.mark.parametrize("pace", access.some([30, 90], 1), ids="{} ms".format)
def test_quick_presses_are_all_counted(
    open_page: Callable[..., Any], pace: int
) -> None:
    """Those too that come while the page of an earlier one is drawn."""
    page = open_page("/lesson")
    wait_idle(page)
    for _ in range(6):
        page.keyboard.press("ArrowRight", delay=pace)
    expect(heading(page, ENGLISH.steps[6].slug)).to_be_visible()
    wait_idle(page)
    expect(heading(page, ENGLISH.steps[6].slug)).to_be_visible()
    assert query(page) == {"step": ENGLISH.steps[6].slug}


@pytest.mark.long("quick presses are all counted")
def test_presses_there_and_back_end_where_they_began(
    open_page: Callable[..., Any],
) -> None:
    """The answer last covered stays covered, and last asked for is there."""
    page = open_page("/lesson?step=relu")
    wait_idle(page)
    for key in ("ArrowRight", "ArrowRight", "r", "ArrowLeft", "r", "ArrowLeft", "r"):
        page.keyboard.press(key, delay=60)
    expect(answer(page)).to_be_visible()
    wait_idle(page)
    expect(heading(page, "relu")).to_be_visible()
    assert query(page) == {"step": "relu", "reveal": "1"}
    page.keyboard.press("r")  # and what is known of it is right for the next press
    expect(answer(page)).to_have_count(0)


def test_keys_begin_where_the_page_is_after_a_click(
    open_page: Callable[..., Any],
) -> None:
    page = open_page("/lesson")
    wait_idle(page)
    page.keyboard.press("ArrowRight")
    expect(heading(page, "before")).to_be_visible()
    wait_idle(page)
    for _ in range(2):
        page.get_by_role("button", name="Next").click()
        wait_idle(page)
    page.keyboard.press("ArrowRight")
    expect(heading(page, ENGLISH.steps[4].slug)).to_be_visible()
    wait_idle(page)
    menu = page.get_by_test_id("stSidebarNav")
    menu.get_by_role("link", name="Look inside", exact=True).click()
    expect(page.locator("h1")).to_have_text(words.page("feature_maps")["title"])
    menu.get_by_role("link", name="Lesson", exact=True).click()
    expect(heading(page, ENGLISH.steps[4].slug)).to_be_visible()
    wait_idle(page)
    page.keyboard.press("ArrowLeft")
    expect(heading(page, ENGLISH.steps[3].slug)).to_be_visible()


@pytest.mark.long("keys begin where the page is")
def test_keys_stay_with_whoever_uses_them(open_page: Callable[..., Any]) -> None:
    """An arrow on a slider moves the slider, and R in a field is a letter."""
    page = open_page("/lesson?step=relu&reveal=1")
    slider = page.get_by_role("slider").first
    slider.focus()
    before = slider.input_value()
    page.keyboard.press("ArrowRight")
    expect(slider).not_to_have_value(before)
    wait_idle(page)
    assert query(page) == {"step": "relu", "reveal": "1"}
    page.get_by_role("combobox", name=ENGLISH.words["step"]).first.click()
    page.keyboard.type("r")
    wait_idle(page)
    assert query(page) == {"step": "relu", "reveal": "1"}
    expect(answer(page)).to_be_visible()


def test_the_first_click_counts_once_the_server_is_back(
    tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    """A server that was restarted knows of no button before a page has run."""
    with serving(tmp_path / "first") as first:
        page = open_page(
            "/lesson?step=2012",
            server=first,
            allow=("net::ERR", "WebSocket", "Client Error", "status 5"),
        )
        at = urlsplit(first.url).port
    connected = page.locator('[data-test-connection-state="CONNECTED"]')
    expect(connected).to_have_count(0)
    with serving(tmp_path / "second", port=at or 0):
        expect(connected).to_have_count(1)
        wait_idle(page, quiet=1)
        page.get_by_role("button", name="Next").click()
        expect(heading(page, "revolution")).to_be_visible()
        keys_at(page, "revolution")
        page.keyboard.press("ArrowLeft")
        expect(heading(page, "2012")).to_be_visible()
        wait_idle(page)


def test_reload_and_the_back_button_keep_the_step(
    open_page: Callable[..., Any],
) -> None:
    page = open_page("/lesson?step=2012")
    page.keyboard.press("r")
    expect(answer(page)).to_be_visible()
    expect(page).to_have_url(re.compile("reveal=1"))
    page.keyboard.press("ArrowRight")
    expect(heading(page, "revolution")).to_be_visible()
    expect(page).to_have_url(re.compile("step=revolution$"))
    reload(page)
    expect(heading(page, "revolution")).to_be_visible()
    page.go_back()
    expect(heading(page, "2012")).to_be_visible()
    expect(answer(page)).to_be_visible()
    page.go_back()
    expect(answer(page)).to_have_count(0)
    expect(heading(page, "2012")).to_be_visible()


@pytest.mark.long("reload and the back button keep the step")
def test_back_to_the_first_step(open_page: Callable[..., Any]) -> None:
    page = open_page("/lesson")
    page.get_by_role("button", name="Next").click()
    expect(heading(page, "before")).to_be_visible()
    expect(page).to_have_url(re.compile("step=before"))
    page.go_back()
    expect(heading(page, "start")).to_be_visible()


def test_the_next_step_is_read_from_its_beginning(
    open_page: Callable[..., Any],
) -> None:
    page = open_page("/lesson?step=differences")
    page.get_by_role("button", name="Next").click()
    expect(heading(page, "flow")).to_be_in_viewport()


FITS = """() => {
    const box = key => document.querySelector(`.st-key-${key}`);
    const [words, live, foot] = ["slide_words", "slide_live", "slide_foot"].map(box);
    const { top, height } = live.getBoundingClientRect();
    return {
        live: height / innerHeight,
        apart: words.getBoundingClientRect().bottom <= top + 1,
        foot: foot.getBoundingClientRect().bottom <= innerHeight,
        cut: live.scrollHeight - live.clientHeight,
        type: parseFloat(getComputedStyle(words.querySelector("p")).fontSize),
    };
}"""


def fitted(page: Any) -> dict[str, Any]:
    """How a step that is presented stands in its window, once it has been zoomed."""
    expect(page.locator(".st-key-slide_live[data-fitted]")).to_be_visible()
    wait_idle(page)
    found: dict[str, Any] = page.evaluate(FITS)
    return found


def test_a_step_that_is_presented_is_one_window(open_page: Callable[..., Any]) -> None:
    """A narrow live thing and a wide one, a large window and a small one."""
    page = open_page("/lesson?step=2012", height=720)
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    page.get_by_role("button", name="Present", exact=True).click()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page).to_have_url(re.compile("present=1"))
    hint = page.get_by_text(ENGLISH.words["keys_present"])
    size = "p => parseFloat(getComputedStyle(p).fontSize)"
    assert hint.evaluate(size) >= 15
    for slug in ("2012", "revolution"):
        expect(page.locator("h1")).to_have_text(ENGLISH.step(slug).title)
        for width, height in ((1280, 720), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            found = fitted(page)
            assert found["live"] >= 0.6 and found["apart"] and found["foot"], found
            assert found["cut"] <= 8, found
            assert found["type"] >= height / 30, "a line of it is read at the back"
        page.set_viewport_size({"width": 1280, "height": 720})
        wait_idle(page)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).to_have_text(ENGLISH.step("revolution").title)
    question = page.locator(".st-key-slide_question")
    expect(question).to_have_count(0)
    page.keyboard.press("q")
    expect(question).to_be_visible()
    expect(answer(page)).to_have_count(0)  # to reveal is a key of its own
    page.keyboard.press("r")
    expect(answer(page)).to_be_visible()
    page.keyboard.press("q")
    expect(question).to_have_count(0)
    page.get_by_role("button", name="Leave presenting").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()


def test_masks_and_filter_sizes_answer_while_dragged(
    open_page: Callable[..., Any],
) -> None:
    page = open_page("/lesson?step=dropout&present=1")
    shown = page.locator("section.stops")
    image, sentence = shown.locator("img"), shown.locator(".sentence")
    current = shown.locator("tr[aria-current]")
    expect(current.locator("td").first).to_have_text("1")
    expect(image).to_have_attribute("src", re.compile("^data:image/png"))
    first = image.get_attribute("src")
    shown.get_by_role("slider", name=ENGLISH.words["live"]["dropout"]["step"]).focus()
    page.keyboard.press("ArrowRight")
    expect(current.locator("td").first).to_have_text("2")
    expect(image).not_to_have_attribute("src", str(first))
    expect(sentence).to_contain_text("training step 2")
    rate = shown.get_by_role("slider", name=ENGLISH.words["live"]["dropout"]["rate"])
    rate.fill("0")
    expect(sentence).to_contain_text("0 of 4,096 units dropped")
    expect(rate).to_have_attribute("aria-valuetext", "0.0")
    page = open_page("/lesson?step=practice", width=390, height=664, has_touch=True)
    shown = page.locator("section.stops")
    size = shown.get_by_role("slider")
    expect(size).to_have_attribute("aria-valuetext", "11 × 11")
    wait_idle(page)
    size.scroll_into_view_if_needed()
    box = size.bounding_box()
    assert box is not None and box["height"] >= 44
    page.touchscreen.tap(box["x"] + 4, box["y"] + box["height"] / 2)
    expect(size).to_have_attribute("aria-valuetext", "3 × 3")
    expect(shown.locator("figcaption").first).to_contain_text("3 × 3 of")


def test_notes_are_a_second_window_and_either_leads(
    open_page: Callable[..., Any],
) -> None:
    page = open_page("/lesson?step=relu&present=1")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Notes in a second window").click()
    notes = opened.value
    note = "Ask what is left after twelve layers"
    expect(notes.get_by_text(note)).to_be_visible()
    expect(page.get_by_text(note)).to_have_count(0)
    expect(notes.get_by_test_id("stSidebar")).to_be_hidden()
    wait_idle(notes)
    page.bring_to_front()
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text(ENGLISH.step("layers").title)
    expect(notes.locator("h1")).to_have_text(ENGLISH.step("layers").title)
    notes.bring_to_front()
    notes.get_by_role("button", name="Next", exact=True).click()
    expect(notes.locator("h1")).to_have_text(ENGLISH.step("code").title)
    expect(page.locator("h1")).to_have_text(ENGLISH.step("code").title)
    keys_at(notes, "code")
    question = page.locator(".st-key-slide_question")
    notes.keyboard.press("q")
    expect(question).to_be_visible()
    expect(answer(page)).to_have_count(0)
    notes.keyboard.press("r")
    expect(answer(page)).to_be_visible()
    notes.keyboard.press("ArrowLeft", delay=60)
    notes.keyboard.press("ArrowLeft", delay=60)
    for window in (notes, page):
        expect(window.locator("h1")).to_have_text(ENGLISH.step("relu").title)
    reload(notes)
    expect(notes.locator("h1")).to_have_text(ENGLISH.step("relu").title)
    keys_at(notes, "relu")
    notes.keyboard.press("ArrowRight")
    for window in (notes, page):
        expect(window.locator("h1")).to_have_text(ENGLISH.step("layers").title)


def test_the_language_is_chosen_and_stays(open_page: Callable[..., Any]) -> None:
    page = open_page("/lesson?step=lenet")
    page.get_by_text("Deutsch", exact=True).click()
    expect(heading(page, "lenet", "de")).to_be_visible()
    expect(page).to_have_url(re.compile("lang=de"))
    page.get_by_role("button", name="Weiter").click()
    expect(heading(page, "2012", "de")).to_be_visible()
    expect(page).to_have_url(re.compile("step=2012"))  # it comes after the words
    reload(page)
    expect(heading(page, "2012", "de")).to_be_visible()
    page = open_page("/lesson?step=dropout&lang=de")
    expect(heading(page, "dropout", "de")).to_be_visible()
    expect(page.get_by_text("noch nicht auf Deutsch")).to_have_count(0)


def test_a_word_leads_to_its_explanation(open_page: Callable[..., Any]) -> None:
    page = open_page("/lesson?step=relu&reveal=1", height=500)
    link = page.get_by_role("link", name="vanishing gradient")
    tip = link.get_attribute("title")
    assert tip and tip.startswith("A gradient that gets so small")
    link.click()
    expect(page.get_by_role("heading", name="Words of this step")).to_be_in_viewport()
    expect(heading(page, "relu")).to_have_count(1)


@pytest.mark.long("test_page_home, without a browser")
def test_home_leads_a_newcomer_to_the_lesson(page: Any) -> None:
    page.get_by_role("link", name=words.page("home")["start"]).click()
    expect(heading(page, "start")).to_be_visible()


def test_every_step_fits_on_a_phone(open_page: Any) -> None:
    """From the first to the last by the keys; `open_page` checks the console."""
    page = open_page("/lesson", width=390, scheme="dark")
    for step in ENGLISH.steps:
        expect(heading(page, step.slug)).to_be_visible()
        wait_idle(page)
        page.keyboard.press("r")
        expect(answer(page)).to_be_visible()
        wait_idle(page)
        assert page.evaluate(stand.TOO_WIDE) == [], step.slug
        assert page.get_by_test_id("stException").count() == 0, step.slug
        for image in page.locator("img:visible").all():
            assert image.get_attribute("alt"), step.slug
        page.keyboard.press("ArrowRight")


HEAD_OF_CELL = """cell => {
    const style = getComputedStyle(cell, "::before");
    return style.display === "none" ? "none" : style.content;
}"""


@pytest.mark.parametrize(("width", "stacked"), [(1280, False), (390, True)])
def test_claims_are_a_table_or_a_card_each(
    open_page: Callable[..., Any], width: int, stacked: bool
) -> None:
    page = open_page("/claims", width)
    table = page.get_by_role("main").locator("table").first
    heads = [words.page("claims").as_dict()[name] for name in CLAIMS]
    cells = table.locator("tbody tr").first.locator("td")
    drawn = [cells.nth(place).evaluate(HEAD_OF_CELL) for place in range(1, len(heads))]
    assert drawn == [f'"{head}"' if stacked else "none" for head in heads[1:]]
    assert table.locator("thead").is_visible() is not stacked
    wide, window = table.evaluate("t => [t.scrollWidth, t.parentElement.clientWidth]")
    assert wide <= window + 1


@pytest.mark.parametrize("language", access.some(["de", "en"], 1))
def test_slopes_answer_while_dragged(
    open_page: Callable[..., Any], language: str
) -> None:
    """The numbers of the browser are those of `model.analysis.lesson_steps.slopes`."""
    address = f"/lesson?step=relu&reveal=1&lang={language}"
    page = open_page(address, width=390, height=664)
    section, style = page.locator("section.slopes"), lesson.load(language).style
    at, layers = (section.locator(f"input[name={x}]") for x in ("x", "layers"))
    own = lesson.load(language).words["live"]["slopes"]
    text = own["after"]
    kinds: tuple[tuple[slopes.Activation, str], ...] = (
        ("relu", "ReLU"),
        ("tanh", "tanh"),
        ("sigmoid", own["sigmoid"]),
    )

    def expected(x: float, count: int) -> list[str]:
        found = []
        for kind, name in kinds:
            slope = float(slopes.slope(kind, np.asarray(x)))
            left = float(slopes.through(kind, x, count)[-1])
            numbers = {
                "slope": Number(slope, ".3g").text(style),
                "product": Number(left, ".2g").text(style),
            }
            found.append(text.format(name=name, layers=count, **numbers))
        return found

    lines = section.locator("li")
    expect(lines).to_have_text(expected(2.0, 8))
    for x, count in ((-1.0, 8), (0.25, 1), (3.0, 20), (-0.25, 3), (0.0, 5)):
        at.fill(str(x))
        layers.fill(str(count))
        expect(lines).to_have_text(expected(x, count))
    # By a key, too; nothing asks the server.
    at.press("ArrowRight")
    expect(lines).to_have_text(expected(0.25, 5))
    expect(section.locator("svg.product")).to_have_attribute(
        "aria-label", re.compile(r"\b5\b")
    )
