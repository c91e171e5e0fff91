"""A lab without workers: runs whose curves are made up, in any state one likes."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lab import export
from lab.experiments import Experiment, check
from lab.records import ArmEvent, LayerReport, MaskReport, Report
from lab.registry import NoSuchRun, OneAtATime, RunRefused
from lab.results import metrics
from lab.status import OVER, ArmStatus, RunStatus, RunSummary

LAYERS = ("conv1", "conv2", "conv3", "fc4")


def report(
    step: int, error: float, accuracy: float, *, epoch: float, masks: bool = False
) -> Report:
    """One measured point, with everything that a page may look at."""
    rng = np.random.default_rng(step)
    bell = np.exp(-(np.linspace(-5, 5, 40) ** 2)) * 400
    mask = None
    if masks:
        outputs = rng.dirichlet(np.ones(10), 10).astype(np.float16)
        mask = MaskReport(rng.random((10, 512)) > 0.5, outputs, outputs.mean(0))
    return Report(
        step=step,
        epoch=epoch,
        seconds=epoch * 3,
        loss=2.3 * error,
        training_error=error,
        validation_accuracy=accuracy,
        pictures_per_second=1_234.0,
        evaluated_step=step,
        layers=tuple(
            LayerReport(name, 10.0 ** (i - 3), 0.1 * i, tuple(int(x) for x in bell))
            for i, name in enumerate(LAYERS)
        ),
        filters=rng.normal(size=(5, 5, 3, 32)).astype(np.float16),
        masks=mask,
    )


def curves(
    experiment: Experiment, speeds: Sequence[float], points: int = 12
) -> list[ArmEvent]:
    """Falling curves: the arm with speed 0.2 has an error of exp(-0.2 · passes)."""
    events = []
    for epoch in range(points):
        for arm, speed in enumerate(speeds):
            error = 0.9 * math.exp(-speed * epoch)
            accuracy = 1 - error - 0.1 * epoch / points
            made = report(
                epoch * 40,
                error,
                max(accuracy, 0.0),
                epoch=float(epoch),
                masks=experiment.arms[arm].dropout > 0,
            )
            events.append(ArmEvent(len(events) + 1, arm, made))
    return events


@dataclass
class FakeRun:
    experiment: Experiment
    owner: str
    guess: dict[str, Any]
    state: Any = "queued"
    sentence: str = ""
    place: int = 1
    name: str = ""
    created: float = field(default_factory=time.time)
    instructor: bool = False
    done: tuple[int, ...] = ()  # arms that are over while others go on
    wait: float | None = 0.0  # seconds; None: a paused run is before it
    events: list[ArmEvent] = field(default_factory=list)


class FakeEngine:
    """As much of `lab.engine.Engine` as pages use; the test moves the runs."""

    sentence = "Starting the workers: about 20 seconds."
    health = "starting"

    def __init__(self) -> None:
        self.made: dict[str, FakeRun] = {}
        self.commands: list[tuple[str, str]] = []
        self.refuse = self.busy = ""
        self.before: tuple[int, float | None] = (0, 0.0)

    def add(self, experiment: Experiment, state: str, **about: Any) -> str:
        run_id = f"{len(self.made) + 1:012d}"
        run = FakeRun(experiment, about.pop("owner", "nobody"), about.pop("guess", {}))
        run.state, run.name = state, experiment.name
        run.place = 1 if state == "queued" else 0
        if state != "queued":
            speeds = about.pop("speeds", (0.3, 0.15, 0.05, 0.04))
            run.events = curves(experiment, speeds[: len(experiment.arms)])
        for name, value in about.items():
            setattr(run, name, value)
        self.made[run_id] = run
        return run_id

    def submit(
        self,
        experiment: Experiment,
        owner: str,
        guess: dict[str, Any] | None = None,
        *,
        instructor: bool = False,
    ) -> str:
        check(experiment)
        if self.refuse:
            raise RunRefused(self.refuse)
        if self.busy:
            raise OneAtATime(self.busy)
        about = {"owner": owner, "guess": guess or {}, "instructor": instructor}
        return self.add(experiment, "queued", **about)

    def line(self, instructor: bool = False) -> tuple[int, float | None]:
        return (0, 0.0) if instructor else self.before

    def _find(self, run_id: str) -> FakeRun:
        if run_id not in self.made:
            raise NoSuchRun(f"There is no run {run_id!r}; it may have been deleted.")
        return self.made[run_id]

    def status(self, run_id: str) -> RunStatus:
        run = self._find(run_id)
        arms = []
        for index, arm in enumerate(run.experiment.arms):
            own = [event.report for event in run.events if event.arm == index]
            state = "waiting" if run.state == "queued" else run.state
            state = "finished" if index in run.done else state
            latest = own[-1] if own else None
            arms.append(ArmStatus(arm.label, state, "", latest, "CPU", 0))
        return RunStatus(
            run_id,
            run.name,
            run.owner,
            run.experiment,
            run.state,
            run.sentence,
            run.place,
            tuple(arms),
            42.0,
            1,
            len(run.events),
            run.created,
            time.time() if run.state in OVER else None,
            run.guess,
            run.instructor,
            run.wait if run.state in ("queued", "starting") else None,
        )

    def events(
        self, run_id: str, after: int = 0, most: int | None = None
    ) -> list[ArmEvent]:
        found = [e for e in self._find(run_id).events if e.number > after]
        return found if most is None else metrics.thin(found, most)

    def command(self, run_id: str, verb: str, reason: str = "") -> None:
        self.commands.append((run_id, verb))
        states = {"pause": "paused", "resume": "running", "stop": "stopped"}
        self._find(run_id).state = states.get(verb, self._find(run_id).state)
        self._find(run_id).sentence = reason

    def retry(self, run_id: str, *, instructor: bool = False) -> None:
        self.commands.append((run_id, "retry"))
        self._find(run_id).state = "running"

    def runs(self, owner: str | None = None, limit: int = 50) -> list[RunSummary]:
        found = [
            RunSummary(
                i,
                r.name,
                r.owner,
                r.experiment,
                r.state,
                r.created,
                None,
                r.guess,
                r.instructor,
            )
            for i, r in self.made.items()
            if owner is None or r.owner == owner
        ]
        return found[::-1][:limit]

    def rename(self, run_id: str, name: str) -> None:
        if not name.strip():
            raise RunRefused("A run needs a name of at least one character.")
        self._find(run_id).name = name

    def delete(self, run_id: str) -> None:
        if self._find(run_id).state not in OVER:
            raise RunRefused("Stop the run first; then it can be deleted.")
        del self.made[run_id]

    def export_csv(self, run_id: str) -> str:
        return export.as_csv(self._find(run_id).experiment, self.events(run_id))

    def export_script(self, run_id: str) -> str:
        run = self._find(run_id)
        return export.as_script(run.experiment, run.name)
