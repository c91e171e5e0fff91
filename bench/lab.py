"""How fast the lab trains: `python -m bench.lab`.

An arm, with its reporting on and one watcher, against the bare compiled `model.fit` of
the same network in a process of its own; two arms together against two such processes
at once; and the same loop in PyTorch, where it is installed (`--torch-python` names
another Python that has it). Everything is measured in turns, several rounds, and the
ratios are of medians, because a machine's speed changes from minute to minute.
`bench.watching` adds what experiments cost those who read or watch.

Prints a table and one line of JSON. Every ratio is better when higher.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from typing import Any

from bench import watching
from lab.engine import Engine
from lab.experiments import Arm, Experiment
from lab.networks import spec
from lab.presets import PRESETS
from lab.settings import Settings
from lab.status import RunStatus
from model.network.specs import Conv, Dense, Flatten, Pool
from store.database import Database

PICTURES = 5_000
PRESET = "relu-vs-tanh-2012"
CLASSES = 10

# Default, compiled model.fit; the first epoch compiles and is not counted. Both bare
# loops run until the time is up, at the workers' low priority, and say pictures and
# seconds.
_KERAS = """
import json, os, sys, time
if hasattr(os, "nice"):
    os.nice(10)
rows, pictures, batch, seconds, wait = json.loads(sys.argv[1])
import keras, numpy as np
from keras import layers
x = inputs = keras.Input((rows[0]["size"], rows[0]["size"], 3))
for row in rows[1:]:
    if row["kind"] == "conv":
        x = layers.Conv2D(row["filters"], row["kernel"], padding="same",
                          activation=row["activation"])(x)
    elif row["kind"] == "pool":
        x = layers.MaxPooling2D(row["size"], strides=2)(x)
    elif row["kind"] == "flatten":
        x = layers.Flatten()(x)
    else:
        x = layers.Dense(row["units"], row["activation"])(x)
model = keras.Model(inputs, x)
model.compile(keras.optimizers.SGD(0.001, momentum=0.9),
              "sparse_categorical_crossentropy")
rng = np.random.default_rng(0)
size = rows[0]["size"]
images = rng.normal(size=(pictures, size, size, 3)).astype("float32")
labels = rng.integers(0, 10, pictures)
model.fit(images[:batch], labels[:batch], batch_size=batch, verbose=0)
class Clock(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.done = getattr(self, "done", 0) + 1
        if time.perf_counter() - began >= seconds:
            self.model.stop_training = True
while time.time() < wait:
    time.sleep(0.01)
began = time.perf_counter()
clock = Clock()
model.fit(images, labels, batch_size=batch, epochs=1000, verbose=0, callbacks=[clock])
print(json.dumps([clock.done * batch, time.perf_counter() - began]))
"""

_TORCH = """
import json, os, sys, time
if hasattr(os, "nice"):
    os.nice(10)
rows, pictures, batch, seconds, wait = json.loads(sys.argv[1])
import torch
from torch import nn
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
parts, channels, side = [], 3, rows[0]["size"]
for row in rows[1:]:
    if row["kind"] == "conv":
        parts.append(nn.Conv2d(channels, row["filters"], row["kernel"], padding="same"))
        channels = row["filters"]
    elif row["kind"] == "pool":
        parts.append(nn.MaxPool2d(row["size"], 2))
        side = (side - row["size"]) // 2 + 1
    elif row["kind"] == "flatten":
        parts.append(nn.Flatten())
        channels *= side * side
    else:
        parts.append(nn.Linear(channels, row["units"]))
        channels = row["units"]
    if row.get("activation") not in (None, "softmax"):
        parts.append({"relu": nn.ReLU, "tanh": nn.Tanh}[row["activation"]]())
model = nn.Sequential(*parts).to(memory_format=torch.channels_last)
step = torch.optim.SGD(model.parameters(), 0.001, momentum=0.9)
size = rows[0]["size"]
images = torch.randn(pictures, 3, size, size).to(memory_format=torch.channels_last)
labels = torch.randint(0, 10, (pictures,))
loss_of = nn.CrossEntropyLoss()
def epoch():
    order = torch.randperm(pictures)
    for i in range(0, pictures - batch + 1, batch):
        chosen = order[i:i + batch]
        step.zero_grad()
        loss = loss_of(model(images[chosen]), labels[chosen])
        loss.backward()
        step.step()
        yield loss.item()
next(epoch())
while time.time() < wait:
    time.sleep(0.01)
began, done = time.perf_counter(), 0
while time.perf_counter() - began < seconds:
    for _ in epoch():
        done += 1
        if time.perf_counter() - began >= seconds:
            break
print(json.dumps([done * batch, time.perf_counter() - began]))
"""


def rows_of(arm: Arm) -> list[dict[str, Any]]:
    """The arm's network as plain data, for loops that know nothing of the lab."""
    network = spec(arm, 32, CLASSES)
    rows: list[dict[str, Any]] = [{"kind": "input", "size": network.input_size}]
    for layer in network.layers:
        match layer:
            case Conv():
                row = {"kind": "conv", "filters": layer.filters}
                row |= {"kernel": layer.kernel, "activation": layer.activation}
            case Pool():
                row = {"kind": "pool", "size": layer.size}
            case Flatten():
                row = {"kind": "flatten"}
            case Dense():
                row = {"kind": "dense", "units": layer.units}
                row |= {"activation": layer.activation}
            case _:
                raise ValueError(f"The bare loops know no {type(layer).__name__}.")
        rows.append(row)
    return rows


def environment(threads: int) -> dict[str, str]:
    """The threads that a worker of the lab has."""
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3"}
    return dict(os.environ) | dict.fromkeys(names, str(threads)) | quiet


def bare(
    python: str, code: str, arms: list[Arm], seconds: float, threads: int
) -> float:
    """Pictures a second of bare loops at once, one for each arm."""
    wait = time.time() + (0 if len(arms) == 1 else 25)  # they begin together
    started = [
        subprocess.Popen(
            [
                python,
                "-c",
                code,
                json.dumps([rows_of(arm), PICTURES, arm.batch, seconds, wait]),
            ],
            env=environment(threads),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for arm in arms
    ]
    speeds: list[float] = []
    for process in started:
        out, _ = process.communicate(timeout=300)
        pictures, taken = json.loads(out.splitlines()[-1])
        speeds.append(float(pictures / taken))
    return sum(speeds)


class _Watcher(threading.Thread):
    """Polls status and thinned points once a second, as a page does."""

    def __init__(self, engine: Engine, run_id: str) -> None:
        super().__init__(daemon=True)
        self.engine, self.run_id = engine, run_id
        self.over: RunStatus | None = None

    def run(self) -> None:
        while self.over is None:
            status = self.engine.status(self.run_id)
            self.engine.events(self.run_id, most=200)
            if status.over:
                self.over = status
            time.sleep(1)


def lab(engine: Engine, experiment: Experiment) -> list[tuple[float, float, float]]:
    """Runs it, watched. For each arm: pictures, seconds, pictures a second."""
    run_id = engine.submit(experiment, "bench")
    watcher = _Watcher(engine, run_id)
    watcher.start()
    watcher.join(600)
    assert watcher.over is not None, "the run did not end"
    speeds = []
    for index, arm in enumerate(experiment.arms):
        reports = [e.report for e in engine.events(run_id) if e.arm == index]
        first, last = reports[0], reports[-1]  # the clock starts after the first batch
        pictures = float((last.step - first.step - 1) * arm.batch)
        seconds = last.seconds - first.seconds
        speeds.append((pictures, seconds, pictures / seconds))
    return speeds


def measure(rounds: int, seconds: float, torch_python: str) -> dict[str, Any]:
    """All loops, in turns."""
    pair = PRESETS[PRESET].vary(
        dataset="shapes", pictures=PICTURES, seconds=seconds, epochs=1000
    )
    first = pair.arms[0]
    # An experiment has two arms at least: the second of this one is over at once.
    alone = Experiment(
        "alone",
        (first, *(_brief(arm) for arm in pair.arms[1:])),
        ("activation",),
        ("learning_rate", "seconds", "epochs"),
    )
    found: dict[str, list[float]] = {}

    def note(name: str, speed: float) -> None:
        found.setdefault(name, []).append(speed)
        print(f"{name:10} {speed:8.0f} pictures/s", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        cores = os.cpu_count() or 1
        threads = max(1, cores // 2)
        engine = Engine(
            Settings(workers=2, threads=threads),
            Database(f"sqlite:///{folder}/bench.sqlite3"),
        )
        try:
            lab(engine, alone.vary(seconds=1.0))  # starts the workers
            for _ in range(rounds):
                note("bare", bare(sys.executable, _KERAS, [first], seconds, threads))
                note("arm", lab(engine, alone)[0][2])
                both = list(pair.arms)
                note("two bare", bare(sys.executable, _KERAS, both, seconds, threads))
                note("two arms", sum(each[2] for each in lab(engine, pair)))
                if torch_python:
                    note("torch", bare(torch_python, _TORCH, [first], seconds, threads))
        finally:
            engine.shutdown()
    middle = {name: statistics.median(speeds) for name, speeds in found.items()}
    return {
        "train_ratio": round(middle["arm"] / middle["bare"], 3),
        "pair_ratio": round(middle["two arms"] / middle["two bare"], 3),
        "vs_torch": round(middle["arm"] / middle["torch"], 3) if torch_python else None,
        "pictures_per_second": {name: round(x) for name, x in middle.items()},
        "rounds": {name: [round(x) for x in each] for name, each in found.items()},
        "threads": threads,
    }


def _brief(arm: Arm) -> Arm:
    return replace(arm, epochs=1, seconds=1.0)


def with_torch(python: str) -> str:
    """That Python if it has PyTorch, else nothing."""
    code = "import torch; print(torch.__version__)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return python if done.returncode == 0 else ""


def main() -> None:
    """Prints the table and the line."""
    parser = argparse.ArgumentParser(description="Measures how fast the lab trains.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--torch-python", default=sys.executable)
    options = parser.parse_args()
    torch_python = with_torch(options.torch_python)
    figures = measure(options.rounds, options.seconds, torch_python)
    figures |= watching.measure(options.seconds)
    for name, speed in figures["pictures_per_second"].items():
        rounds = ", ".join(map(str, figures["rounds"][name]))
        print(f"{name:10} {speed:6} pictures/s   ({rounds})")
    print(f"a reader's answer, idle / training: {figures['reader_ratio']}")
    print(f"a watcher's share of a core: {figures['watch_share']}")
    if not torch_python:
        print("PyTorch is not installed here: no comparison. --torch-python names one.")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
