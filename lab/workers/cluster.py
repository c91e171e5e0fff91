"""The worker processes: starts and ends them, submits arms and polls their state.

Dask's client lives in the engine's event loop; nothing here knows of runs, locks or the
database. The workers are those of an embedded cluster, bound to this machine, or of a
scheduler that is named by its address.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import spawn
from pathlib import Path
from typing import Any

from lab import worker
from lab.experiments import Arm
from lab.records import Control, Ending

log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds that a worker, or a scheduler, may take to answer

Wanted = dict[str, tuple[Control, int]]  # key -> command, last message that arrived
Answers = dict[str, list[worker.Message]]  # key -> what its arm has said since


@dataclass
class Task:
    """An arm that was handed to the workers."""

    key: str
    future: Any  # Dask's
    address: str = ""  # of its worker, once that is known

    @property
    def done(self) -> bool:
        return bool(self.future.done())


def _start_workers_bare() -> None:
    """Workers are started without the main module of this process.

    Python runs it again in each process that it spawns. In a Streamlit server that is
    the app's script: every worker drew an unseen page, for a second and 50 MB.
    """
    described = spawn.get_preparation_data

    def without_main(name: str) -> dict[str, Any]:
        found = described(name)
        return {k: v for k, v in found.items() if not k.startswith("init_main")}

    if described.__module__ == spawn.__name__:  # once
        spawn.get_preparation_data = without_main


def _leave_the_collector_alone() -> None:
    """No scheduler in this process times its garbage collections.

    One that is under way in another thread when that begins ends without a beginning,
    and a traceback is printed.
    """
    from distributed import scheduler

    scheduler.enable_gc_diagnosis = lambda: None


def _has_gpu() -> bool:
    """Whether this machine shows an NVIDIA GPU, without importing TensorFlow."""
    return Path("/dev/nvidia0").exists()


class Cluster:
    """Workers of our own, or those of a scheduler; none before `connect`."""

    def __init__(self, scheduler: str, workers: int, threads: int) -> None:
        self.scheduler, self.workers, self.threads = scheduler, workers, threads
        self._cluster: Any = None
        self.client: Any = None

    @property
    def connected(self) -> bool:
        """Whether there are workers to send arms to."""
        return self.client is not None

    @property
    def lost(self) -> bool:
        """Whether the connection broke."""
        return self.connected and self.client.status not in ("running", "connecting")

    async def connect(self) -> None:
        """Starts the workers, or finds those that are there.

        Raises:
            OSError, TimeoutError, RuntimeError: there are none to be had.
        """
        import dask
        from distributed import Client, LocalCluster

        dask.config.set(
            {
                # A killed arm is said and retried by hand, never restarted in silence.
                "distributed.scheduler.allowed-failures": 0,
                # A saved state travels with its arm.
                "distributed.admin.large-graph-warning-threshold": "1GB",
            }
        )
        if self.scheduler:
            self.client = await Client(
                self.scheduler, asynchronous=True, timeout=PATIENCE
            )
            return
        _start_workers_bare()
        _leave_the_collector_alone()
        threads = str(self.threads)
        self._cluster = await LocalCluster(
            asynchronous=True,
            n_workers=self.workers,
            threads_per_worker=1,  # one arm at a time
            processes=True,
            host="127.0.0.1",  # a scheduler runs anyone's code: not outside
            dashboard_address="127.0.0.1:0",  # its port for figures, on any free one
            memory_limit=0,
            preload=["lab.worker"],
            resources={"GPU": 1} if _has_gpu() else None,
            env={
                "TF_NUM_INTRAOP_THREADS": threads,
                "TF_NUM_INTEROP_THREADS": threads,
                "OMP_NUM_THREADS": threads,
            },
        )
        self.client = await Client(self._cluster, asynchronous=True)

    async def warm_up(self, draw: bool) -> None:
        """Waits until workers of our own have imported what they need.

        Args:
            draw: and have drawn the built-in images, and trained for a step.
        """
        from distributed.client import FutureCancelledError

        with suppress(OSError, TimeoutError, FutureCancelledError):
            # The client may know nothing of them so far.
            await self.client.wait_for_workers(self.workers)
            addresses = list(await self.client.nthreads())
            shares = len(addresses) if draw else 0
            await self._on_each(
                addresses, worker.warm_up, [(i, shares) for i in range(len(addresses))]
            )
            if draw:
                await self._on_each(addresses, worker.rehearse, [()] * len(addresses))

    async def _on_each(
        self, addresses: list[str], task: Any, arguments: list[tuple[Any, ...]]
    ) -> None:
        """Runs a task on every worker and waits; what goes wrong there is left."""
        futures = [
            self.client.submit(task, *given, workers=[address], pure=False)
            for address, given in zip(addresses, arguments, strict=True)
        ]
        await asyncio.gather(*futures, return_exceptions=True)

    async def disconnect(self) -> None:
        """Ends workers of our own; lets those of a scheduler be."""
        client, cluster = self.client, self._cluster
        if cluster is not None:  # nothing of theirs is worth waiting for
            with suppress(OSError, TimeoutError):
                nannies = cluster.workers.values()
                await asyncio.gather(*(nanny.kill(timeout=0) for nanny in nannies))
        self.client = self._cluster = None
        for thing in (client, cluster):
            if thing is not None:
                with suppress(OSError, TimeoutError, RuntimeError):
                    await asyncio.wait_for(thing.close(), PATIENCE)

    def send(self, key: str, arm: Arm, saved: bytes | None, control: Control) -> Task:
        """Submits an arm to the workers: to those with a GPU where there are any."""
        gpus = any(
            "GPU" in each["resources"]
            for each in self.client.scheduler_info()["workers"].values()
        )
        future = self.client.submit(
            worker.train,
            key,
            arm,
            saved,
            control,
            key=f"arm-{key}",
            pure=False,
            retries=0,
            resources={"GPU": 1} if gpus else None,
        )
        return Task(key, future)

    async def find(self, tasks: list[Task]) -> None:
        """Notes which worker each is with: Dask may move one that has not begun."""
        if not tasks:
            return
        for lists in (self.client.processing, self.client.has_what):
            for address, keys in (await lists()).items():
                names = {key if isinstance(key, str) else str(key) for key in keys}
                for task in tasks:
                    if task.future.key in names:
                        task.address = address

    async def ask(self, wanted: dict[str, Wanted]) -> Answers:
        """One question to every worker, by its address, all at once."""
        answers = await asyncio.gather(
            *(self._ask(address, keys) for address, keys in wanted.items())
        )
        return {key: messages for answer in answers for key, messages in answer.items()}

    async def _ask(self, address: str, keys: Wanted) -> Answers:
        try:
            answers = await asyncio.wait_for(
                self.client.run(
                    worker.exchange, keys, workers=[address], on_error="return"
                ),
                PATIENCE,
            )
        except (OSError, TimeoutError, ValueError) as error:
            log.info("%s does not answer: %s", address, error)
            return {}
        answer = answers.get(address)
        return answer if isinstance(answer, dict) else {}

    async def ending(self, task: Task) -> Ending | None:
        """How a task that is done ended; None: its worker was killed."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        try:
            ending: Ending = await task.future
        except (KilledWorker, FutureCancelledError, asyncio.CancelledError):
            return None
        except Exception as error:  # whatever the arm's code raised, on the worker
            log.warning("Arm %s failed", task.key, exc_info=error)
            ending = Ending("failed", worker.FAILED)
        await self._forget(task)
        return ending

    async def _forget(self, task: Task) -> None:
        """Has the worker drop the arm's messages."""
        if task.address:
            with suppress(OSError, TimeoutError, ValueError):
                await asyncio.wait_for(
                    self.client.run(
                        worker.forget,
                        task.key,
                        workers=[task.address],
                        on_error="ignore",
                    ),
                    PATIENCE,
                )

    async def restart_worker(self, task: Task) -> None:
        """For an arm that does not stop: its task then ends as killed."""
        if task.address:
            log.warning("%s does not stop: its worker is restarted", task.key)
            with suppress(OSError, TimeoutError, ValueError, KeyError):
                await asyncio.wait_for(
                    self.client.restart_workers([task.address], raise_for_error=False),
                    PATIENCE,
                )

    async def cancel(self, tasks: list[Task]) -> None:
        """Takes back what was handed out."""
        if self.connected and tasks:
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(
                    self.client.cancel([task.future for task in tasks]), PATIENCE
                )
