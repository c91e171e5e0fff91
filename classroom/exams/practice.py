"""A student's practice: one sitting for good, rebuilt from what was given in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from classroom.exams import sittings, timing
from classroom.exams.timing import SittingNow, as_now
from classroom.people.roles import NotAllowed, Student
from classroom.questions import custom_questions, replay
from classroom.questions.bank import is_known
from classroom.questions.grading import Answer
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import Variant
from store.answers import Gone, StoredSitting


@dataclass(frozen=True)
class Work:
    """All of a practice sitting, rebuilt from its rows."""

    sitting: SittingNow
    question_states: tuple[QuestionState, ...]
    since: frozenset[Variant]  # those worked on since practice was last restarted
    counts: Mapping[Variant, int]  # acts stored; the next has the next number
    saved: Mapping[Variant, float]  # when the last was
    truths: Mapping[Variant, float]  # of the student's picture
    drafts: Mapping[Variant, Answer]  # begun and not given yet


def sitting_id(student: Student) -> str:
    """The id of the student's practice sitting."""
    return f"practice:{student.member}"


def sitting(student: Student) -> SittingNow:
    """The student's practice: one sitting, begun at the first call.

    Raises:
        NotAllowed: the student is no longer in the class.
        store.database.DatabaseAway: it cannot be told now.
    """
    at = timing.clock()
    new = StoredSitting(
        sitting_id(student),
        student.member,
        None,
        1,
        sittings.seed_of("practice", student.member),
        at,
    )
    try:
        return as_now(sittings.open_answers().begin(new), None, at)
    except Gone as error:
        raise NotAllowed("You are no longer in this class. Join it again.") from error


def begin_anew(student: Student) -> SittingNow:
    """Other numbers for all of the student's practice; what was given is kept.

    Raises:
        NotAllowed: the student is no longer in the class.
    """
    old = sitting(student)
    seed = sittings.seed_of(old.seed, timing.clock())
    sittings.open_answers().deal(student.member, old.id, seed, timing.clock())
    return sitting(student)


def work(student: Student) -> Work:
    """All that the student has practised.

    Raises:
        NotAllowed: the student is no longer in the class.
    """
    now = sitting(student)
    rows = sittings.open_answers().given(student.member, now.id)
    custom_questions.learn(student.class_id, {row.question for row in rows})
    counts: dict[Variant, int] = {}
    saved: dict[Variant, float] = {}
    truths: dict[Variant, float] = {}
    for row in rows:
        variant = Variant(row.question, row.seed)
        counts[variant] = max(row.number, counts.get(variant, 0))
        saved[variant] = row.at
        if isinstance(row.truth, dict):
            truths[variant] = row.truth["value"]
    return Work(
        now,
        tuple(replay.practised(row for row in rows if is_known(row.question))),
        frozenset(v for v, at in saved.items() if at >= now.started),
        counts,
        saved,
        truths,
        sittings.drafts(student, now.id),
    )
