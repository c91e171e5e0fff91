"""Saving the answers of a student: each at once, or as soon as the database is back.

Responses wait in `state.PENDING`, in order, while the database is away. A response has
the number that it had when its widget was drawn, so a message that comes again finds
its number taken and changes nothing.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

import clock
from classroom.exams import attempts
from classroom.exams.attempts import ExamRefused, Kind
from classroom.people.roles import NotAllowed, Student
from classroom.questions.grading import Answer, Measured
from classroom.questions.variants import Variant
from store.database import DatabaseAway
from ui.kit import state, words

EVERY = 3.0  # seconds between two tries to save what waits


@dataclass(frozen=True)
class PendingResponse:
    """A response that is on the server, but not in the database yet."""

    attempt_id: str
    variant: Variant
    number: int
    kind: Kind
    answer: Answer
    truth: Measured | None
    at: float  # when it came, by the server's clock


def give(
    student: Student,
    attempt_id: str,
    variant: Variant,
    number: int,
    kind: Kind,
    answer: Answer = None,
    truth: Measured | None = None,
) -> int | None:
    """Saves a response, after those that wait; it waits itself if the database is away.

    Returns:
        The number under which it is saved or waits; None: it is not taken.
    """
    response = PendingResponse(
        attempt_id, variant, number, kind, answer, truth, clock.now()
    )
    pending, taken = _waiting(response), True
    while pending:
        try:
            taken = _save_first(student, pending)
        except DatabaseAway:
            return number
    return number if taken else None


def _waiting(*more: PendingResponse) -> list[PendingResponse]:
    """The responses that wait, and more, as the list that the session keeps.

    It is changed in place: reading or writing session state ends a run when the next
    one is asked for, and between a commit and the note of it none may end.
    """
    pending = [*state.PENDING.get(), *more]
    state.PENDING.set(pending)
    return pending


def keep(
    student: Student, attempt_id: str, variant: Variant, answers: int, answer: Answer
) -> None:
    """Saves a draft; a failure is silent, as the page never claims that it is saved."""
    with suppress(DatabaseAway, ExamRefused, NotAllowed):
        attempts.keep(student, attempt_id, variant, answers, answer)


def flush(student: Student) -> None:
    """Saves what waits, in order, as far as the database lets us."""
    if not state.PENDING.get():
        return
    pending = _waiting()
    with suppress(DatabaseAway):  # it waits on
        while pending:
            _save_first(student, pending)


def _save_first(student: Student, pending: list[PendingResponse]) -> bool:
    """Saves the response that has waited longest; returns whether it was taken.

    Args:
        pending: of `_waiting`; the response is taken off once it is dealt with.

    Raises:
        DatabaseAway: then it waits on.
    """
    response, taken = pending[0], False
    try:
        saved = attempts.give(
            student,
            response.attempt_id,
            response.variant,
            response.number,
            response.kind,
            response.answer,
            response.truth,
            at=response.at,
        )
    except DatabaseAway:
        state.TRIED.set(time.monotonic())
        raise
    except (ExamRefused, NotAllowed) as refusal:
        state.QUIZ_MESSAGE.set(words.refusal(refusal))
    else:
        taken = (saved.kind, saved.answer) == (response.kind, response.answer)
        if not taken:
            state.QUIZ_MESSAGE.set(words.page("quiz").table("away")["elsewhere"])
    del pending[0]
    return taken


def flush_now_and_then(student: Student) -> None:
    """Not at once after a try that failed: it may have taken its time."""
    if time.monotonic() - state.TRIED.get() >= EVERY / 2:
        flush(student)
