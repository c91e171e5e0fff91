"""A name that is markup, looked for in all that pages send: nowhere as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from classroom.escape import escape_markdown
from classroom.exams import exams
from classroom.exams.exams import ExamPlan
from classroom.people import classes, roles
from classroom.questions import custom_questions, gift
from lab.presets import PRESETS
from paths import ROOT
from store import database
from store.tables import Account
from tests.fake_lab import FakeEngine
from tests.migrated import new_database
from ui.experiments import source as lab_source
from ui.kit import state, words
from ui.session import permissions, visitor

CANARY = "*Kim* :smile: [x](http://e.example) www.e.example"
ANNA = roles.Instructor("anna", CANARY)
KIM = "k" * 64

# Of an element's fields, those that Streamlit's front end draws as they are.
PLAIN = {
    *("Text.body", "Selectbox.options", "MultiSelect.options", "TextInput.value"),
    *("TextInput.default", "TextArea.value", "TextArea.default", "Code.code_text"),
    *("Selectbox.raw_value", "MultiSelect.raw_values", "Selectbox.set_value"),
    *("ImageList.alt", "Image.alt", "Dataframe.alt", "VegaLiteChart.alt"),
    *("ArrowVegaLiteChart.alt", "Arrow.alt", "ArrowData.data", "Arrow.data"),
    *("ArrowVegaLiteChart.spec", "BidiComponent.json", "Html.body"),
}
# Columns and charts in Arrow's own form: bytes, drawn as they are but in st.table.
TABLE = "Table"


def strings(message: Message, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a message, with the message and field that has it."""
    for field, value in message.ListFields():
        many = value if isinstance(value, list) or hasattr(value, "append") else [value]
        for one in many:
            here = f"{type(message).__name__}.{field.name}"
            if isinstance(one, Message):
                yield from strings(one, here)
            elif isinstance(one, str):
                yield here, one


def everything(app: AppTest) -> Iterator[Message]:
    def walk(block: Any) -> Iterator[Message]:
        proto = getattr(block, "proto", None)
        if isinstance(proto, Message):
            yield proto
        for child in getattr(block, "children", {}).values():
            yield from walk(child)

    for block in (app.main, app.sidebar):
        yield from walk(block)


def looked_through(app: AppTest) -> tuple[list[str], bool]:
    """Where the name stands raw though it is drawn as Markdown; and if it is there."""
    assert not app.exception, [e.message for e in app.exception]
    raw, is_there = [], False
    for proto in everything(app):
        for path, text in strings(proto):
            if CANARY in text and path not in PLAIN:
                raw.append(f"{path}: {text[:160]}")
            is_there |= CANARY in text or escape_markdown(CANARY) in text
    for table in app.main.get("table"):
        cells = [str(x) for x in table.value.to_numpy().ravel()]
        raw += [f"st.table: {x}" for x in (*cells, *table.value.columns) if CANARY in x]
        is_there |= any(escape_markdown(CANARY) in x for x in cells)
    for frame in app.main.dataframe:
        is_there |= any(CANARY in str(x) for x in frame.value.to_numpy().ravel())
    return raw, is_there


@pytest.fixture(autouse=True)
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Everything that anybody can name has that name."""
    opened = new_database(tmp_path)
    monkeypatch.setattr(database, "current", opened)
    monkeypatch.setattr(visitor, "key", lambda: KIM)
    monkeypatch.setattr(visitor, "address", lambda: "192.0.2.7")
    with opened.writing() as session:
        session.add(Account(id="anna", name=CANARY, created=0.0))
        session.add(Account(id="ben", name=f"Ben {CANARY}", created=1.0))
    course = classes.open_class(ANNA, CANARY)
    classes.join(course.code, KIM, CANARY)
    source = f"::{CANARY}:: {CANARY} {{={CANARY} ~b}}".replace(":smile:", r"\:smile\:")
    items = gift.read(source.encode(), "True", "False").items
    custom_questions.add(ANNA, items, "relu")
    for title in (CANARY, f"{CANARY} 2", f"{CANARY} 3"):
        test = exams.create(
            ANNA, course.id, ExamPlan(title, ("why-11", "side"), True, None, 1, 1)
        )
        if title != CANARY:
            exams.open_exam(ANNA, test.id, None)
        if title.endswith("3"):
            exams.close_exam(ANNA, test.id)
    yield course.code
    opened.close()


def visit(page: str, query: dict[str, str] | None = None, **chosen: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=90)
    app.run()
    for name, value in chosen.items():
        app.session_state[name] = value
    app.query_params.update(query or {})
    return app.switch_page(f"../pages/{page}.py").run()


def test_the_canary_would_be_found() -> None:
    def page() -> None:
        import streamlit as st

        from tests.test_canary import CANARY

        st.markdown(CANARY)
        st.button("x", help=CANARY)
        st.table({"x": [CANARY]})
        st.selectbox("x", [CANARY])

    raw, is_there = looked_through(
        AppTest.from_function(page, default_timeout=60).run()
    )
    assert is_there
    assert len(raw) == 3, raw


TABS = [
    *("tab_class", "tab_answers", "tab_predictions", "tab_tests", "tab_gradebook"),
    *("tab_questions", "tab_account"),
]


@pytest.mark.parametrize("tab", TABS)
def test_the_instructors_tabs(tab: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "instructor", lambda: ANNA)
    chosen = {state.TAB.name: words.page("class").as_dict()[tab]}
    raw, is_there = looked_through(visit("class", **chosen))
    assert not raw, "\n".join(raw)
    assert is_there, "the page shows it somewhere"


@pytest.mark.parametrize("page", ["join", "quiz"])
def test_a_students_pages(page: str) -> None:
    raw, is_there = looked_through(visit(page))
    assert not raw, "\n".join(raw)
    assert is_there


def test_the_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    monkeypatch.setattr(lab_source, "engine", lambda: engine)
    preset = PRESETS["dropout-small"]
    ids = [engine.add(preset, "finished", name=CANARY) for _ in range(2)]
    app = visit("dropout", {"run": ids[0]}, **{state.COMPARED.name: ids})
    raw, is_there = looked_through(app)
    assert not raw, "\n".join(raw)
    assert is_there
