"""All that one student has done: steps, quiz, tests, and what is to be repeated.

A student sees their own, alone or in a class; the class's instructor sees each one's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import clock
from classroom.content import lesson
from classroom.exams import attempts, exam_result, exams, practice, results
from classroom.exams.exam_result import ExamResult
from classroom.exams.timing import AttemptStatus, StudentExam, released
from classroom.people.roles import Instructor, NotAllowed, Student
from classroom.questions import custom_questions, lesson_questions, replay, rounds
from classroom.questions.bank import bank, beside, is_known
from classroom.questions.question_files import ENGLISH, Bank
from classroom.questions.question_state import QuestionState
from classroom.questions.rounds import TopicResult
from store.classes import Classes

# How the question of a step was answered. "words": in the student's own; "shown": the
# answer was asked for; "none": not yet.
StepOutcome = Literal["right", "partly", "wrong", "words", "shown", "none"]


@dataclass(frozen=True)
class StepWork:
    """A step of the lesson, and what became of its question."""

    slug: str
    title: str
    outcome: StepOutcome


@dataclass(frozen=True)
class ExamWork:
    """A test of the student's class, and their sittings."""

    exam: StudentExam
    results: Mapping[int, ExamResult]  # by the sitting's number, once they are released

    @property
    def attempts(self) -> tuple[AttemptStatus, ...]:
        """The student's sittings, in order."""
        return self.exam.attempts


@dataclass(frozen=True)
class StudentWork:
    """What one student has done so far."""

    steps: tuple[StepWork, ...]
    topics: tuple[TopicResult, ...]  # of practice; those without an answer left out
    exams: tuple[ExamWork, ...]  # the newest first
    repeat: tuple[str, ...]  # questions that were not right, in the lesson's order

    @property
    def repeat_steps(self) -> tuple[StepWork, ...]:
        """Steps whose question was not answered right, or was looked up."""
        missed = ("partly", "wrong", "shown")
        return tuple(step for step in self.steps if step.outcome in missed)

    @property
    def answered_steps(self) -> int:
        """Steps whose question has an answer."""
        return sum(step.outcome not in ("none", "shown") for step in self.steps)


def of_states(
    states: Sequence[QuestionState],
    known: Bank | None = None,
    language: str = ENGLISH,
    sat: Iterable[ExamWork] = (),
) -> StudentWork:
    """What the states of questions in practice, and tests, come to.

    Args:
        states: of the steps' questions and of the quiz.
        known: the questions that are asked, with those of the class; None: the bank's.
        language: of the steps' titles.
        sat: the tests of the student's class.
    """
    known, taken = known or beside(bank(), language), tuple(sat)
    topics = rounds.result(known, tuple(known.questions), states)
    return StudentWork(
        tuple(_steps(states, language)),
        tuple(line for line in topics if line.answered),
        taken,
        _repeat(known, states, taken),
    )


def _steps(states: Sequence[QuestionState], language: str) -> Iterable[StepWork]:
    best = _best(states)
    for step in lesson.load(language).steps:
        title = lesson.without_marks(step.title)
        state = best.get(lesson_questions.name_of(step.slug))
        yield StepWork(step.slug, title, "none" if state is None else _outcome(state))


def _best(states: Iterable[QuestionState]) -> dict[str, QuestionState]:
    """For each question the state with the best answer: a second try may be right."""
    return dict(rounds.best(states))


def _outcome(state: QuestionState) -> StepOutcome:
    if state.in_words is not None:
        return "words"
    if not state.counted:
        return "shown" if state.given_up else "none"
    if state.right:
        return "right"
    return "partly" if any(one.grade.score > 0 for one in state.counted) else "wrong"


def _repeat(
    known: Bank, states: Iterable[QuestionState], taken: Iterable[ExamWork]
) -> tuple[str, ...]:
    """Questions that were answered wrongly or looked up, and not answered right since.

    A question that was wrong in a test is off the list once it is right in practice.
    """
    best = _best(states)
    missed = {
        name
        for name, state in best.items()
        if (state.counted or state.given_up)
        and not (state.right or state.self_assessed)
    }
    for one in taken:
        for result in one.results.values():
            for variant in result.judged:
                state = result.states.get(variant)
                done = best.get(variant.question)
                if not (state and state.right) and not (done and done.right):
                    missed.add(variant.question)
    steps = {slug: at for at, slug in enumerate(known.steps)}
    asked = [known.questions[name] for name in missed if name in known.questions]
    asked.sort(key=lambda q: (steps.get(q.step, len(steps)), q.id))
    return tuple(question.id for question in asked)


# --- in a class -----------------------------------------------------------------------


def of_student(student: Student, language: str = ENGLISH) -> StudentWork:
    """What a student has done in their class, for themselves.

    Raises:
        store.database.DatabaseAway: it cannot be told now.
    """
    given = attempts.open_answers().responses(
        student.member, practice.attempt_id(student)
    )
    known = beside(custom_questions.bank_of(student.class_id), language)
    custom_questions.learn(student.class_id, {one.question for one in given})
    states = replay.of_practice(one for one in given if is_known(one.question))
    return of_states(states, known, language, _exams(student))


def _exams(student: Student) -> list[ExamWork]:
    found = []
    for exam in attempts.exams(student):
        over = {} if exam.open else _results(student, exam)
        found.append(ExamWork(exam, over))
    return found


def _results(student: Student, exam: StudentExam) -> dict[int, ExamResult]:
    """Results of an exam's sittings; none while somebody has extra time."""
    found = {}
    for one in exam.attempts:
        _, stored = attempts.owned(student, one.id)
        if stored is not None and released(stored, clock.now()):
            found[one.number] = exam_result.result(student, one.id)
    return found


def member_of(who: Instructor, class_id: str, member: str) -> Student:
    """A member of a class, for its instructor, who may see what they have done.

    Raises:
        NotAllowed: the class is another's, or has no such member.
    """
    found = results.of_class(who, class_id)
    for one in Classes(found.database).members(class_id):
        if one.id == member:
            return Student(member, class_id, one.name)
    raise NotAllowed("This class has no such student.")


def of_member(
    who: Instructor, class_id: str, member: str, language: str = ENGLISH
) -> StudentWork:
    """What a member of a class has done, for its instructor.

    Raises:
        NotAllowed: the class is another's, or has no such member.
    """
    student = member_of(who, class_id, member)
    for exam in exams.of_class(who, class_id):
        attempts.give_drafts(exam.id)
    return of_student(student, language)
