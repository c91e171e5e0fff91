"""Who acts is asked at the moment of the act: a sign-out ends acting and reading."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from classroom.exams import exams
from classroom.exams.exams import ExamPlan
from classroom.people import accounts, classes, passwords
from classroom.people.roles import Instructor
from classroom.questions import custom_questions, gift
from paths import ROOT
from store import database, tables
from tests.migrated import new_database
from tests.test_rooms import SOURCES, parse
from ui.kit import state, words
from ui.session import permissions, visitor

# --- in the source --------------------------------------------------------------------

CALLBACKS = ("on_click", "on_change", "on_submit", "on_select", "args", "kwargs")
ASKED = ("instructor", "require_instructor")
Function = ast.FunctionDef | ast.Lambda


def instructors(function: ast.FunctionDef) -> set[str]:
    """Names in a function that are an `Instructor`'s: given to it, or asked for."""
    arguments = function.args
    found = {
        x.arg
        for x in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        if x.annotation is not None and is_instructor(ast.unparse(x.annotation))
    }
    for node in ast.walk(function):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func))
                | ast.NamedExpr(target=ast.Name(id=name), value=ast.Call(func=func))
            ) if ast.unparse(func).rpartition(".")[2] in ASKED:
                found.add(name)
    return found


def is_fragment(node: ast.expr) -> bool:
    text = ast.unparse(node)
    return text.startswith(("st.fragment", "st.dialog", "fragment(", "dialog("))


def names_in(node: ast.AST, local: dict[str, ast.FunctionDef]) -> set[str]:
    """Names that an expression uses, those inside of functions of its own, too."""
    used = {x.id for x in ast.walk(node) if isinstance(x, ast.Name)}
    for name in used & local.keys():
        inner = local[name]
        own_names = {x.arg for x in inner.args.args} | instructors(inner)
        body = {x.id for x in ast.walk(inner) if isinstance(x, ast.Name)}
        used = used | (body - own_names)
    return used


def is_instructor(annotation: str) -> bool:
    """Whether it says an `Instructor`; a function that is given one later has none."""
    return "Instructor" in annotation and not annotation.startswith("Callable[")


def captures(tree: ast.AST, name: str) -> list[str]:
    """Where an `Instructor` is given to what runs later, with file and line."""
    said = []
    for function in (x for x in ast.walk(tree) if isinstance(x, ast.FunctionDef)):
        who = instructors(function)
        if any(is_fragment(x) for x in function.decorator_list) and any(
            "Instructor" in ast.unparse(x.annotation)
            for x in function.args.args
            if x.annotation is not None
        ):
            said.append(f"{name}:{function.lineno}: a fragment takes an Instructor")
        local = {
            x.name: x for x in ast.walk(function) if isinstance(x, ast.FunctionDef)
        }
        local.pop(function.name, None)
        for inner in local.values():
            if any(is_fragment(x) for x in inner.decorator_list) and (
                names_in(ast.Name(inner.name), local) & who
            ):
                said.append(f"{name}:{inner.lineno}: a fragment keeps an Instructor")
        for call in (x for x in ast.walk(function) if isinstance(x, ast.Call)):
            later = [x.value for x in call.keywords if x.arg in CALLBACKS]
            if is_fragment(call.func):
                later += call.args
            if ast.unparse(call.func).endswith(".set"):  # kept as it is, not asked with
                later += [
                    x for x in call.args if not isinstance(x, ast.Call | ast.Attribute)
                ]
            for value in later:
                if kept := names_in(value, local) & who:
                    said.append(f"{name}:{call.lineno}: keeps {', '.join(kept)}")
    return said


@pytest.mark.parametrize(
    "name", [x for x in SOURCES if x.startswith(("ui/", "pages/"))]
)
def test_nothing_that_runs_later_keeps_an_instructor(name: str) -> None:
    assert not (said := captures(parse(name), name)), "\n".join(said)


@pytest.mark.parametrize(
    "source",
    [
        "def f(who: Instructor):\n    st.button('x', on_click=act, args=(who, 1))",
        "def f(who: Instructor):\n    st.button('x', on_click=lambda: act(who))",
        "def f(who: Instructor):\n    st.button('x', on_click=partial(act, who))",
        "def f(who: Instructor):\n    st.fragment(g, run_every=2)(who)",
        "def f(who: 'Instructor | None'):\n    state.X.set(who)",
        "def f():\n    me = permissions.instructor()\n    st.button('', args=(me,))",
        "def f():\n    if (me := instructor()):\n        st.button('', args=[me])",
        "@st.fragment(run_every=1)\ndef f(_: Instructor):\n    pass",
        "@st.fragment\ndef f(who: Instructor):\n    pass",
        "def f(who: Instructor):\n    def go():\n        act(who)\n"
        "    st.button('x', on_click=go)",
        "def f(who: Instructor):\n    @st.dialog('x')\n    def show():\n"
        "        act(who)\n    show()",
    ],
)
def test_a_kept_instructor_is_found(source: str) -> None:
    assert captures(ast.parse(source), "x.py")


@pytest.mark.parametrize(
    "source",
    [
        "def f(who: Instructor):\n    draw(who)\n    st.button('', on_click=g)",
        "def f(who: Instructor):\n    def go():\n        who = require_instructor()\n"
        "        act(who)\n    st.button('x', on_click=go)",
    ],
)
def test_an_instructor_of_the_run_is_allowed(source: str) -> None:
    assert not captures(ast.parse(source), "x.py")


# --- on the page ----------------------------------------------------------------------

GOOD = "correct horse battery"
ONLY = words.page("class")["only"]
WRITTEN = "an answer in words"


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The browser's cookie, of an instructor with a class that has all there can be."""
    opened = new_database(tmp_path)
    cookie: dict[str, str] = {}
    monkeypatch.setattr(database, "current", opened)
    monkeypatch.setattr(passwords, "hasher", PasswordHasher.from_parameters(CHEAPEST))
    monkeypatch.setattr(visitor, "key", lambda: "v" * 64)
    monkeypatch.setattr(permissions, "session_token", lambda: cookie.get("token", ""))
    ticket = accounts.set_up(accounts.invite(None), "Anna", GOOD, GOOD, "v" * 64)
    cookie["token"] = accounts.redeem(ticket, "v" * 64)
    who = signed_in()
    course = classes.open_class(who, "Form 5b")
    classes.join(course.code, "k" * 64, "Kim Possible", "192.0.2.7")
    for title in ("Not open", "Open now", "Was open"):
        plan = ExamPlan(title, ("why-11",), True, None, 1, 1)
        made = exams.create(who, course.id, plan).id
        if title != "Not open":
            exams.open_exam(who, made, None)
        if title == "Was open":
            exams.close_exam(who, made)
    item = gift.read(b"::Own:: Is it? {T}").items[0]
    custom_questions.add(who, [item], "relu")
    yield cookie
    opened.close()


def signed_in() -> Instructor:
    who = permissions.instructor()
    assert who is not None
    return who


def rows() -> dict[str, list[Any]]:
    """All that is kept of classes, tests, students and questions."""
    kept = (tables.Class, tables.Member, tables.Exam, tables.OwnQuestion, tables.SetUp)
    with database.shared().reading() as session:
        return {
            table.__tablename__: sorted(
                map(str, session.execute(select(*table.__table__.columns)).all())
            )
            for table in (*kept, tables.Account)
        }


def visit(tab: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    app.run()
    app.session_state[state.TAB.name] = words.page("class").as_dict()[tab]
    app.switch_page("../pages/class.py").run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def sign_out(cookie: dict[str, str]) -> None:
    accounts.sign_out(cookie["token"])


def expire(cookie: dict[str, str]) -> None:
    with database.shared().writing() as session:
        for row in session.scalars(select(tables.SignIn)):
            row.ends = 1.0


def change_password_elsewhere(cookie: dict[str, str]) -> None:
    ticket = accounts.sign_in("Anna", GOOD, "192.0.2.9", "w" * 64)
    other = accounts.redeem(ticket, "w" * 64)
    new = "another " + GOOD
    accounts.change_password(signed_in(), other, GOOD, new, new)


ENDS = [sign_out, expire, change_password_elsewhere]


def pressed(app: AppTest, label: str, place: int) -> AppTest:
    buttons = [b for b in app.main.button if b.label == label and not b.proto.disabled]
    for box in app.main.text_input:  # names to be typed, titles
        box.set_value("Kim Possible" if "Kim" in box.label else "Form 6c")
    buttons[place].click().run()
    return app


@pytest.mark.parametrize("end", ENDS)
def test_a_press_after_the_end_of_the_sign_in_changes_nothing(
    held: dict[str, str], end: Callable[[dict[str, str]], None]
) -> None:
    app = visit("tab_tests")
    close = words.page("class_tests")["close"]
    assert [b.label for b in app.main.button].count(close) == 1
    end(held)
    before = rows()
    app = pressed(app, close, 0)
    assert not app.exception, [e.message for e in app.exception]
    assert rows() == before
    assert ONLY in "\n".join(x.value for x in app.main.markdown)


@pytest.mark.parametrize(
    "tab",
    ["tab_class", "tab_tests", "tab_gradebook", "tab_questions", "tab_account"],
)
def test_no_button_of_a_tab_acts_after_a_sign_out(
    held: dict[str, str], tab: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    buttons = visit(tab).main.button
    shown = [b.label for b in buttons if not b.proto.disabled]
    assert shown
    before = rows()
    for at, label in enumerate(shown):
        app, token = visit(tab), held["token"]
        held["token"] = ""
        app = pressed(app, label, shown[:at].count(label))
        held["token"] = token
        assert not app.exception, (label, [e.message for e in app.exception])
        assert rows() == before, f"“{label}” acted"
        assert "Kim" not in str(app.main), f"after “{label}” a name is still there"
