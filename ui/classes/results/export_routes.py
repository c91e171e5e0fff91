"""Files of a class, for its instructor alone.

Not by Streamlit's download button: what that offers lies at /media/<hash>, and is
served to whoever knows the address. Here the browser's session is looked at for every
file: no session, no file, and of another's class neither.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import get_args
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from classroom.exams import exports, gradebook, totals
from classroom.exams.gradebook import GONE, Which
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import custom_questions
from store.database import DatabaseAway
from ui.classes.results.totals import ALL, heads
from ui.kit import words
from ui.session import routes as session_routes

PATH = "/class/export"

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
TEXT = "text/plain; charset=utf-8"


def address(query: str) -> str:
    """Where a browser gets a file."""
    return f"{session_routes.path(PATH.strip('/'))}?{query}"


Who = Callable[[str], Instructor | None]


def routes(who: Who) -> list[Route]:
    """The routes; `who` tells the instructor of a session's token, or None."""

    def export(request: Request) -> Response:  # in a thread: it asks the database
        try:
            instructor = who(request.cookies.get(session_routes.NAME, ""))
            if instructor is None:
                return PlainTextResponse("Sign in first.", 401, headers=_PRIVATE)
            return _file(instructor, dict(parse_qsl(request.url.query, True)))
        except NotAllowed as refusal:
            return PlainTextResponse(str(refusal), 403, headers=_PRIVATE)
        except KeyError as missing:
            problem = f"The address lacks {missing}, or has what there is not."
            return PlainTextResponse(problem, 400, headers=_PRIVATE)
        except DatabaseAway as trouble:
            return PlainTextResponse(str(trouble), 503, headers=_PRIVATE)

    return [Route(PATH, export, methods=["GET"])]


_PRIVATE = {"cache-control": "no-store"}


def _file(who: Instructor, asked: dict[str, str]) -> Response:
    """The file that an address names.

    Raises:
        NotAllowed: it is of another's class.
        KeyError: something is missing in the address.
    """
    match asked["format"]:
        case "gift":
            exported = custom_questions.export(who, _seed(asked.get("seed", "1")))
            name = exports.file_name("alexnet-lab-questions", suffix="gift.txt")
            return _sent(exported.text.encode(), TEXT, name)
        case "zip":
            return _person(who, asked["class"], asked["member"])
        case "csv" | "xlsx" as kind:
            dialect = exports.DIALECTS[asked.get("csv", "english")]
            return _gradebook(
                who, asked["class"], asked["test"], asked["which"], kind, dialect
            )
    raise KeyError("format")


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise KeyError("seed")
    return int(text)


def _gradebook(
    who: Instructor,
    class_id: str,
    exam_id: str,
    which: str,
    kind: str,
    dialect: exports.Dialect,
) -> Response:
    text = words.page("class_results", words.ENGLISH).table("gradebook")
    if which not in get_args(Which):
        raise KeyError("which")
    if exam_id == ALL:
        return _all_tests(who, class_id, which, kind, dialect)
    grades = gradebook.compute(who, class_id, exam_id or None, which)  # type: ignore[arg-type]
    title = grades.exam.title if grades.exam else text["title_practice"]
    topics = {
        **custom_questions.bank_of(class_id, retired=True).topics,
        GONE: text["gone"],
    }
    sheet = exports.points(grades, text.as_dict() | {"title": title}, topics)
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    called = gradebook.class_name(who, class_id)
    name = exports.file_name(called, title, today, suffix=kind)
    if kind == "csv":
        return _sent(exports.to_csv(sheet, dialect), CSV, name)
    names = {line.pupil.id: line.pupil.name for line in grades.lines}
    given = gradebook.responses(who, class_id, exam_id or None)
    heads = text.table("file").as_dict() | {
        "name": text["name"],
        "title": text["title_answers"],
    }
    marks = gradebook.marks(who, class_id, exam_id) if exam_id else {}
    answers = exports.responses(given, names, heads, text.table("kinds"), marks)
    data = exports.to_xlsx([sheet, answers])
    return _sent(data, XLSX, name)


def _all_tests(
    who: Instructor, class_id: str, which: str, kind: str, dialect: exports.Dialect
) -> Response:
    text = words.page("class_results", words.ENGLISH).table("gradebook")
    found = totals.totals(who, class_id, which)  # type: ignore[arg-type]
    named = text.as_dict() | {"title": text["all"]}
    sheet = exports.all_tests(found, named, heads(found, words.ENGLISH))
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    called = gradebook.class_name(who, class_id)
    name = exports.file_name(called, text["all"], today, suffix=kind)
    if kind == "csv":
        return _sent(exports.to_csv(sheet, dialect), CSV, name)
    return _sent(exports.to_xlsx([sheet]), XLSX, name)


def _person(who: Instructor, class_id: str, member: str) -> Response:
    found = gradebook.everything(who, class_id, member)
    called = gradebook.class_name(who, class_id)
    text = words.page("class_results", words.ENGLISH).table("person")
    readme = text["readme"].format(name=called)
    name = exports.file_name("student", member, suffix="zip")
    return _sent(exports.person(found, readme), ZIP, name)


def _sent(data: bytes, media: str, name: str) -> Response:
    """A file to be saved, not to be shown, and kept by no cache."""
    headers = {"content-disposition": exports.disposition(name)} | _PRIVATE
    return Response(data, media_type=media, headers=headers)
