"""Runs in the worker processes: trains arms, and answers the engine's polls.

`dask worker ... --preload lab.worker` makes a Dask worker one of ours: it lowers its
priority and imports Keras ahead of the first arm. Everything else goes through two
functions: `train`, a Dask task that lasts as long as an arm, and `exchange`, which the
engine calls a few times a second while the task runs. One call carries what is wanted
there and brings what has been reported back, and its coming is the lease: an arm that
is not asked for any more ends by itself.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from lab import datasets
from lab.datasets import DataMissing
from lab.experiments import Arm
from lab.records import Control, Ending, Report

if TYPE_CHECKING:
    from distributed import Worker

log = logging.getLogger(__name__)

FAILED = "Training failed here; the log of the server says why."

NICENESS = 10  # below the server: pages stay smooth while arms train
# Seconds without a word from the engine. A worker on a crowded machine may miss
# several questions in a row (each is given up after `cluster.PATIENCE`): that is no
# reason to end an arm whose engine is there.
LEASE = 180.0
KEPT = 600  # messages that wait for the engine, at most


Kind = Literal["device", "loading", "report", "state"]
LATEST: tuple[Kind, ...] = ("loading", "state")  # only the newest is of use


@dataclass(frozen=True)
class Message:
    """One message of an arm to the engine; numbered from 1."""

    number: int
    kind: Kind
    content: Any  # its name; 0 to 1; a Report; (epoch, saved state)


@dataclass
class _Session:
    """One arm on this worker."""

    control: Control = field(default_factory=Control)
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=KEPT))
    sent: int = 0  # messages
    asked: float = field(default_factory=time.monotonic)  # when the engine last asked


_lock = threading.Lock()
_sessions: dict[str, _Session] = {}
_imported = threading.Event()
_importing = threading.Lock()


def import_keras() -> None:
    """Imports Keras once. Two threads that did it together would break TensorFlow."""
    with _importing:
        if not _imported.is_set():
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
            # Several arms may share a GPU: each takes what it needs only.
            os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
            from lab import run  # noqa: F401

            _imported.set()


def dask_setup(worker: Worker) -> None:
    """Dask calls this when a worker starts with `--preload lab.worker`."""
    if hasattr(os, "nice"):
        os.nice(max(0, NICENESS - os.nice(0)))
    threading.Thread(target=import_keras, name="import-keras", daemon=True).start()


def warm_up(share: int, shares: int) -> None:
    """A Dask task: imports Keras, and draws a share of the built-in images.

    Args:
        shares: of how many workers; 0: nothing is drawn.
    """
    import_keras()
    if shares:
        datasets.prepare(share, shares)


def rehearse() -> None:
    """A Dask task: trains for one step, so that the first arm waits for nothing.

    It loads the images that presets train on, and TensorFlow sets up what it sets up
    once in a process.
    """
    import_keras()
    from lab import run

    data = datasets.load(datasets.BUILT_IN, 0, datasets.PREPARED)
    arm = Arm("", dataset=datasets.BUILT_IN, pictures=datasets.PREPARED)
    run.train(arm, lambda _: None, lambda: Control("stop"), data=data)


def _send(key: str, kind: Kind, content: Any) -> None:
    with _lock:
        session = _sessions[key]
        if kind in LATEST:
            waiting = [m for m in session.messages if m.kind != kind]
            session.messages = deque(waiting, maxlen=KEPT)
        session.sent += 1
        session.messages.append(Message(session.sent, kind, content))


def _control(key: str) -> Control:
    session = _sessions[key]
    if time.monotonic() - session.asked > LEASE:
        return Control("stop", reason="The server that asked for this run is gone.")
    return session.control


def train(key: str, arm: Arm, start: bytes | None, control: Control) -> Ending:
    """The Dask task: trains an arm to its end."""
    with _lock:
        _sessions[key] = _Session(control)
    import_keras()
    from lab import run

    _send(key, "device", run.device())

    def report(report: Report) -> None:
        _send(key, "report", report)

    def keep(state: bytes, epoch: int) -> None:
        _send(key, "state", (epoch, state))

    def loading(done: float) -> None:
        _send(key, "loading", done)

    try:
        data = datasets.load(arm.dataset, arm.seed, arm.pictures, report=loading)
        return run.train(
            arm, report, lambda: _control(key), data=data, start=start, keep=keep
        )
    except (DataMissing, KeyError, ValueError, OSError, MemoryError) as error:
        log.warning("Arm %s failed", key, exc_info=error)
        return Ending("failed", for_visitors(error))


# Two names or more behind slashes or a drive: a place on this machine.
_PATH = re.compile(r"(?:[A-Za-z]:[\\/]|(?<![\w/])/)[\w.@+ -]+(?:[\\/][\w.@+-]+)+[\\/]?")


def for_visitors(error: BaseException) -> str:
    """An error as a sentence without paths of this machine, for all visitors.

    No such data, too small pictures, a broken state: the message says it. What the
    system says of files and memory is for the log.
    """
    if isinstance(error, OSError | MemoryError) or not error.args:
        return FAILED
    return _PATH.sub("a folder of the server", str(error.args[0]))


def exchange(wanted: dict[str, tuple[Control, int]]) -> dict[str, list[Message]]:
    """New messages of this worker's arms; sets the commands for them.

    Args:
        wanted: key -> (control, number of the last message that arrived).

    Returns:
        key -> messages, for the arms that have begun here.
    """
    answers = {}
    with _lock:
        for key, (control, seen) in wanted.items():
            if (session := _sessions.get(key)) is None:
                continue
            session.control, session.asked = control, time.monotonic()
            while session.messages and session.messages[0].number <= seen:
                session.messages.popleft()
            answers[key] = list(session.messages)
    return answers


def forget(key: str) -> None:
    """Drops what an arm that is over has left here."""
    with _lock:
        _sessions.pop(key, None)
