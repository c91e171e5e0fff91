"""Adds to a recording what its replay needs: batch error and filters of the first seed.

The first seed is trained again. What it adds is taken only where every point comes out
as it was recorded, so that curves and filters are of the same training.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from lab.recordings import Curve, Recording, Snapshots
from lab.recordings.record import train
from lab.records import Report
from lab.results import metrics

log = logging.getLogger(__name__)

EXACT = 1e-4  # two points that are the same: recordings have five digits


class CurvesDiffer(ValueError):
    """The training comes out otherwise here; the message says where."""


def complete(recording: Recording) -> Recording:
    """The recording with batch errors and filters of its first seed.

    Raises:
        CurvesDiffer: trained again, an arm has other points.
    """
    traces: list[Curve] = []
    snapshots: list[Snapshots] = []
    for index, arm in enumerate(recording.experiment.arms):
        log.info("Seed %d: %s", arm.seed, arm.label)
        before = metrics.measured(recording.events, index)
        every = (before[1].step - before[0].step) * arm.batch
        again = train(arm, recording.sample, first=True, every=every)
        compare(before, again.reports, arm.label)
        assert again.snapshots is not None  # of the first seed
        traces.append(again.trace)
        snapshots.append(again.snapshots)
    others = recording.traces[1:] or ((),) * (len(recording.seeds) - 1)
    return replace(
        recording, traces=(tuple(traces), *others), snapshots=tuple(snapshots)
    )


def compare(before: Sequence[Report], after: Sequence[Report], label: str) -> None:
    """Raises:
    CurvesDiffer: an error or an accuracy is not what it was at the same step.
    """
    now = {report.step: report for report in after}
    for old in before:
        new = now.get(old.step)
        if new is None or not (
            abs(new.training_error - old.training_error) < EXACT
            and abs(new.validation_accuracy - old.validation_accuracy) < EXACT
        ):
            found = "nothing" if new is None else f"{new.training_error:.4f}"
            raise CurvesDiffer(
                f"{label}: expected a training error of {old.training_error:.4f} at "
                f"step {old.step:,}, as it was recorded. Received: {found}"
            )
