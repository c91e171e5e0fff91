"""The evidence for the built-in pictures is computed as it says it is."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from bench import datasets as bench
from lab.experiments import Arm, differing
from paths import ROOT


def keys(pictures: np.ndarray) -> set[bytes]:
    return {one.tobytes() for one in pictures}


def run(label: str, seed: int, errors: tuple[float, ...]) -> bench.ArmCurve:
    """A run that looked after every hundred pictures and two seconds."""
    made = Arm(label, activation="tanh" if label == "tanh" else "relu", seed=seed)
    steps = range(1, len(errors) + 1)
    return bench.ArmCurve(
        made,
        tuple(100 * x for x in steps),
        tuple(2.0 * x for x in steps),
        errors,
        tuple(x + 0.2 for x in errors),
    )


def test_target_is_read_off_by_interpolation():
    assert run("relu", 0, (0.65, 0.35, 0.15)).reached == pytest.approx((250, 5.0))
    assert run("relu", 0, (0.65, 0.35)).reached is None


def test_arm_that_never_gets_there_makes_a_bound():
    found = bench.compared([run("relu", 0, (0.5, 0.25)), run("tanh", 0, (0.9,) * 8)])
    assert found["ratio"]["mean"] == 4 and found["ratio_is_a_bound"]
    assert found["tanh"]["reached"] == 0 and "seconds" not in found["tanh"]


def test_gap_is_validation_less_training():
    runs = [
        run(label, seed, (0.5, 0.1, 0.1, 0.1))
        for seed in range(2)
        for label in bench.DROPOUT
    ]
    found = bench.gaps(runs)
    assert found["without dropout"]["gap"]["mean"] == pytest.approx(0.2)
    assert found["ranges_overlap"]


def test_arms_are_fair():
    """Each pair differs in what is asked, and where it must in its rate."""

    def rate(activation: str, practice: str) -> float:
        return 0.1 if activation == "relu" else 0.2

    for part in ("relu-tanh-2012", "relu-tanh-today"):
        pairs = list(bench.PARTS[part](rate))
        for relu, tanh in zip(pairs[::2], pairs[1::2], strict=True):
            assert set(differing((relu, tanh))) <= {"activation", "learning_rate"}
    arms = list(bench.PARTS["dropout"](rate))
    for without, with_ in zip(arms[::2], arms[1::2], strict=True):
        assert differing((without, with_)) == ("dropout",)


def test_best_rate_is_the_soonest_or_the_closest(monkeypatch):
    for activation in ("relu", "tanh"):
        monkeypatch.setitem(bench.SWEPT, (activation, "2012"), (0.1, 0.2, 0.3))
    errors = iter([(0.5, 0.4, 0.2), (0.5, 0.2), (0.9,), (0.9, 0.8), (0.7,), (0.9, 0.9)])
    kept = {
        arm: replace(run("x", 0, next(errors)), arm=arm)
        for activation in ("relu", "tanh")
        for arm in bench.swept(activation, "2012")
    }
    found = bench.DatasetBench(kept)
    assert found.best("relu", "2012") == 0.2
    assert found.best("tanh", "2012") == 0.2


def test_runs_are_kept_and_not_repeated(tmp_path, monkeypatch):
    file = tmp_path / "runs.jsonl"
    made = run("relu", 0, (0.5, 0.2))
    monkeypatch.setattr(bench, "train", lambda arm: made)
    assert bench.DatasetBench({}, file).runs([made.arm]) == [made]
    monkeypatch.setattr(bench, "train", lambda arm: pytest.fail("trained again"))
    assert bench.DatasetBench(bench.kept_runs(file), file).runs([made.arm]) == [made]


@pytest.mark.parametrize("candidate", bench.CANDIDATES)
def test_candidate_has_what_is_asked(candidate):
    data = bench.CANDIDATES[candidate](200, 0)
    assert data.train.shape == (200, 32, 32, 3) and len(data.validation) == 1_000
    assert set(data.train_labels) == set(range(len(data.classes)))
    if candidate != "patches":  # of one dark sky many are equal: a reason against them
        assert not keys(data.train) & keys(data.validation)


@pytest.mark.long("its table, of results that are given")
def test_quick_evidence_ends_with_json(tmp_path):
    """Two real arms, trained for a moment, in a process of their own."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench.datasets", "--quick"),
            *("--part", "dropout", "--out", str(tmp_path / "figures.json")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["drawn_per_s"] > 0 and "gap" in found["dropout"]["with dropout"]
    assert json.loads((tmp_path / "figures.json").read_text("utf-8")) == found
