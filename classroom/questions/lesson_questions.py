"""The questions of the lesson's steps, as questions like those of the bank.

They stand in the lesson's own files (`classroom.content.thinking`), in each language.
Everything that takes a question by its id takes these too: grading, storing, tallies.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from classroom.content import lesson, numbers
from classroom.content.lesson import Lesson, LessonStep
from classroom.questions.question_files import (
    ENGLISH,
    LONGEST_TITLE,
    Mistake,
    Option,
    Question,
)

PREFIX = "think-"  # before a step's name; no id of the bank begins so
TOPIC = "think"

# What is measured when a page is drawn, no question may name.
_SHIPPED = {name: numbers.Number(value) for name, value in numbers.SHIPPED.items()}


def name_of(step: str) -> str:
    """The id of a step's question."""
    return f"{PREFIX}{step}"


@cache
def questions(language: str = ENGLISH) -> Mapping[str, Question]:
    """Every step's question by its id; what a language lacks is in English.

    Raises:
        KeyError: the lesson is not in that language.
    """
    known = lesson.load(language)
    found = (_question(known, step) for step in known.steps)
    return {question.id: question for question in found}


def _question(known: Lesson, step: LessonStep) -> Question:
    own = lesson.load(step.language)  # its numbers are written as its words are
    values = numbers.numbers(_SHIPPED)

    def said(text: str) -> str:
        return own.markdown(lesson.without_marks(text), values)

    think = step.think
    return Question(
        id=name_of(step.slug),
        topic=TOPIC,
        kind=think.kind,
        step=step.slug,
        ask=said(step.question),
        why="",  # the step's own answer stands below it
        hints=(),
        title=lesson.without_marks(step.title)[:LONGEST_TITLE],
        answer=think.answer,
        unit=think.unit,
        options=tuple(
            Option(o.id, said(o.text), o.right, said(o.because)) for o in think.options
        ),
        mistakes={name: Mistake(said(text)) for name, text in think.mistakes.items()},
        points=tuple(said(point) for point in think.points),
        fixed=True,
        work="calculation" if think.kind == "number" else "",
        language=step.language,
    )
