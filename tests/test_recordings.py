"""Recorded runs: written, read, replayed, and made again by their own command."""

from __future__ import annotations

import gzip
import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lab import datasets, recordings, run
from lab.experiments import PRESETS
from lab.recordings import FOLDER, Recording, RecordingBroken, read, read_all, write
from tests.fake_lab import curves

EXPERIMENT = PRESETS["dropout-small"]
SHIPPED = read_all()


def made_up(points: int = 100) -> Recording:
    events = curves(EXPERIMENT, (0.3, 0.2), points)
    runs = tuple(
        tuple(recordings._kept(events, with_pictures=first)) for first in (True, False)
    )
    return Recording(
        title="A title",
        experiment=EXPERIMENT,
        seeds=(0, 1),
        runs=runs,
        endings=(("done", "done"),) * 2,
        data="Ten drawn shapes",
        machine=recordings.machine(),
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
    first, second = made_up(500).runs
    per_arm = [sum(event.arm == arm for event in first) for arm in (0, 1)]
    assert max(per_arm) <= recordings.POINTS
    pictured = sum(event.report.filters is not None for event in first)
    assert 2 <= pictured <= 2 * recordings.PICTURES
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
        gzip.compress(b"no json"),
        gzip.compress(b"[]"),
        gzip.compress(json.dumps({"format": 99}).encode()),
        gzip.compress(json.dumps({"format": 1, "runs": []}).encode()),
    ],
)
def test_a_broken_file_is_said_and_left_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.json.gz").write_bytes(content)
    write(made_up(), tmp_path / "good.json.gz")
    with pytest.raises(RecordingBroken, match=r"bad.json.gz is no recorded run"):
        read(tmp_path / "bad.json.gz")
    assert list(read_all(tmp_path)) == ["good"]


def test_the_command_line_changes_the_preset() -> None:
    given = "record relu-vs-tanh-2012 --out x --data cifar-10 --pictures 0 --epochs 3"
    asked = recordings.asked_for(recordings._arguments(shlex.split(given)))
    assert {(a.dataset, a.pictures, a.epochs) for a in asked.arms} == {
        ("cifar-10", None, 3)
    }
    rates = recordings._arguments(shlex.split(f"{given} --rates 0.1 0.2"))
    assert [a.learning_rate for a in recordings.asked_for(rates).arms] == [0.1, 0.2]
    with pytest.raises(SystemExit, match="Expected 2 rates"):
        recordings.asked_for(recordings._arguments(shlex.split(f"{given} --rates 1")))


def again(recording: Recording, **shorter: int) -> list[float]:
    """The first arm, made again from the recording's own command: training errors."""
    _, _, _, *given = shlex.split(recording.command)
    arm = recordings.asked_for(recordings._arguments(given)).arms[0]
    reports: list[run.Report] = []
    run.train(replace(arm, seed=recording.seeds[0], **shorter), reports.append)
    return [r.training_error for r in reports if r.step == r.evaluated_step]


def test_a_recording_is_made_and_made_again(tmp_path: Path) -> None:
    """By its own command, shortened: the beginning of the same curve."""
    path = tmp_path / "tiny.json.gz"
    recordings.main(
        shlex.split(
            f"record pooling --pictures 256 --epochs 26 --seconds 300 --out {path}"
        )
    )
    recording = read(path)
    assert str(path) in recording.command
    assert datasets.load("shapes", 0, 256).title in recording.data
    assert set(recording.versions) >= {"python", "keras", "tensorflow", "numpy"}
    assert [arm for (arm,) in {(e.arm,) for e in recording.events}] == [0, 1]
    before = [e.report.training_error for e in recording.events if e.arm == 0]
    assert len(before) == 3  # the start, 6,400 pictures on, the end
    assert again(recording, epochs=25) == pytest.approx(before[:2], abs=0.01)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_recording_can_be_made_again(name: str) -> None:
    recording = SHIPPED[name]
    assert recording.machine
    assert f"{FOLDER.name}/{name}" in recording.command
    if recording.experiment.arms[0].dataset != datasets.BUILT_IN:
        pytest.skip("its pictures do not come with the lab")
    count = recording.experiment.arms[0].pictures or datasets.DRAWN_TRAIN
    before = [e.report.training_error for e in recording.events if e.arm == 0]
    after = again(recording, epochs=max(1, 6_400 // count + 1))
    # Another machine's last digits differ, and grow: not the first few points.
    assert after[:2] == pytest.approx(before[:2], abs=0.15)
