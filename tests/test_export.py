"""A run as files: a table, and a script that carries the lab's own code."""

from __future__ import annotations

import ast
import csv
import io
import subprocess
import sys

import pytest

from lab import export
from lab.presets import PRESETS
from lab.records import ArmEvent, LayerReport, Report

PAIR = PRESETS["relu-vs-tanh-2012"]


def a_report(step, layers=("conv1", "fc2")):
    own = tuple(LayerReport(name, 0.5, 0.25, (1, 2)) for name in layers)
    return Report(step, step / 8, 1.0, 2.5, 0.5, 0.25, 100.0, step, own)


def test_table_has_a_line_a_report_and_no_formula():
    evil = PAIR.vary()
    labels = ("=1+1", "tanh, plain")
    arms = tuple(
        type(arm)(**vars(arm) | {"label": label})
        for arm, label in zip(evil.arms, labels, strict=True)
    )
    evil = type(evil)(**vars(evil) | {"arms": arms})
    events = [ArmEvent(1, 0, a_report(4)), ArmEvent(2, 1, a_report(8, ("conv1",)))]
    rows = list(csv.DictReader(io.StringIO(export.as_csv(evil, events))))
    assert [row["arm"] for row in rows] == ["'=1+1", "tanh, plain"]
    assert [float(row["epoch"]) for row in rows] == [0.5, 1.0]
    assert [row["gradient_norm_fc2"] for row in rows] == ["0.5", ""]
    assert export.as_csv(PAIR, []).startswith("arm,step,epoch")


def test_modules_come_after_what_they_import():
    modules = export.closure("lab.run")
    for first, then in (
        ("model.network.specs", "lab.networks"),
        ("lab.experiments", "lab.records"),
        ("model.network.build", "lab.run"),
        ("lab.datasets", "lab.run"),
    ):
        assert modules.index(first) < modules.index(then)
    assert not {"lab.engine", "lab.worker", "store"} & set(modules)


@pytest.mark.long("modules come after what they import")
def test_script_runs_alone(tmp_path):
    """In isolated mode, elsewhere: it finds nothing of ours but what it carries."""
    short = PAIR.vary(pictures=64, batch=16, epochs=1)
    script = tmp_path / "again.py"
    script.write_text(export.as_script(short, 'A "title" \\ of ours'), "utf-8")
    tree = ast.parse(script.read_text("utf-8"))
    assert "A title  of ours: a run" in (ast.get_docstring(tree) or "")
    done = subprocess.run(
        [sys.executable, "-I", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("The one epoch is done.") == 2
    assert "ReLU" in done.stdout
    assert "tanh" in done.stdout


def test_script_on_cifar_carries_what_reads_it():
    paper = PAIR.vary(dataset="cifar-10")
    assert "SOURCES['lab.datasets.cifar']" in export.as_script(paper, "x")
    assert "SOURCES['lab.datasets.cifar']" not in export.as_script(PAIR, "x")
