"""What earlier versions have stored is read as it was: a class, a test, a run.

tests/stored/stored.zip is a backup that version 0.1.0 wrote on 29 November 2026, and
expected.json what that version read from it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from classroom.exams import gradebook
from lab.engine import Engine
from lab.results import metrics
from lab.settings import Settings
from paths import ROOT
from store import database as store_database
from store.backup import backups
from store.database import FILE, Database
from tests.classes import CLASS, TEACHER

STORED = ROOT / "tests" / "stored"
EXPECTED = json.loads((STORED / "expected.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """That backup, restored and opened in the place of the process's own database."""
    folder = tmp_path_factory.mktemp("before")
    shutil.copy(STORED / "stored.zip", folder)
    backups.restore(f"sqlite:///{folder / FILE}", folder / "stored.zip")
    opened = Database(f"sqlite:///{folder / FILE}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_database, "current", opened)
        yield opened
    opened.close()


@pytest.fixture(scope="module")
def engine(restored: Database) -> Iterator[Engine]:
    made = Engine(Settings(), restored)
    yield made
    made.shutdown()


def as_json(value: Any) -> Any:
    """As JSON has it."""
    return json.loads(json.dumps(value, default=str))


def test_a_students_answers_and_points_are_read(restored: Database) -> None:
    found = as_json(gradebook.everything(TEACHER, CLASS, "kim"))
    before = EXPECTED["everything"]
    assert {table: found[table] for table in before} == before
    assert {table for table, rows in found.items() if rows} <= before.keys()


def test_the_points_of_a_test_are_counted_again(restored: Database) -> None:
    book = gradebook.compute(TEACHER, CLASS, EXPECTED["test"], "best")
    assert len(book.lines) == 2
    assert {given["question"] for given in EXPECTED["everything"]["given"]} >= {
        *("competition", "first-block", "side", "why-11")
    }


def test_a_runs_curves_are_read(engine: Engine) -> None:
    events = engine.events(EXPECTED["run"])
    for arm, curve in enumerate(EXPECTED["curve"]):
        found = [
            [one.step, one.training_error, one.validation_accuracy]
            for one in metrics.measured(events, arm)
        ]
        assert found == curve
    status = engine.status(EXPECTED["run"])
    assert status.state == "finished"
    assert [arm.label for arm in status.experiment.arms] == ["max", "average"]


def test_a_runs_table_has_the_columns_it_had(engine: Engine) -> None:
    table = engine.export_csv(EXPECTED["run"])
    assert (table if isinstance(table, str) else table.decode()) == EXPECTED["csv"]
