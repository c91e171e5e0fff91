"""A student's practice: one attempt for good, rebuilt from what was given in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import clock
from classroom.exams import attempts
from classroom.exams.timing import AttemptStatus, as_now
from classroom.people.roles import NotAllowed, Student
from classroom.questions import custom_questions, replay
from classroom.questions.bank import is_known
from classroom.questions.grading import Answer
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import Variant
from store.answers.answers import ExamGone, StoredAttempt


@dataclass(frozen=True)
class Work:
    """All of a practice attempt, rebuilt from its responses."""

    attempt: AttemptStatus
    question_states: tuple[QuestionState, ...]
    since: frozenset[Variant]  # those worked on since practice was last restarted
    counts: Mapping[Variant, int]  # responses stored; the next has the next number
    saved: Mapping[Variant, float]  # when the last was
    truths: Mapping[Variant, float]  # of the student's picture
    drafts: Mapping[Variant, Answer]  # begun and not given yet


def attempt_id(student: Student) -> str:
    """The id of the student's practice attempt."""
    return f"practice:{student.member}"


def attempt(student: Student) -> AttemptStatus:
    """The student's practice: one attempt, begun at the first call.

    Raises:
        NotAllowed: the student is no longer in the class.
        store.database.DatabaseAway: it cannot be told now.
    """
    at = clock.now()
    new = StoredAttempt(
        attempt_id(student),
        student.member,
        None,
        1,
        attempts.seed_of("practice", student.member),
        at,
    )
    try:
        return as_now(attempts.open_answers().begin(new), None, at)
    except ExamGone as error:
        raise NotAllowed("You are no longer in this class. Join it again.") from error


def restart(student: Student) -> AttemptStatus:
    """Other numbers for all of the student's practice; what was given is kept.

    Raises:
        NotAllowed: the student is no longer in the class.
    """
    old = attempt(student)
    seed = attempts.seed_of(old.seed, clock.now())
    attempts.open_answers().deal(student.member, old.id, seed, clock.now())
    return attempt(student)


def work(student: Student) -> Work:
    """All that the student has practised.

    Raises:
        NotAllowed: the student is no longer in the class.
    """
    now = attempt(student)
    responses = attempts.open_answers().responses(student.member, now.id)
    custom_questions.learn(student.class_id, {one.question for one in responses})
    counts: dict[Variant, int] = {}
    saved: dict[Variant, float] = {}
    truths: dict[Variant, float] = {}
    for response in responses:
        variant = Variant(response.question, response.seed)
        counts[variant] = max(response.number, counts.get(variant, 0))
        saved[variant] = response.at
        if isinstance(response.truth, dict):
            truths[variant] = response.truth["value"]
    return Work(
        now,
        tuple(replay.of_practice(one for one in responses if is_known(one.question))),
        frozenset(v for v, at in saved.items() if at >= now.started),
        counts,
        saved,
        truths,
        attempts.drafts(student, now.id),
    )
