"""What happens between two batches: commands, reports, saved states, the end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from lab.checkpoints import ArmProgress
from lab.experiments import Arm
from lab.records import Control, Ending, Report
from lab.run.probe import Measurements
from lab.run.schedule import Schedule

REPORT_EVERY = 0.9  # seconds
BATCHES_EVERY = 0.3  # seconds between two running batch errors of a live run
KEEP_EVERY = 2.0  # seconds between two saved states, at least
POLL_EVERY = 0.02  # seconds between two looks at the command while paused


class Command(Protocol):
    """Returns the current command at once; called after every batch."""

    def __call__(self) -> Control: ...


class Trace(Protocol):
    """Takes the error of the batches since the last call, 0 to 1, and filters.

    `filters` are the first layer's then, (height, width, 3, n), to be looked at now.
    """

    def __call__(
        self, epoch: float, batch_error: float, filters: NDArray[np.floating[Any]]
    ) -> None: ...


class Watcher(keras.callbacks.Callback):
    """The callback of one `fit`.

    Args:
        now: where training goes on.
        keep: is called after an epoch, when the state is to be saved.
    """

    def __init__(
        self,
        schedule: Schedule,
        now: ArmProgress,
        measurements: Measurements,
        report: Callable[[Report], None],
        command: Command,
        keep: Callable[[ArmProgress], None],
        trace: Trace | None,
    ) -> None:
        super().__init__()
        self.schedule, self.arm = schedule, schedule.arm
        self.measurements = measurements
        self.report, self.command = report, command
        self.keep, self.trace = keep, trace
        self.traced = (0, 0.0)  # batches since the metrics' reset, errors in them
        self.reset_step = now.step
        self.batch_errors: list[tuple[float, float]] = []  # since the report before
        self.batches_at = now.seconds  # when the last of them was taken
        self.step, self.before = now.step, now.seconds
        self.began: float | None = None
        self.paused = 0.0  # seconds
        self.single = command().steps  # steps asked for and done
        self.reported = self.kept = 0.0  # when, in `seconds`
        self.reported_step = self.evaluated_step = now.step
        self.speed = 0.0
        self.loss = math.nan
        self.latest: Report | None = None
        self.errors: list[float] = []  # each training error measured
        self.ending: Ending | None = None

    @property
    def seconds(self) -> float:
        """Of training, pauses taken off, those of an earlier attempt counted."""
        if self.began is None:
            return self.before
        return self.before + time.monotonic() - self.began - self.paused

    def end(self, state: Literal["finished", "stopped", "failed"], why: str) -> None:
        self.ending = Ending(state, why)
        self.model.stop_training = True

    def close(self) -> Ending:
        """Measures where training has stopped, if that was not done; how it ended."""
        assert self.ending is not None  # the last step ends it
        if self.ending.state != "failed" and self.evaluated_step != self.step:
            self.send_report(evaluate=True)
        return self.ending

    def sync(self) -> None:
        """Writes the state of JAX's trainer back to the model's variables."""
        if hasattr(self.model, "jax_state_sync"):
            self.model.jax_state_sync()

    def look(self) -> Report | None:
        """The report of this step; None if a value in it is no longer finite."""
        epoch = self.schedule.epoch(self.step)
        seen = self.measurements.report(
            self.step, self.evaluated_step, epoch, self.loss
        )
        if seen is None:
            return None
        return replace(seen, seconds=self.seconds, pictures_per_second=self.speed)

    def send_report(self, evaluate: bool) -> None:
        self.sync()
        if evaluate:
            self.evaluated_step = self.step
        seconds = self.seconds
        if seconds > self.reported and self.step > self.reported_step:
            images = (self.step - self.reported_step) * self.arm.batch
            self.speed = images / (seconds - self.reported)
        self.reported, self.reported_step = seconds, self.step
        self.latest = self.look()
        if self.latest is None:
            return self.end("failed", _not_a_number(self.arm))
        self.latest = replace(self.latest, batch_errors=tuple(self.batch_errors))
        self.batch_errors.clear()
        if evaluate:
            self.errors.append(self.latest.training_error)
        self.report(self.latest)

    def on_train_begin(self, logs: Any = None) -> None:
        self.sync()
        self.latest = self.look()
        self.follow_command()

    def begin(self) -> None:
        """The clock starts after the first batch, which is spent compiling."""
        self.began, self.paused = time.monotonic(), 0.0
        self.reported, self.kept = self.before, self.before
        if self.latest is not None:
            self.report(self.latest)
        self.reported_step = self.step

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        arm, schedule, logs = self.arm, self.schedule, logs or {}
        self.step += 1
        if batch == 0:
            self.begin()
        self.follow_batches(logs)
        due = self.step % schedule.evaluate_steps == 0 or self.step == schedule.total
        if due or self.seconds - self.reported >= REPORT_EVERY:
            self.loss = float(logs["loss"])
            if not math.isfinite(self.loss):
                return self.end("failed", _not_a_number(arm))
            self.send_report(due)
            if self.ending is not None:
                return None
            if due:
                self.model.reset_metrics()
                self.traced, self.reset_step = (0, 0.0), self.step
        epochs = [schedule.whole_epochs(step) for step in (self.step - 1, self.step)]
        if epochs[0] < epochs[1] and self.seconds - self.kept >= KEEP_EVERY:
            self.sync()
            self.keep(ArmProgress(self.step, self.seconds))
            self.kept = self.seconds
        last = self.errors[-2:]
        if arm.until is not None and len(last) > 1 and max(last) <= arm.until:
            there = f"It is at {arm.until:.0%} training error."
            return self.end("finished", there)
        if self.step == schedule.total:
            return self.end("finished", all_done(arm))
        if self.seconds >= arm.seconds:
            return self.end(
                "finished", f"Its time of {arm.seconds:g} seconds is used up."
            )
        self.follow_command(logs)

    def follow_batches(self, logs: dict[str, Any]) -> None:
        """Notes the error of the latest batches: in steps for a trace, else in time.

        A trace is the same on every machine; a live run has a point every
        BATCHES_EVERY seconds.
        """
        if self.trace is None:
            if self.seconds - self.batches_at < BATCHES_EVERY:
                return
        elif self.step % self.schedule.trace_steps:
            return
        self.batches_at = self.seconds
        count = self.step - self.reset_step
        wrong = (1 - float(logs["accuracy"])) * count
        before, wrong_before = self.traced
        self.traced = count, wrong
        error = min(max((wrong - wrong_before) / (count - before), 0.0), 1.0)
        epoch = self.schedule.epoch(self.step)
        if self.trace is None:
            self.batch_errors.append((epoch, error))
            return
        self.sync()
        self.trace(epoch, error, self.measurements.filters())

    def follow_command(self, logs: dict[str, Any] | None = None) -> None:
        """Waits here while paused; lets single steps through."""
        wanted = self.command()
        if wanted.mode == "run":
            self.single = wanted.steps
            return
        if self.began is None and self.latest is not None:
            self.report(self.latest)  # paused before its first step
            self.latest = None
        halted = time.monotonic()
        if wanted.mode == "pause" and logs and self.step > self.evaluated_step:
            self.loss = float(logs["loss"])
            self.send_report(evaluate=True)
        while wanted.mode == "pause" and wanted.steps <= self.single:
            time.sleep(POLL_EVERY)
            wanted = self.command()
        self.paused += time.monotonic() - halted
        if wanted.mode == "stop":
            self.end("stopped", wanted.reason or f"Stopped at step {self.step:,}.")
        elif wanted.mode == "pause":
            self.single += 1


def _not_a_number(arm: Arm) -> str:
    return (
        f"The learning rate {arm.learning_rate:g} is too high for {arm.activation} "
        "here: the loss is no longer a number. Try a smaller one."
    )


def all_done(arm: Arm) -> str:
    """Why an arm is over that has trained its last epoch."""
    if arm.epochs == 1:
        return "The one epoch is done."
    return f"All {arm.epochs} epochs are done."
