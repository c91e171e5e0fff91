"""Backups and their restoration, by function and by command. On both databases."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from paths import ROOT
from store.__main__ import main
from store.backup import postgresql_dump, sqlite_file
from store.backup.backups import backup, check, inspect, restore
from store.backup.manifest import BackupRefused
from store.database import Database, DatabaseAway
from store.tables import Base, Class, Member, Response
from tests.class_rows import (
    add_account,
    add_answer,
    add_attempt,
    add_class,
    add_member,
    add_whole_class,
)
from tests.waiting import until

MIGRATIONS = ROOT / "store" / "migrations" / "versions"
NEWEST = max(path.name for path in MIGRATIONS.glob("0*.py"))[:4]


def content(database):
    """Every row of every table."""
    with database.reading() as session:
        return {
            name: sorted(tuple(row) for row in session.execute(sa.select(table)))
            for name, table in Base.metadata.tables.items()
        }


def fill(database, name="7b"):
    with database.writing() as session:
        add_whole_class(session, add_account(session, f"ada of {name}"), name, 3, 4)


@pytest.fixture
def filled(database_url):
    """The address of a database with a class in it, closed."""
    database = Database(database_url)
    fill(database)
    database.close()
    return database_url


@pytest.fixture
def file(tmp_path):
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept" / "class.zip"


@pytest.fixture
def sqlite_backup(tmp_path, file):
    """A backup of an SQLite database, the address that it came from, the content."""
    url = f"sqlite:///{tmp_path / 'lab.sqlite3'}"
    database = Database(url)
    fill(database)
    was = content(database)
    database.close()
    backup(url, file)
    return file, url, was


def read(url):
    database = Database(url)
    try:
        return content(database)
    finally:
        database.close()


# --- there and back -------------------------------------------------------------------


def test_what_is_restored_is_what_was(filled, file, tmp_path):
    was = read(filled)
    made = backup(filled, file)
    assert made.rows["given"] == 12 and made.rows["members"] == 3
    assert made.revision == NEWEST
    assert file.stat().st_mode & 0o077 == 0, "there are names in it: nobody else reads"
    database = Database(filled)
    fill(database, "later")
    later = content(database)
    database.close()
    assert later != was
    manifest, kept = restore(filled, file)
    assert read(filled) == was
    assert (manifest.rows, manifest.total) == (made.rows, made.total)
    assert check(filled).rows == made.rows
    # What was there before can be had again.
    assert kept is not None and kept.exists()
    if kept.suffix == ".zip":
        restore(filled, kept)
        assert read(filled) == later
    else:
        assert read(f"sqlite:///{kept}") == later
    beside = {path.name for path in file.parent.iterdir()} - {"class.zip"}
    assert all(".before-" in name for name in beside), "nothing half done is left"


def test_restored_where_nothing_was(filled, file, tmp_path, request):
    was = read(filled)
    backup(filled, file)
    if filled.startswith("sqlite"):
        new = f"sqlite:///{tmp_path / 'new.sqlite3'}"
        assert restore(new, file)[1] is None
    else:
        new = request.getfixturevalue("postgres").new()
        assert restore(new, file)[1] is None
    assert read(new) == was
    database = Database(new)
    fill(database, "after")  # it can be written to, sequences and all
    database.close()


def test_an_older_backup_is_migrated(database_url, file, tmp_path):
    from alembic import command
    from alembic.config import Config

    database = Database(database_url)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "store" / "migrations"))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    database.close()
    assert backup(database_url, file).revision == "0001"
    Database(database_url).close()  # today's tables
    manifest, _ = restore(database_url, file)
    assert manifest.revision == "0001" and "members" not in manifest.rows
    assert check(database_url).revision == NEWEST
    database = Database(database_url)
    fill(database)
    database.close()


def test_backups_under_load_are_of_one_moment(database_url, file):
    """Each transaction adds an answer and counts it in the class: they agree."""
    database = Database(database_url)
    with database.writing() as session:
        class_id = add_class(session, add_account(session))
        attempt = add_attempt(session, add_member(session, class_id, "ben"))
    over = threading.Event()

    written = 0

    def write():
        nonlocal written
        while not over.is_set():
            with database.writing() as session:
                row = session.get(Class, class_id)
                row.version += 1
                add_answer(session, attempt, row.version)
            written += 1

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        made = []
        for number in range(4):
            until(lambda already=written: written > already, "another answer")
            path = file.with_name(f"{number}.zip")
            made.append((path, backup(database_url, path)))
    finally:
        over.set()
        for writer in writers:
            writer.join()
    database.close()
    counted = [manifest.rows["given"] for _, manifest in made]
    assert counted == sorted(counted) and counted[0] > 0 and counted[-1] > counted[0]
    for path, manifest in made:
        restore(database_url, path)
        opened = Database(database_url)
        with opened.reading() as session:
            version = session.get(Class, class_id).version
            numbers = set(session.scalars(sa.select(Response.number)))
        opened.close()
        assert numbers == set(range(1, version + 1))
        assert len(numbers) == manifest.rows["given"]


# --- refused --------------------------------------------------------------------------


def test_database_in_use_is_not_written_over(filled, file):
    """An idle connection is enough: a server that waits for its class has one."""
    backup(filled, file)
    server = Database(filled)
    was = content(server)
    with pytest.raises(BackupRefused, match="in use: stop the server") as refused:
        restore(filled, file)
    assert "/" not in str(refused.value)
    assert content(server) == was
    fill(server, "goes on")
    server.close()
    restore(filled, file)
    assert read(filled) == was


def test_server_of_another_process_is_noticed(filled, file):
    backup(filled, file)
    code = (
        "import sys; from store.database import Database; d = Database(sys.argv[1]); "
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, filled],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as server:
        assert server.stdout.readline() == b"open\n"
        with pytest.raises(BackupRefused, match="in use"):
            restore(filled, file)
        server.kill()

    def restored() -> bool:
        try:
            restore(filled, file)
        except BackupRefused:
            return False
        return True

    until(restored, "PostgreSQL to notice that the server is gone")


def test_any_damage_is_refused(sqlite_backup, tmp_path):
    """Whatever byte is wrong: it is refused, or the content is as it was."""
    file, _, was = sqlite_backup
    whole = file.read_bytes()
    rng = random.Random(5)
    places = [*range(60), *range(len(whole) - 60, len(whole))]
    places += [rng.randrange(len(whole)) for _ in range(150)]
    bad, new = tmp_path / "bad.zip", tmp_path / "new.sqlite3"
    refused = 0
    for place in places:
        wrong = bytearray(whole)
        wrong[place] ^= 1 << rng.randrange(8)
        bad.write_bytes(wrong)
        try:
            restore(f"sqlite:///{new}", bad)
        except BackupRefused as error:
            refused += 1
            assert str(error).endswith(".") and "\n" not in str(error)
            assert not new.exists()
        else:
            assert read(f"sqlite:///{new}") == was
            new.unlink()
    assert refused > 0.7 * len(places)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_cut_file_is_refused(sqlite_backup, share):
    file, url, was = sqlite_backup
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    with pytest.raises(BackupRefused, match=r"damaged|no backup"):
        restore(url, file)
    assert read(url) == was


def test_no_backup_is_refused(sqlite_backup, tmp_path):
    file, url, was = sqlite_backup
    other = tmp_path / "other"
    other.write_text("Dear diary")
    with pytest.raises(BackupRefused, match="is no backup of this app: expected"):
        restore(url, other)
    with pytest.raises(BackupRefused, match="is no backup of this app"):
        restore(url, Path(url.removeprefix("sqlite:///")))
    with pytest.raises(BackupRefused, match="There is no file"):
        restore(url, tmp_path / "none.zip")
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("thesis.txt", "…")
    with pytest.raises(BackupRefused, match="is no backup of this app"):
        inspect(other)
    for manifest in ("[]", "{}", '{"kind": "sqlite"}', "not JSON"):
        repack(file, other, manifest)
        with pytest.raises(BackupRefused, match="is no backup of this app"):
            inspect(other)
    assert read(url) == was


def repack(file, to, manifest):
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(to, "w") as new:
        new.writestr("manifest.json", manifest)
        new.writestr("database", old.read("database"))


@pytest.mark.parametrize("change", [{"revision": "0999"}, {"format": 2}])
def test_a_newer_backup_is_refused(sqlite_backup, tmp_path, change):
    file, url, was = sqlite_backup
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    repack(file, tmp_path / "newer.zip", json.dumps(manifest | change))
    with pytest.raises(BackupRefused, match="newer version of this app: update"):
        restore(url, tmp_path / "newer.zip")
    assert read(url) == was


def test_wrong_counts_are_damage(sqlite_backup, tmp_path):
    file, url, _ = sqlite_backup
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["rows"]["given"] += 1
    repack(file, tmp_path / "odd.zip", json.dumps(manifest))
    with pytest.raises(BackupRefused, match="damaged"):
        restore(url, tmp_path / "odd.zip")


def test_orphans_are_damage(sqlite_backup, tmp_path):
    """A row whose class is gone: SQLite's own check would find nothing wrong."""
    _, url, _ = sqlite_backup
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM classes")
        connection.commit()
    with pytest.raises(BackupRefused, match="The database is damaged"):
        check(url)
    with pytest.raises(BackupRefused, match="damaged"):
        backup(url, tmp_path / "new.zip")
    assert not (tmp_path / "new.zip").exists()


def test_newer_database_is_not_backed_up(filled, file):
    database = Database(filled)
    with database.writing() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0999'"))
    database.close()
    with pytest.raises(BackupRefused, match="newer version of this app"):
        backup(filled, file)
    assert list(file.parent.iterdir()) == []


def test_backup_writes_over_nothing(sqlite_backup):
    file, url, _ = sqlite_backup
    before = file.read_bytes()
    with pytest.raises(BackupRefused, match="is there already"):
        backup(url, file)
    with pytest.raises(BackupRefused, match="is there already"):
        backup(url, Path(url.removeprefix("sqlite:///")))
    assert file.read_bytes() == before


def test_backup_needs_a_place(sqlite_backup, tmp_path):
    _, url, _ = sqlite_backup
    with pytest.raises(BackupRefused, match="cannot be written to: No such file"):
        backup(url, tmp_path / "none" / "class.zip")


def test_nothing_to_back_up(tmp_path, file):
    with pytest.raises(BackupRefused, match="There is no database"):
        backup(f"sqlite:///{tmp_path / 'none.sqlite3'}", file)
    assert not (tmp_path / "none.sqlite3").exists()
    with closing(sqlite3.connect(tmp_path / "other.sqlite3")) as other:
        other.execute("CREATE TABLE thesis (x)")
    with pytest.raises(BackupRefused, match="no database of this app"):
        backup(f"sqlite:///{tmp_path / 'other.sqlite3'}", file)
    assert list(file.parent.iterdir()) == []


def test_nothing_to_back_up_on_postgresql(postgres, file):
    url = postgres.new()
    with pytest.raises(BackupRefused, match="no database of this app"):
        backup(url, file)
    postgres.drop(url)
    with pytest.raises(DatabaseAway, match=r"none of that name|does not answer"):
        check(url)


def test_other_kind_is_refused(sqlite_backup, postgres):
    url = postgres.new()
    with pytest.raises(BackupRefused, match="a backup of sqlite, and the database"):
        restore(url, sqlite_backup[0])
    postgres.drop(url)


def test_a_database_beyond_reading_is_put_aside(sqlite_backup):
    file, url, was = sqlite_backup
    path = Path(url.removeprefix("sqlite:///"))
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(BackupRefused, match="damaged"):
        check(url)
    _, kept = restore(url, file)
    assert read(url) == was
    assert kept is not None and kept.read_bytes().startswith(b"this is no database")


def test_a_restoration_that_fails_changes_nothing(filled, file, tmp_path, monkeypatch):
    """PostgreSQL: what cannot be done leaves the old tables. SQLite: no space."""
    was = read(filled)
    backup(filled, file)
    if filled.startswith("sqlite"):
        monkeypatch.setattr(
            sqlite_file, "alone", lambda _: (_ for _ in ()).throw(OSError)
        )
        with pytest.raises(BackupRefused, match="cannot be written to"):
            restore(filled, file)
    else:
        run = postgresql_dump.run_program

        def wrong(address, program, *arguments):
            run(address, program, *arguments)
            for argument in arguments:  # pg_restore's script: its last lines are odd
                if argument.startswith("--file=") and argument.endswith("restore.sql"):
                    with open(argument.removeprefix("--file="), "a") as script:
                        script.write("\nSELECT 1 / 0;\n")

        monkeypatch.setattr(postgresql_dump, "run_program", wrong)
        with pytest.raises(BackupRefused, match=r"psql failed: .*division by zero"):
            restore(filled, file)
    assert read(filled) == was


def test_missing_programs_are_named(postgres, file, monkeypatch):
    url = postgres.new()
    Database(url).close()
    monkeypatch.setattr(postgresql_dump.shutil, "which", lambda _: None)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    with pytest.raises(BackupRefused, match="pg_dump is not on this machine: install"):
        backup(url, file)
    postgres.drop(url)


def test_passwords_are_not_among_the_arguments(monkeypatch):
    seen = {}

    def run(command, env, **_):
        seen.update(command=command, env=env)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(postgresql_dump.subprocess, "run", run)
    address = sa.make_url(
        "postgresql+psycopg://ada:se%2Fcret@db:5433/lab?sslmode=require"
    )
    postgresql_dump.run_program(address, "pg_dump", "lab")
    assert "se/cret" not in " ".join(seen["command"])
    names = ("PGPASSWORD", "PGHOST", "PGPORT", "PGUSER", "PGSSLMODE")
    assert [seen["env"][name] for name in names] == [
        *("se/cret", "db", "5433", "ada", "require")
    ]


# --- by command -----------------------------------------------------------------------


def command(*arguments, url):
    done = subprocess.run(
        [sys.executable, "-m", "store", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def test_commands_name_the_database_without_its_password(monkeypatch):
    from store.__main__ import which

    monkeypatch.setenv("DATABASE_URL", "sqlite:////data/class 5b.sqlite3")
    assert which() == "(The database is /data/class 5b.sqlite3.)"
    monkeypatch.setenv("DATABASE_URL", "postgres://ada:secret@db.school/lab")
    assert "db.school/lab" in which() and "secret" not in which()
    monkeypatch.delenv("DATABASE_URL")
    assert which().endswith("lab.sqlite3.)")


def test_commands_say_what_they_did(filled, file):
    code, said, _ = command("backup", file, url=filled)
    assert code == 0 and said.count("\n") == 1
    assert said.startswith(f"Backed up to {file}: 24 rows (")
    assert (
        "given 12, members 3" in said
        and f"migration {NEWEST}. (The database is " in said
    )
    code, said, _ = command("check", file, url=filled)
    assert code == 0 and said.startswith(f"{file} is sound: 24 rows")
    code, said, _ = command("check", url=filled)
    assert code == 0 and said.startswith("The database is sound: 24 rows")
    code, said, _ = command("prune", url=filled)
    assert code == 0
    assert said.startswith("Deleted 1 class with 3 members and 12 answers, 0 sign-ins")
    code, said, _ = command("restore", file, url=filled)
    assert code == 0 and said.startswith(f"Restored from {file}: 24 rows (")
    assert "; what was there before is in " in said
    database = Database(filled)
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Member)) == 3
    code, said, why = command("restore", file, url=filled)
    assert (code, said) == (1, "")
    assert why == (
        "The database is in use: stop the server (and whatever else has it open), "
        "then restore.\n"
    )
    database.close()


@pytest.mark.parametrize("name", ["backup", "check", "restore", "prune"])
def test_commands_say_why_not(name, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'no' / 'lab.sqlite3'}")
    arguments = [] if name in ("check", "prune") else [str(tmp_path / "x.zip")]
    with pytest.raises(SystemExit) as left:
        main([name, *arguments])
    sentence = left.value.code
    assert isinstance(sentence, str) and sentence.endswith(".")
    assert "Traceback" not in sentence and "\n" not in sentence
    assert capsys.readouterr().out == ""
