"""The database: migrations, writers at once, and what is thrown away."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from store import folder
from store.database import Database, DatabaseAway, default_url
from store.runs import DAY, Limits, Runs, StoredEvent, StoredRun
from store.tables import Base

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'lab.sqlite3'}")
    yield opened
    opened.close()


def a_run(name="a", state="finished", created=None, owner="me"):
    created = time.time() if created is None else created
    return StoredRun(
        name, name, owner, {"x": 1}, {}, state, {}, created, created, created
    )


def test_migrations_make_the_tables_that_the_code_has(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_sqlite_is_opened_as_the_docstring_says(database):
    with database.reading() as session:

        def pragma(name):
            return session.execute(sa.text(f"PRAGMA {name}")).scalar_one()

        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2, "FULL"
        assert pragma("foreign_keys") == 1
        assert pragma("busy_timeout") >= 10_000


def test_reader_does_not_wait_for_a_writer(database):
    runs = Runs(database)
    runs.write(a_run())
    with database.writing() as session:
        session.execute(sa.text("DELETE FROM runs"))
        assert runs.get("a") is not None, "what was committed is still to be read"
    assert runs.get("a") is None


def test_a_failed_write_leaves_nothing_behind(database):
    runs = Runs(database)
    with pytest.raises(sa.exc.IntegrityError), database.writing() as session:
        session.execute(
            sa.text(
                "INSERT INTO run_events (run_id, number, arm, report) "
                "VALUES ('nobody', 1, 0, x'00')"
            )
        )
    assert runs.events("nobody") == []


OPEN = """
import sys
from store.database import Database
from store.runs import Runs, StoredEvent, StoredRun
runs = Runs(Database(sys.argv[1]))
name = sys.argv[2]
run = StoredRun(name, name, "me", {}, {}, "running", {}, 1.0, None, 1.0)
for number in range(1, 21):
    runs.write(run, [StoredEvent(number, 0, b"x" * 100)])
"""


def test_processes_migrate_once_and_write_together(tmp_path):
    """Four processes open the same new file at the same time."""
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, url, f"run{i}"],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in range(4)
    ]
    for process in started:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    database = Database(url)
    runs = Runs(database)
    assert sorted(run.id for run in runs.newest()) == [f"run{i}" for i in range(4)]
    assert all(len(runs.events(f"run{i}")) == 20 for i in range(4))
    database.close()


def test_threads_write_together(database):
    runs = Runs(database)
    failed = []

    def write(name):
        try:
            for number in range(1, 11):
                runs.write(a_run(name), [StoredEvent(number, 0, b"x")])
        except (DatabaseAway, sa.exc.SQLAlchemyError) as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(f"t{i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert all(len(runs.events(f"t{i}")) == 10 for i in range(6))


def test_writing_again_changes_nothing_and_keeps_a_given_name(database):
    runs = Runs(database)
    events = [StoredEvent(1, 0, b"one"), StoredEvent(2, 1, b"two")]
    for _ in range(2):
        runs.write(a_run(), events, [(0, 3, b"state")])
        runs.rename("a", "Our first")
    assert runs.events("a") == events
    assert runs.events("a", after=1) == events[1:]
    assert runs.states("a") == {0: (3, b"state")}
    assert runs.get("a").name == "Our first"
    runs.drop_events("a", [2])
    assert runs.events("a") == events[:1]
    runs.delete("a")
    assert runs.get("a") is None
    assert runs.events("a") == [], "what belongs to it is gone, too"
    assert runs.states("a") == {}


def test_runs_are_listed_newest_first_and_by_owner(database):
    runs = Runs(database)
    for i, owner in enumerate(["ann", "ben", "ann"]):
        runs.write(a_run(f"r{i}", created=1000.0 + i, owner=owner))
    assert [run.id for run in runs.newest()] == ["r2", "r1", "r0"]
    assert [run.id for run in runs.newest("ann")] == ["r2", "r0"]
    assert [run.id for run in runs.newest(limit=1)] == ["r2"]


def test_old_and_then_large_runs_go_oldest_first(database):
    runs, now = Runs(database), 1_000 * DAY
    megabyte = b"x" * 1_000_000
    ages = {"ancient": 200, "running": 150, "old": 60, "middle": 40, "new": 1}
    for name, age in ages.items():
        state = "running" if name == "running" else "stopped"
        events = [StoredEvent(1, 0, megabyte)]
        runs.write(a_run(name, state, now - age * DAY), events)
    assert runs.prune(Limits(days=90, megabytes=100), now) == ["ancient"]
    assert runs.prune(Limits(days=90, megabytes=3), now) == ["old"]
    left = [run.id for run in runs.newest()]
    assert left == ["new", "middle", "running"], "what still runs is left alone"


def test_saved_states_of_finished_runs_go_first(database):
    runs = Runs(database)
    for name, state in (("done", "finished"), ("cut", "killed")):
        runs.write(a_run(name, state), (), [(0, 1, b"x" * 1000)])
    runs.prune(Limits())
    assert runs.states("done") == {}
    assert runs.states("cut") == {0: (1, b"x" * 1000)}


def test_absent_database_is_said_in_one_way(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'lab.sqlite3'}")
    with database.writing() as session:
        session.execute(sa.text("DROP TABLE run_events"))
    with pytest.raises(DatabaseAway, match="run_events"):
        Runs(database).events("a")
    database.close()


def test_place_of_the_data_is_a_setting(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "there"))
    assert folder.data_folder() == tmp_path / "there"
    assert (tmp_path / "there").is_dir()
    assert default_url() == f"sqlite:///{tmp_path / 'there' / 'lab.sqlite3'}"
    monkeypatch.setenv("DATABASE_URL", "postgres://class@db/lab")
    assert default_url() == "postgresql+psycopg://class@db/lab"


@pytest.mark.parametrize("name", ["LAB_KEEP_DAYS", "LAB_KEEP_MB"])
def test_limits_are_settings(name, monkeypatch):
    monkeypatch.setenv(name, "7")
    limits = Limits.from_environment()
    assert 7 in (limits.days, limits.megabytes)
    assert limits != Limits()
