"""Searches one setting: `python -m lab.factor` (see the package)."""

from __future__ import annotations

import argparse
import logging
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from lab import datasets, recordings
from lab.experiments import Activation
from lab.factor import FOLDER, RATES, Search, Setting, factor, of_recording, read, write
from lab.factor.rates import search, train
from lab.provenance import limit_threads, machine, today, versions
from lab.recordings import Recording

log = logging.getLogger(__name__)


def add_runs(found: Search, recording: Recording) -> Search:
    """The search with a recording's runs.

    Raises:
        SystemExit: it was recorded in another setting.
    """
    for arm in recording.experiment.arms:
        mine = found.setting.arm(arm.activation, arm.learning_rate, arm.seed)
        count = arm.pictures or datasets.MOST_DRAWN  # none: all of CIFAR-10
        if replace(mine, label=arm.label) != replace(arm, pictures=count):
            raise SystemExit(
                f"Expected a recording of {found.setting.name}. "
                f"Received another setting: {arm}"
            )
    known = {one.key for one in found.trials}
    new = [one for one in of_recording(recording) if one.key not in known]
    return replace(found, trials=(*found.trials, *new))


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab.factor")
    parser.add_argument("--images", type=int, required=True, help="to train on")
    parser.add_argument("--start", choices=("2012", "today", "unit-variance"))
    parser.add_argument("--depth", type=int, default=3, help="convolutions")
    parser.add_argument(
        "--network", default="four-layer", choices=("four-layer", "19pct", "18pct")
    )
    parser.add_argument("--activations", nargs="+", default=["relu", "tanh"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--rates", type=float, nargs="+", help="most promising first")
    parser.add_argument("--threads", type=int, help="that Keras may use")
    parser.add_argument(
        "--recording", type=Path, help="whose runs of this very setting count, too"
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="a folder")
    arguments = parser.parse_args(given)
    arguments.start = arguments.start or "2012"
    return arguments


def main(given: Sequence[str] | None = None) -> None:
    """Searches one setting."""
    given = sys.argv[1:] if given is None else given
    arguments = _arguments(given)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    limit_threads(arguments.threads)
    setting = Setting(
        arguments.images, arguments.start, arguments.depth, arguments.network
    )
    path = arguments.out / f"{setting.name}.json"
    found = read(path) if path.is_file() else Search(setting)
    command = shlex.join(["python", "-m", "lab.factor", *given])
    found = replace(
        found,
        commands=tuple(dict.fromkeys((*found.commands, command))),
        date=today(),
        made_on=machine(),
        versions=versions(),
    )

    def keep(search: Search) -> Any:
        return write(search, arguments.out)

    if arguments.recording is not None:
        found = add_runs(found, recordings.read(arguments.recording))
        keep(found)

    for name in cast(Iterable[Activation], arguments.activations):
        start = "authors" if setting.is_authors else setting.start
        rates = arguments.rates or RATES[start, name]
        found = search(found, name, arguments.seeds, rates, train, keep)
    for other in {"tanh", "sigmoid"} & set(arguments.activations):
        if (one := factor(found, other)) is not None:
            log.info(
                "%s: %.1f times (%.1f to %.1f)", other, one.mean, one.low, one.high
            )


if __name__ == "__main__":
    main()
