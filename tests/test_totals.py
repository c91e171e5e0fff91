"""All tests of a class in one table, how per cents are distributed, the pass mark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from classroom.exams import totals
from classroom.people.roles import NotAllowed
from classroom.questions.variants import Variant, key
from tests import results_rows
from tests.results_rows import ADA, BOB, Rows
from ui.kit import words
from ui.session import permissions

TEXT = words.page("class_results").table("gradebook")


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rows]:
    with results_rows.opened(tmp_path, monkeypatch) as made:
        for name in ("mia", "leo", "zoe"):
            made.member(name)
        made.test("t", ["side"])
        made.clock += 60
        made.test("u", ["jump", "competition", "why-11"])
        for name in ("mia", "leo"):
            made.sit(name, "t")
        made.sit("mia", "u")
        made.give("mia", "side", right("side"), test="t")
        made.give("leo", "side", "1", test="t")
        made.give("mia", "jump", right("jump"), test="u")
        yield made


def right(name: str) -> str:
    return repr(key(Variant(name, 1)).truth)


def test_tests_are_summed_and_what_was_not_taken_gives_nothing(rows: Rows) -> None:
    found = totals.totals(ADA, "c", "best")
    assert [b.exam.id for b in found.books if b.exam] == ["t", "u"], "the oldest first"
    assert found.maximum == 3, "an open question that nobody has marked gives none"
    mia, leo, zoe = found.pupils
    assert [found.points(mia, book) for book in found.books] == [1, 1]
    assert [found.points(leo, book) for book in found.books] == [0, None]
    assert [found.sum(p) for p in (mia, leo, zoe)] == [2, 0, None]
    per_cents = [found.per_cent(p) for p in (mia, leo, zoe)]
    assert per_cents == [pytest.approx(200 / 3), 0, None]
    assert totals.passed(per_cents, 50) == (1, 2)
    with pytest.raises(NotAllowed):
        totals.totals(BOB, "c", "best")


@given(st.lists(st.one_of(st.none(), st.floats(0, 100))), st.floats(0, 100))
def test_everybody_with_points_is_in_one_tenth(
    per_cents: list[float | None], mark: float
) -> None:
    known = [one for one in per_cents if one is not None]
    counts = totals.distribution(per_cents)
    assert len(counts) == totals.BINS and sum(counts) == len(known)
    have, count = totals.passed(per_cents, mark)
    assert 0 <= have <= count == len(known)


@pytest.mark.parametrize(
    ("per_cent", "tenth"), [(0, 0), (9.9, 0), (10, 1), (89.99, 8), (90, 9), (100, 9)]
)
def test_a_per_cent_is_in_its_tenth(per_cent: float, tenth: int) -> None:
    assert totals.distribution([per_cent]).index(1) == tenth


def test_what_sums_of_tenths_lose_does_not_fail_a_student() -> None:
    assert totals.passed([100 * (0.1 + 0.2) / 0.6, 49.9999999999], 50) == (2, 2)


def tab() -> None:
    from tests.results_rows import ADA
    from ui.classes.results import gradebook
    from ui.kit import state

    state.read_url("class")
    gradebook.show(ADA, "c")
    state.write_url("class")


def test_the_tab_shows_all_tests_and_who_has_passed(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "instructor", lambda: ADA)
    app = AppTest.from_function(tab, default_timeout=60).run()
    app = app.selectbox[0].set_value("all").run()
    assert not app.exception, [e.message for e in app.exception]
    table = app.dataframe[0].value
    assert list(table.columns)[-2:] == ["Test t (of 1)", "Test u (of 2)"]
    assert table[TEXT["points"]].to_list()[:2] == [2, 0]
    said = "\n".join(x.value for x in app.markdown)
    passed = TEXT.table("spread")["passed"]
    assert passed.format(passed=1, count=2, mark=50) in said
    app = app.number_input[0].set_value(70).run()
    said = "\n".join(x.value for x in app.markdown)
    assert passed.format(passed=0, count=2, mark=70) in said
    assert any("test=all" in x.proto.url for x in app.get("link_button"))
