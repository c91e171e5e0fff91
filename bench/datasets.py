"""Which small pictures the lab brings along: do both effects show on them?

    python -m bench.datasets

trains the paper's four-layer network (section 3.1, Figure 1) on each candidate and asks
two things. Does ReLU reach 25 % training error sooner than tanh, each at the best rate
of a small sweep? Does dropout shrink the gap between training and validation? Each arm
has one thread; its seconds are those that it had a processor for, so a busy machine
does not lengthen them. `--runs FILE` keeps every run as a line of JSON, and goes on
where it was stopped; without it everything is measured again, in about 40 minutes.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.candidates import CANDIDATES
from lab import run as lab_run
from lab.datasets import synthetic
from lab.experiments import Arm
from lab.records import Control, Report

TARGET = 0.25  # training error, the dashed line of Figure 1
LOOKED_AT = 500  # pictures of either kind, each time
LOOK_EVERY = 1_600  # training pictures
SEEDS = range(5)


# --- One run --------------------------------------------------------------------------


@dataclass(frozen=True)
class ArmCurve:
    """What an arm did. Errors are taken in evaluation mode, on fixed pictures."""

    arm: Arm
    pictures: tuple[int, ...]  # learned from until then
    seconds: tuple[float, ...]  # of a processor until then, looking included
    train_error: tuple[float, ...]
    validation_error: tuple[float, ...]

    @property
    def reached(self) -> tuple[float, float] | None:
        """Pictures and seconds until TARGET, interpolated; None if it is not there."""
        before = (0.0, 0.0, 0.9)
        for point in zip(self.pictures, self.seconds, self.train_error, strict=True):
            if point[2] <= TARGET:
                part = (before[2] - TARGET) / (before[2] - point[2])
                return (
                    before[0] + part * (point[0] - before[0]),
                    before[1] + part * (point[1] - before[1]),
                )
            before = point
        return None

    @property
    def gap(self) -> float:
        """Validation error less training error, mean of the last three looks."""
        pairs = zip(self.validation_error[-3:], self.train_error[-3:], strict=True)
        return statistics.fmean(a - b for a, b in pairs)


def train(arm: Arm) -> ArmCurve:
    """Trains an arm until its processor seconds are used up, or TARGET is reached.

    An arm with dropout has no target, nor has the one that it is compared with.
    """
    data = CANDIDATES[arm.dataset](arm.pictures or 0, arm.seed)
    looks: dict[int, tuple[float, float, float]] = {}
    busy = began = 0.0

    def report(seen: Report) -> None:
        nonlocal busy, began
        began = began or time.process_time()
        busy = time.process_time() - began
        if seen.evaluated_step == seen.step:
            looks[seen.step * arm.batch] = (
                round(busy, 2),
                round(seen.training_error, 4),
                round(1 - seen.validation_accuracy, 4),
            )

    def command() -> Control:
        errors = [error for _, error, _ in looks.values()]
        is_there = arm.label not in DROPOUT and bool(errors) and errors[-1] <= TARGET
        is_over = began and time.process_time() - began >= arm.seconds
        return Control("stop") if is_there or is_over else Control()

    # Its own clock is the wall's, which a busy machine makes meaningless.
    lab_run.train(
        replace(arm, seconds=6 * 3600),
        report,
        command,
        data=data,
        measuring=lab_run.Measuring(LOOKED_AT, LOOK_EVERY),
    )
    return ArmCurve(arm, tuple(looks), *zip(*looks.values(), strict=True))


# --- Which arms -----------------------------------------------------------------------

SMALL = Arm("", pictures=3_000, batch=64, epochs=1_000, seconds=40.0)
PRACTICE = {
    "2012": replace(SMALL, initialisation="2012", scaling="centred"),
    "today": SMALL,
}
SWEPT = {
    ("relu", "2012"): (0.0005, 0.001, 0.002, 0.004, 0.008),
    ("tanh", "2012"): (0.001, 0.002, 0.004, 0.008, 0.016, 0.032),
    ("relu", "today"): (0.001, 0.003, 0.01, 0.03),
    ("tanh", "today"): (0.003, 0.01, 0.03, 0.1),
}
# The preset `dropout-small`.
LEARNT_BY_HEART = replace(
    SMALL, network="dense", pictures=1_000, learning_rate=0.004, seconds=40.0
)
DROPOUT = {"without dropout": 0.0, "with dropout": 0.5}  # in the dense layers


def of_activation(activation: str, practice: str, rate: float) -> Arm:
    """The four-layer network in the practice of that year."""
    return replace(
        PRACTICE[practice],
        label=activation,
        activation=activation,  # type: ignore[arg-type]
        learning_rate=rate,
    )


Best = Callable[[str, str], float]  # of an activation in a year's practice: its rate


def swept(activation: str, practice: str) -> list[Arm]:
    """One arm for each rate, one seed."""
    return [
        of_activation(activation, practice, rate)
        for rate in SWEPT[activation, practice]
    ]


def sweep(best: Best) -> Iterable[Arm]:
    """Every arm's rates; the other parts take the best."""
    for activation, practice in SWEPT:
        yield from swept(activation, practice)


def relu_tanh(practice: str, best: Best) -> Iterable[Arm]:
    """The paper's claim on the chosen pictures."""
    for seed in SEEDS:
        for activation in ("relu", "tanh"):
            rate = best(activation, practice)
            yield replace(of_activation(activation, practice, rate), seed=seed)


def dropout(best: Best) -> Iterable[Arm]:
    """A set small enough to be learnt by heart, with dropout and without."""
    for seed in SEEDS:
        for label, rate in DROPOUT.items():
            yield replace(LEARNT_BY_HEART, label=label, dropout=rate, seed=seed)


def rejected(best: Best) -> Iterable[Arm]:
    """The same questions, asked of the candidates that were not chosen."""
    for candidate in ("plain", "patches"):
        for activation in ("relu", "tanh"):
            arm = of_activation(activation, "2012", best(activation, "2012"))
            yield replace(arm, dataset=candidate)
        for label, rate in DROPOUT.items():
            yield replace(LEARNT_BY_HEART, label=label, dropout=rate, dataset=candidate)


PARTS: dict[str, Callable[[Best], Iterable[Arm]]] = {
    "sweep": sweep,
    "relu-tanh-2012": partial(relu_tanh, "2012"),
    "relu-tanh-today": partial(relu_tanh, "today"),
    "dropout": dropout,
    "rejected": rejected,
}


@dataclass(frozen=True)
class DatasetBench:
    """Runs arms, each once: what `kept` has is not trained again."""

    kept: dict[Arm, ArmCurve]
    file: Path | None = None  # gets a line for every new run
    quick: bool = False

    def runs(self, arms: Iterable[Arm]) -> list[ArmCurve]:
        """Each arm's run: from those kept, or trained now and kept."""
        found = []
        for wanted in arms:
            arm = replace(wanted, pictures=200, seconds=0.5) if self.quick else wanted
            if arm not in self.kept:
                self.kept[arm] = train(arm)
                if self.file is not None:
                    with self.file.open("a", encoding="utf-8") as lines:
                        lines.write(json.dumps(asdict(self.kept[arm])) + "\n")
            found.append(self.kept[arm])
        return found

    def best(self, activation: str, practice: str) -> float:
        """The rate that got there soonest; if none did, the one that came closest."""

        def order(run: ArmCurve) -> tuple[bool, float]:
            there = run.reached
            return (True, run.train_error[-1]) if there is None else (False, there[0])

        runs = self.runs(swept(activation, practice))
        return min(runs, key=order).arm.learning_rate


def kept_runs(file: Path | None) -> dict[Arm, ArmCurve]:
    """The runs of a file that was written before."""
    if file is None or not file.exists():
        return {}
    runs = {}
    for line in file.read_text("utf-8").splitlines():
        fields = json.loads(line)
        arm = Arm(**fields.pop("arm"))
        runs[arm] = ArmCurve(arm, **{name: tuple(x) for name, x in fields.items()})
    return runs


# --- What they say --------------------------------------------------------------------


def spread(values: Sequence[float]) -> dict[str, float]:
    """Mean and range, which a table and a page show."""
    return {
        "mean": round(statistics.fmean(values), 3),
        "least": round(min(values), 3),
        "most": round(max(values), 3),
    }


def compared(runs: Sequence[ArmCurve]) -> dict[str, Any]:
    """ReLU and tanh: seconds to the target, and how many times sooner ReLU is.

    Where an arm does not reach the target, the ratio is a bound: it is counted as if it
    did at its last epoch.
    """
    found: dict[str, Any] = {}
    arms = {}
    for activation in ("relu", "tanh"):
        arms[activation] = [run for run in runs if run.arm.activation == activation]
        arms[activation].sort(key=lambda run: run.arm.seed)
        reached = [run.reached for run in arms[activation]]
        found[activation] = {
            "rate": arms[activation][0].arm.learning_rate,
            "reached": sum(point is not None for point in reached),
            "of": len(reached),
            "last_train_error": spread([r.train_error[-1] for r in arms[activation]]),
        }
        if there := [point for point in reached if point is not None]:
            found[activation]["pictures"] = spread([point[0] for point in there])
            found[activation]["seconds"] = spread([point[1] for point in there])
    ratios = []
    for relu, tanh in zip(arms["relu"], arms["tanh"], strict=True):
        first = relu.reached or (relu.pictures[-1], 0.0)
        second = tanh.reached or (tanh.pictures[-1], 0.0)
        ratios.append(second[0] / first[0])
    found["ratio"] = spread(ratios)
    found["ratio_is_a_bound"] = any(
        run.reached is None for run in (*arms["relu"], *arms["tanh"])
    )
    return found


def gaps(runs: Sequence[ArmCurve]) -> dict[str, Any]:
    """Without dropout and with it: errors at the end, and the gap between them."""
    found: dict[str, Any] = {}
    for label in DROPOUT:
        some = [run for run in runs if run.arm.label == label]
        found[label] = {
            "of": len(some),
            "gap": spread([run.gap for run in some]),
            "train_error": spread([run.train_error[-1] for run in some]),
            "validation_error": spread([run.validation_error[-1] for run in some]),
            "pictures": spread([float(run.pictures[-1]) for run in some]),
        }
    found["ranges_overlap"] = (
        found["without dropout"]["gap"]["least"] <= found["with dropout"]["gap"]["most"]
    )
    return found


def summary(part: str, runs: Sequence[ArmCurve]) -> dict[str, Any]:
    """The figures of one part."""
    if part == "sweep":
        rates: dict[str, Any] = {}
        for run in runs:
            arm = run.arm
            rates[f"{arm.activation} {arm.initialisation} {arm.learning_rate:g}"] = {
                "seconds": None if run.reached is None else round(run.reached[1], 1),
                "last_train_error": run.train_error[-1],
            }
        return rates
    if part.startswith("relu-tanh"):
        return compared(runs)
    if part == "dropout":
        return gaps(runs)
    return {
        candidate: {
            "2012": compared([x for x in some if x.arm.label not in DROPOUT]),
            "dropout": gaps([x for x in some if x.arm.label in DROPOUT]),
        }
        for candidate in dict.fromkeys(run.arm.dataset for run in runs)
        if (some := [run for run in runs if run.arm.dataset == candidate])
    }


def flat(found: dict[str, Any], above: str = "") -> Iterable[tuple[str, object]]:
    """A nested summary as the lines of a table."""
    for name, value in found.items():
        title = f"{above} {name}".strip()
        if isinstance(value, dict) and set(value) == {"mean", "least", "most"}:
            yield title, f"{value['mean']:g} ({value['least']:g} to {value['most']:g})"
        elif isinstance(value, dict):
            yield from flat(value, title)
        else:
            yield title, value


def machine() -> dict[str, str]:
    """What it was measured on."""
    import keras
    import tensorflow as tf

    return {
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "processor": f"one thread of {platform.machine()}",
    }


def drawing(count: int = 3_000) -> float:
    """Pictures drawn a second, by one thread."""
    labels = np.arange(count, dtype=np.int32) % len(synthetic.CLASSES)
    began = time.process_time()
    synthetic.draw(labels, 0)
    return count / (time.process_time() - began)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    about = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m bench.datasets", description=about)
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one")
    parser.add_argument("--seed", type=int, action="append", help="only this one")
    parser.add_argument("--runs", type=Path, help="keep every run in this file")
    parser.add_argument("--out", type=Path, help="write the figures there, as JSON")
    parser.add_argument(
        "--quick", action="store_true", help="one short run an arm, to try the script"
    )
    options = parser.parse_args(argv)
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    bench = DatasetBench(kept_runs(options.runs), options.runs, options.quick)
    seeds = options.seed or (SEEDS[:1] if options.quick else SEEDS)
    found: dict[str, Any] = {
        "drawn_per_s": round(drawing(500 if options.quick else 3_000))
    }
    for part in options.part or PARTS:
        arms = [arm for arm in PARTS[part](bench.best) if arm.seed in seeds]
        found[part] = summary(part, bench.runs(arms))
        print(part)
        for title, value in flat(found[part]):
            print(f"  {title:44} {value}")
    found["machine"] = machine()
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
