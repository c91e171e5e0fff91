"""What is deleted when it is long over, and what goes with it. On both databases."""

from __future__ import annotations

import logging
import threading
import time

import pytest
from sqlalchemy import delete, func, select, text

from store import retention
from store.database import Database, DatabaseAway
from store.retention import Daily, Keep, Pruned, prune
from store.runs import DAY, Runs, StoredRun
from store.tables import (
    Account,
    Attempt,
    Class,
    Exam,
    Member,
    Response,
    SetUp,
    SignIn,
    SignInTry,
)
from tests.class_rows import add_account, add_class, add_member, add_whole_class, sha256
from tests.migrated import new_database
from tests.waiting import until

NOW = 1_000 * DAY
IN_A_CLASS = (Class, Member, Exam, Attempt, Response)


def counts(database, *tables):
    with database.reading() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) for table in tables
        ]


def names(database):
    with database.reading() as session:
        return set(session.scalars(select(Class.name)))


@pytest.mark.parametrize("of", [Class, Account])
def test_all_of_a_class_goes_with_it(database, of):
    with database.writing() as session:
        owner = add_account(session)
        add_whole_class(session, owner, members=3, answers=4)
        other = add_account(session, "eve")
        kept = add_whole_class(session, other, "8a", members=2, answers=2)
    assert counts(database, *IN_A_CLASS) == [2, 5, 2, 10, 16]
    with database.writing() as session:
        gone = Class.id != kept if of is Class else Account.id == owner
        session.execute(delete(of).where(gone))
    assert counts(database, *IN_A_CLASS) == [1, 2, 1, 4, 4]


def test_student_goes_alone(database):
    with database.writing() as session:
        add_whole_class(session, add_account(session), members=3, answers=4)
        session.execute(delete(Member).where(Member.name == "7b 1"))
    assert counts(database, *IN_A_CLASS) == [1, 2, 1, 4, 8]


def test_classes_go_when_they_are_long_over(database):
    with database.writing() as session:
        owner = add_account(session)
        ages = {"long closed": 400, "just closed": 300}
        for name, age in ages.items():
            closed = NOW - age * DAY
            add_whole_class(session, owner, name, 2, 3, closed - DAY, closed)
        add_whole_class(session, owner, "forgotten", 1, 2, NOW - 400 * DAY)
        visited = add_class(session, owner, "visited", NOW - 400 * DAY)
        add_member(session, visited, "cookie", at=NOW - 10 * DAY)
        add_class(session, owner, "new", NOW - DAY)
    pruned = prune(database, Keep(365), NOW)
    assert pruned == Pruned(classes=2, members=3, answers=8)
    assert names(database) == {"just closed", "visited", "new"}
    assert counts(database, *IN_A_CLASS) == [3, 3, 1, 4, 6]
    assert not prune(database, Keep(365), NOW)
    assert prune(database, Keep(5), NOW).classes == 2
    assert names(database) == {"new"}


def test_ended_sign_ins_and_old_tries_go(database):
    with database.writing() as session:
        owner = add_account(session)
        for name, ends in (("old", NOW - 1), ("new", NOW + 1)):
            whose = {"token": sha256(name), "created": 0.0, "ends": ends}
            session.add(SignIn(account_id=owner, seen=0.0, **whose))
            session.add(SetUp(**whose))
        for at in (NOW - 2 * DAY, NOW - 60):
            session.add(SignInTry(account=sha256("ada"), address="::1", at=at))
    assert prune(database, Keep(), NOW) == Pruned(sign_ins=1, set_ups=1, tries=1)
    assert counts(database, Account, SignIn, SetUp, SignInTry) == [1, 1, 1, 1]


def test_nothing_of_it_is_left_in_the_file(tmp_path):
    """Who opens SQLite's file with an editor finds no name of a deleted class."""
    file = tmp_path / "lab.sqlite3"
    database = Database(f"sqlite:///{file}")
    with database.writing() as session:
        owner = add_account(session)
        add_whole_class(session, owner, "Xanthippe", 20, 4, 0.0, 1.0)
    database.close()  # the last one out writes the log into the file
    assert b"Xanthippe" in file.read_bytes()
    database = Database(f"sqlite:///{file}")
    assert prune(database, Keep(), NOW).members == 20
    database.close()
    assert b"Xanthippe" not in file.read_bytes()


def test_answers_are_given_meanwhile(database):
    """Each class is a transaction of its own."""
    with database.writing() as session:
        owner = add_account(session)
        for number in range(20):
            add_whole_class(session, owner, f"c{number}", 3, 6, 0.0, 1.0)
    waits, over = [], threading.Event()

    def write():
        while not over.wait(0.001):
            began = time.monotonic()
            with database.writing() as session:
                session.execute(select(Account)).all()
            waits.append(time.monotonic() - began)

    writer = threading.Thread(target=write)
    writer.start()
    assert prune(database, Keep(), NOW).classes == 20
    over.set()
    writer.join()
    assert len(waits) > 5


def test_how_long_is_a_setting(monkeypatch):
    monkeypatch.delenv("CLASS_KEEP_DAYS", raising=False)
    assert Keep.from_environment() == Keep(365)
    monkeypatch.setenv("CLASS_KEEP_DAYS", "30")
    assert Keep.from_environment() == Keep(30)


@pytest.mark.parametrize("given", ["0", "-3", "a year", "nan", "inf"])
def test_odd_setting_is_refused(given, monkeypatch):
    monkeypatch.setenv("CLASS_KEEP_DAYS", given)
    with pytest.raises(ValueError, match=r"CLASS_KEEP_DAYS .* from 1\. Received: "):
        Keep.from_environment()


# --- every day ------------------------------------------------------------------------


def test_server_prunes_at_its_start_and_daily(database):
    with database.writing() as session:
        owner = add_account(session)
        add_whole_class(session, owner, "old", 1, 1, 0.0, 1.0)
    run = StoredRun("r", "r", "me", {}, {}, "finished", {}, 1.0, 1.0, 1.0)
    Runs(database).write(run)
    daily = Daily(lambda: database, every=0.05)
    daily.start()
    until(lambda: not names(database), "the class to be deleted")
    until(lambda: Runs(database).get("r") is None, "the run to be deleted")
    with database.writing() as session:
        add_whole_class(session, owner, "next day's", 1, 1, 0.0, 1.0)
    until(lambda: not names(database), "the class to be deleted")
    daily.stop()


def test_one_prunes_for_the_process(monkeypatch):
    started = []
    monkeypatch.setattr(Daily, "start", lambda daily: started.append(daily))
    for _ in range(2):
        retention.start(lambda: None)
    assert len(started) == 1
    retention.stop()
    retention.stop()


def test_it_goes_on_when_the_database_was_away(tmp_path, monkeypatch):
    opened = new_database(tmp_path)
    answers = [DatabaseAway("away"), opened]

    def database():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with opened.writing() as session:
        add_whole_class(session, add_account(session), "old", 1, 1, 0.0, 1.0)
    monkeypatch.setattr(retention, "SOON", 0.05)
    daily = Daily(database, every=60)
    daily.start()
    until(lambda: not names(opened), "the class to be deleted")
    daily.stop()
    opened.close()


def test_odd_setting_deletes_nothing_and_is_said(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("CLASS_KEEP_DAYS", "soon")
    opened = new_database(tmp_path)
    with opened.writing() as session:
        add_whole_class(session, add_account(session), "old", 1, 1, 0.0, 1.0)
    with caplog.at_level(logging.ERROR, "store.retention"):
        daily = Daily(lambda: opened, every=60)
        daily.start()
        until(lambda: caplog.records, "the warning")
        daily.stop()
    assert "CLASS_KEEP_DAYS" in caplog.text
    assert names(opened) == {"old"}
    with opened.reading() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    opened.close()
