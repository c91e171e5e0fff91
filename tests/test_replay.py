"""Replays: what the browser is sent, and what `complete` adds to a recording."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from starlette.requests import Request

from lab import run
from lab.experiments import swept
from lab.presets import PRESETS
from lab.recordings import Recording, Snapshots, complete, read, read_all, record, write
from lab.recordings.replay import ReplayArm, arms, pack, tops, version
from lab.records import ArmEvent, Ending, Report
from lab.results import metrics
from model import measured, weights
from tests.fake_lab import curves
from ui.kit.runs import replay_routes
from viz.filters import filter_pixels

SHIPPED = read_all()
EXPERIMENT = PRESETS["dropout-small"]


def unpack(packed: bytes) -> list[dict[str, Any]]:
    """As filters.js does: each arm's head, with its filters as arrays."""
    data = gzip.decompress(packed)
    length = int.from_bytes(data[:4], "little")
    start = 4 + length
    assert start % 4 == 0, "a typed array begins at a multiple of its size"
    found: list[dict[str, Any]] = json.loads(data[4:start])["arms"]
    for arm in found:
        if (filters := arm["filters"]) is None:
            continue
        assert filters["at"] % 4 == 0
        count, shape = len(filters["epochs"]), filters["shape"]
        at, scales = start + filters["at"], count * shape[3]
        scale = np.frombuffer(data, "<f4", scales, at).reshape(count, shape[3])
        codes = np.frombuffer(
            data, np.int8, count * int(np.prod(shape)), at + 4 * scales
        )
        filters["scale"], filters["codes"] = scale, codes.reshape(count, *shape)
    return found


@pytest.mark.parametrize("name", SHIPPED)
def test_a_replay_is_what_was_recorded(name: str) -> None:
    recording = SHIPPED[name]
    sent = unpack(pack(arms(recording)))
    experiment, events = recording.experiment, list(recording.events)
    if best := metrics.at_best(experiment, events) if "sweep" in name else None:
        experiment, events = best
    assert [arm["label"] for arm in sent] == [arm.label for arm in experiment.arms]
    for index, arm in enumerate(sent):
        reports = metrics.measured(events, index)
        for point, report in zip(arm["points"], reports, strict=True):
            wrong = 1 - report.validation_accuracy
            gap = wrong - report.training_error
            assert point == pytest.approx(
                [report.epoch, report.training_error, wrong, gap], abs=1e-4
            )
        last = reports[-1].filters
        if arm["filters"] is None or last is None:
            continue
        # What a page draws of the recorded filters, the browser draws of these.
        codes, scale = (arm["filters"][x][-1] for x in ("codes", "scale"))
        levels = 128 + np.moveaxis(codes.astype(int), 3, 0)
        drawn = filter_pixels(last.astype(np.float32)).astype(int)
        assert np.abs(levels - drawn).max() <= 1
        assert scale == pytest.approx(np.abs(last).max(axis=(0, 1, 2)), rel=1e-2)


def test_the_same_replay_has_the_same_bytes_and_another_has_others() -> None:
    lines = arms(SHIPPED["half-the-data"])
    assert pack(lines) == pack(lines)
    assert version(pack(lines)) != version(pack(lines[:1]))


def test_one_scale_for_all_cuts_off_the_largest_weights_alone() -> None:
    kernels = np.random.default_rng(0).normal(size=(5, 5, 3, 32))
    (top,) = tops(Snapshots.of([0.0], [kernels]))
    assert top == pytest.approx(np.percentile(np.abs(kernels), 99.5), rel=0.02)
    (none,) = tops(Snapshots.of([0.0], [np.zeros((5, 5, 3, 4))]))
    assert none > 0, "nothing is divided by zero"


# --- enough to be seen forming --------------------------------------------------------


@pytest.mark.parametrize("name", [x for x in SHIPPED if "sweep" not in x])
def test_a_recording_has_batch_errors_and_filters_enough(name: str) -> None:
    """In ten seconds: at least two batch errors a second, and 40 states of filters."""
    sent = arms(SHIPPED[name])
    longest = max(arm.points[-1][0] for arm in sent)
    for arm in sent:
        seconds = 10 * arm.points[-1][0] / longest
        assert len(arm.trace) >= 2 * seconds
        assert arm.snapshots is not None and len(arm.snapshots.epochs) >= 40
        assert arm.snapshots.epochs[0] == 0, "it begins with the initial weights"
        places = [epoch for epoch, _ in arm.trace]
        assert places == sorted(places) and places[-1] <= arm.points[-1][0] + 1e-3
        assert all(0 <= error <= 1 for _, error in arm.trace)


# --- complete -------------------------------------------------------------------------


class Again:
    """Stands in for `lab.run.train`: the same curve, with batch errors and filters."""

    def __init__(self, error: float = 0.0) -> None:
        self.error, self.every = error, set[int | None]()

    def __call__(self, arm: Any, report: Any, *, measuring: Any, trace: Any) -> Ending:
        self.every.add(measuring.every)
        place = [one.label for one in EXPERIMENT.arms].index(arm.label)
        for event in curves(EXPERIMENT, (0.3, 0.2)):
            if event.arm != place:
                continue
            seen: Report = event.report
            assert seen.filters is not None
            if seen.step:
                trace(seen.epoch, seen.training_error / 2, seen.filters)
            error = seen.training_error + self.error * seen.step
            report(replace(seen, training_error=error))
        return Ending("finished", "done")


def made_up() -> Recording:
    events = tuple(
        ArmEvent(x.number, x.arm, x.report) for x in curves(EXPERIMENT, (0.3, 0.2))
    )
    return Recording(
        title="x",
        experiment=EXPERIMENT,
        seeds=(0, 1),
        runs=(events, events),
        endings=(("done", "done"),) * 2,
        data="Ten drawn shapes",
        machine="A machine",
        date="2026-11-25",
        versions={},
        command="python -m lab.recordings record dropout-small --out x.json.gz",
    )


def test_a_completed_recording_keeps_its_points_and_gains_a_replay(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "train", again := Again())
    before = made_up()
    assert before.snapshots == ()
    after = complete.complete(before)
    arms = len(EXPERIMENT.arms)
    assert len(after.snapshots) == len(after.traces[0]) == arms
    assert after.runs == before.runs and after.endings == before.endings
    batch = EXPERIMENT.arms[0].batch
    assert again.every == {40 * batch}, "measured at the steps that were recorded"
    assert after.traces[0][0][0] == pytest.approx((1.0, 0.45 * np.exp(-0.3)), abs=1e-4)
    assert after.traces[1] == ()
    write(after, tmp_path / "a.json.gz")
    kept = read(tmp_path / "a.json.gz")
    for one, other in zip(after.snapshots, kept.snapshots, strict=True):
        assert one.epochs == other.epochs == tuple(float(x) for x in range(12))
        np.testing.assert_array_equal(one.codes, other.codes)
        np.testing.assert_array_equal(one.scale, other.scale)


def test_a_training_that_comes_out_otherwise_adds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "train", Again(1e-5))
    with pytest.raises(complete.CurvesDiffer, match="without dropout: expected"):
        complete.complete(made_up())


def test_snapshots_are_evenly_thinned_with_both_ends() -> None:
    kernels = [(float(n), np.full((1, 1, 3, 2), n + 1.0)) for n in range(200)]
    seen = record.snapshots_of(kernels)
    assert len(seen.epochs) == record.SNAPSHOTS
    assert (seen.epochs[0], seen.epochs[-1]) == (0.0, 199.0)
    assert np.diff(seen.epochs).max() <= 4


# --- addresses ------------------------------------------------------------------------


def get(address: str) -> Any:
    path = address.removeprefix(replay_routes.path(""))
    for route in replay_routes.routes():
        match, scope = route.matches({"type": "http", "path": address, "method": "GET"})
        if match.value == 2:
            return route.endpoint(Request({"type": "http", "headers": []} | scope))
    raise AssertionError(path)


def test_an_address_is_of_the_bytes_and_never_changes() -> None:
    address = replay_routes.replay_address("half-the-data")
    answer = get(address)
    assert answer.status_code == 200
    assert unpack(answer.body)[0]["label"] == "5,000 images"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    old = address[:-1] + ("0" if address[-1] != "0" else "1")
    for wrong in (old, address.replace("half-the-data", "no-such")):
        refused = get(wrong)
        assert refused.status_code == 404
        assert refused.headers["cache-control"] == "no-store"


def test_the_training_of_the_weights_is_sent_with_its_filters() -> None:
    history = measured.history(weights.DEFAULT)
    assert history is not None
    validation, train = unpack(
        get(replay_routes.training_address(weights.DEFAULT)).body
    )
    np.testing.assert_array_equal(validation["filters"]["codes"], history.codes)
    assert validation["points"][-1][1] == pytest.approx(history.validation[-1])
    assert train["points"][-1][1] == pytest.approx(history.train[-1], abs=1e-5)
    assert train["filters"] is None
    with pytest.raises(KeyError):
        replay_routes.training_address("random")


def test_a_sweep_is_replayed_at_each_arms_best_rate() -> None:
    sweep = swept(PRESETS["relu-vs-tanh-2012"], (0.001, 0.002))
    events = tuple(curves(sweep, (0.1, 0.3, 0.2, 0.1)))
    recording = replace(made_up(), experiment=sweep, runs=(events,), seeds=(0,))
    assert [arm.label for arm in arms(recording)] == ["ReLU", "tanh"]


def test_nothing_that_is_no_number_is_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        pack([ReplayArm("x", [(0.0, float("nan"))])])
