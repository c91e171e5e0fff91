"""The lab's workers start by themselves, once the server has nothing else to do."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import datasets, worker
from lab.engine import Engine
from lab.records import Ending
from lab.settings import Settings
from lab.workers import prestart, wait_times
from lab.workers.cluster import Cluster
from store.database import Database
from tests.waiting import until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prestart, "LOOK", 0.001)


def spending(*seconds: float) -> Callable[[], float]:
    """A processor's clock: what is spent between two looks, then nothing."""
    total = 0.0
    steps: Iterator[float] = iter(seconds)

    def spent() -> float:
        nonlocal total
        total += next(steps, 0.0)
        return total

    return spent


def test_a_busy_server_is_left_alone_until_it_is_idle() -> None:
    looks = []

    def ready() -> bool:
        looks.append(1)
        return True

    spent = spending(0, 0.9, 0.9, 0.1, 0.9, 0.1, 0.1)
    assert prestart.wait_for_idle(ready, threading.Event(), spent)
    assert len(looks) == 3, "the idle looks alone; one of them was followed by work"


def test_nothing_is_started_before_the_network_is_loaded() -> None:
    left = [False] * 20
    assert prestart.wait_for_idle(
        lambda: not left or bool(left.pop()), threading.Event(), spending()
    )
    assert not left


def test_a_server_that_is_never_idle_starts_them_at_last() -> None:
    clock = iter(range(0, 1000, 10))
    started = prestart.wait_for_idle(
        lambda: True, threading.Event(), spending(*[1.0] * 99), lambda: next(clock)
    )
    assert started
    assert next(clock) > prestart.LATEST


def test_a_server_that_ends_starts_nothing() -> None:
    over = threading.Event()
    over.set()
    assert not prestart.wait_for_idle(lambda: True, over, spending())
    begun = threading.Event()
    starter = prestart.WorkerStarter()
    starter.stop()
    starter.start(lambda: True, begun.set)
    assert not begun.wait(0.1)


def test_begin_is_called_on_a_thread_of_its_own() -> None:
    begun = threading.Event()
    prestart.WorkerStarter().start(lambda: True, begun.set)
    assert begun.wait(30)


def test_what_follows_waits_until_what_was_begun_is_over() -> None:
    looks, then = iter((False, False, True)), threading.Event()
    prestart.WorkerStarter().start(
        lambda: True, lambda: None, lambda: next(looks), then.set
    )
    assert then.wait(30)
    assert next(looks, None) is None
    stopped, followed = prestart.WorkerStarter(), threading.Event()
    stopped.start(lambda: True, stopped.stop, lambda: False, followed.set)
    assert not followed.wait(0.1)


@pytest.mark.parametrize(
    ("value", "is_wanted"), [("", True), ("1", True), ("0", False)]
)
def test_it_can_be_switched_off(
    value: str, is_wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(prestart.VARIABLE, value)
    assert prestart.wanted() is is_wanted


def test_the_wait_for_workers_is_reckoned_and_then_measured() -> None:
    assert wait_times.first_start(None, 2, 2) is None
    assert wait_times.first_start(6.0, 2, 2) == pytest.approx(9, abs=2)
    on_two_cores = wait_times.first_start(6.0, 4, 2)
    assert on_two_cores is not None and on_two_cores > 12
    engine = Engine(Settings())
    engine.workers.health = "starting"
    engine.durations.workers = 21.0
    engine.workers.connecting = time.monotonic() - 1
    assert engine.sentence == "Starting the workers: about 20 seconds."
    engine.workers.connecting -= 60
    assert engine.sentence == "Starting the workers: it takes longer than expected."
    engine.workers.health = "ready"
    assert engine.sentence == ""


class Workers:
    """As much of a cluster as starting it early needs."""

    def __init__(self, *_: object) -> None:
        self.connected = self.lost = False
        self.drawn: bool | None = None

    async def connect(self) -> None:
        self.connected = True

    async def warm_up(self, draw: bool) -> None:
        self.drawn = draw

    async def cancel(self, _: object) -> None:
        pass

    async def disconnect(self) -> None:
        self.connected = False


def test_prepared_workers_are_there_before_any_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.workers.dispatch.Cluster", Workers)
    database = Database(f"sqlite:///{tmp_path / 'lab.sqlite3'}")
    engine = Engine(Settings(), database)
    assert engine.health == "asleep", "nothing is started unasked"
    engine.prepare()
    until(lambda: engine.health == "ready", "the workers")
    workers = engine.workers.cluster
    assert isinstance(workers, Workers)
    assert (engine.health, workers.connected, workers.drawn) == ("ready", True, True)
    assert engine.sentence == ""
    engine.shutdown()
    assert not workers.connected
    database.close()


def test_a_worker_has_trained_a_step_before_its_first_arm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lab import run

    ended = []

    def train(*given: Any, **named: Any) -> Ending:
        ended.append(real(*given, **named))
        return ended[-1]

    real = run.train
    monkeypatch.setattr(run, "train", train)
    monkeypatch.setattr(datasets, "PREPARED", 1_000)
    monkeypatch.setenv("ALEXNET_CACHE", str(tmp_path))
    worker.warm_up(0, 1)
    assert len(list(tmp_path.rglob("*.npy"))) == 2, "a thousand of either kind"
    worker.rehearse()
    assert [one.state for one in ended] == ["stopped"]


def test_workers_share_the_drawing_and_rehearse_once_all_of_it_is_there() -> None:
    asked: list[tuple[Any, ...]] = []

    class Client:
        async def wait_for_workers(self, count: int) -> None:
            asked.append(("wait", count))

        async def nthreads(self) -> dict[str, int]:
            return {"a": 1, "b": 1}

        async def submit(self, task: Any, *given: Any, workers: Any, **_: Any) -> None:
            asked.append((task.__name__, *given, *workers))

    cluster = Cluster("", 2, 1)
    cluster.client = Client()
    asyncio.run(cluster.warm_up(draw=True))
    assert asked == [
        ("wait", 2),
        ("warm_up", 0, 2, "a"),
        ("warm_up", 1, 2, "b"),
        ("rehearse", "a"),
        ("rehearse", "b"),
    ]
    asked.clear()
    asyncio.run(cluster.warm_up(draw=False))
    assert asked == [("wait", 2), ("warm_up", 0, 0, "a"), ("warm_up", 1, 0, "b")]
