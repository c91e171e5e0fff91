"""What this machine's devices are worth: AlexNet's own training step, timed on each.

    python -m lab.devices

runs in a process of its own (no server imports TensorFlow for it) and writes a line of
JSON. The same batch is learned from on every device there is: first until everything is
compiled and warm, then for some seconds; the loss is read after every step, so that no
step is still under way when the clock stops.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from model import paper
from paths import ROOT

log = logging.getLogger(__name__)

BATCH = 64
SECONDS = 6.0  # timed on each device, at least
STEPS = 2  # timed at least
WARM = 2  # steps before the clock starts
PATIENCE = 240.0  # seconds until a measurement is given up
NICENESS = 10
COMMAND = ("-m", "lab.devices")


@dataclass(frozen=True)
class Timing:
    """One device."""

    device: str
    batch: int
    steps: int
    seconds: float

    @property
    def pictures_per_second(self) -> float:
        """Learned from, not just looked at."""
        return self.batch * self.steps / self.seconds

    @property
    def imagenet_days(self) -> float:
        """What the paper's 90 epochs of ImageNet would take."""
        return paper.EPOCHS * paper.IMAGES / self.pictures_per_second / 86_400


def measure() -> list[Timing]:
    """Times every device of this machine, the CPU first. Imports Keras."""
    import keras
    import numpy as np

    from model.network.build import build
    from model.network.specs import SIMPLIFIED

    size = SIMPLIFIED.input_size
    rng = np.random.default_rng(2012)
    pictures = rng.normal(size=(BATCH, size, size, 3)).astype(np.float32)
    labels = rng.integers(0, SIMPLIFIED.classes, BATCH).astype(np.int32)
    found = []
    for name in sorted(keras.distribution.list_devices()):  # "cpu:0" before "gpu:0"
        with keras.device(name):
            network = build(SIMPLIFIED)
            network.compile(
                keras.optimizers.SGD(0.0001, momentum=0.9),
                "sparse_categorical_crossentropy",
            )
            for _ in range(WARM):
                network.train_on_batch(pictures, labels)
            steps, start = 0, time.perf_counter()
            while steps < STEPS or time.perf_counter() - start < SECONDS:
                network.train_on_batch(pictures, labels)
                steps += 1
            seconds = time.perf_counter() - start
        found.append(Timing(name.upper(), BATCH, steps, seconds))
    return found


def time_in_a_process() -> list[Timing]:
    """`measure`, in a process of its own at low priority.

    Raises:
        RuntimeError: it failed or took too long.
    """
    try:
        done = subprocess.run(
            [sys.executable, *COMMAND],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(f"The devices could not be timed: {error}") from error
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        log.warning("Timing failed: %s", done.stderr[-2_000:])
        raise RuntimeError("The devices could not be timed; the server's log says why.")
    return [Timing(**each) for each in json.loads(lines[-1])]


State = Literal["asleep", "running", "done", "failed"]


class DeviceBench:
    """One measurement for all visitors: the first call starts it."""

    def __init__(self, run: Callable[[], Sequence[Timing]] = time_in_a_process) -> None:
        self._run = run
        self._lock = threading.Lock()
        self.state: State = "asleep"
        self.timings: tuple[Timing, ...] = ()
        self.sentence = ""

    def start(self) -> None:
        """Starts it, unless it is under way."""
        with self._lock:
            if self.state == "running":
                return
            self.state = "running"
        threading.Thread(target=self._work, name="lab-devices", daemon=True).start()

    def _work(self) -> None:
        try:
            timings = tuple(self._run())
        except RuntimeError as error:
            self.sentence, self.state = str(error), "failed"
        else:
            self.timings, self.state = timings, "done"


_shared = DeviceBench()


def shared() -> DeviceBench:
    """The measurement of this process."""
    return _shared


def main() -> None:
    """Measures and writes a line of JSON."""
    import os

    if hasattr(os, "nice"):
        os.nice(NICENESS)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stdout.write(json.dumps([asdict(timing) for timing in measure()]) + "\n")


if __name__ == "__main__":
    main()
