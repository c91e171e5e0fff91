"""A class, straight into the database: an instructor, students, a test, answers."""

from __future__ import annotations

import hashlib
import uuid

from sqlalchemy.orm import Session

from store.tables import Account, Attempt, Class, Exam, Member, Response

STEP = "start"  # any text: the tables do not know the lesson


def sha256(text: str) -> str:
    """As the database names a secret."""
    return hashlib.sha256(text.encode()).hexdigest()


def add_account(session: Session, name: str = "ada", at: float = 0.0) -> str:
    """An instructor without a password; returns the id."""
    account = Account(
        id=uuid.uuid4().hex, name=name, password=None, subject=None, created=at
    )
    session.add(account)
    session.flush()
    return account.id


def add_class(
    session: Session,
    owner: str,
    name: str = "7b",
    opened: float = 0.0,
    closed: float | None = None,
) -> str:
    """A class without members; returns its id."""
    made = Class(
        id=uuid.uuid4().hex,
        owner=owner,
        name=name,
        code=uuid.uuid4().hex[:10].upper(),
        opened=opened,
        closed=closed,
        step=STEP,
        reveal=False,
        version=0,
        moved=opened,
        language="de",
    )
    session.add(made)
    session.flush()
    return made.id


def add_member(
    session: Session, class_id: str, visitor: str, name: str = "Ben", at: float = 0.0
) -> str:
    """A student, known by a browser's cookie; returns the member's id."""
    course = session.get_one(Class, class_id)
    course.numbered += 1
    member = Member(
        id=uuid.uuid4().hex,
        class_id=class_id,
        visitor=sha256(visitor),
        name=name,
        own_code=uuid.uuid4().hex[:12],
        joined=at,
        seen=at,
        step=STEP,
        follows=True,
        number=course.numbered,
        came=at,
    )
    session.add(member)
    session.flush()
    return member.id


def add_exam(session: Session, class_id: str, at: float = 0.0) -> str:
    """A test that was opened; returns its id."""
    test = Exam(
        id=uuid.uuid4().hex,
        class_id=class_id,
        title="Layers",
        questions="[]",
        seed=1,
        shuffled=False,
        minutes=None,
        attempts_allowed=1,
        created=at,
        opened=at,
        closes=None,
        closed=None,
    )
    session.add(test)
    session.flush()
    return test.id


def add_attempt(session: Session, member_id: str, exam_id: str | None = None) -> str:
    """A go at the test, or practice; returns its id."""
    attempt = Attempt(
        id=f"{member_id}-{exam_id or 'practice'}"[:80],
        member_id=member_id,
        exam_id=exam_id,
        number=1,
        seed=1,
        started=0.0,
        ends=None,
        handed_in=None,
    )
    session.add(attempt)
    session.flush()
    return attempt.id


def add_answer(session: Session, attempt_id: str, number: int, at: float = 0.0) -> str:
    """One answer; returns its key."""
    given = Response(
        key=f"{attempt_id}-{number}",
        attempt_id=attempt_id,
        question="conv1-shape",
        seed=1,
        number=number,
        kind="answer",
        answer=f'"the {number}th"',
        truth="null",
        score=1.0,
        sentence="Right.",
        mistake=None,
        counts=True,
        own=False,
        at=at,
    )
    session.add(given)
    session.flush()
    return given.key


def add_whole_class(
    session: Session,
    owner: str,
    name: str = "7b",
    members: int = 3,
    answers: int = 4,
    opened: float = 0.0,
    closed: float | None = None,
) -> str:
    """A class whose members all answered, half of it in a test; returns its id."""
    class_id = add_class(session, owner, name, opened, closed)
    exam_id = add_exam(session, class_id, opened)
    for number in range(members):
        member = add_member(
            session, class_id, f"{class_id}{number}", f"{name} {number}", opened
        )
        attempts = [add_attempt(session, member, x) for x in (None, exam_id)]
        for answer in range(answers):
            add_answer(session, attempts[answer % 2], answer, opened)
    return class_id
