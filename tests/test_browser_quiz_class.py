"""A class at the quiz in a real browser: answers that stay, and a test by the clock."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

import clock
from classroom.exams import attempts, exams
from classroom.exams.exams import ExamPlan
from classroom.people.roles import Student
from classroom.questions.bank import bank
from classroom.questions.variants import Variant, key, pose
from store.database import Database
from store.tables import Class
from tests import access
from tests import browser as stand
from tests.browser import Server, reload, wait_idle
from tests.classes import CLASS, SESSION, TEACHER, classroom, member
from tests.waiting import until
from ui.kit import words
from ui.session import visitor

TEXT = words.page("quiz").as_dict()
SEED = 3
SIDE = Variant("side", SEED)


class Served:
    """A file's server, always on the same port, and the folder of its data."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack, self._port = folder, stack, stand.free_port()
        self.server = self._start()

    def _start(self) -> Server:
        log = self.folder / f"log {secrets.token_hex(4)}"
        server = stand.serving(log, port=self._port, ALEXNET_DATA=str(self.folder))
        return self._stack.enter_context(server)

    def restart(self) -> None:
        """kill -9, and the same server again."""
        self.server.process.kill()
        self.server.process.wait(15)
        self.server = self._start()


class School:
    """A server with a class, and browsers of its students."""

    def __init__(self, database: Database, served: Served, page: Any) -> None:
        self.database = database
        self.served, self._open_page = served, page

    @property
    def server(self) -> Server:
        return self.served.server

    def open(self, path: str, token: str, **how: Any) -> Any:
        """A page of the browser that has this cookie."""
        known = {visitor.NAME: token, visitor.BROWSING: SESSION}
        cookies = [
            {
                "name": name, "value": value, "domain": "127.0.0.1", "path": "/",
                "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax",
            }
            for name, value in known.items()
        ]  # fmt: skip
        return self._open_page(path, server=self.server, cookies=cookies, **how)

    def join(self, name: str) -> tuple[Student, str]:
        """A student, and the cookie of their browser."""
        student, token = member(self.database, name), secrets.token_urlsafe(18)
        self.come_with(student, token)
        return student, token

    def come_with(self, student: Student, token: str) -> None:
        """The student is in this browser now."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        query = sa.text("UPDATE members SET visitor = :v WHERE id = :id")
        with self.database.writing() as session:
            session.execute(query, {"v": digest, "id": student.member})

    def rename(self, table: str, to: str) -> None:
        """Takes a table away, or gives it back."""
        with self.database.writing() as session:
            session.execute(sa.text(f"ALTER TABLE {table} RENAME TO {to}"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with ExitStack() as stack:
        yield Served(tmp_path_factory.mktemp("school"), stack)


@pytest.fixture
def ground(served: Served) -> Iterator[Database]:
    """The database of that server, with a class in which nothing has happened."""
    with classroom(served.folder) as database:
        yield database
        with database.writing() as session:
            session.delete(session.get_one(Class, CLASS))


@pytest.fixture
def school(served: Served, ground: Database, open_page: Callable[..., Any]) -> School:
    """The pages are looked at before the class is deleted: it was there before them."""
    return School(ground, served, open_page)


def saved(page: Any) -> Any:
    return page.get_by_text(re.compile(r"Saved at \d\d:\d\d:\d\d"))


def field(page: Any) -> Any:
    unit = bank().questions[SIDE.question].unit
    return page.get_by_label(TEXT["answer"]["number_unit"].format(unit=unit))


def given(school: School) -> int:
    with school.database.reading() as session:
        return int(session.execute(sa.text("SELECT count(*) FROM given")).scalar_one())


@pytest.mark.long("answers of a killed server; test_page_quiz_class")
@pytest.mark.parametrize(("width", "scheme"), access.windows(1280))
def test_an_answer_stays_through_reload_second_tab_and_another_browser(
    width: int, scheme: str, school: School
) -> None:
    kim, token = school.join("kim")
    path = f"/quiz?question=side&seed={SEED}"
    gone = ("status 403: .*/follow",)  # to the browser that the student has left
    page = school.open(path, token, width=width, scheme=scheme, allow=gone)
    expect(page.get_by_text("You answer as kim")).to_be_visible()
    other = page.context.new_page()  # drawn before anything is answered
    other.goto(path)
    expect(field(other)).to_be_visible()
    field(page).fill("1")
    page.get_by_role("button", name="Check").click()
    expect(saved(page)).to_be_visible()
    expect(page.get_by_text("1 try")).to_be_visible()
    # The second tab answers the same question: what is stored counts.
    field(other).fill("2")
    other.get_by_role("button", name="Check").click()
    expect(other.get_by_text(TEXT["away"]["elsewhere"])).to_be_visible()
    expect(other.get_by_text("1 try")).to_be_visible()
    reload(page)
    expect(page.get_by_text("1 try")).to_be_visible()
    expect(field(page)).to_have_value("1")
    assert given(school) == 1
    elsewhere = secrets.token_urlsafe(18)
    school.come_with(kim, elsewhere)
    third = school.open(path, elsewhere, width=width, scheme=scheme)
    expect(third.get_by_text("1 try")).to_be_visible()
    field(third).fill(str(key(SIDE).truth))
    third.get_by_role("button", name="Check").click()
    expect(third.get_by_text("0.8 of 1 point")).to_be_visible()
    # The browser that the student has left is nobody's any more.
    reload(page)
    expect(page.get_by_text("You are not in a class")).to_be_visible()


def test_a_server_that_was_killed_has_every_answer_that_was_said_to_be_saved(
    school: School,
) -> None:
    _, token = school.join("kim")
    page = school.open(
        f"/quiz?question=side&seed={SEED}",
        token,
        allow=(
            *("WebSocket", "ERR_CONNECTION", "status 50", "_stcore", "Client Error"),
            "when disconnected from server",  # a part that runs by the clock
        ),
    )
    field(page).fill("1")
    page.get_by_role("button", name="Check").click()
    expect(saved(page)).to_be_visible()
    school.served.restart()
    # The tab reconnects by itself: a new session, the same attempt.
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-connection-state", "CONNECTED", timeout=60_000
    )
    wait_idle(page, quiet=1.5)
    field(page).fill(str(key(SIDE).truth))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("0.8 of 1 point")).to_be_visible()
    assert given(school) == 2


def test_an_answer_waits_for_the_database_and_is_saved_by_itself(
    school: School,
) -> None:
    _, token = school.join("kim")
    page = school.open(f"/quiz?question=side&seed={SEED}", token)
    expect(field(page)).to_be_visible()
    school.rename("given", "elsewhere")
    field(page).fill("1")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    expect(field(page).last).to_have_value("1")
    expect(saved(page)).to_have_count(0)
    failed = school.server.said().count("Database away")
    until(
        lambda: school.server.said().count("Database away") > failed,
        "another try that fails",
    )
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    school.rename("elsewhere", "given")
    expect(saved(page)).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    expect(page.get_by_text("1 try")).to_be_visible()
    assert given(school) == 1


def open_test(**plan: Any) -> str:
    made = exams.create(TEACHER, CLASS, ExamPlan(**plan))
    exams.open_exam(TEACHER, made.id)
    return made.id


def test_a_test_by_the_clock_and_no_key_crosses_the_wire_before_it_is_closed(
    school: School,
) -> None:
    kim, token = school.join("kim")
    frames: list[bytes] = []
    page = school.open("/quiz", token, width=390, scheme="dark")

    def listen(socket: Any) -> None:
        socket.on(
            "framereceived",
            lambda data: frames.append(
                data if isinstance(data, bytes) else data.encode()
            ),
        )

    page.on("websocket", listen)
    reload(page)
    expect(page.get_by_text("You answer as kim")).to_be_visible()
    questions = ("conv-work", "competition", "most-parameters")
    test = open_test(title="Counting", questions=questions, shuffled=False, minutes=0.5)
    exams.give_extra_time(TEACHER, test, kim.member, 60)
    # The page finds it by itself.
    expect(page.get_by_text("A test is open: Counting")).to_be_visible()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Counting")).to_be_visible()
    expect(page.get_by_role("timer")).to_contain_text(re.compile(r"(60|59):\d\d left"))
    (attempt,) = attempts.exams(kim)[0].attempts
    work, competition, layer = attempt.variants
    truths: dict[Variant, Any] = {v: key(v).truth for v in attempt.variants}
    answer = page.get_by_label(re.compile("^Your answer"))
    answer.fill(f"{truths[work]}")
    answer.press("Enter")
    expect(saved(page)).to_be_visible()
    page.get_by_role("button", name="Next").click()
    labels = {choice.id: choice.label for choice in pose(competition).choices}
    page.get_by_text(labels[truths[competition][0]], exact=True).click()
    expect(saved(page)).to_be_visible()
    expect(page.get_by_text("2 of 3 answered")).to_be_visible()
    reload(page)  # the attempt, the place and the answers are found again
    expect(page.get_by_text("2 of 3 answered")).to_be_visible()
    expect(page.get_by_role("timer")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("button", name="layer conv1")).to_be_visible()
    page.get_by_role("button", name="layer conv1").click()
    expect(page.get_by_text("3 of 3 answered")).to_be_visible()
    stand.check(page, stand.Watch(school.server.url))
    # Typed, but not sent when the time is up.
    page.get_by_text("✓ 1", exact=True).click()
    answer = page.get_by_label(re.compile(r"^Your answer \("))
    expect(answer).to_have_value(f"{truths[work]}")
    answer.fill("77")
    left = 15  # seconds: the page sees it within a few
    extra = (clock.now() + left - attempt.ends) / 60 + 60
    exams.give_extra_time(TEACHER, test, kim.member, extra)
    expect(page.get_by_text(TEXT["test"]["time_is_up"])).to_be_visible()
    answers = attempts.exam_attempt(kim, attempt.id).answers
    assert answers[work] == "77", "the field was left just before the end"
    assert answers[layer] == "conv1"
    sent = b"".join(frames)
    for variant in attempt.variants:
        solved = key(variant)
        for secret in (solved.why, *solved.hints, *solved.feedback.values()):
            assert secret.encode() not in sent
        assert str(variant.seed).encode() not in sent
    assert bank().questions["competition"].ask.encode() in sent  # we do hear it
    exams.close_exam(TEACHER, test)
    expect(page.get_by_text("1 of 3 points")).to_be_visible()
    expect(page.get_by_text("Right.", exact=True).first).to_be_visible()
    wait_idle(page)
    assert key(competition).why.encode() in b"".join(frames)


@pytest.mark.long("a test by the clock; test_exam_days")
def test_closing_by_hand_ends_an_attempt_that_is_under_way(school: School) -> None:
    kim, token = school.join("kim")
    test = open_test(title="Short", questions=("side", "competition"), minutes=20.0)
    page = school.open("/quiz", token)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("timer")).to_contain_text(re.compile(r"19:\d\d left"))
    page.get_by_role("button", name="Hand in…").click()
    expect(page.get_by_text("Not answered yet: 1, 2.")).to_be_visible()
    page.get_by_role("button", name="Go on answering").click()
    exams.close_exam(TEACHER, test)
    expect(page.get_by_text("0 of 2 points")).to_be_visible()
    assert attempts.exams(kim)[0].attempts[0].handed_in is None


@pytest.mark.long("a test by the clock; test_exam_days")
def test_a_test_for_days_is_left_and_gone_on_with_elsewhere(school: School) -> None:
    """And one's progress is printed without the menu and the bar at the foot."""
    text = TEXT["test"]
    _, token = school.join("kim")
    plan = ExamPlan("At home", ("side", "competition"), shuffled=False)
    made = exams.create(TEACHER, CLASS, plan)
    exams.open_exam(TEACHER, made.id, until=clock.now() + 3 * exams.DAY)
    page = school.open("/quiz", token)
    page.get_by_role("button", name=text["begin"]).click()
    expect(page.get_by_role("heading", name="At home")).to_be_visible()
    box = page.get_by_label("Your answer")
    box.fill("7")
    box.press("Tab")
    expect(page.get_by_text("Saved at")).to_be_visible()
    expect(page.get_by_text("Open until")).to_be_visible()
    page.get_by_role("button", name=text["later_on"]).click()
    begun = text["stands_begun"].format(answered=1, count=2)
    expect(page.get_by_text(begun)).to_be_visible()
    phone = school.open("/quiz", token, width=390, height=664, has_touch=True)
    phone.get_by_role("button", name=text["go_back_to"]).tap()
    expect(phone.get_by_role("heading", name="At home")).to_be_visible()
    expect(phone.get_by_label("Your answer")).to_have_value("7")
    exams.close_exam(TEACHER, made.id)
    page.goto("/my-progress")
    wait_idle(page)
    expect(page.get_by_text("0 of 2 points")).to_be_visible()
    menu = page.get_by_test_id("stSidebar")
    expect(menu).to_be_visible()
    page.emulate_media(media="print")
    for hidden in (menu, page.locator(".st-key-section"), page.get_by_text("Ctrl+P")):
        expect(hidden).to_be_hidden()
    expect(page.get_by_text("0 of 2 points")).to_be_visible()
