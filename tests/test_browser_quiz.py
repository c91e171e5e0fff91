"""The quiz in a real browser: by mouse, by keyboard and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from classroom.questions.variants import Variant, key, pose
from tests import access
from tests.browser import Server, reload, wait_idle
from ui.kit import words

TEXT = words.page("quiz").as_dict()
SEED = 3


# The next choice, as soon as the feedback is there: the click's own number is still on
# its way.
CHOOSE_AT_ONCE = """(button, feedback) => {
    const seen = new MutationObserver(() => {
        const main = document.querySelector('[data-testid="stMain"]');
        if (!main.innerText.includes(feedback)) return;
        seen.disconnect();
        const layers = button.getRootNode();
        layers.querySelector(`[aria-label="${button.ariaLabel}"]`).click();
    });
    seen.observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def address(question: str) -> str:
    return f"/quiz?question={question}&seed={SEED}"


def query(page: Any) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs(urlsplit(page.url).query).items()}


@pytest.mark.parametrize(("width", "scheme"), access.windows(390))
def test_wrong_hint_right_next_reload(
    width: int, scheme: str, server: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page(address("grouped-parameters"), width=width, scheme=scheme)
    solved = key(Variant("grouped-parameters", SEED))
    answer = page.get_by_label(TEXT["answer"]["number_unit"].format(unit="parameters"))
    answer.fill(str(solved.mistakes["ungrouped"]))
    answer.press("Enter")
    expect(page.get_by_text(solved.feedback["ungrouped"])).to_be_visible()
    expect(page.get_by_text("1 try")).to_be_visible()
    page.get_by_role("button", name="Hint (costs 20%)").click()
    expect(page.get_by_text(solved.hints[0])).to_be_visible()
    expect(page.get_by_text("still worth up to 60%")).to_be_visible()
    reload(page)  # the question stays, its answers are forgotten
    expect(page.get_by_text("In the network of 2012")).to_be_visible()
    assert query(page) == {
        "round": "counting", "question": "grouped-parameters", "seed": str(SEED)
    }  # fmt: skip
    answer.fill(f"{solved.truth:,}")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Right.")).to_be_visible()
    expect(page.get_by_text("1 of 1 point")).to_be_visible()
    expect(page.get_by_role("button", name="Check")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Question 5 of")).to_be_visible()
    expect(page).to_have_url(re.compile("question=dense-parameters"))


@pytest.mark.parametrize(("width", "scheme"), access.windows(1280))
def test_a_layer_is_clicked_on_the_diagram(
    width: int, scheme: str, server: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page(address("most-parameters"), width=width, scheme=scheme)
    (right,) = key(Variant("most-parameters", SEED)).truth  # type: ignore[misc]
    conv1 = page.get_by_role("button", name="layer conv1")
    conv1.click()
    expect(conv1).to_have_attribute("aria-pressed", "true")
    layer = page.get_by_role("combobox", name="Layer")
    expect(layer).to_have_value("conv1")
    conv2 = page.get_by_role("button", name="layer conv2")
    conv2.evaluate(CHOOSE_AT_ONCE, "Not right.")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Not right.")).to_be_visible()
    expect(layer).to_have_value("conv2")
    wait_idle(page)  # the drawing is drawn once more, and takes the focus with it
    expect(page.get_by_text(TEXT["keeper_checked"]["again"])).to_have_count(0)
    # By keyboard alone.
    button = page.get_by_role("button", name=f"layer {right}")
    button.focus()
    page.keyboard.press("Enter")
    expect(layer).to_have_value(right)
    page.get_by_role("button", name="Check").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Right.", exact=True)).to_be_visible()


FRAMES = """() => new Promise(
    drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"""


def test_an_order_is_given_by_keyboard(
    server: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page(address("first-block"), width=390)
    posed, solved = (f(Variant("first-block", SEED)) for f in (pose, key))
    labels = {choice.id: choice.label for choice in posed.choices}
    for place, one in enumerate(solved.truth, 1):
        box = page.get_by_role("combobox", name=f"Place {place}")
        wait_idle(page)
        box.focus()
        page.evaluate(FRAMES)  # it may scroll, which would close the list
        page.keyboard.type(labels[one])
        expect(page.get_by_role("option")).to_have_count(1)
        box.press("Enter")
        expect(box).to_have_value(labels[one])
        wait_idle(page)  # the next list would close when the page is drawn again
    page.get_by_role("button", name="Check").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Right.", exact=True)).to_be_visible()


def test_nothing_of_the_key_crosses_the_wire(
    server: Server, open_page: Callable[..., Any]
) -> None:
    """All that the server sends before an answer, byte by byte."""
    page = open_page("/quiz?round=bonus", idle=False)
    frames: list[bytes] = []

    def listen(socket: Any) -> None:
        socket.on(
            "framereceived",
            lambda data: frames.append(
                data if isinstance(data, bytes) else data.encode()
            ),
        )

    page.on("websocket", listen)
    page.goto(address("conv-work"))
    posed, solved = (f(Variant("conv-work", SEED)) for f in (pose, key))
    expect(page.get_by_role("button", name="Check")).to_be_visible()
    expect(page.get_by_text("multiply-adds is that for one image")).to_be_visible()
    sent = b"".join(frames)
    assert posed.ask.encode() in sent  # we do hear it
    truth = solved.truth
    for secret in (solved.why, *solved.hints, *solved.feedback.values(), f"{truth:,}"):
        assert secret.encode() not in sent
    assert str(truth).encode() not in sent


def test_a_value_is_read_off_ones_own_picture(
    server: Server, open_page: Callable[..., Any]
) -> None:
    """From the question to the page that shows it, and back with the number."""
    server.wait_ready()
    page = open_page(address("largest-value"))
    ask = pose(Variant("largest-value", SEED)).ask
    expect(page.get_by_text(ask)).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="See it: Feature maps").click()
    expect(page.locator("h1")).to_have_text("Feature maps")
    fact = page.locator("p", has_text=re.compile("^Largest value"))
    expect(fact).to_be_visible(timeout=60_000)
    value = fact.inner_text().split("Largest value ")[1].split(",")[0]
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Quiz").click()
    expect(page.get_by_text(ask)).to_be_visible()
    answer = page.get_by_label(TEXT["answer"]["number"])
    answer.fill(value)
    answer.press("Enter")
    expect(page.get_by_text("Right.", exact=True)).to_be_visible()
