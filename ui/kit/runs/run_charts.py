"""What the charts and tables of runs draw: points, axes, marks, and their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, floor
from typing import Any, Literal

import numpy as np

from lab.datasets import DRAWN_TRAIN
from lab.experiments import Experiment
from lab.records import MEASURED_ON, ArmEvent
from lab.results import metrics
from lab.results.outcome import Across, Curve, guess_place, height, rounded
from lab.results.spread import Runs
from ui.kit.components.replay import Mark
from ui.kit.runs import run_names
from ui.kit.runs.run_sentences import share
from viz.curves import AxisLimits, Band, Point

REACH = 1.5  # times as far as the curves: no mark lies farther out


Kind = Literal["run", "recorded"]


@dataclass(frozen=True)
class ShownRun:
    """What a page draws: arms and their reports, wherever they come from."""

    experiment: Experiment
    events: tuple[ArmEvent, ...]
    kind: Kind
    name: str
    note: str  # where and when a recording was made
    guess: Mapping[str, Any]  # the visitor's own
    pictures: int = MEASURED_ON  # of either kind at each point
    over: bool = True
    theirs: Mapping[str, Any] = field(default_factory=dict)  # of who started it
    seeds: Runs = ()  # the same with other seeds too, if there are any

    def of(self, experiment: Experiment, events: Sequence[ArmEvent]) -> ShownRun:
        """Another view of the same run."""
        return replace(self, experiment=experiment, events=tuple(events), seeds=())

    @property
    def labels(self) -> list[str]:
        """The arms' names in their order."""
        return [arm.label for arm in self.experiment.arms]


def points(
    experiment: Experiment,
    events: Sequence[ArmEvent],
    curve: Curve,
    across: Across = "epoch",
    line: str = "",
    run: str = "",
) -> list[Point]:
    """One curve of every arm."""
    return [
        Point(
            rounded(getattr(report, across), across),
            round(height(report, curve), 4),
            arm.label,
            line,
            f"{run}/{line}/{arm.label}",
        )
        for index, arm in enumerate(experiment.arms)
        for report in metrics.measured(events, index)
    ]


def bands(runs: Runs, curve: Curve) -> tuple[list[Band], list[Point]]:
    """Over the epochs: each arm's range over the seeds, and the mean within.

    An arm that ended sooner with one seed leaves the others' range as it is.
    """
    ranges: list[Band] = []
    means: list[Point] = []
    for index, arm in enumerate(runs[0][0].arms):
        lines = [
            (
                np.array([report.epoch for report in reports]),
                np.array([height(report, curve) for report in reports]),
            )
            for _, events in runs
            if (reports := metrics.measured(events, index))
        ]
        if not lines:
            continue
        longest = max((epochs for epochs, _ in lines), key=lambda x: float(x[-1]))
        for at in longest:
            there = [np.interp(at, x, y) for x, y in lines if at <= x[-1] + 1e-6]
            low, high = float(min(there)), float(max(there))
            x = round(float(at), 4)
            ranges.append(Band(x, round(low, 5), round(high, 5), arm.label))
            mean = round(float(np.mean(there)), 5)
            means.append(Point(x, mean, arm.label, run=f"mean/{arm.label}"))
    return ranges, means


def guess_marks(
    experiment: Experiment,
    guess: Mapping[str, Any],
    events: Sequence[ArmEvent],
    across: Across,
) -> list[Mark]:
    """The guess on the main chart, if the curves leave room for it."""
    if (place := guess_place(experiment, guess, events, across)) is None:
        return []
    far = max((getattr(event.report, across) for event in events), default=0.0)
    mark = Mark(*place, str(run_names.text().table("guess", "yours")["mark"]))
    return [mark] if mark.x <= REACH * far and 0 <= mark.y <= 1 else []


def frame(
    experiment: Experiment, points_: Sequence[Point], curve: Curve, across: Across
) -> AxisLimits:
    """Axes that a run has from its start to its end: all that it may take."""
    far = 1.0
    for arm in experiment.arms:
        match across:
            case "epoch":
                far = max(far, float(arm.epochs))
            case "seconds":
                far = max(far, arm.seconds)
            case "step":
                count = arm.pictures or DRAWN_TRAIN
                far = max(far, float(ceil(arm.epochs * count / arm.batch)))
    far = max([far, *(point.x for point in points_)])
    low = min([0.0, *(point.y for point in points_)])
    # A gap may be a little below zero, by chance: then there is room for it.
    return AxisLimits(far, min(floor(10 * low) / 10, -0.1 if curve == "gap" else 0.0))


def describe(experiment: Experiment, events: Sequence[ArmEvent], curve: Curve) -> str:
    """A chart's text alternative: where each arm began, and where it is."""
    text = run_names.text().table("curves")
    lines = [text[curve]]
    for index, arm in enumerate(experiment.arms):
        reports = metrics.measured(events, index)
        if not reports:
            lines.append(text["none"].format(arm=arm.label))
            continue
        lines.append(
            text["from_to"].format(
                arm=arm.label,
                first=share(reports[0], curve),
                now=share(reports[-1], curve),
                epoch=reports[-1].epoch,
            )
        )
    return " ".join(lines)


def table(experiment: Experiment, events: Sequence[ArmEvent]) -> dict[str, list[Any]]:
    """The measured points as columns."""
    head = run_names.text().table("table")
    rows = [
        (arm.label, report)
        for index, arm in enumerate(experiment.arms)
        for report in metrics.measured(events, index)
    ]
    return {
        head["arm"]: [label for label, _ in rows],
        head["epoch"]: [run_names.cell(round(r.epoch, 2)) for _, r in rows],
        head["seconds"]: [run_names.cell(round(r.seconds, 1)) for _, r in rows],
        head["training"]: [share(r, "training_error") for _, r in rows],
        head["validation"]: [share(r, "validation_error") for _, r in rows],
        head["gap"]: [share(r, "gap") for _, r in rows],
    }


def stacked(tables: list[tuple[str, dict[str, list[Any]]]]) -> dict[str, list[Any]]:
    """Tables of equal columns below each other, with the name of each in front."""
    head = run_names.text().table("list", "columns")
    stacked: dict[str, list[Any]] = {head["name"]: []}
    for name, table in tables:
        for column, values in table.items():
            stacked.setdefault(column, []).extend(values)
        stacked[head["name"]] += [name] * len(next(iter(table.values())))
    return stacked
