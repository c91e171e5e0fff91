"""Recorded runs: what was trained, on what, where, when, and the curves of it.

Made by `python -m lab.recordings` on a machine that is known, replayed anywhere.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab import legacy_text, report_json
from lab.experiments import Experiment, is_sweep
from lab.records import RECORDED_ON, ArmEvent
from model.measured import pack_filters
from paths import ASSETS

log = logging.getLogger(__name__)

FORMAT = 2
FOLDER = ASSETS / "recorded"
SETTING = "ALEXNET_RECORDED"  # environment: a folder with more of them
SUFFIX = ".json.gz"
TIME = (
    "Seconds are the clock's, on a machine that may have done other work too, from "
    "the first batch on and with the measuring: no measure of speed."
)

Curve = tuple[tuple[float, float], ...]


class RecordingBroken(ValueError):
    """A file is no recording; the message names it."""


@dataclass(frozen=True)
class Snapshots:
    """The first layer's filters of an arm while it learned, in 8 bits a weight."""

    epochs: tuple[float, ...]
    codes: NDArray[np.int8]  # (snapshots, height, width, 3, n): 127 is the largest
    scale: NDArray[np.float32]  # (snapshots, n): what 127 stands for

    @staticmethod
    def of(
        epochs: Sequence[float], kernels: Sequence[NDArray[np.floating[Any]]]
    ) -> Snapshots:
        """Of kernels (height, width, 3, n), at least one."""
        rounded = tuple(report_json.short(float(epoch)) for epoch in epochs)
        return Snapshots(rounded, *pack_filters(list(kernels)))

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        packed = {
            name: report_json.pack_array(getattr(self, name))
            for name in ("codes", "scale")
        }
        return {"epochs": self.epochs} | packed

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Snapshots:
        """The reverse of `to_json`."""
        codes, scale = (report_json.unpack_array(data[x]) for x in ("codes", "scale"))
        return Snapshots(tuple(data["epochs"]), codes, scale)


@dataclass(frozen=True)
class Recording:
    """A preset, trained with some seeds. `events` are the first seed's."""

    title: str
    experiment: Experiment  # with the first seed
    seeds: tuple[int, ...]
    runs: tuple[tuple[ArmEvent, ...], ...]  # one for each seed
    endings: tuple[tuple[str, ...], ...]  # one for each seed and arm
    data: str  # what the pictures are
    machine: str
    date: str  # as in 2026-11-25
    versions: Mapping[str, str]
    command: str
    sample: int = RECORDED_ON  # pictures of either kind at each point
    threads: int | None = None  # None: as many as the machine gives
    time: str = TIME  # what the reports' seconds mean
    # For each seed and arm: (epoch, error of the batches since the point before).
    traces: tuple[tuple[Curve, ...], ...] = ()
    snapshots: tuple[Snapshots, ...] = field(default=(), compare=False)  # the first's

    @property
    def events(self) -> tuple[ArmEvent, ...]:
        """The first seed's reports."""
        return self.runs[0]

    @property
    def by_seed(self) -> list[tuple[Experiment, tuple[ArmEvent, ...]]]:
        """Each seed's experiment and its reports."""
        return [
            (self.experiment.vary(seed=seed), events)
            for seed, events in zip(self.seeds, self.runs, strict=True)
        ]


# --- as a file ----------------------------------------------------------------------


def as_curve(data: Sequence[Sequence[float]]) -> Curve:
    """A curve as JSON has it."""
    return tuple((epoch, error) for epoch, error in data)


def write(recording: Recording, path: Path) -> None:
    """Writes the file; the same recording gives the same bytes."""
    about = {
        name: value
        for name, value in vars(recording).items()
        if name not in ("runs", "experiment", "snapshots")
    }
    about["experiment"] = recording.experiment.to_dict()
    about["runs"] = [
        [
            {"number": e.number, "arm": e.arm, "report": report_json.to_json(e.report)}
            for e in run
        ]
        for run in recording.runs
    ]
    if recording.snapshots:
        about["snapshots"] = [one.to_json() for one in recording.snapshots]
    text = json.dumps({"format": FORMAT} | about, separators=(",", ":"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read(path: Path) -> Recording:
    """The recording in a file.

    Raises:
        RecordingBroken: it is none, or of another format.
    """
    try:
        data = json.loads(gzip.decompress(path.read_bytes()))
        if data.pop("format") != FORMAT:
            raise ValueError(f"expected format {FORMAT}")
        runs = tuple(
            tuple(
                ArmEvent(e["number"], e["arm"], report_json.from_json(e["report"]))
                for e in run
            )
            for run in data.pop("runs")
        )
        return Recording(
            experiment=legacy_text.experiment(data.pop("experiment")),
            runs=runs,
            seeds=tuple(data.pop("seeds")),
            endings=tuple(
                tuple(legacy_text.sentence(one) for one in each)
                for each in data.pop("endings")
            ),
            data=legacy_text.sentence(data.pop("data")),
            traces=tuple(
                tuple(as_curve(curve) for curve in seed)
                for seed in data.pop("traces", ())
            ),
            snapshots=tuple(
                Snapshots.from_json(one) for one in data.pop("snapshots", ())
            ),
            **data,
        )
    except (OSError, EOFError, KeyError, TypeError, ValueError) as error:
        raise RecordingBroken(f"{path.name} is no recorded run: {error}") from error


def folders() -> list[Path]:
    """Where recordings are: those that come with the lab, and a school's own."""
    named = os.environ.get(SETTING)
    return [FOLDER, *([Path(named).expanduser()] if named else [])]


def read_all(*where: Path) -> dict[str, Recording]:
    """Every recording of these folders by its file's name; broken ones are left out."""
    found = {}
    for folder in where or folders():
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            try:
                found[path.name.removesuffix(SUFFIX)] = read(path)
            except RecordingBroken as trouble:
                log.warning("%s", trouble)
    return found


def of_preset(found: Mapping[str, Recording], preset: str) -> dict[str, Recording]:
    """Those that were made of a preset, by file name; sweeps last."""
    names = [name for name, one in found.items() if one.experiment.name == preset]
    names.sort(key=lambda name: (is_sweep(found[name].experiment), name))
    return {name: found[name] for name in names}


def read_evidence(path: Path = FOLDER / "datasets.json") -> dict[str, Any]:
    """The figures of `python -m bench.datasets --out`; empty where there are none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("%s holds no figures: %s", path.name, error)
        return {}
    return found if isinstance(found, dict) else {}
