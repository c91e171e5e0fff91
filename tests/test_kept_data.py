"""The classes' own images in the database: whose they are, and how long they stay."""

from __future__ import annotations

import json

import numpy as np
import pytest

import clock
from lab import datasets
from lab.datasets import DataMissing, kept, uploaded
from lab.datasets import __main__ as command
from store import database, retention
from store.accounts import Accounts, StoredAccount
from store.backup import backups
from store.database import Database
from store.retention import DAY, Keep, prune
from store.tables import Class
from tests.class_rows import add_account, add_class, sha256


def images(
    count: int = 10, seed: int = 0, division: bool = False
) -> uploaded.UploadedImages:
    """As `read_zip` gives them: so many of each of two classes."""
    labels = np.repeat(np.arange(2, dtype=np.int32), count)
    random = np.random.default_rng(seed)
    return uploaded.UploadedImages(
        "Ours",
        ("cat", "C++"),
        random.integers(0, 255, (2 * count, 8, 8, 3), np.uint8),
        labels,
        np.arange(2 * count) % 2 == 0 if division else None,
        ("A note.",),
    )


@pytest.fixture
def opened(database_url, monkeypatch, tmp_path):
    """The database of this process, on SQLite and on PostgreSQL."""
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path))
    made = Database(database_url)
    monkeypatch.setattr(database, "current", made)
    yield made
    made.close()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The same on SQLite alone."""
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path))
    made = Database(f"sqlite:///{tmp_path / 'lab.sqlite3'}")
    monkeypatch.setattr(database, "current", made)
    yield made
    made.close()


def account(opened, name="ada"):
    with opened.writing() as session:
        return add_account(session, name)


def names(found):
    return [one.name for one in found]


@pytest.mark.parametrize("division", [False, True])
def test_kept_images_are_loaded_by_name(opened, division):
    owner, found = account(opened), images(division=division)
    name = kept.keep(found, owner)
    (listed,) = kept.of(owner)
    assert (listed.name, listed.title, listed.owner) == (name, "Ours", owner)
    assert listed.classes == {"cat": 10, "C++": 10}
    data, expected = datasets.load(name, seed=4), found.dataset(4)
    assert data.name == name and data.title == "Ours" and data.classes == ("cat", "C++")
    assert data.notes == ("A note.",)
    assert np.array_equal(data.train, expected.train)
    assert np.array_equal(data.validation_labels, expected.validation_labels)
    assert len(data.train) == listed.training == (10 if division else 16)
    assert len(datasets.load(name, 4, 6).train) == 6


def test_images_are_deleted_by_who_brought_them_alone(opened):
    ada, eve = account(opened), account(opened, "eve")
    name = kept.keep(images(), ada)
    assert not kept.forget(name, eve) and not kept.forget(name, None)
    assert names(kept.of(ada)) == [name]
    assert kept.forget(name, ada) and not kept.forget(name, ada)
    with pytest.raises(DataMissing, match="not on this machine any more"):
        datasets.load(name)


def test_same_images_of_two_owners_are_two_sets(opened):
    ada, eve = account(opened), account(opened, "eve")
    first, again = kept.keep(images(), ada), kept.keep(images(), ada)
    other = kept.keep(images(), eve)
    assert first == again != other
    assert kept.forget(first, ada)
    assert names(kept.of(eve)) == [other] and len(datasets.load(other).train) == 16


def test_images_are_seen_by_the_instructors_open_classes_alone(opened):
    ada, eve = account(opened), account(opened, "eve")
    name = kept.keep(images(), ada)
    with opened.writing() as session:
        classes = {
            "hers": add_class(session, ada, "7a"),
            "over": add_class(session, ada, "7b", closed=1.0),
            "other": add_class(session, eve, "8a"),
        }
    seen = {who: names(kept.of_class(each)) for who, each in classes.items()}
    assert seen == {"hers": [name], "over": [], "other": []}
    assert kept.of(eve) == [] and kept.of(None) == []
    assert kept.of_class("no such class") == []


def test_first_account_has_what_was_brought_before(opened):
    name = kept.keep(images(), None)
    assert names(kept.of(None)) == [name]
    stored = Accounts(opened)
    for at, who in enumerate(("ada", "eve")):
        stored.add_set_up(sha256(who), 0.0, 9.0, None)
        stored.add(
            StoredAccount(who, who, "x", None, None, float(at)), sha256(who), 1.0
        )
    assert names(kept.of("ada")) == [name]
    assert kept.of(None) == kept.of("eve") == []


def test_first_account_of_a_school_has_it_too(opened):
    name = kept.keep(images(), None)
    who = StoredAccount("ada", "Ada", None, "school|1", None, 1.0)
    Accounts(opened).admit(who)
    assert names(kept.of("ada")) == [name]


def test_images_go_with_an_account_or_to_who_takes_its_classes(opened):
    ada, eve = account(opened), account(opened, "eve")
    name, other = kept.keep(images(), ada), kept.keep(images(seed=1), eve)
    stored = Accounts(opened)
    stored.remove(ada, None, classes_to=eve)
    assert set(names(kept.of(eve))) == {name, other}
    last = account(opened, "tom")
    stored.remove(eve, None, classes_to=None)
    assert kept.everything() == [] and kept.of(last) == []


def test_images_are_pruned_with_the_classes_of_their_time(opened, monkeypatch):
    now = 2_000 * DAY
    ada = account(opened)
    with opened.writing() as session:
        old = add_class(session, ada, "old", now - 900 * DAY, now - 380 * DAY)
        add_class(session, ada, "later", now - 100 * DAY)
    made = {}
    for age in (800, 500, 50):
        monkeypatch.setattr(clock, "now", lambda age=age: now - age * DAY)
        made[age] = kept.keep(images(seed=age), ada)
    with opened.writing() as session:
        session.get_one(Class, old).closed = now - 300 * DAY  # kept for a while yet
    assert prune(opened, Keep(365), now).data_sets == 0
    pruned = prune(opened, Keep(365), now + 70 * DAY)  # now it goes, and they with it
    assert (pruned.classes, pruned.data_sets) == (1, 2)
    assert "2 data sets" in str(pruned)
    assert names(kept.of(ada)) == [made[50]]


def test_images_that_are_still_used_are_not_pruned(opened, monkeypatch):
    now = 2_000 * DAY
    for whose in (None, account(opened)):
        monkeypatch.setattr(clock, "now", lambda: now - 400 * DAY)
        name = kept.keep(images(), whose)
        monkeypatch.setattr(clock, "now", lambda: now - 10 * DAY)
        datasets.load(name)
        assert prune(opened, Keep(365), now).data_sets == 0
        assert prune(opened, Keep(5), now).data_sets == 1


def test_backup_has_the_images_and_restores_them(opened, database_url, tmp_path):
    owner = account(opened)
    name = kept.keep(images(), owner)
    before = datasets.load(name, 3)
    opened.close()
    made = backups.backup(database_url, tmp_path / "class.zip")
    assert made.rows["data_sets"] == 1
    kept.forget(name, owner)
    opened.close()
    backups.restore(database_url, tmp_path / "class.zip")
    assert np.array_equal(datasets.load(name, 3).train, before.train)
    assert names(kept.of(owner)) == [name]


def test_damaged_pixels_are_missing(opened):
    name = kept.keep(images(), None)
    (row,) = kept.DataSets(opened).of(None)
    kept.DataSets(opened).add(row, b"PK\3\4 not all of it")
    with pytest.raises(DataMissing):
        datasets.load(name)


@pytest.mark.parametrize(
    "name", ["own-../../../etc/passwd", "own-", "../own-" + "0" * 16]
)
def test_name_that_keep_does_not_give_is_none(name):
    with pytest.raises(KeyError):
        datasets.load(name)


def test_files_of_earlier_versions_are_taken_over(here, tmp_path):
    """They were seen by everybody; the oldest account has them, by their old names."""
    folder = tmp_path / "datasets"
    folder.mkdir()
    path = folder / "own-0123456789abcdef.npz"
    path.write_bytes(kept.packed(images()))
    broken = folder / "own-00000000000000ff.npz"
    broken.write_bytes(b"x")
    with here.writing() as session:
        ada = add_account(session, "ada", at=1.0)
        add_account(session, "eve", at=2.0)
    assert kept.take_over_files() == 1
    assert not path.exists() and broken.exists()
    assert names(kept.of(ada)) == [path.stem]
    assert len(datasets.load(path.stem).train) == 16
    assert kept.take_over_files() == 0


def test_daily_pruning_covers_them(here, monkeypatch):
    with monkeypatch.context() as then:
        then.setattr(clock, "now", lambda: 1.0)
        kept.keep(images(), None)
    assert retention.prune_all(here)[0].data_sets == 1


def test_command_lists_and_deletes(here, capsys):
    name = kept.keep(images(), account(here))
    assert command.main(["--kept"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert (said["name"], said["title"], said["owner"]) == (name, "Ours", "ada")
    assert said["classes"] == {"cat": 10, "C++": 10}
    assert command.main(["--delete", name]) == 0
    assert command.main(["--delete", name]) == 1
    assert "There is no data set" in capsys.readouterr().out
    assert kept.everything() == []
