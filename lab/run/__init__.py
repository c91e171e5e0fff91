"""Trains one arm of an experiment, without Dask and Streamlit.

Backend-neutral Keras 3. The loop is `model.fit`'s own compiled one, and everything it
needs lies on the device from the start: the images are a variable, and what `fit` is
fed are their numbers, in an order that seed and step alone decide. So an arm is as fast
as a bare `fit` (`python -m bench.lab`), and one that was interrupted goes on with the
very batch it would have had.
"""

from __future__ import annotations

from collections.abc import Callable

import keras

from lab import datasets
from lab.checkpoints import ArmProgress
from lab.experiments import Arm
from lab.records import Control, Ending, Report
from lab.run.learner import Learner
from lab.run.probe import Measurements
from lab.run.schedule import LIVE, Measuring, Schedule
from lab.run.watcher import Command, Trace, Watcher, all_done

__all__ = ["Measuring", "device", "train"]


def device() -> str:
    """What arms are trained on here: "CPU", or the name Keras has for the GPU."""
    gpus = [name for name in keras.distribution.list_devices() if "cpu" not in name]
    return gpus[0].upper() if gpus else "CPU"


def train(
    arm: Arm,
    report: Callable[[Report], None],
    command: Command = Control,
    *,
    data: datasets.Dataset | None = None,
    start: bytes | None = None,
    keep: Callable[[bytes, int], None] = lambda state, epoch: None,
    measuring: Measuring = LIVE,
    trace: Trace | None = None,
) -> Ending:
    """Trains an arm to its end; reports at least every second.

    The same arm gives the same curve: the order, the first weights, the shifts and
    the dropout depend on its seed alone, and error and accuracy are measured at the
    same steps whatever the machine's speed.

    Args:
        report: is handed a Report at the start, every second, and at the end.
        command: answers what is wanted; asked after every batch.
        data: instead of what `lab.datasets` has under the arm's name.
        start: a state that `keep` was given; training goes on from there.
        keep: is handed the state and its number of epochs after an epoch.
        measuring: on what, and how often, error and accuracy are measured.
        trace: is handed the running batch error and the first layer's filters, every
            TRACE_EVERY training images.

    Raises:
        lab.checkpoints.StateBroken: `start` is damaged, or another arm's.
        KeyError: there is no data set of that name.
        ValueError: the images are too small for the network.
    """
    data = data or datasets.load(arm.dataset, arm.seed, arm.pictures)
    learner = Learner(arm, data, ["accuracy"])
    now = learner.begin(start)
    schedule = Schedule.of(learner.arm, len(learner.labels), measuring.every)
    if now.step >= schedule.total:
        return Ending("finished", all_done(arm))

    def save(progress: ArmProgress) -> None:
        keep(learner.state(progress), schedule.whole_epochs(progress.step))

    watcher = Watcher(
        schedule,
        now,
        Measurements(learner, data, measuring.sample),
        report,
        command,
        save,
        trace,
    )
    numbers = schedule.order(now.step)
    learner.model.fit(
        numbers,
        learner.labels[numbers],
        batch_size=learner.arm.batch,
        shuffle=False,
        verbose=0,
        callbacks=[watcher],
    )
    return watcher.close()
