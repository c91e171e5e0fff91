"""The address to which pages send what is being typed as an answer.

    POST /draft {"question": "why-11", "seed": "3", "answers": "0", "text": "Because"}
    POST /draft {"test": "…", "attempt": "1", "place": "2", "answers": "0", "text": "…"}

200 with when it was kept; null where an answer is stored that is newer or the attempt
is over, with "away" while the database is. 403 for pages of other sites. `answers` is
how many answers to the question were stored when its page was drawn. Streamlit's own
text fields send their text only when they lose the focus.
"""

from __future__ import annotations

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from classroom.exams import attempts, practice
from classroom.exams.attempts import ExamRefused
from classroom.people import classes
from classroom.people.roles import NotAllowed, Student
from classroom.questions.bank import find, is_known
from classroom.questions.grading import Answer
from classroom.questions.variants import LAST_SEED, Variant
from store.database import DatabaseAway
from ui.session import visitor, visitor_drafts
from ui.session.routes import is_same_origin, path

ADDRESS = "draft"
LARGEST = 40_000  # bytes of a request: the longest answer, each letter of six bytes
_HEADERS = {"cache-control": "no-store"}


def _refused(status: int) -> Response:
    return Response(status_code=status, headers=_HEADERS)


async def draft(request: Request) -> Response:
    """Keeps what was typed so far."""
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    who = visitor.key_of(request.cookies.get(visitor.NAME, ""))
    if kind != "application/json" or not is_same_origin(request) or who is None:
        return _refused(403)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return _refused(413)
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return _refused(400)
    if not isinstance(asked, dict) or not all(
        isinstance(x, str) for x in asked.values()
    ):
        return _refused(400)
    try:
        at = await run_in_threadpool(_keep, who, asked)
    except (KeyError, ValueError):  # something is missing, or is no number
        return _refused(400)
    except NotAllowed:
        at = None
    except DatabaseAway:  # no error in a browser's console: it is tried again
        return JSONResponse({"at": None, "away": True}, headers=_HEADERS)
    return JSONResponse({"at": at}, headers=_HEADERS)


def _number(asked: dict[str, str], name: str, most: int) -> int:
    value = asked[name]
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise ValueError(f"{name} is a number. Received: {value!r}")
    if int(value) > most:
        raise ValueError(f"{name} is {most} at most. Received: {value}")
    return int(value)


def _keep(who: str, asked: dict[str, str]) -> float | None:
    """When it was kept; None: it is out of date.

    Raises:
        KeyError, ValueError: the request is not one of ours.
        NotAllowed: it is no attempt of theirs.
        DatabaseAway: it cannot be kept now.
    """
    student = classes.student(who)
    answers = _number(asked, "answers", 1_000_000)
    if "test" in asked:
        return _keep_in_exam(student, asked, answers)
    variant = Variant(asked["question"], _number(asked, "seed", LAST_SEED))
    if student is None:
        if not is_known(variant.question):
            raise ValueError("There is no such question")
        return visitor_drafts.keep(who, variant, _answer(variant, asked["text"]))
    here = practice.attempt_id(student)
    return _given(student, here, variant, answers, asked["text"])


def _keep_in_exam(
    student: Student | None, asked: dict[str, str], answers: int
) -> float | None:
    if student is None:
        raise NotAllowed("There is no such sitting of yours.")
    number = _number(asked, "sitting", 1_000)
    place = _number(asked, "place", 1_000)
    here = f"{asked['test']}:{student.member}:{number}"
    all_of = attempts.exam_attempt(student, here).status.variants
    if place >= len(all_of):
        raise ValueError("There is no such place")
    return _given(student, here, all_of[place], answers, asked["text"])


def _given(
    student: Student, attempt: str, variant: Variant, answers: int, text: str
) -> float | None:
    attempts.learn(student, variant)
    try:
        answer = _answer(variant, text)
        return attempts.keep(student, attempt, variant, answers, answer)
    except ExamRefused:
        return None


def _answer(variant: Variant, text: str) -> Answer:
    """As `ui.kit.questions.answers.held` has it."""
    if find(variant.question).kind == "open":
        return {"text": text, "points": None}
    return text


def routes() -> list[Route]:
    """The one address."""
    return [Route(path(ADDRESS), draft, methods=["POST"])]
