"""A whole lesson's worth in browsers: from the set-up link to the exported grades."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import expect

from classroom.questions.variants import Variant, key
from tests import browser as stand
from tests.browser import Server, wait_idle
from tests.test_browser_class import button, join
from tests.test_browser_sign_in import GOOD, link_of, type_in
from ui.kit import words
from ui.session.routes import NAME as SESSION

ANNA = "Anna Berg"
KIM, LEE, ZOE = "Kim <b>x</b> **y**", '=HYPERLINK("http://x","y")', "Zoë"
SIGN_IN, CLASS, QUIZ = (
    words.page(name).as_dict() for name in ("sign_in", "class", "quiz")
)
RESULTS, TESTS = (
    words.page("class_results").as_dict(),
    words.page("class_tests").as_dict(),
)
SIDE = Variant("side", 3)
SAVED = re.compile(r"Saved at \d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody has an account on."""
    folder = tmp_path_factory.mktemp("school")
    with stand.serving(folder / "log", ALEXNET_DATA=str(folder)) as server:
        yield server


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=CLASS[name], exact=True).click()
    wait_idle(page)


def answer(page: Any, number: str) -> None:
    """Types a number and waits until it is in the database."""
    page.goto("/quiz?round=counting&question=side&seed=3")
    wait_idle(page)
    label = QUIZ["answer"]["number_unit"].format(unit="positions")
    page.get_by_label(label).fill(number)
    button(page, QUIZ["answer"]["submit"]).click()
    expect(page.get_by_text(SAVED)).to_be_visible()


def link(page: Any, name: str) -> str:
    return str(page.get_by_role("link", name=name).get_attribute("href"))


@pytest.mark.long("a class from its opening to its end")
def test_a_class_from_the_set_up_link_to_the_exported_grades(
    lab: Server, open_page: Callable[..., Any]
) -> None:
    anna = open_page(link_of(lab), server=lab)
    type_in(anna, name=ANNA, password=GOOD, again=GOOD)
    button(anna, SIGN_IN["make"]).click()
    expect(anna).to_have_url(re.compile("/class$"))
    anna.get_by_role("textbox", name=CLASS["new_name"]).first.fill("Form 5b")
    button(anna, CLASS["new_submit"]).click()
    shown = anna.get_by_role("heading", name=re.compile(r"^\w{3}\s\w{3}$"))
    code = str(shown.inner_text()).replace(" ", "")

    students = {}
    for name in (KIM, LEE, ZOE):
        students[name] = open_page(f"/join?code={code}", server=lab)
        join(students[name], name)
    truth = key(SIDE).truth
    answer(students[KIM], str(truth))
    for name in (LEE, ZOE):
        answer(students[name], "1")

    # What the class understood, as it comes, and as it was typed.
    tab(anna, "tab_answers")
    expect(anna.get_by_text("Students: 3 of 3.")).to_be_visible()
    bars = anna.locator("path[aria-label^='count']")
    expect(bars.first).to_be_visible()
    heights = [bar.bounding_box()["height"] for bar in bars.all() if bar.is_visible()]
    assert heights and min(heights) > 10, "the one question has all of its bar"
    tab(anna, "tab_gradebook")
    csv_at, xlsx_at = (link(anna, RESULTS["gradebook"][x]) for x in ("csv", "xlsx"))
    assert urlsplit(csv_at).netloc in ("", urlsplit(lab.url).netloc)

    # A test: made, opened, sat by one, closed.
    tab(anna, "tab_tests")
    anna.get_by_label(TESTS["title"], exact=True).fill("Counting =1+1")
    anna.get_by_role("combobox", name=TESTS["questions_from"]).click()
    anna.get_by_role("option", name="Counting").click()
    wait_idle(anna)
    button(anna, TESTS["make"]).click()
    panel = anna.get_by_role("tabpanel").filter(visible=True)
    panel.get_by_text(TESTS["open"], exact=True).click()
    expect(button(anna, TESTS["close"])).to_be_visible()
    zoe = students[ZOE]
    zoe.goto("/quiz")
    button(zoe, QUIZ["test"]["begin"]).click()
    expect(zoe.get_by_text("Counting =1+1")).to_be_visible()
    wait_idle(zoe)
    button(anna, TESTS["close"]).click()
    expect(anna.get_by_text(re.compile("closed at"))).to_be_visible()

    # The grades, as files.
    request = anna.context.request
    got = request.get(csv_at)
    assert got.ok, got.text()
    rows = list(csv.DictReader(io.StringIO(got.body().decode("utf-8-sig"))))
    name, points = RESULTS["gradebook"]["name"], RESULTS["gradebook"]["points"]
    assert {row[name] for row in rows} == {KIM, f"'{LEE}", ZOE}, "no formula starts"
    assert {row[name]: float(row[points]) for row in rows}[KIM] == 1
    book = openpyxl.load_workbook(io.BytesIO(request.get(xlsx_at).body()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert LEE in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]

    # A student who knows the addresses gets nothing by them.
    class_id = parse_qs(urlsplit(csv_at).query)["class"][0]
    for cookie in ("", "x" * 32):
        kim = students[KIM]
        if cookie:
            forged = {"name": SESSION, "value": cookie, "url": lab.url}
            kim.context.add_cookies([forged])
        refused = kim.context.request.get(csv_at)
        assert refused.status == 401
        assert ZOE not in refused.text()
        kim.goto(f"/class?class={class_id}")
        expect(kim.get_by_text(CLASS["only"])).to_be_visible()
        wait_idle(kim)
        for secret in (ZOE, code, "Form 5b"):
            expect(
                kim.locator("section.main, [data-testid=stMain]")
            ).not_to_contain_text(secret)
