"""The queue and its estimates, against a simulated engine with a clock of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import pytest

from lab.experiments import Arm, Experiment, swept
from lab.live_run import LiveArm, LiveRun
from lab.presets import PRESETS
from lab.records import Control
from lab.workers.wait_times import Durations, in_order, wait_times
from tests.fake_lab import report

START = 6.0  # seconds from a free worker to the first step, in this simulation
PAIR = PRESETS["relu-vs-tanh-2012"].vary(seconds=120.0, epochs=40)
SHORT = PRESETS["dropout-small"].vary(seconds=60.0, epochs=20)
FOUR = PRESETS["first-filters"].vary(seconds=50.0, epochs=500)
SWEEP = swept(PRESETS["relu-vs-tanh-2012"].vary(seconds=90.0), (0.001, 0.002, 0.005))


def a_run(experiment: Experiment, instructor: bool = False) -> LiveRun:
    arms = [LiveArm() for _ in experiment.arms]
    name = f"run {next(_numbers)}"
    return LiveRun(name, name, "ann", experiment, {}, 0.0, arms, instructor=instructor)


_numbers = itertools.count(1)


def one_pass(arm: Arm) -> float:
    """Seconds, truly: what the estimate has to find out."""
    return 9.0 if arm.network == "four-layer" else 1.5


def truly(arm: Arm) -> float:
    """Seconds that an arm trains; who has a target is there after six passes."""
    passes = 6 if arm.until is not None else arm.epochs
    return min(arm.seconds, passes * one_pass(arm))


@dataclass
class Simulated:
    """An engine of so many workers, whose clock goes a second at a time."""

    runs: int = 1
    workers: int = 2
    now: float = 1000.0
    durations: Durations = field(default_factory=Durations)
    active: list[LiveRun] = field(default_factory=list)
    waiting: list[LiveRun] = field(default_factory=list)
    begun: dict[str, float] = field(default_factory=dict)
    said: dict[str, list[tuple[float, float | None]]] = field(default_factory=dict)

    def estimates(self, one_more: bool = False) -> list[float | None]:
        return wait_times(
            self.active,
            in_order(self.waiting),
            self.durations,
            runs=self.runs,
            workers=self.workers,
            now=self.now,
            one_more=one_more,
        )

    def second(self) -> None:
        while self.waiting and len(self.active) < self.runs:
            run = in_order(self.waiting)[0]
            self.waiting.remove(run)
            self.active.append(run)
            run.state, run.began = "starting", self.now
            self.begun[run.id] = self.now
        for run, wait in zip(in_order(self.waiting), self.estimates(), strict=True):
            self.said.setdefault(run.id, []).append((self.now, wait))
        self.now += 1
        for run in self.active:
            self.train(run)
            self.durations.note(run)
        self.active = [run for run in self.active if not all(a.over for a in run.arms)]

    def train(self, run: LiveRun) -> None:
        free = self.workers // self.runs
        for arm, live in zip(run.experiment.arms, run.arms, strict=True):
            if live.over or not free:
                continue
            free -= 1
            if not live.device:
                live.device, self.since[id(live)] = "CPU", self.now
            trained = self.now - self.since[id(live)] - START
            if trained < 0:
                continue
            live.begun, live.seconds = True, trained
            live.epochs = trained / one_pass(arm)
            live.latest = report(1, 0.5, 0.5, epoch=live.epochs)
            run.started = run.started or self.now
            if trained >= truly(arm):
                live.state = "finished"

    since: dict[int, float] = field(default_factory=dict)

    def until(self, over: Callable[[], bool]) -> None:
        for _ in range(5_000):
            if over():
                return
            self.second()
        pytest.fail("the simulation did not end")

    def wrong_by(self, runs: Iterable[LiveRun], after: float = 0.0) -> list[float]:
        """How far each estimate was from the truth, beyond a quarter of it: seconds."""
        found = []
        for run in runs:
            for when, wait in self.said.get(run.id, []):
                if when >= after:
                    assert wait is not None
                    true = self.begun[run.id] - when
                    found.append(max(0.0, abs(wait - true) - 0.25 * true))
        return found


@pytest.mark.parametrize(("runs", "workers"), [(1, 2), (2, 4), (1, 1)])
def test_estimates_are_true_once_the_kinds_of_runs_are_known(
    runs: int, workers: int
) -> None:
    lab = Simulated(runs, workers)
    for experiment in (PAIR, SHORT, FOUR, SWEEP):
        lab.waiting.append(a_run(experiment))
    lab.until(lambda: not lab.active and not lab.waiting)
    known = lab.now
    queue = [a_run(x) for x in (SHORT, PAIR, SWEEP, PAIR, FOUR, SHORT)]
    lab.waiting = list(queue)
    lab.until(lambda: not lab.waiting)
    assert len(lab.wrong_by(queue, known)) > 100
    assert max(lab.wrong_by(queue, known)) < 10


def test_the_first_estimate_is_the_budget_and_gets_true_while_the_first_trains() -> (
    None
):
    lab = Simulated()
    first, second, third = queue = [a_run(SHORT.vary(seed=i)) for i in range(3)]
    lab.waiting = list(queue)
    lab.second()
    (_, wait), *_ = lab.said[second.id]
    assert wait is not None and wait > 60, "the time that it may take"
    lab.until(lambda: not lab.waiting)
    known = lab.begun[first.id] + START + 3  # passes of this kind have been seen
    assert max(lab.wrong_by((second, third), known)) < 10


def test_arms_that_wait_for_a_worker_are_counted_one_after_the_other() -> None:
    """Four arms on two workers take twice as long as two."""
    durations = Durations()
    assert durations.whole(a_run(FOUR), 2) == pytest.approx(2 * (50 + durations.start))
    assert durations.whole(a_run(FOUR), 4) == pytest.approx(50 + durations.start)


def test_instructors_begin_first_each_as_they_came() -> None:
    one, two = a_run(PAIR), a_run(PAIR)
    ada, bob = a_run(PAIR, instructor=True), a_run(PAIR, instructor=True)
    assert in_order([one, ada, two, bob]) == [ada, bob, one, two]
    lab = Simulated()
    lab.waiting = [one]
    lab.second()
    lab.waiting += [two, ada]
    lab.until(lambda: not lab.waiting)
    assert lab.begun[ada.id] < lab.begun[two.id]
    assert max(lab.wrong_by((ada, two))) < 10


def test_a_paused_run_leaves_the_queue_without_an_estimate() -> None:
    lab = Simulated()
    first, second = a_run(SHORT), a_run(SHORT)
    lab.waiting = [first, second]
    lab.until(lambda: any(arm.epochs > 2 for arm in first.arms))
    first.control = Control("pause")
    assert lab.estimates(one_more=True) == [None, None]
    first.control = Control("run")
    assert lab.estimates()[0] == pytest.approx(30, abs=10)
    first.control = Control("stop")
    assert lab.estimates()[0] == pytest.approx(1)


def test_a_free_place_is_said_to_be_free() -> None:
    lab = Simulated()
    assert lab.estimates(one_more=True) == [0.0]


def test_what_a_retried_arm_has_behind_it_is_not_counted_again() -> None:
    run = a_run(SHORT)
    durations = Durations()
    whole = durations.whole(run, 2)
    for arm in run.arms:
        arm.seconds, arm.epochs = 45.0, 15.0
    assert durations.whole(run, 2) == pytest.approx(whole - 45)


def test_speed_is_remembered_whatever_seed_rate_and_budget() -> None:
    durations, run = Durations(), a_run(SHORT)
    for arm in run.arms:
        arm.seconds, arm.epochs = 3.0, 2.0
    durations.note(run)
    other = replace(SHORT.arms[0], seed=9, learning_rate=0.1, epochs=10, seconds=300.0)
    assert durations.seconds(other) == pytest.approx(15)
    assert durations.seconds(replace(other, pictures=4_000)) == 300
