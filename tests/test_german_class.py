"""On an instructor's pages in German nothing of what they say is English.

What the rooms below say of classes, tests, files of questions and accounts is German
there, too: each of their sentences has its own.
"""

from __future__ import annotations

import ast
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from classroom.exams import exams
from classroom.inventory import rounds
from classroom.people import accounts, classes
from classroom.people.roles import Student
from classroom.questions import custom_questions
from classroom.questions.bank import find
from classroom.questions.variants import Variant, key
from lab.presets import PRESETS
from lab.report_json import pack
from paths import ROOT
from store import database
from store.runs import StoredEvent
from tests import fake_lab, results_rows, test_inventory_class, test_page_sign_in
from tests.results_rows import ADA, Rows
from tests.test_class_bank_tab import GIFT
from tests.test_german_pages import ENGLISH_WORDS, alts, english_in, everything
from ui.account import sign_in
from ui.following import join_link
from ui.kit import cache, state, words
from ui.session import permissions

MIA, LEO = Student("mia", "c", "Mia"), Student("leo", "c", "Leo")
# What is as the school, the class or a file has it, and marks in what is typed.
GIVEN = ("Class c", "Test t", "Test open", "What colour?", "Which function?")


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rows]:
    cache.class_tallies.clear()
    cache.run_outcome.clear()
    monkeypatch.setattr(permissions, "instructor", lambda: ADA)
    monkeypatch.setattr(join_link, "address", lambda: "http://127.0.0.1:8501")
    with results_rows.opened(tmp_path, monkeypatch) as made:
        _fill(made)
        yield made


def _fill(rows: Rows) -> None:
    """Practice, two tests, a guess with its result, an inventory taken twice."""
    for name in ("mia", "leo"):
        rows.member(name, name.title())
        rows.give(name, "why-11", {"text": "Elf", "points": None})
        rows.give(name, "click-the-shape", "conv1", seed=2)
    rows.give("mia", "side", repr(key(Variant("side", 1)).mistakes["no_one"]))
    rows.give("leo", "competition", "pascal")
    rows.give("leo", "competition", kind="hint")
    rows.test("open", ["side", "why-11"])
    rows.test("t", ["side", "why-11"])
    rows.sit("mia", "t")
    rows.give("mia", "side", repr(key(Variant("side", 1)).truth), test="t")
    rows.give("mia", "why-11", {"text": "Elf", "points": None}, test="t")
    rows.sit("leo", "open")
    exams.close_exam(ADA, "t")
    experiment = PRESETS["relu-vs-tanh-2012"]
    events = fake_lab.curves(experiment, (0.3, 0.15))
    rows.run(
        "visitor-mia",
        "run",
        {"arm": "ReLU", "by": 3.0},
        experiment=experiment.to_dict(),
        alive=time.time(),
        events=[StoredEvent(e.number, e.arm, pack(e.report)) for e in events],
    )
    for moment, right in (("before", 3), ("after", 9)):
        rounds.open_round(ADA, "c", moment)
        for student in (MIA, LEO):
            test_inventory_class.take(student, moment, right)
        rounds.close_round(ADA, "c", moment)


def visit(tab: str = "", **chosen: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    app.run()
    app.query_params.update({"class": "c", "lang": "de"})
    if tab:
        app.session_state[state.TAB.name] = words.page("class", "de")[tab]
    for name, value in chosen.items():
        app.session_state[name] = value
    app.switch_page("../pages/class.py").run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def told(app: AppTest) -> str:
    """All that the page says, cells, marks of charts, and helps among it."""
    parts = [everything(app)]
    for name in ("expander", "tab", "toggle", "checkbox", "multiselect", "text_area"):
        parts += [x.label for x in app.main.get(name)]
    for name in ("text_input", "number_input", "date_input", "time_input"):
        parts += [x.label for x in app.main.get(name)]
    for name in ("error", "warning", "info", "success", "text"):
        parts += [str(x.value) for x in app.main.get(name)]
    for name in ("button", "number_input", "toggle", "checkbox", "multiselect"):
        parts += [str(x.help) for x in app.main.get(name)]
    parts += [str(x.proto.label) for x in app.main.get("button_group")]
    for name in ("selectbox", "radio", "multiselect"):
        parts += [str(one) for x in app.main.get(name) for one in x.options]
    for frame in (*app.main.dataframe, *app.main.table):
        parts += map(str, frame.value.columns)
        parts += [str(x) for x in frame.value.to_numpy().ravel()]
    parts += [str(x.proto.label) for x in app.main.get("link_button")]
    parts += [str(x.proto.popover.label) for x in app.main.get("popover")]
    for chart in app.main.get("vega_lite_chart"):
        rows = json.loads(chart.proto.spec).get("datasets", {}).values()
        parts += [str(x) for table in rows for row in table for x in row.values()]
    return "\n".join(parts)


def speaks_german(app: AppTest) -> str:
    said = told(app)
    assert not english_in(said)
    bare = re.sub(r"„…[^“]*“|`[^`]*`|\]\([^)]*\)|^- \[.*$", "", said, flags=re.M)
    for given in GIVEN:
        bare = bare.replace(given, "")
    found = [line for line in bare.splitlines() if len(ENGLISH_WORDS.findall(line)) > 1]
    assert not found
    assert not [alt for alt in alts(app) if ENGLISH_WORDS.search(alt)]
    return said


@pytest.mark.parametrize(
    ("tab", "shown"),
    [
        ("tab_class", ("Wo die Klasse ist", "Person 1", "**127.0.0.1:8501**")),
        ("tab_answers", ("Häufige Fehler", "Antworten und Tipps: ")),
        ("tab_predictions", ("Vorn getippt", "Eingetroffen: ")),
        ("tab_tests", ("Abgabetermin ändern…", "Stufen: ", "geschlossen um")),
        ("tab_inventory", ("ein Zuwachs von **+50 Prozentpunkten**", "Fehlvorst")),
        ("tab_gradebook", ("Notenbuch als CSV", "Es zählt", "Selbst bewertet")),
        ("tab_questions", ("Stufen der Fragen", "anwenden", "Du hast noch keine")),
        ("tab_account", ("Du bist angemeldet als Ada", "Lehrkräfte", "seit 20")),
    ],
)
def test_a_tab_says_nothing_in_english(
    rows: Rows, tab: str, shown: tuple[str, ...]
) -> None:
    said = speaks_german(visit(tab))
    assert "Deine Klasse" in said
    for part in shown:
        assert part in said


@pytest.mark.parametrize(
    "chosen",
    [
        {state.BOOK_OF.name: "t"},
        {state.BOOK_OF.name: "t", state.BOOK_COLUMNS.name: "topics"},
        {state.BOOK_OF.name: "t", state.BOOK_COLUMNS.name: "questions"},
        {state.BOOK_OF.name: "all"},
        {"work_box_mia": True},
    ],
)
def test_the_gradebook_says_nothing_in_english(
    rows: Rows, chosen: dict[str, Any]
) -> None:
    speaks_german(visit("tab_gradebook", **chosen))


@pytest.mark.parametrize(
    "question", ["side", "click-the-shape", "competition", "why-11"]
)
def test_the_answers_say_nothing_in_english(rows: Rows, question: str) -> None:
    said = speaks_german(
        visit("tab_answers", **{state.RESULTS_QUESTION.name: question})
    )
    assert find(question, "de").title in said
    if question == "side":
        assert "Es fehlt + 1: Der Kernel hat schon eine erste Position" in said


@pytest.mark.parametrize("opened", ["mark_box_t", "preview_box_t"])
def test_marking_and_previews_say_nothing_in_english(rows: Rows, opened: str) -> None:
    said = speaks_german(visit("tab_tests", **{opened: True}))
    assert (
        "**Eine Musterantwort.**" if "mark" in opened else "Frage für Frage"
    ) in said


def test_own_questions_say_nothing_in_english(rows: Rows) -> None:
    custom_questions.add(ADA, custom_questions.read(GIFT).items, "relu", "f.txt")
    for way in ("show", "try", "edit"):
        said = speaks_german(visit("tab_questions", **{state.BANK_WAY.name: way}))
        assert "3 eigene Fragen." in said


def test_the_open_tab_stays_open_in_another_language(rows: Rows) -> None:
    app = visit("tab_gradebook")
    (switch,) = (x for x in app.main.button_group if x.key == state.LANGUAGE.name)
    switch.set_value("en").run()
    assert app.session_state[state.TAB.name] == "Gradebook"
    assert "Gradebook as CSV" in told(app) and english_in(told(app))


def test_a_class_that_there_is_not_yet_is_opened_in_german(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "instructor", lambda: ADA)
    with results_rows.opened(tmp_path, monkeypatch):
        classes.delete(ADA, "c")
        app = visit()
        assert "Du hast noch keine Klasse." in speaks_german(app)
        app.text_input(key=state.CLASS_NAME.name).set_value(" ")
        next(x for x in app.main.button if x.label == "Öffnen").click().run()
        assert app.main.error[0].value == "Bitte tippe einen Namen für die Klasse."


def test_others_are_told_in_german_whom_the_page_is_for() -> None:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    app.query_params["lang"] = "de"
    app.run()
    app.query_params["lang"] = "de"
    app.switch_page("../pages/class.py").run()
    said = speaks_german(app)
    assert "Für Lehrkräfte" in said and "die sich angemeldet haben" in said


# --- signing in -----------------------------------------------------------------------

opened, cookie = test_page_sign_in.opened, test_page_sign_in.cookie  # fixtures


@pytest.mark.usefixtures("opened")
def test_signing_in_says_nothing_in_english(cookie: dict[str, str]) -> None:
    app = test_page_sign_in.visit(lang="de")
    assert "Noch hat niemand ein Konto." in speaks_german(app)
    token = accounts.first()
    app = test_page_sign_in.visit(lang="de", setup=token)
    assert "Mach dir ein Konto" in speaks_german(app)
    for field, value in zip(app.text_input, ("Anna", "short", "short"), strict=True):
        field.set_value(value)
    next(x for x in app.button if x.label == "Das Konto anlegen").click().run()
    assert "mindestens 12 Zeichen" in app.error[0].value
    cookie["token"] = test_page_sign_in.made("Berta")
    said = speaks_german(test_page_sign_in.visit(lang="de"))
    assert "Nur in diesem Browser." in said and "Eine Lehrkraft hinzufügen" in said
    assert "ist abgelaufen" in speaks_german(
        test_page_sign_in.visit(lang="de", setup="x" * 32)
    )


@pytest.mark.usefixtures("opened")
def test_who_has_signed_in_goes_on_in_their_language(
    cookie: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    monkeypatch.setattr(sign_in, "cookie", lambda **sent: gone.append(sent["then"]))
    for language, where in (("de", "/class?lang=de"), ("en", "/class")):
        app = test_page_sign_in.visit(lang=language)
        app.session_state[state.TICKET.name] = "t"
        app.run()
        assert gone[-1] == where


# --- what the rooms below say ---------------------------------------------------------

ERRORS = {
    "NotAllowed",
    "ClassRefused",
    "ExamRefused",
    "InventoryRefused",
    "GiftRefused",
}
ERRORS |= {"AccountRefused", "Wrong", "DatabaseAway", "RoundClosed"}
# For who runs the server or a command; a line of a file; a sentence said otherwise.
OTHERS = ("classroom/accounts.py", "store/backups.py", "store/manifest.py")


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    """A sentence in the code; what varies is a number's 7."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr():
            parts = [getattr(x, "value", None) for x in node.values]
            return "".join(x if isinstance(x, str) else "7" for x in parts)
        case ast.Name(id=name):
            return constants.get(name)
    return None


def _raised(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    constants: dict[str, str] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if text := _text(value, {}):
                    constants[name] = text
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in ERRORS:
                found = _text(first, constants)
            case ast.Call(func=ast.Attribute(attr="append", value=notes), args=[first]):
                is_note = getattr(notes, "attr", "") == "notes"
                found = _text(first, constants) if is_note else None
            case _:
                continue
        if found and found.strip("7 ") and not found.endswith(": 7"):
            yield found


def _said_below() -> list[str]:
    paths = [*(ROOT / "classroom").rglob("*.py"), *(ROOT / "store").rglob("*.py")]
    found = {
        sentence
        for path in paths
        if path.relative_to(ROOT).as_posix() not in OTHERS
        for sentence in _raised(path)
    }
    away = {f"The database is away: {why}." for why in _reasons()}
    return sorted(found | away | set(MORE))


def _reasons() -> set[str]:
    tables = (database.SQLITE_REASONS, database.POSTGRESQL_REASONS)
    return {why for table in tables for why in table.values()}


SAVE = "save or export the questions as GIFT (plain text)."
MORE = (
    f"This is a zip or an Office file: {SAVE}",
    f"This is a PDF: {SAVE}",
    f"This is a Rich Text file: {SAVE}",
    f"This is an old Office file: {SAVE}",
    f"This is XML, as Moodle can export it too: {SAVE}",
    "The points are one of 0, 0.5, 7. Received: 7",
    "Extra time is 0 to 7 minutes. Received: 7",
    "A comment has 7 characters at most. Received: 7",
    "Too many codes were wrong. Please wait 7 minutes, then try again.",
    "No class has this code. A code has 7 letters and digits; please look at it again.",
    "Please type a name for the class of at most 7 characters. This one has 7.",
    "The file is not UTF-8; it was read as Windows-1252. Look at its accents.",
    "The file was read as UTF-16. 7 characters that no text has were left out.",
    "The file holds no question: answers stand between { and }.",
    "The question cannot be asked so: it needs two answers or more, all different.",
    "at most 7 questions of a file are read: split it",
    "A question that is gone",
)
SAID_BELOW = _said_below()


def test_the_sentences_below_are_found() -> None:
    assert len(SAID_BELOW) > 120
    assert accounts.WRONG in SAID_BELOW and classes.NOT_YOURS in SAID_BELOW


@pytest.mark.parametrize("sentence", SAID_BELOW)
def test_what_is_said_below_has_its_german(
    sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "language", lambda: "de")
    german = words.refusal(sentence)
    assert german != sentence
    assert german.count("7") == sentence.count("7"), "each number is said"
    shown = re.sub(r"\.venv/\S+.*?(setup|list|OTHER|ANDERER)\b", "", german)
    assert not re.search(r"\b(the|this|is|are|of|test|it)\b", shown), german
    assert german.endswith(".") == sentence.endswith(".")
    monkeypatch.setattr(words, "language", lambda: "en")
    assert words.refusal(sentence) == sentence
