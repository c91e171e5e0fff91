"""A class in a database, made of rows: accounts, members, attempts, what was given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classroom.exams import results
from classroom.people.roles import Instructor
from classroom.questions import custom_questions
from classroom.questions.bank import find
from classroom.questions.grading import Grade, grade
from classroom.questions.variants import Variant
from store import database as store_database
from store.database import Database
from store.runs import Runs, StoredRun
from store.tables import Account, Attempt, Class, Exam, Member, Response

ADA = Instructor("ada", "Ada")
BOB = Instructor("bob", "Bob")
START = 1_790_000_000.0  # seconds since 1970


@dataclass
class Rows:
    """A database with two instructors; `ada` has the class "c"."""

    database: Database
    clock: float = START
    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, *rows: Any) -> None:
        with self.database.writing() as session:
            for row in rows:
                session.add(row)
                session.flush()

    def class_(self, name: str, owner: str) -> None:
        self.add(
            Class(
                id=name,
                owner=owner,
                name=f"Class {name}",
                code=name.upper(),
                opened=START,
                closed=None,
                step="start",
                reveal=False,
                version=0,
                moved=START,
            )
        )

    def member(self, name: str, called: str = "", class_id: str = "c") -> str:
        """A student, and the attempt of their practice."""
        self.clock += 1
        with self.database.writing() as session:
            course = session.get_one(Class, class_id)
            course.numbered += 1
            number = course.numbered
        self.add(
            Member(
                id=name,
                class_id=class_id,
                visitor=f"visitor-{name.split('@')[0]}",
                name=called or name,
                own_code=f"code-{name}",
                joined=self.clock,
                seen=self.clock,
                step="start",
                follows=True,
                number=number,
                came=self.clock,
            )
        )
        self.sit(name)
        return name

    def test(self, name: str, questions: list[str], class_id: str = "c") -> None:
        self.add(
            Exam(
                id=name,
                class_id=class_id,
                title=f"Test {name}",
                questions=json.dumps(questions),
                seed=1,
                shuffled=False,
                minutes=None,
                attempts_allowed=3,
                created=self.clock,
                opened=self.clock,
                closes=None,
                closed=None,
            )
        )

    def sit(self, member: str, test: str | None = None, number: int = 1) -> None:
        self.add(
            Attempt(
                id=f"{member}:{test or 'practice'}:{number}",
                member_id=member,
                exam_id=test,
                number=number,
                seed=1,
                started=self.clock,
                ends=None,
                handed_in=None,
            )
        )

    def give(
        self,
        member: str,
        question: str,
        answer: Any = None,
        *,
        seed: int = 1,
        kind: str = "answer",
        test: str | None = None,
        attempt: int = 1,
        after: float = 10.0,
    ) -> None:
        """One response, graded as the app grades it, so many seconds after the last."""
        self.clock += after
        name = f"{member}:{test or 'practice'}:{attempt}"
        key = f"{name}:{question}:{seed}"
        self.numbers[key] = number = self.numbers.get(key, 0) + 1
        got = Grade(0.0, "", counts=False)
        if kind == "answer":
            got = grade(find(question), Variant(question, seed), answer)
        self.add(
            Response(
                key=f"{key}:{number}",
                attempt_id=name,
                question=question,
                seed=seed,
                number=number,
                kind=kind,
                answer=json.dumps(answer),
                truth="null",
                at=self.clock,
                score=got.score,
                sentence=got.sentence,
                mistake=got.mistake,
                counts=got.counts,
                own=got.self_assessed,
            )
        )

    def run(self, owner: str, name: str, guess: dict[str, Any], **more: Any) -> None:
        self.clock += 1
        run = StoredRun(
            name,
            name,
            owner,
            more.pop("experiment", {"name": "x"}),
            guess,
            more.pop("state", "finished"),
            {},
            self.clock,
            more.pop("ended", self.clock),
            more.pop("alive", self.clock),
        )
        Runs(self.database).write(run, **more)


@contextmanager
def opened(folder: Path, monkeypatch: Any) -> Iterator[Rows]:
    """A fresh database, which the class's code asks from now on."""
    database = Database(f"sqlite:///{folder / 'class.sqlite3'}")
    for module in (results, custom_questions):
        monkeypatch.setattr(module, "database", lambda: database)
    monkeypatch.setattr(store_database, "current", database)
    rows = Rows(database)
    rows.add(
        *(
            Account(id=x, name=x, password=None, subject=None, created=START)
            for x in ("ada", "bob")
        )
    )
    rows.class_("c", "ada")
    rows.class_("other", "bob")
    yield rows
    database.close()
