"""The database: migrations, writers at once, what is thrown away, and being away.

What asks for `database` or `database_url` is run on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import store.database
import store.engines
from paths import ROOT, data_folder
from store.database import Database, DatabaseAway, default_url
from store.runs import DAY, Limits, Runs, StoredEvent, StoredRun
from store.tables import Base, Run, RunEvent
from tests.waiting import LONG


@pytest.fixture
def sqlite(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'lab.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def on_postgres(postgres):
    url = postgres.new()
    opened = Database(url)
    yield opened
    opened.close()
    postgres.drop(url)


def a_run(name="a", state="finished", created=None, owner="me"):
    created = time.time() if created is None else created
    return StoredRun(
        name, name, owner, {"x": 1}, {}, state, {}, created, created, created
    )


def test_migrations_make_the_tables_that_the_code_has(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def insert(connection, table, **row):
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def test_classes_of_the_second_release_are_taken_over(database_url, monkeypatch):
    """Students get numbers in the order in which they joined; names are hidden."""
    upgrade = command.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _: upgrade(config, "0002"))
        before = Database(database_url)
    with before.engine.begin() as connection:
        insert(connection, "accounts", id="anna", name="Anna", created=1.0)
        for name in ("5a", "5b", "empty"):
            insert(
                connection, "classes", id=name, owner="anna", name=name, code=name,
                opened=1.0, step="start", reveal=False, version=0, moved=1.0,
            )  # fmt: skip
        joined = (
            ("z", "5a", 2.0),
            ("a", "5a", 3.0),
            ("m", "5a", 3.0),
            ("b", "5b", 9.0),
        )
        for id_, class_id, at in reversed(joined):
            insert(
                connection, "members", id=id_, class_id=class_id, visitor=id_, name=id_,
                own_code=id_, joined=at, seen=at, step="start", follows=True,
            )  # fmt: skip
    before.close()
    after = Database(database_url)
    with after.engine.connect() as connection:

        def rows(query):
            return [tuple(row) for row in connection.execute(sa.text(query))]

        numbered = rows("SELECT id, number, came FROM members ORDER BY joined, id")
        assert numbered == [("z", 1, 2.0), ("a", 2, 3.0), ("m", 3, 3.0), ("b", 1, 9.0)]
        shown = rows("SELECT id, numbered, names_shown FROM classes ORDER BY id")
        assert shown == [("5a", 3, False), ("5b", 1, False), ("empty", 0, False)]
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    after.close()


def test_sqlite_is_opened_as_the_docstring_says(sqlite):
    with sqlite.reading() as session:

        def pragma(name):
            return session.execute(sa.text(f"PRAGMA {name}")).scalar_one()

        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2, "FULL"
        assert pragma("foreign_keys") == 1
        assert pragma("busy_timeout") >= 10_000
        assert pragma("secure_delete") == 1


def test_postgresql_is_opened_as_the_docstring_says(on_postgres):
    def shown(name):
        return session.execute(sa.text(f"SHOW {name}")).scalar_one()

    with on_postgres.reading() as session:
        assert shown("transaction_isolation") == "repeatable read"
        assert shown("transaction_read_only") == "on"
    with on_postgres.writing() as session:
        assert shown("transaction_isolation") == "read committed"
        assert shown("transaction_read_only") == "off"
        assert shown("statement_timeout") == "30s"
        assert shown("lock_timeout") == "15s"
        assert shown("application_name") == "alexnet-lab"
        assert shown("synchronous_commit") == "on"


def test_reader_does_not_wait_for_a_writer(database):
    runs = Runs(database)
    runs.write(a_run())
    with database.writing() as session:
        session.execute(sa.text("DELETE FROM runs"))
        assert runs.get("a") is not None, "what was committed is still to be read"
    assert runs.get("a") is None


def test_a_failed_write_leaves_nothing_behind(database):
    runs = Runs(database)
    runs.write(a_run())
    with pytest.raises(sa.exc.IntegrityError), database.writing() as session:
        session.execute(sa.update(Run).values(name="half done"))
        session.add(RunEvent(run_id="nobody", number=1, arm=0, report=b"x"))
        session.flush()
    assert runs.events("nobody") == []
    assert runs.get("a").name == "a"


def test_reader_sees_one_moment(database):
    """Also what it has not looked at yet is as it was at its first look."""
    runs = Runs(database)
    runs.write(a_run("a"))
    with database.reading() as session:
        assert session.scalars(sa.select(Run.id)).all() == ["a"]
        runs.write(a_run("b"), [StoredEvent(1, 0, b"x")])
        runs.delete("a")
        assert session.scalars(sa.select(Run.id)).all() == ["a"]
        assert session.scalars(sa.select(RunEvent.number)).all() == []
    assert [run.id for run in runs.newest()] == ["b"]


def test_writers_do_not_pass_each_other(database_url):
    """What a writer has read is still so when it writes, in other processes too."""
    one, other = Database(database_url), Database(database_url)
    Runs(one).write(a_run(name="0"))
    counted = []

    def count(database):
        for _ in range(25):
            with database.writing() as session:
                row = session.scalars(sa.select(Run)).one()
                row.name = str(int(row.name) + 1)
                counted.append(row.name)

    threads = [threading.Thread(target=count, args=(x,)) for x in (one, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Runs(one).get("0").name == "100"
    assert len(set(counted)) == 100, "nobody has read what another was changing"
    one.close()
    other.close()


def test_more_readers_than_connections(database, monkeypatch):
    runs = Runs(database)
    runs.write(a_run())
    meet, failed = threading.Barrier(60), []

    def read():
        meet.wait()
        try:
            assert runs.get("a") is not None
        except DatabaseAway as error:
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


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


def test_processes_migrate_once_and_write_together(database_url):
    """Four processes open the same empty database at the same time."""
    url = database_url
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


# --- away -----------------------------------------------------------------------------


def no_path(message):
    assert message.startswith("The database is away: ") and message.endswith(".")
    assert message.count(".") == 1
    assert "/" not in message and "\\" not in message
    return True


def test_missing_table_is_said(database):
    with database.writing() as session:
        session.execute(sa.text("DROP TABLE run_events"))
    with pytest.raises(DatabaseAway, match="not the tables") as away:
        Runs(database).events("a")
    assert no_path(str(away.value))


def test_mistake_of_ours_is_not_called_away(database):
    with pytest.raises(sa.exc.DBAPIError), database.reading() as session:
        session.execute(sa.text("SELECT FROM WHERE"))


def test_full_disk_is_said_and_leaves_nothing(sqlite):
    Runs(sqlite).write(a_run())

    @sa.event.listens_for(sqlite.engine, "checkout")
    def small(connection, *_):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(DatabaseAway, match="disk is full") as away:
        Runs(sqlite).write(a_run("b"), [StoredEvent(1, 0, b"x" * 1_000_000)])
    assert no_path(str(away.value))
    sa.event.remove(sqlite.engine, "checkout", small)
    sqlite.close()
    assert Runs(sqlite).get("b") is None
    assert Runs(sqlite).get("a") is not None


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("53100", "its disk is full"),
        ("53300", "it has no connection left"),
        ("55P03", "locked for too long"),
        ("57014", "took too long"),
        ("25006", "may only be read"),
        ("40001", "two writers met"),
        ("XX001", "damaged"),
    ],
)
def test_trouble_of_postgresql_is_said(on_postgres, code, sentence):
    raised = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$"
    with (
        pytest.raises(DatabaseAway, match=sentence) as away,
        on_postgres.writing() as session,
    ):
        session.execute(sa.text(raised))
    assert no_path(str(away.value))


def test_locked_database_is_said(database_url, monkeypatch):
    """Another program holds the writers' lock, and does not let go."""
    monkeypatch.setattr(store.engines, "PATIENCE", 1)
    other, database = Database(database_url), Database(database_url)
    began = time.monotonic()
    with (
        other.writing() as held,
        pytest.raises(DatabaseAway, match="locked for too long") as away,
    ):
        held.execute(sa.select(Run))  # a transaction begins with its first statement
        Runs(database).write(a_run())
    assert time.monotonic() - began < 10
    assert no_path(str(away.value))
    Runs(database).write(a_run())
    other.close()
    database.close()


def test_queue_of_writers_ends(database, monkeypatch):
    monkeypatch.setattr(store.database, "PATIENCE", 0.2)
    with (
        pytest.raises(DatabaseAway, match="too many are writing") as away,
        database.writing(),
    ):
        Runs(database).write(a_run())
    assert no_path(str(away.value))
    Runs(database).write(a_run())


@pytest.fixture
def read_only(tmp_path):
    """Makes paths unwritable, for root too; and writable again."""
    frozen = []

    def make(*paths):
        for path in paths:
            attribute = ["chattr", "+i", str(path)]
            if os.geteuid() == 0:
                if subprocess.run(attribute, capture_output=True).returncode:
                    pytest.skip("root may write anywhere here, and chattr does not do")
            else:
                path.chmod(0o500 if path.is_dir() else 0o400)
            frozen.append(path)

    yield make
    for path in frozen:
        if os.geteuid() == 0:
            subprocess.run(["chattr", "-i", str(path)], check=True)
        else:
            path.chmod(0o700)


def test_read_only_file_is_said(tmp_path, read_only):
    file = tmp_path / "lab.sqlite3"
    database = Database(f"sqlite:///{file}")
    Runs(database).write(a_run())
    database.close()
    read_only(file)
    runs = Runs(Database(f"sqlite:///{file}"))
    with pytest.raises(DatabaseAway, match="may only be read") as away:
        runs.write(a_run("b"))
    assert no_path(str(away.value))
    assert [run.id for run in runs.newest()] == ["a"], "it is still read"
    runs.database.close()


def test_read_only_folder_is_said(tmp_path, read_only):
    folder = tmp_path / "data"
    folder.mkdir()
    Database(f"sqlite:///{folder / 'lab.sqlite3'}").close()
    read_only(folder)
    with pytest.raises(DatabaseAway) as away:
        Database(f"sqlite:///{folder / 'lab.sqlite3'}")
    assert no_path(str(away.value))


def test_folder_that_cannot_be_had_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(DatabaseAway, match="no folder") as away:
        Database()
    assert no_path(str(away.value))
    with pytest.raises(DatabaseAway, match="cannot be opened") as away:
        Database(f"sqlite:///{tmp_path / 'none' / 'lab.sqlite3'}")
    assert no_path(str(away.value))


def test_damaged_file_is_said(tmp_path):
    (tmp_path / "lab.sqlite3").write_bytes(b"this is no database" * 1000)
    with pytest.raises(DatabaseAway, match="damaged") as away:
        Database(f"sqlite:///{tmp_path / 'lab.sqlite3'}")
    assert "restore a backup" in str(away.value)


def test_newer_database_is_refused(database, database_url):
    with database.writing() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseAway, match="newer version"):
        Database(database_url)


def test_other_databases_are_refused():
    with pytest.raises(ValueError, match="Received: mysql"):
        Database("mysql://root@db/lab")


def test_server_goes_and_returns(postgres):
    """While PostgreSQL is away that is said at once; then all goes on by itself."""
    url = postgres.new()
    database = Database(url)
    runs = Runs(database)
    runs.write(a_run())
    postgres.stop()
    try:
        for work in (lambda: runs.write(a_run("b")), lambda: runs.get("a")) * 3:
            began = time.monotonic()
            with pytest.raises(DatabaseAway, match="does not answer") as away:
                work()
            assert no_path(str(away.value))
            assert time.monotonic() - began < 10
    finally:
        postgres.start()
    runs.write(a_run("c"))
    assert sorted(run.id for run in runs.newest()) == ["a", "c"]
    with (
        pytest.raises(DatabaseAway, match="does not answer"),
        database.writing() as session,
    ):
        session.execute(sa.update(Run).values(name="half done"))
        postgres.stop()
        try:
            session.execute(sa.update(Run).values(name="more"))
        finally:
            postgres.start()
    assert {run.name for run in runs.newest()} == {"a", "c"}
    database.close()
    postgres.drop(url)


def test_server_that_does_not_answer_keeps_nobody(monkeypatch):
    """It takes the connection, and says nothing."""
    monkeypatch.setattr(store.engines, "CONNECT", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(DatabaseAway, match="does not answer"):
            Database(f"postgresql+psycopg://lab@127.0.0.1:{port}/lab")
        assert time.monotonic() - began < 8


def test_statement_that_takes_too_long_is_ended(postgres, monkeypatch):
    monkeypatch.setattr(store.engines, "STATEMENT", 1)
    url = postgres.new()
    database = Database(url)
    began = time.monotonic()
    with (
        pytest.raises(DatabaseAway, match="took too long"),
        database.reading() as session,
    ):
        session.execute(sa.text("SELECT pg_sleep(600)"))
    assert time.monotonic() - began < LONG
    database.close()
    postgres.drop(url)


def test_shared_database_is_tried_again_but_not_by_everyone(monkeypatch):
    tried = []

    def away():
        tried.append(1)
        raise DatabaseAway("The database is away: it does not answer.")

    monkeypatch.setattr(store.database, "current", None)
    monkeypatch.setattr(store.database, "failure", None)
    monkeypatch.setattr(store.database, "Database", away)
    for _ in range(5):
        with pytest.raises(DatabaseAway, match="does not answer"):
            store.database.shared()
    assert len(tried) == 1
    monkeypatch.setattr(store.database, "AGAIN", 0.0)
    monkeypatch.setattr(store.database, "Database", object)
    assert store.database.shared() is store.database.shared()


def test_place_of_the_data_is_a_setting(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "there"))
    assert data_folder() == tmp_path / "there"
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
