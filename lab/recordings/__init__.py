"""Recorded runs: written once on a machine that is known, replayed anywhere.

    python -m lab.recordings record relu-vs-tanh-2012 --seeds 0 1 2 --data cifar-10 \\
        --out assets/recorded/relu-2012.json.gz

trains every arm of a preset for every seed, one after another, and writes one gzipped
JSON file: what was trained, on what, where, when, with which versions, by which
command, the measured points of every curve, and between them the running batch error.
Filters and dropout masks are kept for some points of the first seed alone: they are
most of the bytes.

Passes end an arm, or its target; seconds do not, so a busy machine records the same.
What is done lies beside the file until all is: a recording that was stopped goes on
with the arm it was at when the same command is given again.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import logging
import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from lab import datasets, metrics, report_json, wording
from lab.experiments import PRESETS, Arm, Experiment, check, swept
from lab.records import RECORDED_ON, Event, Report
from paths import ASSETS

log = logging.getLogger(__name__)

FORMAT = 2
FOLDER = ASSETS / "recorded"
SETTING = "ALEXNET_RECORDED"  # environment: a folder with more of them
SUFFIX = ".json.gz"
POINTS = 60  # of a curve, at most
FILTERS = 40  # of them with first-layer filters
MASKS = 12  # of them with dropout masks
TRACE = 240  # points of the running batch error, at most
PACKAGES = ("keras", "tensorflow", "numpy")
LONGEST = 6 * 3600.0  # seconds of training an arm: passes are to end it, not this
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
# Fields of an arm that the command line may change, and their types.
FIELDS: dict[str, type[str] | type[int] | type[float]] = {
    "--network": str,
    "--initialisation": str,
    "--scaling": str,
    "--depth": int,
    "--bias-rate": float,
}
TIME = (
    "Seconds are the clock's, on a machine that may have done other work too, from "
    "the first batch on and with the measuring: no measure of speed."
)


Curve = tuple[tuple[float, float], ...]


class RecordingBroken(ValueError):
    """A file is no recording; the message names it."""


@dataclass(frozen=True)
class Recording:
    """A preset, trained with some seeds. `events` are the first seed's."""

    title: str
    experiment: Experiment  # with the first seed
    seeds: tuple[int, ...]
    runs: tuple[tuple[Event, ...], ...]  # one for each seed
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

    @property
    def events(self) -> tuple[Event, ...]:
        """The first seed's reports."""
        return self.runs[0]

    @property
    def by_seed(self) -> list[tuple[Experiment, tuple[Event, ...]]]:
        """Each seed's experiment and its reports."""
        return [
            (self.experiment.vary(seed=seed), events)
            for seed, events in zip(self.seeds, self.runs, strict=True)
        ]


# --- making one ---------------------------------------------------------------------


def machine() -> str:
    """This machine in words: processor, cores, system."""
    name = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.is_file():
        for line in cpus.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


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
    runs: list[tuple[Event, ...]] = []
    endings: list[tuple[str, ...]] = []
    traces: list[tuple[Curve, ...]] = []
    for seed in seeds:
        events: list[Event] = []
        ends, traced = [], []
        for index, arm in enumerate(experiment.vary(seed=seed).arms):
            log.info("%s, seed %d: %s", experiment.name, seed, arm.label)
            if (one := done.get(arm)) is None:
                reports: list[Report] = []
                points: list[tuple[float, float]] = []
                ending = run.train(
                    arm,
                    reports.append,
                    measuring=run.Measuring(sample),
                    trace=lambda *point, to=points: to.append(point),
                )
                kept = _kept(reports, with_pictures=not runs)
                one = _OneArm(kept, ending.sentence, thin_trace(points))
                done.keep(arm, one)
            events += (
                Event(len(events) + number, index, report)
                for number, report in enumerate(one.reports, 1)
            )
            ends.append(one.ending)
            traced.append(one.trace)
            log.info("%s", one.ending)
        runs.append(tuple(events))
        endings.append(tuple(ends))
        traces.append(tuple(traced))
    notes = " ".join(getattr(described, "notes", ()))
    where = run.device()
    return Recording(
        title=title or experiment.name,
        experiment=first,
        seeds=tuple(seeds),
        runs=tuple(runs),
        endings=tuple(endings),
        data=f"{described.title}. {notes}".strip() if notes else described.title,
        machine=machine() if where == "CPU" else f"{where}; {machine()}",
        date=datetime.now(UTC).date().isoformat(),
        versions={"python": platform.python_version()}
        | {name: metadata.version(name) for name in PACKAGES},
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
            tuple(report_json.from_json(x) for x in reports), ending, _curve(trace)
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


def _kept(reports: Sequence[Report], with_pictures: bool) -> tuple[Report, ...]:
    """An arm's measured points, thinned; some of them with filters and masks."""
    curve = [
        Event(number, 0, report)
        for number, report in enumerate(reports, 1)
        if report.step == report.evaluated_step
    ]
    kept = metrics.thin(curve, POINTS)
    filtered, masked = (
        {event.number for event in metrics.thin(kept, most)} if with_pictures else set()
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


def _curve(plain: Sequence[Sequence[float]]) -> Curve:
    return tuple((epoch, error) for epoch, error in plain)


# --- as a file ----------------------------------------------------------------------


def write(recording: Recording, path: Path) -> None:
    """Writes the file; the same recording gives the same bytes."""
    about = {
        name: value
        for name, value in vars(recording).items()
        if name not in ("runs", "experiment")
    }
    about["experiment"] = recording.experiment.to_dict()
    about["runs"] = [
        [
            {"number": e.number, "arm": e.arm, "report": report_json.to_json(e.report)}
            for e in run
        ]
        for run in recording.runs
    ]
    text = json.dumps({"format": FORMAT} | about, separators=(",", ":"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read(path: Path) -> Recording:
    """The recording in a file.

    Raises:
        RecordingBroken: it is none, or of another format.
    """
    try:
        plain = json.loads(gzip.decompress(path.read_bytes()))
        if plain.pop("format") != FORMAT:
            raise ValueError(f"expected format {FORMAT}")
        runs = tuple(
            tuple(
                Event(e["number"], e["arm"], report_json.from_json(e["report"]))
                for e in run
            )
            for run in plain.pop("runs")
        )
        return Recording(
            experiment=wording.experiment(plain.pop("experiment")),
            runs=runs,
            seeds=tuple(plain.pop("seeds")),
            endings=tuple(
                tuple(wording.sentence(one) for one in each)
                for each in plain.pop("endings")
            ),
            data=wording.sentence(plain.pop("data")),
            traces=tuple(
                tuple(_curve(curve) for curve in seed)
                for seed in plain.pop("traces", ())
            ),
            **plain,
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


# --- the command line ---------------------------------------------------------------


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab.recordings")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("record", help="train a preset and write its curves")
    verb.add_argument("preset", choices=sorted(PRESETS))
    verb.add_argument("--seeds", type=int, nargs="+", default=[0])
    verb.add_argument("--data", help="a data set's name; the preset's own unless given")
    verb.add_argument("--out", type=Path, required=True)
    verb.add_argument("--title", default="", help="what the page calls it")
    verb.add_argument("--pictures", type=int, help="to train on; 0: all there are")
    verb.add_argument("--epochs", type=int, help="epochs, at most")
    verb.add_argument(
        "--seconds",
        type=float,
        default=LONGEST,
        help="of training per arm, at most; the default lets epochs end it",
    )
    verb.add_argument(
        "--until-target",
        action="store_true",
        help="end an arm after two measurements in a row at the preset's target",
    )
    verb.add_argument(
        "--sample",
        type=int,
        default=RECORDED_ON,
        help=f"images that each point is measured on ({RECORDED_ON:,})",
    )
    verb.add_argument("--threads", type=int, help="that Keras may use")
    for name, field in FIELDS.items():
        verb.add_argument(name, type=field, help=f"of every arm: {name[2:]}")
    rates = verb.add_mutually_exclusive_group()
    rates.add_argument(
        "--rates", type=float, nargs="+", help="learning rates, one for each arm"
    )
    rates.add_argument(
        "--sweep", type=float, nargs="+", help="learning rates, all for every arm"
    )
    return parser.parse_args(given)


def asked_for(arguments: argparse.Namespace) -> Experiment:
    """The preset with what the command line changes.

    Raises:
        ExperimentRefused: it is not a fair or possible one then.
        SystemExit: there are not as many rates as arms.
    """
    changes: dict[str, Any] = {}
    if arguments.data:
        changes["dataset"] = arguments.data
    if arguments.pictures is not None:
        changes["pictures"] = arguments.pictures or None
    own = (name[2:].replace("-", "_") for name in FIELDS)
    for name in ("epochs", "seconds", *own):
        if (value := getattr(arguments, name)) is not None:
            changes[name] = value
    experiment = PRESETS[arguments.preset].vary(**changes)
    if rates := arguments.rates:
        if len(rates) != len(experiment.arms):
            raise SystemExit(
                f"Expected {len(experiment.arms)} rates, one for each arm. "
                f"Received: {len(rates)}"
            )
        arms = (
            replace(arm, learning_rate=rate)
            for arm, rate in zip(experiment.arms, rates, strict=True)
        )
        experiment = replace(experiment, arms=tuple(arms))
    if arguments.until_target:
        experiment = experiment.vary(until=experiment.target)
    if arguments.sweep:
        return swept(experiment, arguments.sweep)
    return check(experiment)


def main(given: Sequence[str] | None = None) -> None:
    """Records a preset."""
    given = sys.argv[1:] if given is None else given
    arguments = _arguments(given)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    if arguments.threads is not None:  # Keras is not imported yet
        os.environ |= dict.fromkeys(THREADS, str(arguments.threads))
    out: Path = arguments.out
    partial = out.with_name(f"{out.name.removesuffix(SUFFIX)}.partial")
    recording = record(
        asked_for(arguments),
        arguments.seeds,
        shlex.join(["python", "-m", "lab.recordings", *given]),
        arguments.title,
        sample=arguments.sample,
        threads=arguments.threads,
        partial=partial,
    )
    write(recording, out)
    partial.unlink(missing_ok=True)
    log.info("%s: %d bytes", out, out.stat().st_size)


if __name__ == "__main__":
    main()
