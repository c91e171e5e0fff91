"""A student's exams, and what is given in them and in practice: graded and kept.

Everything takes a `Student` and touches their records alone. A response (an answer, a
hint, the answer shown) has a number, from 1 in each variant; under a number that is
taken, what is stored there is returned.

In an exam an answer can be changed until the attempt is over: handed in, its minutes
gone or its exam closed, by this server's clock. The last one counts; nothing is said to
it, and there are no hints. An exam that is closed has its results released.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import clock
from classroom.exams.timing import (
    GRACE,
    MINUTE,
    AttemptStatus,
    StudentExam,
    as_now,
    at_home,
    end_of,
    for_student,
    is_open,
    order,
    released,
)
from classroom.people.roles import NotAllowed, Student
from classroom.questions import custom_questions, replay
from classroom.questions.bank import find, is_known
from classroom.questions.grading import Answer, Grade, Measured, grade
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import LAST_SEED, Variant, pose
from store.answers.answers import (
    Answers,
    ExamGone,
    StoredAttempt,
    StoredExam,
    StoredResponse,
)
from store.answers.drafts import Drafts, StoredDraft
from store.answers.marks import Marks
from store.database import shared

log = logging.getLogger(__name__)

Kind = Literal["answer", "hint", "shown"]

ROOM = 20_000  # characters of an answer as JSON


class ExamRefused(ValueError):
    """A response that is not taken; the message is one sentence for the student."""


@dataclass(frozen=True)
class SavedResponse:
    """What is stored about a response, after its commit."""

    number: int
    kind: Kind
    answer: Answer
    grade: Grade
    at: float
    mine: bool  # False: it was there before, from another tab or an earlier try


# --- an attempt -----------------------------------------------------------------------


def open_answers() -> Answers:
    """Attempts and all that is given in them, in the shared database."""
    return Answers(shared())


def seed_of(*parts: object) -> int:
    """A seed made of what it is for, from 1 to the largest that an address has."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % LAST_SEED + 1


def owned(student: Student, attempt_id: str) -> tuple[StoredAttempt, StoredExam | None]:
    """An attempt of the student's, and its exam; None: practice.

    Raises:
        NotAllowed: it is no attempt of theirs.
    """
    if found := open_answers().attempt(student.member, attempt_id):
        return found
    raise NotAllowed("There is no such sitting of yours.")


def question_states(student: Student, attempt_id: str) -> list[QuestionState]:
    """What the student did in an attempt. Of an exam, once its results are released.

    Raises:
        NotAllowed: it is no attempt of theirs, or its exam is not closed yet.
    """
    _, exam = owned(student, attempt_id)
    if exam is not None and not released(exam, clock.now()):
        raise NotAllowed("The results are there once the test is closed.")
    responses = open_answers().responses(student.member, attempt_id)
    custom_questions.learn(student.class_id, {one.question for one in responses})
    known = [one for one in responses if is_known(one.question)]
    marks = Marks(shared()).of_attempt(attempt_id)
    return replay.of_practice(known) if exam is None else replay.of_exam(known, marks)


# --- giving ---------------------------------------------------------------------------


def give(
    student: Student,
    attempt_id: str,
    variant: Variant,
    number: int,
    kind: Kind,
    answer: Answer = None,
    truth: Measured | None = None,
    *,
    at: float | None = None,
) -> SavedResponse:
    """Grades a response and commits it. When this returns, it is on the disk.

    Args:
        number: of the response about this variant, from 1. What is stored under a
            number stays: giving it again returns that. A number beyond the next is the
            next.
        answer: plain data; see `classroom.questions.grading`.
        truth: of a question on the student's own picture.
        at: when the response reached this server, if that was before now (the database
            was away since); by this moment it is in time or late.

    Raises:
        ExamRefused: the response is not taken, and why.
        NotAllowed: it is no attempt of theirs.
        store.database.DatabaseAway: nothing is stored now; the same call may be made
            again later.
    """
    at = clock.now() if at is None else at
    _check(student, variant, answer)
    got = Grade(0.0, "", counts=False)
    if kind == "answer":
        got = grade(find(variant.question), variant, answer, truth)
    new = StoredResponse(
        attempt_id=attempt_id,
        question=variant.question,
        seed=variant.seed,
        number=number,
        kind=kind,
        answer=answer if kind == "answer" else None,
        truth=None if truth is None else asdict(truth),
        at=at,
        score=got.score,
        sentence=got.sentence,
        mistake=got.mistake,
        counts=got.counts,
        own=got.self_assessed,
    )

    kept: list[StoredResponse] = []

    def judge(
        exam: StoredExam | None,
        attempt: StoredAttempt,
        before: Sequence[StoredResponse],
    ) -> StoredResponse | None:
        found = _judge(new, exam, attempt, before)
        kept[:] = [] if found is None else [found]
        return found

    try:
        responses = open_answers().give(
            student.member, attempt_id, variant.question, variant.seed, judge
        )
    except ExamGone as error:
        raise NotAllowed("There is no such sitting of yours.") from error
    if not responses:  # nothing before, and this would change nothing
        return SavedResponse(0, kind, None, got, at, False)
    stored = next((one for one in responses if one.number == number), responses[-1])
    return SavedResponse(
        stored.number,
        stored.kind,  # type: ignore[arg-type]
        stored.answer,
        replay.grade_of(stored),
        stored.at,
        any(stored is response for response in kept),
    )


def _check(student: Student, variant: Variant, answer: Answer) -> None:
    """Raises ExamRefused unless there is such a question and the answer is short."""
    learn(student, variant)
    if not is_known(variant.question):
        raise ExamRefused("There is no such question.")
    if len(json.dumps(answer)) > ROOM:
        raise ExamRefused("That answer is too long.")


def _judge(
    new: StoredResponse,
    exam: StoredExam | None,
    attempt: StoredAttempt,
    before: Sequence[StoredResponse],
) -> StoredResponse | None:
    """What is to be stored; None: nothing, it is there or would change nothing.

    Raises:
        ExamRefused: the response is not taken, and why.
    """
    if new.number <= len(before):
        return None
    new = replace(new, number=len(before) + 1)
    if exam is not None:
        _in_time(new.at, exam, attempt)
        _fits(new, exam, attempt)
        same = before and before[-1].answer == new.answer
        return None if same else new
    variant = Variant(new.question, new.seed)
    (state,) = replay.of_practice(before) or [QuestionState(variant)]
    if new.kind == "hint" and state.hints >= pose(variant).hints:
        return None
    return None if replay.after(state, new) == state else new


def _in_time(at: float, exam: StoredExam, attempt: StoredAttempt) -> None:
    if (end := end_of(attempt, exam)) is not None and at > end + GRACE:
        raise ExamRefused("Too late: the time was up. What was saved before counts.")
    if attempt.handed_in is not None and at > attempt.handed_in:
        raise ExamRefused("This sitting is handed in: nothing can be changed any more.")


def _fits(new: StoredResponse, exam: StoredExam, attempt: StoredAttempt) -> None:
    """In an exam there are answers alone, to its own questions, and to be read."""
    if Variant(new.question, new.seed) not in order(exam, attempt):
        raise ExamRefused("That question is not in this test.")
    if new.kind != "answer":
        raise ExamRefused("In a test there are no hints, and no answers are shown.")
    if new.own and new.counts:
        raise ExamRefused("In a test you cannot mark your own answer.")
    if not new.counts and not new.own:
        raise ExamRefused(new.sentence)


# --- begun and not given yet ----------------------------------------------------------


def _drafts() -> Drafts:
    return Drafts(shared())


def keep(
    student: Student, attempt_id: str, variant: Variant, answers: int, answer: Answer
) -> float | None:
    """Keeps what the student has begun to answer; when, or None: it came too late.

    Args:
        answers: to this variant that were stored when it was typed. Where another has
            been stored since, nothing is kept: that one is newer.
        answer: plain data, as far as it has come.

    Raises:
        ExamRefused: the attempt is over, or it is too long.
        NotAllowed: it is no attempt of theirs.
        store.database.DatabaseAway: it cannot be kept now.
    """
    attempt, exam = owned(student, attempt_id)
    _check(student, variant, answer)
    at = clock.now()
    if exam is not None:
        _in_time(at, exam, attempt)
        if variant not in order(exam, attempt):
            raise ExamRefused("That question is not in this test.")
    draft = StoredDraft(attempt_id, variant.question, variant.seed, answers, answer, at)
    return at if _drafts().keep(student.member, draft) else None


def learn(student: Student, variant: Variant) -> None:
    """Makes a question of the class's own known to this process."""
    custom_questions.learn(student.class_id, [variant.question])


def drafts(student: Student, attempt_id: str) -> Mapping[Variant, Answer]:
    """What the student has begun to answer in an attempt, and not given yet."""
    found = _drafts().of_attempt(student.member, attempt_id)
    return {Variant(draft.question, draft.seed): draft.answer for draft in found}


def give_drafts(exam_id: str) -> None:
    """In attempts at an exam that are over, what was begun and is an answer counts.

    Text that was being typed when the time was up is such. Again, it changes nothing.
    """
    exam, left = open_answers().exam(exam_id), _drafts().of_exam(exam_id)
    if exam is None:
        return
    for member in {member for member, _ in left}:
        for attempt in open_answers().attempts(member):
            over = as_now(attempt, exam, clock.now()).over
            if over and attempt.exam_id == exam_id:
                mine = [draft for _, draft in left if draft.attempt_id == attempt.id]
                _give_drafts(member, attempt, exam, mine)


def _give_drafts(
    member: str, attempt: StoredAttempt, exam: StoredExam, left: Sequence[StoredDraft]
) -> None:
    who = Student(member, exam.class_id, "")
    for draft in left:
        variant = Variant(draft.question, draft.seed)
        try:
            number = draft.acts + 1
            give(who, attempt.id, variant, number, "answer", draft.answer, at=draft.at)
        except ExamRefused as why:  # half an order, text where a number belongs
            log.debug("A draft of %s is no answer: %s", attempt.id, why)


# --- an exam --------------------------------------------------------------------------


@dataclass(frozen=True)
class ExamAttempt:
    """A student's attempt at an exam, without a word on what is right."""

    status: AttemptStatus
    title: str
    answers: Mapping[Variant, Answer]  # the last of each
    counts: Mapping[Variant, int]  # responses stored; the next has the next number
    saved: Mapping[Variant, float]  # when the last was
    drafts: Mapping[Variant, Answer]  # begun and not given yet
    released: bool  # the results can be looked at
    at_home: bool = False  # it can be left, and taken up again until the deadline

    @property
    def unanswered(self) -> tuple[Variant, ...]:
        """Questions without an answer, in order."""
        return tuple(v for v in self.status.variants if v not in self.answers)


def exams(student: Student) -> list[StudentExam]:
    """The exams of the class that are open, and those that the student has taken."""
    now, mine = clock.now(), open_answers().attempts(student.member)
    found = []
    for exam in open_answers().exams(student.class_id):
        own = tuple(as_now(s, exam, now) for s in mine if s.exam_id == exam.id)
        if at_home(exam):
            own = tuple(_counted(student, one) for one in own)
        if exam.opened is not None and (own or is_open(exam, now)):
            found.append(for_student(exam, own, now))
    return found


def _counted(student: Student, attempt: AttemptStatus) -> AttemptStatus:
    given = replay.last_answers(open_answers().responses(student.member, attempt.id))
    return replace(attempt, answered=len(given))


def begin(student: Student, exam_id: str, number: int | None = None) -> AttemptStatus:
    """The attempt of that number, begun at the first call.

    Args:
        number: from 1; None: the one that runs, or else the next. With a number, the
            same message again, or in a second tab, begins nothing further.

    Raises:
        ExamRefused: the exam is not open, or no further attempt is allowed.
        NotAllowed: it is no exam of the student's class.
    """
    now, exam = clock.now(), open_answers().exam(exam_id)
    if exam is None or exam.class_id != student.class_id or exam.opened is None:
        raise NotAllowed("There is no such test in your class.")
    here = next((t for t in exams(student) if t.id == exam_id), None)
    begun = {s.number: s for s in here.attempts} if here is not None else {}
    if number is None and here is not None and here.running is not None:
        return here.running
    if number in begun:
        return begun[number]
    if here is None or not here.open:
        raise ExamRefused("This test is closed.")
    if here.running is not None:
        raise ExamRefused("Hand in the sitting that you have begun first.")
    number = len(begun) + 1
    if number > exam.attempts_allowed:
        raise ExamRefused("You have had all the sittings that this test allows.")
    new = StoredAttempt(
        f"{exam.id}:{student.member}:{number}",
        student.member,
        exam.id,
        number,
        seed_of("test", exam.seed, student.member, number),
        now,
        None if exam.minutes is None else now + MINUTE * exam.minutes,
    )
    try:
        return as_now(open_answers().begin(new), exam, now)
    except ExamGone as error:
        raise NotAllowed("There is no such test in your class.") from error


def _exam_owned(student: Student, attempt_id: str) -> tuple[StoredAttempt, StoredExam]:
    attempt, exam = owned(student, attempt_id)
    if exam is None:
        raise NotAllowed("There is no such sitting of yours.")
    return attempt, exam


def exam_attempt(student: Student, attempt_id: str) -> ExamAttempt:
    """What the student has answered in an attempt at an exam, and nothing on it.

    Raises:
        NotAllowed: it is no attempt at an exam of theirs.
    """
    attempt, exam = _exam_owned(student, attempt_id)
    now, ids = clock.now(), (student.member, attempt_id)
    if as_now(attempt, exam, now).over:
        _give_drafts(student.member, attempt, exam, _drafts().of_attempt(*ids))
    responses = open_answers().responses(*ids)
    last = replay.last_answers(responses)
    return ExamAttempt(
        as_now(attempt, exam, now),
        exam.title,
        {variant: response.answer for variant, response in last.items()},
        {variant: response.number for variant, response in last.items()},
        {variant: response.at for variant, response in last.items()},
        drafts(student, attempt_id),
        released(exam, now),
        at_home(exam),
    )


def hand_in(student: Student, attempt_id: str) -> AttemptStatus:
    """Ends an attempt. Doing it again changes nothing.

    Raises:
        NotAllowed: it is no attempt at an exam of theirs.
    """
    attempt, exam = _exam_owned(student, attempt_id)
    now, ids = clock.now(), (student.member, attempt_id)
    if not as_now(attempt, exam, now).over:
        _give_drafts(student.member, attempt, exam, _drafts().of_attempt(*ids))
        open_answers().hand_in(*ids, now)
        attempt, exam = _exam_owned(student, attempt_id)
    return as_now(attempt, exam, now)
