"""Who is next, and how long it takes until then: from what runs have taken here.

Nothing here waits or talks to a worker. The caller holds the engine's lock.
"""

from __future__ import annotations

import heapq
import statistics
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab.experiments import Arm
from lab.live_run import LiveArm, LiveRun

KEPT = 9  # durations of a kind; the middle one counts
START = 8.0  # seconds from a free worker to the first step, before any was measured
CONNECT = 3.0  # seconds until worker processes are there
SOON = 1.0  # seconds within which an arm that was told to stop does


def first_start(imported: float | None, workers: int, cores: int) -> float | None:
    """Seconds until workers are there that were never started here before.

    Each imports Keras, as this process has; on fewer cores they take turns.

    Args:
        imported: seconds that this process took to import it; None: not known yet.
    """
    if imported is None:
        return None
    return CONNECT + imported * max(1.0, workers / cores)


def in_order(waiting: Iterable[LiveRun]) -> list[LiveRun]:
    """Who begins first: instructors' runs, then all others, each as they came."""
    return sorted(waiting, key=lambda run: not run.instructor)


def _alike(arm: Arm) -> Arm:
    """What two arms have in common that take equally long."""
    return replace(arm, label="", seed=0)


def _of_a_kind(arm: Arm) -> Arm:
    """What two arms have in common whose epochs take equally long."""
    return replace(
        _alike(arm), learning_rate=0.0, epochs=1, seconds=1.0, until=None, momentum=0.0
    )


class Durations:
    """How long arms, their epochs and their beginnings took on this server."""

    def __init__(self) -> None:
        self._arms: dict[Arm, deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._per_epoch: dict[Arm, float] = {}
        self._starts: deque[float] = deque(maxlen=KEPT)
        self.workers: float | None = None  # seconds that their last start took

    def note(self, run: LiveRun) -> None:
        """Updates the estimates with a run's progress."""
        for arm, live in zip(run.experiment.arms, run.arms, strict=True):
            if live.epochs <= 0 or live.seconds <= 0:
                continue
            self._per_epoch[_of_a_kind(arm)] = live.seconds / live.epochs
            if live.state == "finished" and not live.noted:
                self._arms[_alike(arm)].append(live.seconds)
                live.noted = True
        if run.began and run.started and not run.noted:
            self._starts.append(run.started - run.began)
            run.noted = True

    @property
    def start(self) -> float:
        """Seconds from a free worker to the first step."""
        return statistics.median(self._starts) if self._starts else START

    def seconds(self, arm: Arm) -> float:
        """Seconds of training that an arm will take: its budget at most."""
        if known := self._arms.get(_alike(arm)):
            return statistics.median(known)
        per_epoch = self._per_epoch.get(_of_a_kind(arm))
        if per_epoch is None:
            return arm.seconds
        return min(arm.seconds, arm.epochs * per_epoch)

    def rest(self, arm: Arm, live: LiveArm) -> float:
        """Seconds of training that an arm of a run still needs."""
        if not live.seconds:
            return self.seconds(arm)
        rest = arm.seconds - live.seconds
        if arm.until is not None and (known := self._arms.get(_alike(arm))):
            rest = statistics.median(known) - live.seconds
        elif live.epochs > 0:
            rest = min(rest, (arm.epochs - live.epochs) * live.seconds / live.epochs)
        return max(SOON, rest)

    def whole(self, run: LiveRun, at_once: int) -> float:
        """Seconds that a run will take, from a free worker on."""
        arms = [
            self.rest(arm, live) + self.start
            for arm, live in zip(run.experiment.arms, run.arms, strict=True)
            if not live.over
        ]
        return _makespan([], arms, at_once)

    def left(self, run: LiveRun, at_once: int, now: float) -> float | None:
        """Seconds that a run will take from now on; None while it is paused.

        Args:
            at_once: its arms that train at the same time.
            now: seconds since 1970.
        """
        if run.control.mode == "pause":
            return None
        if run.control.mode == "stop":
            return SOON
        spent = now - run.began if run.began else 0.0
        with_a_worker, waiting = [], []
        for arm, live in zip(run.experiment.arms, run.arms, strict=True):
            if live.over:
                continue
            rest = self.rest(arm, live)
            if live.begun:
                with_a_worker.append(rest)
            elif live.device:
                with_a_worker.append(rest + max(0.0, self.start - spent))
            else:
                waiting.append(rest + self.start)
        return _makespan(with_a_worker, waiting, at_once)


def _makespan(
    training: Sequence[float], waiting: Iterable[float], at_once: int
) -> float:
    """When the last is done, if each that waits takes the place that is free first."""
    places = sorted(training)
    places += [0.0] * (at_once - len(places))
    heapq.heapify(places)
    for seconds in waiting:
        heapq.heapreplace(places, places[0] + seconds)
    return max(places, default=0.0)


def wait_times(
    active: Sequence[LiveRun],
    waiting: Sequence[LiveRun],
    durations: Durations,
    *,
    runs: int,
    workers: int,
    now: float,
    one_more: bool = False,
) -> list[float | None]:
    """Seconds until each that waits begins; None where a paused run is in its way.

    Args:
        waiting: in the order in which they begin.
        runs: experiments that train at once.
        workers: arms that train at once.
        now: seconds since 1970.
        one_more: asks for another one behind all these.
    """
    at_once = max(1, workers // runs)
    ends = [durations.left(run, at_once, now) for run in active]
    paused = ends.count(None)
    free = [end for end in ends if end is not None]
    free += [0.0] * (runs - len(free) - paused)
    heapq.heapify(free)
    found: list[float | None] = []
    for run in waiting:
        found.append(free[0] if free else None)
        if free:
            heapq.heapreplace(free, free[0] + durations.whole(run, at_once))
    if one_more:
        found.append(free[0] if free else None)
    return found
