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

from lab import datasets, metrics, report_json
from lab.experiments import Arm, Experiment, check
from lab.provenance import machine, today, versions
from lab.recordings import Curve, Recording, as_curve
from lab.records import RECORDED_ON, ArmEvent, Report

log = logging.getLogger(__name__)

POINTS = 60  # of a curve, at most
FILTERS = 40  # of them with first-layer filters
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
    for seed in seeds:
        arms = [
            _train(arm, done, first=not runs) for arm in experiment.vary(seed=seed).arms
        ]
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
    )


@dataclass(frozen=True)
class _OneArm:
    """What is kept of an arm."""

    reports: tuple[Report, ...]
    ending: str
    trace: Curve


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

    def get(self, arm: Arm) -> _OneArm | None:
        """What the arm did, if it is done."""
        if (line := self.lines.get(self._key(arm))) is None:
            return None
        reports, ending, trace = line
        return _OneArm(
            tuple(report_json.from_json(x) for x in reports), ending, as_curve(trace)
        )

    def keep(self, arm: Arm, one: _OneArm) -> None:
        """Notes an arm that is done now."""
        if self.path is None:
            return
        reports = [report_json.to_json(report) for report in one.reports]
        line = [self._key(arm), reports, one.ending, one.trace]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as lines:
            # A new line first: the one before may have been cut.
            lines.write(f"\n{json.dumps(line, separators=(',', ':'))}")


def _train(arm: Arm, done: _Done, first: bool) -> _OneArm:
    """Trains an arm, unless that is done.

    Args:
        first: it is of the first seed: filters and masks are kept.
    """
    from lab import run  # Keras

    log.info("Seed %d: %s", arm.seed, arm.label)
    if (one := done.get(arm)) is None:
        reports: list[Report] = []
        points: list[tuple[float, float]] = []
        ending = run.train(
            arm,
            reports.append,
            measuring=run.Measuring(done.sample),
            trace=lambda *point: points.append(point),
        )
        kept = kept_reports(reports, with_images=first)
        one = _OneArm(kept, ending.sentence, thin_trace(points))
        done.keep(arm, one)
    log.info("%s", one.ending)
    return one


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
        )
        for event in kept
    )


def thin_trace(points: Sequence[tuple[float, float]], most: int = TRACE) -> Curve:
    """At most `most` points: means of equally many neighbours, to five digits."""
    group = max(1, -(-len(points) // most))
    return tuple(
        (
            report_json.short(part[-1][0]),
            report_json.short(sum(error for _, error in part) / len(part)),
        )
        for part in (points[i : i + group] for i in range(0, len(points), group))
    )
