"""Submits arms to the workers, sends commands there and fetches reports.

Everything here runs in the engine's event loop; runs are read and written under the
engine's lock, never while a worker is waited for.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Sequence
from typing import Literal

from lab.live_run import LiveRun
from lab.settings import Settings
from lab.workers import wait_times
from lab.workers.cluster import Cluster, Task, Wanted
from lab.workers.wait_times import Durations
from model import runtime

log = logging.getLogger(__name__)

STOP_TIMEOUT = 15.0  # seconds: then the worker is restarted

Health = Literal["asleep", "starting", "ready", "broken"]


class NoWorkers(RuntimeError):
    """There are no workers, or not any more; the message is the visitor's sentence."""


class Dispatcher:
    """The workers, as the engine uses them.

    Attributes:
        health: of the workers.
        connecting: time.monotonic() when workers were last started.
    """

    def __init__(
        self, settings: Settings, durations: Durations, lock: threading.RLock
    ) -> None:
        self.settings, self.durations, self._lock = settings, durations, lock
        self.health: Health = "asleep"
        self.connecting = 0.0
        self.cluster = Cluster(settings.scheduler, settings.workers, settings.threads)
        self._sentence = ""
        self._warming: asyncio.Task[None] | None = None

    @property
    def sentence(self) -> str:
        """A sentence for visitors on the state of the workers; empty: all is well."""
        if self.health != "starting" or self.settings.scheduler:
            return self._sentence
        known = self.durations.workers or wait_times.first_start(
            runtime.import_seconds(), self.settings.workers, os.cpu_count() or 1
        )
        if known is None:
            return "Starting the workers."
        left = known - (time.monotonic() - self.connecting)
        if left < 0:
            return "Starting the workers: it takes longer than expected."
        return f"Starting the workers: about {max(5, 5 * round(left / 5))} seconds."

    # --- starting and ending them -----------------------------------------------------

    async def connect(self, *, draw: bool = False) -> None:
        """Starts the workers, or finds those of a scheduler, unless that is done.

        Args:
            draw: workers of our own draw the built-in images, too.

        Raises:
            NoWorkers: there are none to be had.
        """
        if self.cluster.connected:
            return
        self.connecting = time.monotonic()
        self.health = "starting"
        self._sentence = "Connecting to the workers."
        try:
            await self.cluster.connect()
        except (OSError, TimeoutError, RuntimeError) as error:
            log.warning("No workers: %s", error)
            await self.cluster.disconnect()
            where = self.settings.scheduler or "this machine"
            self.health = "broken"
            self._sentence = (
                f"No workers could be had at {where}. Tell your instructor; then retry."
            )
            raise NoWorkers(self._sentence) from error
        if self.settings.scheduler:
            self.health, self._sentence = "ready", ""
        else:
            self._warming = asyncio.create_task(self._warm(draw))

    async def _warm(self, draw: bool) -> None:
        """Workers are ready once they have what arms need."""
        await self.cluster.warm_up(draw)
        if self.health == "starting" and self.cluster.connected:
            self.durations.workers = time.monotonic() - self.connecting
            self.health, self._sentence = "ready", ""

    async def disconnect(self, tasks: list[Task]) -> None:
        """Takes the tasks back and ends workers of our own."""
        if self._warming is not None:
            self._warming.cancel()
        await self.cluster.cancel(tasks)
        await self.cluster.disconnect()
        self.health = "asleep"

    # --- arms -------------------------------------------------------------------------

    async def advance(self, runs: Sequence[LiveRun]) -> None:
        """Starts arms, polls those that train, ends those that are over.

        Raises:
            NoWorkers: the connection broke.
        """
        if self.cluster.lost:
            await self.cluster.disconnect()
            self.health = "asleep"
            raise NoWorkers("The connection to the workers is lost. Retry goes on.")
        training = self._send(runs)
        silent = [task for run, i, task in training if not run.arms[i].seen]
        await self.cluster.find(silent)
        # Before the question: what an arm said last is then among the answers.
        done = [task.done for _, _, task in training]
        await self._exchange(training)
        for (run, index, task), is_done in zip(training, done, strict=True):
            if is_done:
                ending = await self.cluster.ending(task)
                with self._lock:
                    run.end_arm(index, ending)
            elif run.stop_asked and time.monotonic() - run.stop_asked > STOP_TIMEOUT:
                run.stop_asked = time.monotonic()
                await self.cluster.restart_worker(task)
        with self._lock:
            for run in runs:
                run.update_state()
                self.durations.note(run)

    def _send(self, runs: Sequence[LiveRun]) -> list[tuple[LiveRun, int, Task]]:
        """Submits the arms that no worker has; returns all that workers have now."""
        training: list[tuple[LiveRun, int, Task]] = []
        for run in runs:
            for index, arm in enumerate(run.arms):
                if arm.over:
                    continue
                if arm.task is None and run.control.mode != "stop":
                    key = f"{run.id}-{index}-{run.attempt}"
                    of = run.experiment.arms[index]
                    arm.task = self.cluster.send(key, of, arm.saved, run.control)
                if arm.task is not None:
                    training.append((run, index, arm.task))
        return training

    async def _exchange(self, training: list[tuple[LiveRun, int, Task]]) -> None:
        """Sends commands to the workers that have an arm, and fetches their reports."""
        wanted: dict[str, Wanted] = {}
        owners: dict[str, tuple[LiveRun, int]] = {}
        for run, index, task in training:
            if task.address:
                seen = run.arms[index].seen
                wanted.setdefault(task.address, {})[task.key] = (run.control, seen)
                owners[task.key] = (run, index)
        answers = await self.cluster.ask(wanted)
        with self._lock:
            for key, messages in answers.items():
                run, index = owners[key]
                for message in messages:
                    run.receive(index, message)
