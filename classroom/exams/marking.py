"""Open answers in an exam: read, marked and commented by the class's instructor.

A mark belongs to one answer of one attempt that is over. A question counts, for all
students, as soon as one answer to it has points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import clock
from classroom.exams import attempts, exams
from classroom.exams.attempts import ExamRefused
from classroom.exams.timing import as_now
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import custom_questions
from classroom.questions.bank import find, is_known
from classroom.questions.question_files import Question
from classroom.questions.replay import last_answers
from store.answers.answers import Answers, ExamGone, StoredResponse
from store.answers.marks import MarkChanged, Marks, StoredMark
from store.database import shared

QUARTERS = 4  # steps from nothing to the whole point
LONGEST_COMMENT = 2_000  # characters
NEAR = 1e-6


@dataclass(frozen=True)
class OpenAnswer:
    """An open answer, as its instructor sees it."""

    key: str
    member: str  # id
    name: str
    number: int  # of the attempt
    text: str
    over: bool  # the attempt: before, the answer may still change
    mark: StoredMark | None

    @property
    def marked(self) -> bool:
        """Whether it has points."""
        return self.mark is not None and self.mark.points is not None


def _marks() -> Marks:
    return Marks(shared())


def scale(question: Question) -> tuple[float, ...]:
    """The points that an answer may get: quarters, and a share of its model's points.

    Args:
        question: an open one; each of its `points` may be worth an equal share.
    """
    parts = {n / QUARTERS for n in range(QUARTERS + 1)}
    count = len(question.points)
    parts |= {round(n / count, 4) for n in range(count + 1)} if count else set()
    return tuple(sorted(parts))


def open_questions(names: Iterable[str]) -> list[str]:
    """Those that are answered in the student's own words."""
    return [name for name in names if is_known(name) and find(name).kind == "open"]


def open_answers(who: Instructor, exam_id: str) -> Mapping[str, list[OpenAnswer]]:
    """Open question -> its answers, in the order of names.

    Raises:
        NotAllowed: the exam is not theirs.
    """
    exam, now = exams.owned(who, exam_id), clock.now()
    attempts.give_drafts(exam_id)
    custom_questions.learn(exam.class_id, exam.questions)
    names = open_questions(exam.questions)
    found: dict[str, list[OpenAnswer]] = {name: [] for name in names}
    if not names:
        return found
    stored = Answers(shared())
    given, marks = stored.responses_in_exam(exam_id, names), _marks().of_exam(exam_id)
    for summary in stored.attempts_at(exam_id):
        attempt = summary.attempt
        for variant, response in last_answers(given.get(attempt.id, ())).items():
            if isinstance(response.answer, dict):
                one = OpenAnswer(
                    response.key,
                    summary.member_id,
                    summary.name,
                    attempt.number,
                    str(response.answer.get("text")),
                    as_now(attempt, exam, now).over,
                    marks.get(response.key),
                )
                found[variant.question].append(one)
    return found


def mark(
    who: Instructor,
    exam_id: str,
    key: str,
    points: float | None,
    comment: str,
    seen: int,
) -> None:
    """Marks an answer, or changes its mark.

    Args:
        key: of the answer.
        points: one of the question's `scale`; None: not marked.
        seen: the version of the mark that was on screen; 0: there was none.

    Raises:
        ExamRefused: it was marked elsewhere since, the attempt is not over, or such a
            mark is not to be given.
        NotAllowed: the exam is not theirs, or has no such answer.
    """
    exam = exams.owned(who, exam_id)
    found = _marks().answer(exam_id, key)
    if found is None:
        raise NotAllowed("There is no such answer in this test any more.")
    attempt, response = found
    _check(exam.class_id, response, points, comment)
    if not as_now(attempt, exam, clock.now()).over:
        raise ExamRefused("This sitting is not over: the answer may still change.")
    new = StoredMark(
        key, response.question, points, comment.strip(), seen + 1, clock.now()
    )
    try:
        _marks().put(new)
    except MarkChanged as error:
        raise ExamRefused(
            "This answer was marked in another window meanwhile. What is stored is "
            "shown now; save again to replace it."
        ) from error
    except ExamGone as error:
        raise NotAllowed("There is no such answer in this test any more.") from error


def _check(
    class_id: str, response: StoredResponse, points: float | None, comment: str
) -> None:
    custom_questions.learn(class_id, [response.question])
    if not open_questions([response.question]):
        raise ExamRefused("Only an answer in one's own words is marked by hand.")
    steps = scale(find(response.question))
    if points is not None and not any(abs(points - step) < NEAR for step in steps):
        listed = ", ".join(f"{step:g}" for step in steps)
        raise ExamRefused(f"The points are one of {listed}. Received: {points:g}")
    if len(comment) > LONGEST_COMMENT:
        raise ExamRefused(
            f"A comment has {LONGEST_COMMENT:,} characters at most. "
            f"Received: {len(comment):,}"
        )
