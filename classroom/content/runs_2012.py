"""The authors' training runs of 2012: assets/runs-2012.toml, read and checked.

A mistake in the file is a `ContentBroken` that names file and line.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from classroom.content.code_2012 import Place, places
from classroom.content.toml_file import TomlFile
from paths import ASSETS

FILE = ASSETS / "runs-2012.toml"
SETS = ("validation", "test")
KINDS = ("network", "normalisation", "gpus", "rates", "data", "luck", "early")


@dataclass(frozen=True)
class Errors:
    """Top-1 and top-5 error in per cent (or their differences, in points)."""

    top1: float
    top5: float

    def __sub__(self, other: Errors) -> Errors:
        return Errors(self.top1 - other.top1, self.top5 - other.top5)


@dataclass(frozen=True)
class AuthorsRun:
    """One training, as recorded in its notes; None: not recorded."""

    name: str
    data: str  # the year of the data set
    rate: float  # learning rate at the start
    drops: tuple[float, ...]  # epochs at which the learning rate was divided by 10
    places: tuple[Place, ...]
    machines: tuple[str, ...]
    started: datetime.date | None = None
    filters: int | None = None  # of conv1
    slowed: int | None = None  # epoch at which conv1's rate alone was lowered
    frozen: int | None = None  # epoch at which it was set to 0
    end: float | None = None  # epoch
    errors: Errors | None = None  # over ten views
    one_view: Errors | None = None
    measured_on: str | None = None  # "validation" or "test"


@dataclass(frozen=True)
class Change:
    """What was done to run 145 at an epoch; None: left as it was."""

    epoch: int
    places: tuple[Place, ...]
    rate: float | None = None  # of all layers
    conv1: float | None = None  # of conv1 alone; 0: frozen
    noise: float | None = None  # of the colours
    machine: str | None = None
    paused: str | None = None  # for what
    ends: str | None = None  # the run whose end this is


@dataclass(frozen=True)
class Printed:
    """A number of the paper, and the run or the two runs that it fits."""

    name: str
    printed: Errors
    noted: Errors
    run: AuthorsRun
    minus: AuthorsRun | None
    places: tuple[Place, ...]


@dataclass(frozen=True)
class TriedIdea:
    """Something that was tried beside, by kind."""

    name: str
    kind: str
    numbers: Mapping[str, float]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Seven:
    """The likely seven networks of the contest: inferred."""

    five: tuple[AuthorsRun, ...]
    pre_trained: tuple[AuthorsRun, ...]
    candidates: tuple[AuthorsRun, ...]  # for the places that are left
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Release:
    """What there is in the published code."""

    definitions: int
    settings: int
    runs: int  # with a time of their own
    killed: int  # notes that a run was killed
    first: datetime.date
    last: datetime.date


@dataclass(frozen=True)
class Notebook:
    """All of it."""

    release: Release
    runs: Mapping[str, AuthorsRun]
    history: tuple[Change, ...]
    printed: tuple[Printed, ...]
    seven: Seven
    tried: tuple[TriedIdea, ...]

    def of_kind(self, kind: str) -> tuple[TriedIdea, ...]:
        """What was tried of one of `KINDS`, in order."""
        return tuple(one for one in self.tried if one.kind == kind)


# --- reading ------------------------------------------------------------------------

_NUMBER = (int, float)
_RUN: dict[str, Any] = {
    "data": str,
    "drops": list,
    "machines": list,
    "source": str,
}
_RUN_MORE: dict[str, Any] = {
    "rate": _NUMBER,
    "started": datetime.date,
    "filters": int,
    "slowed": int,
    "frozen": int,
    "end": _NUMBER,
    "set": str,
    "top1": _NUMBER,
    "top5": _NUMBER,
    "one_view": list,
}
_CHANGE_MORE: dict[str, Any] = {
    "rate": _NUMBER,
    "conv1": _NUMBER,
    "noise": _NUMBER,
    "machine": str,
    "paused": str,
    "ends": str,
}


class _Entry:
    """One entry of the file, and the line that it begins in."""

    def __init__(self, file: TomlFile, line: int, name: str, raw: Any) -> None:
        self.file, self.line, self.name = file, line, name
        if not isinstance(raw, dict):
            raise self.wrong("must be an entry of its own")
        self.raw: dict[str, Any] = raw

    def wrong(self, what: str) -> ValueError:
        return self.file.broken(self.line, f"{self.name}: {what}")

    def check(
        self, needed: Mapping[str, Any], more: Mapping[str, Any] | None = None
    ) -> None:
        """The entry has these fields, with these types, and no other."""
        known = {**needed, **(more or {})}
        for name, value in self.raw.items():
            if name not in known:
                raise self.wrong(f"no field is called {name!r}: {', '.join(known)}")
            if not isinstance(value, known[name]) or isinstance(value, bool):
                raise self.wrong(f"{name} is of another type. Received: {value!r}")
        for name in needed:
            if name not in self.raw:
                raise self.wrong(f"{name} is missing")

    def places(self) -> tuple[Place, ...]:
        try:
            found = places(self.raw["source"])
        except ValueError as trouble:
            raise self.wrong(str(trouble)) from trouble
        if not found:
            raise self.wrong("source is empty")
        return found

    def numbers(self, name: str, count: int | None = None) -> tuple[float, ...]:
        """A list of numbers, of some length if that is given."""
        found = self.raw[name]
        if not all(isinstance(x, _NUMBER) for x in found):
            raise self.wrong(f"{name} must be a list of numbers. Received: {found!r}")
        if count is not None and len(found) != count:
            raise self.wrong(f"{name} must have {count} numbers. Received: {found!r}")
        return tuple(found)

    def errors(self, name: str) -> Errors | None:
        return Errors(*self.numbers(name, 2)) if name in self.raw else None

    def run(self, name: str, runs: Mapping[str, AuthorsRun]) -> AuthorsRun:
        """The run that the entry names in that field."""
        if name not in runs:
            raise self.wrong(f"no run is called {name!r}: {', '.join(runs)}")
        return runs[name]


def _run(entry: _Entry, name: str, rate: float) -> AuthorsRun:
    """[runs.<name>] as a run, in the order of time."""
    entry.check(_RUN, _RUN_MORE)
    raw = entry.raw
    if ("top1" in raw) != ("top5" in raw):
        raise entry.wrong("top1 and top5 are noted together or not at all")
    if "set" in raw and raw["set"] not in SETS:
        raise entry.wrong(f"set is {' or '.join(SETS)}. Received: {raw['set']!r}")
    drops = entry.numbers("drops")
    frozen, end = raw.get("frozen"), raw.get("end")
    for what, epochs in (
        ("drops and end", [*drops, end]),
        ("slowed, frozen and end", [raw.get("slowed"), frozen, end]),
    ):
        noted = [epoch for epoch in epochs if epoch is not None]
        if noted != sorted(noted):
            raise entry.wrong(f"{what} must follow each other. Received: {noted}")
    return AuthorsRun(
        name=name,
        data=raw["data"],
        rate=raw.get("rate", rate),
        drops=drops,
        places=entry.places(),
        machines=tuple(raw["machines"]),
        started=raw.get("started"),
        filters=raw.get("filters"),
        slowed=raw.get("slowed"),
        frozen=frozen,
        end=end,
        errors=Errors(raw["top1"], raw["top5"]) if "top1" in raw else None,
        one_view=entry.errors("one_view"),
        measured_on=raw.get("set"),
    )


def _listed(file: TomlFile, table: Mapping[str, Any], name: str) -> Iterator[_Entry]:
    """The entries [[name]], each with its line."""
    heads = re.finditer(rf"^\[\[{name}\]\]", file.text, re.MULTILINE)
    lines = [file.line_at(head.start()) for head in heads]
    for line, raw in zip(lines, table.get(name, ()), strict=True):
        yield _Entry(file, line, f"[[{name}]]", raw)


def _history(
    entries: Iterator[_Entry], runs: Mapping[str, AuthorsRun]
) -> Iterator[Change]:
    last = 0
    for entry in entries:
        entry.check({"epoch": int, "source": str}, _CHANGE_MORE)
        raw = {name: entry.raw.get(name) for name in _CHANGE_MORE}
        if all(value is None for value in raw.values()):
            raise entry.wrong("nothing was changed")
        if entry.raw["epoch"] < last:
            raise entry.wrong(f"epoch {entry.raw['epoch']} comes after {last}")
        last = entry.raw["epoch"]
        if raw["ends"] is not None:
            entry.run(raw["ends"], runs)
        yield Change(last, entry.places(), **raw)


def _printed(
    entries: Iterator[_Entry], runs: Mapping[str, AuthorsRun]
) -> Iterator[Printed]:
    for entry in entries:
        entry.check(
            {"id": str, "printed": list, "run": str, "source": str},
            {"minus": str, "views": str},
        )
        raw = entry.raw
        run = entry.run(raw["run"], runs)
        minus = entry.run(raw["minus"], runs) if "minus" in raw else None
        noted = run.one_view if raw.get("views") == "one" else run.errors
        if noted is None or (minus is not None and minus.errors is None):
            raise entry.wrong(f"the notes of {raw['run']} have no such result")
        if minus is not None:
            assert minus.errors is not None
            noted = noted - minus.errors
        printed = entry.errors("printed")
        assert printed is not None
        yield Printed(raw["id"], printed, noted, run, minus, entry.places())


def _tried(entries: Iterator[_Entry]) -> Iterator[TriedIdea]:
    for entry in entries:
        raw = entry.raw
        text = {"id": str, "kind": str, "source": str}
        entry.check(text, {name: _NUMBER for name in raw if name not in text})
        if raw["kind"] not in KINDS:
            raise entry.wrong(f"kind is {', '.join(KINDS)}. Received: {raw['kind']!r}")
        numbers = {name: x for name, x in raw.items() if name not in text}
        yield TriedIdea(raw["id"], raw["kind"], numbers, entry.places())


def _seven(entry: _Entry, runs: Mapping[str, AuthorsRun]) -> Seven:
    lists = ("five", "pre_trained", "candidates")
    entry.check({**dict.fromkeys(lists, list), "source": str})
    members = [tuple(entry.run(x, runs) for x in entry.raw[name]) for name in lists]
    if any(run.errors is None for run in (*members[0], *members[1], *members[2])):
        raise entry.wrong("a run without a noted result cannot be one of the seven")
    return Seven(members[0], members[1], members[2], entry.places())


def _once(file: TomlFile, names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            line = file.line_of(rf'^id = "{re.escape(name)}"')
            raise file.broken(line, f"{what} {name!r} is there twice")


@cache
def notebook(path: Path = FILE) -> Notebook:
    """The notebook of 2012.

    Raises:
        ContentBroken: a mistake in the file; names file and line.
    """
    file = TomlFile(path, path.parent)
    table = file.toml()

    def entry(name: str) -> _Entry:
        line = file.line_of(rf"^\[{re.escape(name)}\]")
        raw: Any = table
        for part in name.split("."):
            raw = raw.get(part) if isinstance(raw, dict) else None
        return _Entry(file, line, f"[{name}]", raw)

    common = entry("common")
    common.check(
        {"rate": _NUMBER, "batch": int, "momentum": _NUMBER, "decay": _NUMBER}
        | {"noise": _NUMBER, "source": str}
    )
    release = entry("release")
    fields: dict[str, Callable[..., Any]] = {"first": datetime.date}
    fields |= {"last": datetime.date, "definitions": int, "settings": int}
    release.check(fields | {"runs": int, "killed": int})
    rate = float(common.raw["rate"])
    runs = {name: _run(entry(f"runs.{name}"), name, rate) for name in table["runs"]}
    printed = tuple(_printed(_listed(file, table, "printed"), runs))
    tried = tuple(_tried(_listed(file, table, "tried")))
    _once(file, [one.name for one in printed], "the printed number")
    _once(file, [one.name for one in tried], "what was tried,")
    return Notebook(
        release=Release(**release.raw),
        runs=runs,
        history=tuple(_history(_listed(file, table, "history"), runs)),
        printed=printed,
        seven=_seven(entry("seven"), runs),
        tried=tried,
    )
