"""A run's bookkeeping, and what a worker says: without any worker."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab import live_run, worker
from lab.live_run import LiveArm, LiveRun
from lab.presets import PRESETS
from lab.records import Control, Ending
from lab.worker import Message
from lab.workers.cluster import Task
from tests.fake_lab import report

PAIR = PRESETS["relu-vs-tanh-2012"]
MISSING = Ending("failed", "CIFAR-10 is not here; choose the drawn shapes.")


def a_run(state: Any = "running", owner: str = "ann") -> LiveRun:
    """A run whose arms are with workers."""
    arms = [LiveArm(device="CPU", task=Task(str(i), None)) for i in (0, 1)]
    return LiveRun("abc", "Ours", owner, PAIR, {}, time.time(), arms, state=state)


def test_a_run_says_whose_it_is() -> None:
    run = a_run()
    assert run.status(0).owner == run.summary().owner == run.stored().owner == "ann"
    assert live_run.from_store(run.stored(), []).owner == "ann"


def test_what_all_arms_say_is_said_once_and_as_it_is() -> None:
    run = a_run()
    for index in (0, 1):
        run.end_arm(index, MISSING)
    run.update_state()
    assert (run.state, run.sentence) == ("failed", MISSING.sentence)


def test_what_one_arm_says_bears_its_name() -> None:
    run = a_run()
    run.end_arm(0, MISSING)
    run.end_arm(1, Ending("finished", "All 40 passes are done."))
    run.update_state()
    assert (run.state, run.sentence) == ("finished", f"ReLU: {MISSING.sentence}")


def test_loading_shows_until_the_first_report() -> None:
    run = a_run("starting")
    run.receive(0, Message(1, "device", "CPU"))
    run.receive(0, Message(2, "loading", 0.4))
    run.update_state()
    assert [arm.loading for arm in run.status(0).arms] == [0.4, None]
    assert run.status(0).arms[0].state == "starting"
    run.receive(0, Message(2, "loading", 0.1))  # came twice
    assert run.arms[0].loading == 0.4
    run.receive(0, Message(3, "report", report(0, 0.9, 0.1, epoch=0.0)))
    run.update_state()
    (first, _) = run.status(0).arms
    assert (first.state, first.loading) == ("running", None)


def test_a_killed_worker_is_told_from_a_stopped_arm() -> None:
    run = a_run()
    run.arms[0].saved_epoch = 3
    run.end_arm(0, None)
    assert run.arms[0].state == "killed"
    assert run.arms[0].sentence.endswith("Retry goes on from epoch 3.")
    run.stop("Nobody watched.")
    run.end_arm(1, None)
    assert run.arms[1].state == "stopped"
    assert run.arms[1].sentence == "Nobody watched."
    plain = a_run()
    plain.stop("")
    plain.end_arm(0, None)
    assert plain.arms[0].sentence.startswith("Retry starts from the beginning")


# --- what a worker says -------------------------------------------------------------


def said(key: str) -> list[Message]:
    return worker.exchange({key: (Control(), 0)})[key]


def test_pictures_that_are_missing_are_a_sentence_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not "Training failed": nothing was trained, and it says what to do."""
    monkeypatch.setenv("ALEXNET_CIFAR10", str(tmp_path / "nowhere"))
    arm = replace(PAIR.arms[0], dataset="cifar-10")
    ending = worker.train("missing", arm, None, Control())
    assert ending.state == "failed"
    assert ending.sentence.startswith("CIFAR-10 was expected in the folder")
    assert str(tmp_path) not in ending.sentence
    assert ending.sentence.endswith("choose the drawn shapes, which are built in.")
    worker.forget("missing")


def test_loading_is_told_and_only_its_newest_share_waits() -> None:
    arm = replace(PAIR.arms[0], pictures=2_500, epochs=1, batch=1024, seconds=1.0)
    worker.train("loading", arm, None, Control("stop"))
    kinds = [message.kind for message in said("loading")]
    assert kinds.count("loading") == 1
    (share,) = (m.content for m in said("loading") if m.kind == "loading")
    assert share == 1.0
    worker.forget("loading")
