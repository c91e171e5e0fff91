"""What a browser replays of a training: curves, batch errors and filters, as bytes.

    u32      length of the head
    head     JSON: {"arms": [{"label", "points", "trace", "filters"}]}, padded with
             spaces until the next part begins at a multiple of 4
    filters  of each arm: scale, float32 (snapshots, n), then codes, int8 (snapshots,
             h, w, 3, n), padded to a multiple of 4

"points" are [place on the axis, value, value, …], "trace" [place, batch error];
"filters" is null, or {"at": offset after the head, "epochs", "shape", "tops"}.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.experiments import is_sweep
from lab.recordings import Curve, Recording, Snapshots
from lab.records import Report
from lab.report_json import short
from lab.results import metrics

ROBUST = 99.5  # percentile of |weight| that is full colour on one scale for all
VERSION = 12  # hexadecimal digits of a checksum


@dataclass(frozen=True)
class ReplayArm:
    """One line of a replay, and the filters that belong to it."""

    label: str
    points: Sequence[Sequence[float]]  # (place, value, value, …), places rising
    trace: Curve = ()  # (place, error of the batches since the point before)
    snapshots: Snapshots | None = None


def arms(recording: Recording) -> list[ReplayArm]:
    """The first seed's arms; of a sweep, each at its best rate.

    Points are (epoch, training error, validation error, gap), shares of 1.
    """
    experiment, events = recording.experiment, list(recording.events)
    traces, snapshots = recording.traces[:1], recording.snapshots
    if is_sweep(experiment) and (best := metrics.at_best(experiment, events)):
        experiment, events = best
        traces, snapshots = (), ()
    found = []
    for index, arm in enumerate(experiment.arms):
        reports = metrics.measured(events, index)
        found.append(
            ReplayArm(
                arm.label,
                [_point(report) for report in reports],
                traces[0][index] if traces else (),
                snapshots[index] if snapshots else _kept(reports),
            )
        )
    return found


def _point(report: Report) -> tuple[float, float, float, float]:
    wrong = 1 - report.validation_accuracy
    point = (report.epoch, report.training_error, wrong, wrong - report.training_error)
    return tuple(short(float(x)) for x in point)


def _kept(reports: Sequence[Report]) -> Snapshots | None:
    """The filters of the measured points, where no others were kept."""
    kept = [(x.epoch, x.filters) for x in reports if x.filters is not None]
    if not kept:
        return None
    epochs, kernels = zip(*kept, strict=True)
    return Snapshots.of(epochs, kernels)


def pack(lines: Sequence[ReplayArm]) -> bytes:
    """The bytes, gzipped; the same lines give the same."""
    head, body = [], b""
    for line in lines:
        filters = None
        if (seen := line.snapshots) is not None:
            filters = {
                "at": len(body),
                "epochs": seen.epochs,
                "shape": seen.codes.shape[1:],
                "tops": tops(seen),
            }
            body += np.ascontiguousarray(seen.scale, "<f4").tobytes()
            body += np.ascontiguousarray(seen.codes, np.int8).tobytes()
            body += bytes(-len(body) % 4)
        head.append(
            {
                "label": line.label,
                "points": [list(point) for point in line.points],
                "trace": [list(point) for point in line.trace],
                "filters": filters,
            }
        )
    text = json.dumps({"arms": head}, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    packed = len(text).to_bytes(4, "little") + text + body
    return gzip.compress(packed, 6, mtime=0)


def tops(seen: Snapshots) -> list[float]:
    """Of each snapshot: the |weight| that is full colour on one scale for all."""
    found = []
    for codes, scale in zip(seen.codes, seen.scale, strict=True):
        size = np.abs(codes * (scale / 127))
        robust = float(np.percentile(size, ROBUST))
        found.append(short(robust or float(size.max()) or 1.0))
    return found


def version(packed: bytes) -> str:
    """What changes when the bytes do."""
    return hashlib.sha256(packed).hexdigest()[:VERSION]
