"""Recorded runs: written once on a machine that is known, replayed anywhere.

    python -m lab.recordings record relu-vs-tanh-2012 --seeds 0 1 2 --data cifar-10 \\
        --out assets/recorded/relu-2012.json.gz

trains every arm of a preset for every seed, one after another, and writes one gzipped
JSON file: what was trained, on what, where, when, with which versions, by which
command, the measured points of every curve, and between them the running batch error.
Filters and dropout masks are kept for some points of the first seed alone: they are
most of the bytes.

Epochs end an arm, or its target; seconds do not, so a busy machine records the same.
What is done lies beside the file until all is: a recording that was stopped goes on
with the arm it was at when the same command is given again.

    python -m lab.recordings complete assets/recorded/pooling.json.gz

trains the first seed again and adds the batch error and the filters that a replay
shows, if every point comes out as it was recorded.
"""

from __future__ import annotations

import argparse
import logging
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.experiments import Experiment, check, swept
from lab.presets import PRESETS
from lab.provenance import limit_threads
from lab.recordings import SUFFIX, read, write
from lab.recordings.complete import complete
from lab.recordings.record import record
from lab.records import RECORDED_ON

log = logging.getLogger(__name__)

LONGEST = 6 * 3600.0  # seconds of training an arm: epochs are to end it, not this
# Fields of an arm that the command line may change, and their types.
FIELDS: dict[str, type[str] | type[int] | type[float]] = {
    "--network": str,
    "--initialisation": str,
    "--scaling": str,
    "--depth": int,
    "--bias-rate": float,
}


def parse_arguments(given: Sequence[str]) -> argparse.Namespace:
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
    more = verbs.add_parser("complete", help="add what a replay shows to a recording")
    more.add_argument("file", type=Path)
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
    fields = (name[2:].replace("-", "_") for name in FIELDS)
    for name in ("epochs", "seconds", *fields):
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
    arguments = parse_arguments(given)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    if arguments.verb == "complete":
        recording = read(arguments.file)
        limit_threads(recording.threads)
        return write(complete(recording), arguments.file)
    limit_threads(arguments.threads)
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
