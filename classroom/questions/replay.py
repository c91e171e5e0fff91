"""States of questions, built again from the stored rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any, Protocol, TypeVar

from classroom.questions.grading import Grade
from classroom.questions.question_state import QuestionState, Try
from classroom.questions.variants import Variant


class Act(Protocol):
    """What is read of a row of `given`, whoever has read it."""

    @property
    def question(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def answer(self) -> Any: ...
    @property
    def score(self) -> float: ...
    @property
    def sentence(self) -> str: ...
    @property
    def mistake(self) -> str | None: ...
    @property
    def counts(self) -> bool: ...
    @property
    def own(self) -> bool: ...
    @property
    def at(self) -> float: ...


A = TypeVar("A", bound=Act)


def grade_of(act: Act) -> Grade:
    """The grade that was given to an answer."""
    return Grade(act.score, act.sentence, act.mistake, act.counts, act.own)


def after(state: QuestionState, act: Act) -> QuestionState:
    """The state after one more act.

    Raises:
        ValueError: it is none.
    """
    match act.kind:
        case "answer":
            return state.answered(act.answer, grade_of(act))
        case "hint":  # none is written that there was not
            return state.hinted(state.hints + 1)
        case "shown":
            return state.shown()
    raise ValueError(f"an act is an answer, a hint or shown. Received: {act.kind!r}")


def _by_variant(acts: Iterable[A]) -> dict[Variant, list[A]]:
    """In the order in which the variants were begun; of each, the acts by number."""
    found: dict[Variant, list[A]] = {}
    for act in sorted(acts, key=lambda act: act.at):
        found.setdefault(Variant(act.question, act.seed), []).append(act)
    return {v: sorted(own, key=lambda act: act.number) for v, own in found.items()}


def practised(acts: Iterable[Act]) -> list[QuestionState]:
    """One member's questions in practice, in the order in which they were begun."""
    return [
        reduce(after, own, QuestionState(variant))
        for variant, own in _by_variant(acts).items()
    ]


def last_answers(acts: Iterable[A]) -> dict[Variant, A]:
    """What counts in a test: the last answer to each question."""
    answers = (act for act in acts if act.kind == "answer")
    return {variant: own[-1] for variant, own in _by_variant(answers).items()}


def of_exam(acts: Iterable[Act]) -> list[QuestionState]:
    """The questions of one attempt at an exam: the last answer, as the only try."""
    return [
        QuestionState(variant, (Try(act.answer, grade_of(act), 0),))
        for variant, act in last_answers(acts).items()
    ]
