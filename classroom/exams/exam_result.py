"""What a student got in an exam, once its results are released."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from classroom.exams import attempts
from classroom.exams.timing import order
from classroom.people.roles import Student
from classroom.questions import replay
from classroom.questions.bank import find
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import Variant
from store.answers.marks import Marks, StoredMark
from store.database import shared


@dataclass(frozen=True)
class ExamResult:
    """One attempt's result; open answers are marked by the instructor."""

    variants: tuple[Variant, ...]  # in the attempt's order
    states: Mapping[Variant, QuestionState]  # of what was answered
    marks: Mapping[Variant, StoredMark]  # of open answers, comments alone too
    counting: frozenset[str]  # open questions to which some answer is marked

    @property
    def judged(self) -> tuple[Variant, ...]:
        """The questions that give points."""
        return tuple(
            v
            for v in self.variants
            if find(v.question).kind != "open" or v.question in self.counting
        )

    @property
    def points(self) -> float:
        """The sum, of as many points as there are judged questions."""
        return sum(self.states[v].points for v in self.judged if v in self.states)

    @property
    def unmarked(self) -> int:
        """Open answers that are not marked yet."""
        return sum(state.awaits_mark for state in self.states.values())


def result(student: Student, attempt_id: str) -> ExamResult:
    """The result of a student's attempt at an exam.

    Raises:
        NotAllowed: it is no attempt of theirs, or its exam is not closed yet.
    """
    states = attempts.question_states(student, attempt_id)
    attempt, exam = attempts.owned(student, attempt_id)
    responses = attempts.open_answers().responses(student.member, attempt_id)
    stored = Marks(shared())
    marks = stored.of_attempt(attempt_id)
    last = replay.last_answers(responses)
    return ExamResult(
        () if exam is None else order(exam, attempt),
        {state.variant: state for state in states},
        {v: marks[one.key] for v, one in last.items() if one.key in marks},
        frozenset() if exam is None else stored.counting(exam.id),
    )
