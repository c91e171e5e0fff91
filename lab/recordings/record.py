"""Records an experiment: trains every arm for every seed, here and now.

Filters and dropout masks are kept for some points of the first seed alone: they are
most of the bytes.
"""

from __future__ import annotations

import contextlib
import json
import logging
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab import datasets, report_json
from lab.experiments import Arm, Experiment, check
from lab.provenance import machine, today, versions
from lab.recordings import Curve, Recording, Snapshots, as_curve
from lab.records import RECORDED_ON, ArmEvent, Report
from lab.results import metrics

log = logging.getLogger(__name__)

POINTS = 60  # of a curve, at most
FILTERS = 40  # of them with first-layer filters
SNAPSHOTS = 60  # of the first layer's filters for a replay, at most
MASKS = 12  # of them with dropout masks
TRACE = 240  # points of the running batch error, at most


def record(
    experiment: Experiment,
    seeds: Sequence[int],
    command: str,
    title: str = "",
    *,
    sample: int = RECORDED_ON,
    threads: int | None = None,
    partial: Path | None = None,
) -> Recording:
    """Trains every arm for every seed, here and now, one after another.

    Args:
        command: what a person types to have it made again.
        sample: see `lab.run.Measuring`.
        threads: what Keras was given; noted only, it is set before it is imported.
        partial: a file that keeps each arm once it is done, and is read at the start.
    """
    from lab import run  # Keras

    check(experiment)
    first = experiment.vary(seed=seeds[0])
    arm = first.arms[0]
    described = datasets.load(arm.dataset, arm.seed, arm.pictures)
    done = _Done(partial, sample)
    runs: list[tuple[ArmEvent, ...]] = []
    endings: list[tuple[str, ...]] = []
    traces: list[tuple[Curve, ...]] = []
    snapshots: tuple[Snapshots, ...] = ()
    for seed in seeds:
        arms = [
            _train(arm, done, first=not runs) for arm in experiment.vary(seed=seed).arms
        ]
        if not runs:
            seen = [one.snapshots for one in arms if one.snapshots is not None]
            snapshots = tuple(seen) if len(seen) == len(arms) else ()
        reports = [(index, x) for index, one in enumerate(arms) for x in one.reports]
        runs.append(
            tuple(ArmEvent(number, *pair) for number, pair in enumerate(reports, 1))
        )
        endings.append(tuple(one.ending for one in arms))
        traces.append(tuple(one.trace for one in arms))
    notes = " ".join(described.notes)
    where = run.device()
    return Recording(
        title=title or experiment.name,
        experiment=first,
        seeds=tuple(seeds),
        runs=tuple(runs),
        endings=tuple(endings),
        data=f"{described.title}. {notes}".strip() if notes else described.title,
        machine=machine() if where == "CPU" else f"{where}; {machine()}",
        date=today(),
        versions={"python": platform.python_version()} | versions(),
        command=command,
        sample=sample,
        threads=threads,
        traces=tuple(traces),
        snapshots=snapshots,
    )


@dataclass(frozen=True)
class OneArm:
    """What is kept of an arm."""

    reports: tuple[Report, ...]
    ending: str
    trace: Curve
    snapshots: Snapshots | None = None  # of the first seed


class _Done:
    """The arms that are done, a line of JSON each."""

    def __init__(self, path: Path | None, sample: int) -> None:
        self.path, self.sample = path, sample
        self.lines: dict[str, Any] = {}
        if path is not None and path.is_file():
            for line in path.read_text("utf-8").splitlines():
                with contextlib.suppress(json.JSONDecodeError):  # cut, or empty
                    key, *kept = json.loads(line)
                    self.lines[key] = kept

    def _key(self, arm: Arm) -> str:
        """Everything that decides what is kept of it."""
        return json.dumps(asdict(arm) | {"sample": self.sample}, sort_keys=True)

    def get(self, arm: Arm) -> OneArm | None:
        """What the arm did, if it is done."""
        if (line := self.lines.get(self._key(arm))) is None:
            return None
        reports, ending, trace, *snapshots = line
        return OneArm(
            tuple(report_json.from_json(x) for x in reports),
            ending,
            as_curve(trace),
            next(map(Snapshots.from_json, filter(None, snapshots)), None),
        )

    def keep(self, arm: Arm, one: OneArm) -> None:
        """Notes an arm that is done now."""
        if self.path is None:
            return
        reports = [report_json.to_json(report) for report in one.reports]
        seen = one.snapshots and one.snapshots.to_json()
        line = [self._key(arm), reports, one.ending, one.trace, seen]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as lines:
            # A new line first: the one before may have been cut.
            lines.write(f"\n{json.dumps(line, separators=(',', ':'))}")


def _train(arm: Arm, done: _Done, first: bool) -> OneArm:
    """Trains an arm, unless that is done.

    Args:
        first: it is of the first seed: filters and masks are kept.
    """
    log.info("Seed %d: %s", arm.seed, arm.label)
    if (one := done.get(arm)) is None:
        one = train(arm, done.sample, first=first)
        done.keep(arm, one)
    log.info("%s", one.ending)
    return one


def train(arm: Arm, sample: int, *, first: bool, every: int | None = None) -> OneArm:
    """Trains an arm, here and now.

    Args:
        sample, every: see `lab.run.Measuring`.
        first: it is of the first seed: filters and masks are kept.
    """
    from lab import run  # Keras

    reports: list[Report] = []
    points: list[tuple[float, float]] = []
    kernels: list[tuple[float, NDArray[Any]]] = []

    def trace(epoch: float, batch_error: float, filters: NDArray[Any]) -> None:
        points.append((epoch, batch_error))
        if first:
            kernels.append((epoch, filters.astype(np.float16)))

    ending = run.train(
        arm, reports.append, measuring=run.Measuring(sample, every), trace=trace
    )
    if first and reports and reports[0].filters is not None:
        kernels.insert(0, (reports[0].epoch, reports[0].filters))
    return OneArm(
        kept_reports(reports, with_images=first),
        ending.sentence,
        thin_trace(points),
        snapshots_of(kernels) if kernels else None,
    )


def snapshots_of(
    kernels: Sequence[tuple[float, NDArray[np.floating[Any]]]],
) -> Snapshots:
    """At most SNAPSHOTS of (epoch, kernel), evenly taken, both ends among them."""
    last = len(kernels) - 1
    places = sorted({round(x) for x in np.linspace(0, last, min(last + 1, SNAPSHOTS))})
    epochs, kept = zip(*(kernels[i] for i in places), strict=True)
    return Snapshots.of(epochs, kept)


def kept_reports(reports: Sequence[Report], with_images: bool) -> tuple[Report, ...]:
    """An arm's measured points, thinned; some of them with filters and masks."""
    curve = [
        ArmEvent(number, 0, report)
        for number, report in enumerate(reports, 1)
        if report.step == report.evaluated_step
    ]
    kept = metrics.thin(curve, POINTS)
    filtered, masked = (
        {event.number for event in metrics.thin(kept, most)} if with_images else set()
        for most in (FILTERS, MASKS)
    )
    return tuple(
        replace(
            event.report,
            filters=event.report.filters if event.number in filtered else None,
            masks=event.report.masks if event.number in masked else None,
            batch_errors=(),
        )
        for event in kept
    )


def thin_trace(points: Sequence[tuple[float, float]], most: int = TRACE) -> Curve:
    """At most `most` points: means of equally many neighbours, to five digits."""
    return tuple(
        (report_json.short(epoch), report_json.short(error))
        for epoch, error in metrics.thin_pairs(points, most)
    )
