"""The lesson on paper: every step, and no answer where it is handed out."""

from __future__ import annotations

import re

import pytest

from classroom.content import lesson
from classroom.questions import lesson_questions
from classroom.questions.bank import find
from tests.test_pages import said, visit
from ui.kit import state, words


def plain(text: str) -> str:
    """The longest piece of a text between numbers, without glossary marks."""
    pieces = re.split(r"\{[^}]*\}", lesson.without_marks(text))
    return max(pieces, key=len).strip()


@pytest.mark.parametrize("language", lesson.languages())
def test_every_step_is_there_with_its_question_alone(language: str) -> None:
    known = lesson.load(language)
    app = visit("handout", lang=language)
    shown = said(app)
    assert [x.value for x in app.main.subheader] == [
        f"{number}. {step.title}" for number, step in enumerate(known.steps, 1)
    ]
    for step in known.steps:
        assert plain(step.question) in shown
        assert plain(step.answer)[:60] not in shown
        assert plain(step.note)[:60] not in shown
        question = find(lesson_questions.name_of(step.slug), language)
        for option in question.options:
            assert f"☐ {option.text}" in shown
            assert not option.because or option.because not in shown
    assert "☑" not in shown
    assert "](#words" not in shown, "paper has no links"


@pytest.mark.parametrize("wanted", ["answers", "notes"])
def test_answers_and_notes_are_there_where_they_are_wanted(wanted: str) -> None:
    app = visit("handout", **{state.HANDOUT.name: wanted})
    shown = said(app)
    known = lesson.load()
    for step in known.steps:
        assert plain(step.answer)[:60] in shown
        assert (plain(step.note)[:60] in shown) is (wanted == "notes")
    assert "☑ 227 pixels" in shown
    assert "☑ fc6" in shown
    assert words.page("handout")["layer"] not in shown
