"""Recorded runs: written, read, replayed, and made again by their own command."""

from __future__ import annotations

import gzip
import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lab import datasets, run
from lab.experiments import Arm
from lab.presets import PRESETS
from lab.provenance import machine
from lab.recordings import (
    FOLDER,
    Recording,
    RecordingBroken,
    read,
    read_all,
    record,
    write,
)
from lab.recordings import __main__ as command
from lab.records import ArmEvent, Control, Ending, Report
from lab.results import metrics
from lab.run.schedule import EVALUATE_EVERY
from paths import ROOT
from tests.fake_lab import curves

EXPERIMENT = PRESETS["dropout-small"]
SHIPPED = read_all()


def kept_of(arm: int, points: int, with_pictures: bool) -> tuple[Report, ...]:
    """What is kept of an arm of made-up curves."""
    events = curves(EXPERIMENT, (0.3, 0.2), points)
    reports = [event.report for event in events if event.arm == arm]
    return record.kept_reports(reports, with_pictures)


def made_up(points: int = 100) -> Recording:
    runs = tuple(
        tuple(
            ArmEvent(number, arm, report)
            for arm in (0, 1)
            for number, report in enumerate(kept_of(arm, points, first), 1)
        )
        for first in (True, False)
    )
    return Recording(
        title="A title",
        experiment=EXPERIMENT,
        seeds=(0, 1),
        runs=runs,
        endings=(("done", "done"),) * 2,
        traces=((((0.5, 0.9), (1.0, 0.8)), ((0.5, 0.7),)),) * 2,
        data="Ten drawn shapes",
        machine=machine(),
        date="2026-11-25",
        versions={"keras": "3"},
        command="python -m lab.recordings record dropout-small --out x.json.gz",
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    before, path = made_up(), tmp_path / "a.json.gz"
    write(before, path)
    after = read(path)
    assert replace(after, runs=()) == replace(before, runs=())
    for one, other in zip(before.events, after.events, strict=True):
        assert (one.number, one.arm) == (other.number, other.arm)
        assert other.report.training_error == pytest.approx(
            one.report.training_error, rel=1e-4
        )
        assert other.report.layers[0].histogram == one.report.layers[0].histogram
        if one.report.filters is not None:
            np.testing.assert_array_equal(one.report.filters, other.report.filters)
        if one.report.masks is not None:
            for name, array in vars(one.report.masks).items():
                np.testing.assert_array_equal(array, getattr(other.report.masks, name))


def test_a_recording_is_compact(tmp_path: Path) -> None:
    """Few points, and of them few with filters; none after the first seed."""
    first, second = made_up(points=500).runs
    per_arm = [sum(event.arm == arm for event in first) for arm in (0, 1)]
    assert max(per_arm) <= record.POINTS
    pictured = sum(event.report.filters is not None for event in first)
    assert 2 <= pictured <= 2 * record.FILTERS
    assert first[0].report.filters is not None
    assert first[-1].report.filters is not None
    assert all(event.report.filters is None for event in second)


def test_the_same_recording_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "1.json.gz", tmp_path / "2.json.gz"
    write(made_up(), one)
    write(read(one), other)
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        b"no gzip",
        gzip.compress(b"no json", mtime=0),
        gzip.compress(b"[]", mtime=0),
        gzip.compress(json.dumps({"format": 99}).encode(), mtime=0),
        gzip.compress(json.dumps({"format": 1, "runs": []}).encode(), mtime=0),
    ],
)
def test_a_broken_file_is_said_and_left_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.json.gz").write_bytes(content)
    write(made_up(), tmp_path / "good.json.gz")
    with pytest.raises(RecordingBroken, match=r"bad.json.gz is no recorded run"):
        read(tmp_path / "bad.json.gz")
    assert list(read_all(tmp_path)) == ["good"]


def test_a_school_may_have_recordings_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(made_up(), tmp_path / "ours.json.gz")
    monkeypatch.setenv("ALEXNET_RECORDED", str(tmp_path))
    assert set(read_all()) == {*SHIPPED, "ours"}


def test_the_command_line_changes_the_preset() -> None:
    given = "record relu-vs-tanh-2012 --out x --data cifar-10 --pictures 0 --epochs 3"
    asked = command.asked_for(command.parse_arguments(shlex.split(given)))
    assert {(a.dataset, a.pictures, a.epochs) for a in asked.arms} == {
        ("cifar-10", None, 3)
    }
    rates = command.parse_arguments(shlex.split(f"{given} --rates 0.1 0.2"))
    assert [a.learning_rate for a in command.asked_for(rates).arms] == [0.1, 0.2]
    with pytest.raises(SystemExit, match="Expected 2 rates"):
        command.asked_for(command.parse_arguments(shlex.split(f"{given} --rates 1")))


def again(recording: Recording, folder: Path, *shorter: str) -> Recording:
    """Made again by its own command, with this much less to do, in a new process."""
    _, _, _, *given = shlex.split(recording.command)
    out = folder / "again.json.gz"
    first = str(recording.seeds[0])
    subprocess.run(
        [
            *(sys.executable, "-m", "lab.recordings", *given),
            *("--seeds", first, "--out", str(out), *shorter),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=600,
    )
    return read(out)


def points(recording: Recording, arm: int) -> dict[int, tuple[float, float]]:
    """The first seed's curve of an arm: step -> training error, accuracy."""
    return {
        r.step: (r.training_error, r.validation_accuracy)
        for r in metrics.measured(recording.events, arm)
    }


def test_a_recording_is_made_and_made_again(tmp_path: Path) -> None:
    """By its own command, shortened: the beginning of the same curves."""
    path = tmp_path / "tiny.json.gz"
    given = "record pooling --pictures 256 --epochs 4 --sample 100 --threads 1"
    given += f" --out {path}"
    command = [sys.executable, "-m", "lab.recordings", *shlex.split(given)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    recording = read(path)
    assert str(path) in recording.command
    assert datasets.load("shapes", 0, 256).title in recording.data
    assert set(recording.versions) >= {"python", "keras", "tensorflow", "numpy"}
    assert (recording.sample, recording.threads) == (100, 1)
    assert not path.with_name("tiny.partial").exists()
    shorter = again(recording, tmp_path, "--epochs", "3")
    for arm in (0, 1):
        before, after = points(recording, arm), points(shorter, arm)
        assert list(before) == list(range(9)), "each of its eight steps"
        assert list(after) == list(range(7))
        assert {step: before[step] for step in after} == after


class FakeTraining:
    """Stands in for `lab.run.train`: errors fall by a tenth; may be killed."""

    def __init__(self, killed_at: int | None = None) -> None:
        self.trained: list[tuple[int, str]] = []
        self.killed_at = killed_at

    def __call__(
        self,
        arm: Arm,
        report: Callable[[Report], None],
        *,
        measuring: run.Measuring,
        trace: Callable[[float, float, object], None],
    ) -> Ending:
        if len(self.trained) == self.killed_at:
            raise KeyboardInterrupt
        self.trained.append((arm.seed, arm.label))
        one = curves(EXPERIMENT, (0.0, 0.0), 1)[0].report
        for step in range(20):
            trace(step / 2, 1 - step / 100, one.filters)
            report(
                replace(
                    one,
                    step=step,
                    evaluated_step=step,
                    training_error=round(0.9 - 0.1 * step, 1),
                )
            )
        return Ending("finished", "All passes are done.")


def test_a_trace_is_thinned_to_means_of_neighbours() -> None:
    points = [(n / 10, 1 - n / 100) for n in range(1, 11)]
    thinned = record.thin_trace(points, 4)
    assert [epoch for epoch, _ in thinned] == [0.3, 0.6, 0.9, 1.0]
    assert [error for _, error in thinned] == pytest.approx([0.98, 0.95, 0.92, 0.9])
    whole = record.thin_trace(points)
    assert [epoch for epoch, _ in whole] == [epoch for epoch, _ in points]
    assert record.thin_trace([]) == ()


def test_a_replay_has_filters_enough_to_be_seen_forming() -> None:
    kept = kept_of(0, 200, True)
    with_filters = [report for report in kept if report.filters is not None]
    assert len(kept) == record.POINTS
    assert len(with_filters) == record.FILTERS >= 40
    assert all(report.filters is None for report in kept_of(0, 200, False))


def test_the_command_line_changes_what_the_authors_have_otherwise() -> None:
    given = "record relu-vs-tanh-2012 --out x --network 19pct --bias-rate 2 --depth 3"
    found = command.asked_for(command.parse_arguments(shlex.split(given)))
    assert {(arm.network, arm.bias_rate, arm.depth) for arm in found.arms} == {
        ("19pct", 2.0, 3)
    }
    assert {arm.initialisation for arm in found.arms} == {"2012"}


def test_until_target_and_sweeps_end_arms_at_the_target() -> None:
    given = "record relu-vs-tanh-2012 --out x"
    whole, until, sweep = (
        command.asked_for(command.parse_arguments(shlex.split(f"{given} {more}")))
        for more in ("", "--until-target", "--sweep 0.002 0.001")
    )
    assert {arm.until for arm in whole.arms} == {None}
    assert {arm.until for arm in until.arms} == {0.25}
    assert [arm.label for arm in sweep.arms] == [
        *("ReLU, 0.001", "ReLU, 0.002"),
        *("tanh, 0.001", "tanh, 0.002"),
    ]
    assert {arm.until for arm in sweep.arms} == {0.25}


def test_a_killed_recording_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "x.json.gz"
    given = shlex.split(f"record dropout-small --pictures 100 --seeds 3 4 --out {out}")
    killed, second, never_killed = FakeTraining(3), FakeTraining(), FakeTraining()
    monkeypatch.setattr(run, "train", killed)
    with pytest.raises(KeyboardInterrupt):
        command.main(given)
    partial = tmp_path / "x.partial"
    assert partial.is_file() and not out.exists()
    with partial.open("a") as file:  # killed while it wrote
        file.write('\n["cut')
    monkeypatch.setattr(run, "train", second)
    command.main(given)
    labels = [arm.label for arm in PRESETS["dropout-small"].arms]
    assert killed.trained == [(3, labels[0]), (3, labels[1]), (4, labels[0])]
    assert second.trained == [(4, labels[1])]
    resumed = out.read_bytes()
    monkeypatch.setattr(run, "train", never_killed)
    command.main(given)
    assert len(never_killed.trained) == 4 and not partial.exists()
    assert out.read_bytes() == resumed


def test_what_was_asked_otherwise_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other rates, samples, passes: other curves."""
    out = tmp_path / "x.json.gz"
    given = f"record dropout-small --pictures 100 --out {out}"
    monkeypatch.setattr(run, "train", FakeTraining(1))
    with pytest.raises(KeyboardInterrupt):
        command.main(shlex.split(given))
    monkeypatch.setattr(run, "train", again := FakeTraining())
    command.main(shlex.split(f"{given} --sample 400"))
    assert len(again.trained) == 2


def test_only_passes_end_a_recorded_arm() -> None:
    given = command.parse_arguments(shlex.split("record dropout-small --out x"))
    assert {arm.seconds for arm in command.asked_for(given).arms} == {6 * 3600}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_recording_names_the_command_that_made_it(name: str) -> None:
    recording = SHIPPED[name]
    assert recording.machine
    assert f"{FOLDER.name}/{name}" in recording.command
    python, module, lab, *given = shlex.split(recording.command)
    assert (python, module, lab) == ("python", "-m", "lab.recordings")
    arguments = command.parse_arguments(given)
    asked = command.asked_for(arguments).vary(seed=arguments.seeds[0])
    assert recording.experiment == asked
    assert recording.seeds == tuple(arguments.seeds)


def pictures(name: str) -> int:
    """That an arm of a shipped recording learns from."""
    arm = SHIPPED[name].experiment.arms[0]
    return arm.pictures or len(datasets.load(arm.dataset, arm.seed).train)


def first_points(recording: Recording, arm: int) -> dict[int, tuple[float, float]]:
    """Trained again, as its command trains, until a second point is measured."""
    seen: dict[int, tuple[float, float]] = {}

    def report(one: Report) -> None:
        if one.step == one.evaluated_step:
            seen[one.step] = (one.training_error, one.validation_accuracy)

    run.train(
        recording.experiment.arms[arm],
        report,
        lambda: Control("stop" if len(seen) > 1 else "run"),
        measuring=run.Measuring(recording.sample, EVALUATE_EVERY),
    )
    return seen


@pytest.mark.long("a recording is made and made again")
def test_a_shipped_recording_can_be_made_again() -> None:
    """The smallest, its first two points of each arm."""
    built_in = [
        name
        for name, recording in SHIPPED.items()
        if recording.experiment.arms[0].dataset == datasets.BUILT_IN
    ]
    recording = SHIPPED[min(built_in, key=pictures)]
    for number in range(len(recording.experiment.arms)):
        before = points(recording, number)
        now = first_points(recording, number)
        assert list(now)[:2] == sorted(before)[:2]
        for step in list(now)[:2]:
            # Another processor's last digits differ, and grow: not in these few steps.
            assert now[step] == pytest.approx(before[step], abs=0.15)
