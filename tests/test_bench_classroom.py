"""The class's bench counts what it says. Nothing here is held against a time."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

import pytest
from sqlalchemy import select, update

from bench import classroom, restoring, students
from bench.restoring import content_of
from bench.students import VirtualStudent, compare
from store.database import Database
from store.tables import Class, Response
from tests.class_rows import add_account, add_answer, add_attempt, add_class, add_member


def name(student):
    return hashlib.sha256(student.token.encode()).hexdigest()


def test_lost_doubled_and_unread_are_told_apart():
    ann = VirtualStudent("ann", 0, given={"1", "2", "3", "4"}, saved={"1", "2", "3"})
    ben = VirtualStudent("ben", 1, given={"1"}, saved={"1"})
    rows = {name(ann): Counter({"1": 1, "2": 3, "4": 1})}
    found = compare([ann, ben], rows)
    assert found == {
        "rows": 5,
        "given": 5,
        "saved": 4,
        "lost": 2,  # Ann's 3, and Ben's 1: Ann's 1 is another
        "doubled": 2,
        "unread": 1,
    }


def test_rows_are_read_by_student(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'lab.sqlite3'}")
    with database.writing() as session:
        class_id = add_class(session, add_account(session))
        for token in ("ann", "ben"):
            attempt = add_attempt(session, add_member(session, class_id, token))
            add_answer(session, attempt, 1)
        session.execute(
            update(Response).where(Response.number == 1).values(answer='"7"')
        )
    found = students.rows(database)
    assert found == {
        name(VirtualStudent(x, 0)): Counter({"7": 1}) for x in ("ann", "ben")
    }
    database.close()


def test_students_have_joined(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'lab.sqlite3'}")
    joined = students.open_class(database, 3)
    assert len({student.token for student in joined}) == 3
    assert all(visitors_like(student.token) for student in joined)
    with database.reading() as session:
        assert session.scalars(select(Class.language)).all() == ["en"]
    database.close()


def visitors_like(token):
    from ui.session.visitor import TOKEN

    return TOKEN.fullmatch(token)


def test_backups_under_load_are_sound():
    found = restoring.restore(times=2, writers=2)
    assert (found["backups"], found["restored"]) == (2, 2)
    assert found["restore_written"] > 50


@pytest.mark.parametrize("wrong", ["missing", "changed", "early", "late"])
def test_what_is_not_of_one_moment_is_found(tmp_path, wrong):
    url = f"sqlite:///{tmp_path / 'lab.sqlite3'}"
    database = Database(url)
    with database.writing() as session:
        class_id = add_class(session, add_account(session))
        attempt = add_attempt(session, add_member(session, class_id, "writer"))
        for number in range(1, 6):
            key = add_answer(session, attempt, number)
            session.execute(
                update(Response)
                .where(Response.key == key)
                .values(answer=json.dumps(content_of(number)))
            )
        session.execute(update(Class).values(version=5))
    assert restoring.is_of_one_moment(url, 4, 6)
    if wrong == "early":
        assert not restoring.is_of_one_moment(url, 6, 9)
    elif wrong == "late":
        assert not restoring.is_of_one_moment(url, 2, 4)
    else:
        with database.writing() as session:
            row = session.get(Response, f"{attempt}-3")
            if wrong == "missing":
                session.delete(row)
            else:
                row.answer = '"another"'
        assert not restoring.is_of_one_moment(url, 4, 6)
    database.close()


def test_it_ends_with_a_line_of_json(capsys, monkeypatch):
    parts = {
        "answers": lambda: {"lost": 0, "doubled": 0, "answer_p95_s": 0.5},
        "kill": lambda: {"kill_lost": 0, "back_max_s": 3.0},
        "follow": lambda: {"follow_p95_s": 0.7, "follow_cores": 0.4},
        "restore": lambda: {"restored": 20},
    }
    monkeypatch.setattr(classroom, "PARTS", parts)
    classroom.main([])
    *lines, last = capsys.readouterr().out.splitlines()
    found = json.loads(last)
    promised = {"lost", "doubled", "answer_p95_s", "kill_lost", "follow_p95_s"}
    assert promised | {"restored"} <= found.keys()
    assert any("<= 15" in line for line in lines)
    assert any("follow_cores" in line for line in lines), "nothing measured is left out"
    classroom.main(["--part", "restore"])
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"restored": 20}
