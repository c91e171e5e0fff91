"""Use by everyone, in a real browser: states of pages, keys, focus, fingers, tongues.

Every page in both schemes and at both widths is in test_browser.py. Here are their
states: some in every run; with ALEXNET_ALL_STATES=1, as `make test-all` sets it, all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from classroom.content import lesson
from classroom.questions.bank import bank
from tests import access
from tests.browser import Server, wait_idle
from ui.kit import words

RECORDED = {
    "relu-vs-tanh": ("relu-2012-cifar", "relu-deep-cifar", "sweep-today-cifar"),
    "dropout": ("dropout-small",),
    "experiments": ("pooling", "depth", "first-filters"),
}

# Address, width, scheme.
SOME = [
    ("/relu-vs-tanh?run=recorded-relu-2012-cifar", 390, "dark"),
    ("/lesson?step=relu&reveal=1&ask=1&present=1", 1280, "dark"),
    ("/lesson?step=lenet&lang=de", 390, "light"),
    ("/feature-maps?layer=conv3&unit=7", 390, "light"),
    ("/feature-maps?layer=fc8", 1280, "dark"),
    ("/lesson?step=flow&notes=1", 1280, "light"),
    ("/lesson?step=convolution&reveal=1", 390, "dark"),
]


def every_state() -> list[tuple[str, int, str]]:
    """Every state that an address names, in both schemes and at both widths."""
    paths = [
        f"/{page}?run=recorded-{run}" for page, runs in RECORDED.items() for run in runs
    ]
    for step in lesson.load().steps:
        paths += [f"/lesson?step={step.slug}&reveal=1"]
    for step in ("2012", "relu", "layers", "practice"):
        paths += [f"/lesson?step={step}&present=1", f"/lesson?step={step}&notes=1"]
    paths += ["/relu-vs-tanh?run=recorded-sweep-2012-cifar"]
    paths += ["/lesson?lang=de", "/lesson?step=2012&lang=de", "/claims?lang=de"]
    paths += ["/training-2012?lang=de"]
    for layer in ("input", "conv1", "conv3", "pool5", "fc6", "fc8"):
        paths += [f"/feature-maps?layer={layer}&unit=1"]
    kinds = {
        type(question).__name__: name for name, question in bank().questions.items()
    }
    paths += [f"/quiz?question={name}" for name in kinds.values()]
    paths += ["/quiz?round=bonus", "/architecture?network=original&compare=lenet5"]
    paths += [
        "/filters?picture=star&filter=17",
        "/feature-maps?weights=random&layer=conv1",
    ]
    return [(x, w, s) for x in paths for w in (1280, 390) for s in ("light", "dark")]


@pytest.mark.parametrize(
    ("address", "width", "scheme"), every_state() if access.ALL_STATES else SOME
)
def test_a_state_breaks_no_rule(
    address: str, width: int, scheme: str, server: Server, open_page: Callable[..., Any]
) -> None:
    server.wait_ready()
    page = open_page(address, width=width, scheme=scheme)
    expect(page.locator("h1")).to_be_visible()
    access.check(page)


@pytest.fixture
def ready(server: Server) -> Server:
    server.wait_ready()
    return server


# --- names, languages, what is announced ---------------------------------------------


def test_bars_charts_and_parts_are_named(
    ready: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/feature-maps")
    page.get_by_test_id("stPopoverButton").filter(has_text="espresso").click()
    expect(page.get_by_role("progressbar")).to_have_count(5)
    for bar in page.get_by_role("progressbar").all():
        assert re.search(r"· \d", bar.get_attribute("aria-label")), "a class, a share"
    # Tab leads to the layer that is chosen, not to the first of thirteen.
    page.goto("/feature-maps?layer=conv4")
    wait_idle(page)
    group = page.get_by_role("radiogroup", name="Layer")
    reached = group.locator("[tabindex='0']")
    expect(reached).to_have_count(1)
    expect(reached).to_have_text("conv4")
    reached.focus()
    page.keyboard.press("ArrowRight")
    following = group.get_by_role("radio", name="conv5")
    expect(following).to_be_focused()
    expect(page).to_have_url(re.compile("layer=conv5"))
    expect(following).to_be_focused()  # once the page has it, too
    expect(page.get_by_role("heading", name="conv5")).to_be_visible()


def test_german_parts_say_that_they_are(
    ready: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/lesson?lang=de&step=lenet")
    heading = page.locator("h2").first
    expect(heading).to_be_visible()
    assert heading.evaluate("x => x.closest('[lang]').lang") == "de"
    assert page.locator("h1").evaluate("x => x.closest('[lang]').lang") == "de"
    shown = page.get_by_role("button", name=lesson.load("de").words["next"])
    assert shown.evaluate("x => x.closest('[lang]').lang") == "de"
    menu = page.get_by_test_id("stSidebarNav")
    assert menu.evaluate("x => x.closest('[lang]').lang") == "de"
    page.goto("/claims?lang=de")
    wait_idle(page)
    assert page.locator("h1").evaluate("x => x.closest('[lang]').lang") == "de"
    table = page.locator("table").first
    assert table.evaluate("x => x.closest('[lang]').lang") == "de"


@pytest.mark.long("every page is called what its tab says")
def test_a_step_names_its_tab(ready: Server, open_page: Callable[..., Any]) -> None:
    page = open_page("/lesson?step=relu")
    step = next(x for x in lesson.load().steps if x.slug == "relu")
    assert (
        page.title() == f"{step.title} · {words.page('lesson')['title']} · AlexNet Lab"
    )
    menu = page.get_by_test_id("stSidebarNav")
    menu.get_by_role("link", name="Experiments").click()
    page.wait_for_function("document.title === 'ReLU or tanh · AlexNet Lab'")


# --- keys ----------------------------------------------------------------------------


def test_the_lessons_keys_can_be_turned_off_for_good(
    ready: Server, open_page: Callable[..., Any]
) -> None:
    text = lesson.load().words
    page = open_page("/lesson")
    page.get_by_role("button", name=text["keys_on"]).click()
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    page.reload()  # the choice is the browser's, and stays
    wait_idle(page)
    switch = page.get_by_role("button", name=text["keys_off"])
    page.keyboard.press("ArrowRight")
    wait_idle(page, quiet=1)
    assert "step=" not in page.url
    assert "reveal" not in page.url
    switch.click()
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("step=before"))


FOCUS = """() => {
    const active = document.activeElement;
    const value = active.parentElement?.parentElement?.querySelector(
        ":scope > [data-testid=stSliderThumbValue]");
    const box = active.type === "range" && value ? value.parentElement : active;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(box);
    const name = box.getAttribute("aria-label") ?? box.textContent;
    let behind = box.parentElement;
    const clear = (x) => getComputedStyle(x).backgroundColor === "rgba(0, 0, 0, 0)";
    while (behind.parentElement && clear(behind)) behind = behind.parentElement;
    return {
        tag: box.tagName, id: box.dataset.testid ?? "", name: name.trim().slice(0, 40),
        style: outlineStyle, width: parseFloat(outlineWidth), colour: outlineColor,
        behind: getComputedStyle(behind).backgroundColor,
    };
}"""


def luminance(colour: str) -> float:
    """WCAG's relative luminance of a computed CSS colour."""
    parts = [int(x) / 255 for x in re.findall(r"\d+", colour)[:3]]
    light = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", access.some(["light", "dark"], 1))
def test_focus_is_seen_on_links_buttons_and_folds(
    scheme: str, ready: Server, open_page: Callable[..., Any]
) -> None:
    """3 to 1 against what is behind it: menu, links, buttons, folded parts."""
    page = open_page("/lesson?step=relu", scheme=scheme)
    seen, wrong = set(), []
    for _ in range(45):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at["tag"] not in ("A", "BUTTON", "SUMMARY"):
            continue
        if at["id"] == "stSkipToContent":
            continue
        seen.add(at["id"] or at["tag"])
        good = at["style"] == "solid" and at["width"] >= 2
        if not good or contrast(at["colour"], at["behind"]) < 3:
            wrong.append(at)
    page.goto("/dropout")
    page.get_by_text("Settings", exact=True).click()
    slider = page.locator("[data-testid=stSlider] input").first
    expect(slider).to_be_attached()
    page.keyboard.press("Tab")  # a focus that follows a key is shown
    slider.focus()
    at = page.evaluate(FOCUS)
    assert at["style"] == "solid", "a slider's knob"
    assert contrast(at["colour"], at["behind"]) >= 3
    assert not wrong
    assert {"stSidebarNavLink", "stPageLink-NavLink"} <= seen


def test_focus_is_kept_when_its_button_goes(
    ready: Server, open_page: Callable[..., Any]
) -> None:
    """Reveal becomes Hide; the page to present has no such button at all."""
    text = lesson.load().words
    page = open_page("/lesson?step=relu")
    page.get_by_role("button", name=text["reveal"]).press("Enter")
    hide = page.get_by_role("button", name=text["hide"])
    expect(hide).to_be_visible()
    expect(hide).to_be_focused()
    page.get_by_role("button", name=text["present"]).press("Enter")
    expect(page.locator(".st-key-presented")).to_be_visible()
    page.wait_for_function("document.activeElement !== document.body")
    # The last step has no next one: the focus does not fall off the page.
    page.goto("/lesson?step=stayed")
    wait_idle(page)
    page.get_by_role("button", name=text["next"]).press("Enter")
    expect(page).to_have_url(re.compile("step=next"))
    page.wait_for_function(
        "document.activeElement !== document.body && !document.activeElement.disabled"
    )


# --- what was picked is on screen ----------------------------------------------------

ON_SCREEN = """() => {
    const image = document.querySelector(
        ".st-key-unit_images img, .st-key-enlarged img");
    if (!image) return 0;
    const { top, bottom } = image.getBoundingClientRect();
    const seen = Math.min(bottom, innerHeight) - Math.max(top, 0);
    return Math.max(0, seen) / (bottom - top);
}"""


def wait_on_screen(page: Any) -> None:
    """Until most of the enlarged picture is in the window."""
    page.wait_for_function(f"() => ({ON_SCREEN})() > 0.7")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 664)])
def test_a_layer_clicked_on_the_home_page_is_opened(
    width: int, height: int, ready: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/?picture=dog", width=width, height=height)
    page.get_by_role("button", name="conv3").click()
    expect(page).to_have_url(re.compile("picture=dog&layer=conv3"))


# Choices of one group that look like a broken table where they need a second line.
BROKEN_UP = """() => {
    const groups = [...document.querySelectorAll("[data-testid=stButtonGroup]")]
        .map((group) => [...group.querySelectorAll("[role=radio]")])
        .filter((all) => all.length && all[0].getBoundingClientRect().bottom
            < all[all.length - 1].getBoundingClientRect().top);
    const broken = groups.flat().filter((one) => {
        const style = getComputedStyle(one);
        const sides = ["Top", "Right", "Bottom", "Left"];
        return parseFloat(style.borderRadius) < 4
            || sides.some((side) => parseFloat(style[`border${side}Width`]) < 1)
            || new Set(sides.map((side) => style[`border${side}Color`])).size > 1;
    });
    const gaps = groups.flatMap((all) => all.slice(1).filter((one, at) => {
        const [now, then] = [all[at], one].map((x) => x.getBoundingClientRect());
        const below = then.top - now.bottom;
        return now.top === then.top ? then.left - now.right < 4 : below < 4;
    }));
    return [groups.length, [...broken, ...gaps].map((x) => x.textContent)];
}"""


@pytest.mark.long("a tile tapped on a phone")
def test_controls_line_up_and_stand_for_themselves_on_a_phone(
    ready: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/feature-maps")
    main = page.get_by_test_id("stMain")
    line = main.locator(".st-key-strip")
    buttons = line.get_by_test_id("stPopoverButton").all()
    copy = line.get_by_role(
        "button", name=words.page("shell").table("copy_link")["label"]
    )
    one = line.get_by_test_id("stSelectbox").get_by_role("group").bounding_box()
    assert len(buttons) == 3
    for button in (*buttons, copy):
        other = button.bounding_box()
        for side in ("y", "height"):
            assert one[side] == pytest.approx(other[side], abs=1), button
    page.set_viewport_size({"width": 390, "height": 664})
    page.goto("/architecture")
    wait_idle(page)
    wrapped, broken = page.evaluate(BROKEN_UP)
    assert wrapped >= 2
    assert broken == []


def test_a_tile_tapped_on_a_phone_can_be_hit_and_is_on_screen(
    ready: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page(
        "/feature-maps?layer=conv3",
        width=390,
        height=664,
        has_touch=True,
        is_mobile=True,
    )
    grid = page.locator(".grid")
    tile = page.locator(".mark").bounding_box()
    assert tile["width"] >= access.LEAST, tile
    assert tile["height"] >= access.LEAST, tile
    grid.scroll_into_view_if_needed()
    grid.tap(position={"x": 8 + 3 * tile["width"], "y": 8 + 2 * tile["height"]})
    expect(page).to_have_url(re.compile(r"unit=[1-9]\d$"))
    wait_on_screen(page)


@pytest.mark.long("a tile tapped on a phone")
def test_one_of_4096_units_is_tapped_and_reached_in_steps(
    ready: Server, open_page: Callable[..., Any]
) -> None:
    """Its tile is too small for a finger: the tap finds what lies under it, and the
    number's steps, which are large enough, lead to its neighbours."""
    page = open_page(
        "/feature-maps?layer=fc6",
        width=390,
        height=664,
        has_touch=True,
        is_mobile=True,
    )
    grid = page.locator(".grid")
    grid.scroll_into_view_if_needed()
    size = grid.bounding_box()
    at = {"x": size["width"] * 0.52, "y": size["height"] * 0.31}
    grid.tap(position=at)
    expect(page).to_have_url(re.compile(r"unit=\d+"))
    wait_idle(page)
    frame, mark = grid.bounding_box(), page.locator(".mark").bounding_box()
    for side, length in (("x", "width"), ("y", "height")):
        tapped = frame[side] + at[side]
        assert abs(mark[side] + mark[length] / 2 - tapped) <= mark[length]
    unit = int(re.search(r"unit=(\d+)", page.url)[1])  # type: ignore[index]
    number = page.get_by_label("Map or unit")
    expect(number).to_have_value(str(unit))
    step = page.get_by_test_id("stNumberInputStepUp").first
    box = step.bounding_box()
    assert min(box["width"], box["height"]) >= 44, box
    step.tap()
    expect(number).to_have_value(str(unit + 1))
    expect(page).to_have_url(re.compile(rf"unit={unit + 1}\b"))


@pytest.mark.long("a tile tapped on a phone is on screen")
def test_a_filter_far_below_is_on_screen_once_clicked(
    ready: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/filters", height=800)
    grid = page.locator(".grid").nth(2)
    grid.scroll_into_view_if_needed()
    grid.click(position={"x": 40, "y": 40})
    expect(page).to_have_url(re.compile("weights=random"))
    wait_on_screen(page)
