"""Each weight set: accuracy, calibration, size, load time, first-layer filters.

    python -m bench.weights --data path/to/tiny-imagenet-200

measures the sets that are here on Tiny ImageNet's 10,000 validation pictures (whose 200
classes are among ImageNet's 1,000), loads each in fresh processes, and counts the
filters that show something. Without the pictures it measures what it can and says where
to get them. The last line is JSON, of the embedded set.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from model import weights
from model.analysis import filters
from paths import ROOT

Figures = dict[str, Any]
WHERE = (
    "Accuracy needs Tiny ImageNet's validation pictures: unpack tiny-imagenet-200.zip "
    "of the Stanford course CS231n and name its folder with --data."
)
_LOAD = """
import sys, time
import keras, numpy, tensorflow
from model import network, weights
began, busy = time.perf_counter(), time.process_time()
weights.load(sys.argv[1])
print(time.perf_counter() - began, time.process_time() - busy)
"""
ROWS = (
    ("top-1", "top1", "", ">= 0.50"),
    ("top-5", "top5", "", ">= 0.75"),
    ("top-1 before compression", "top1_before_compression", "", "at most 0.005 more"),
    ("calibration error, as it leaves the network", "ece_before", "", ""),
    ("calibration error, at its temperature", "ece", "", ""),
    ("sharp and shrunk pictures named alike", "agreement", "", ">= 0.90"),
    ("  were it given the sharp ones", "agreement_without", "", ""),
    ("file", "mib", "MiB", "<= 32"),
    ("load, imports not counted", "load_s", "s", "<= 1"),
    ("  of that, on a processor", "load_cpu_s", "s", ""),
    ("first-layer filters with a clear peak", "clear_filters", "", ""),
    ("  a clear orientation", "clear_orientation", "", ""),
    ("  a clear colour", "clear_colour", "", ""),
    ("  close to zero", "dead_filters", "", ""),
    ("maps and units that never answer", "dead_units", "", ""),
)


def load_times(name: str, rounds: int) -> Figures:
    """`weights.load` alone, in fresh processes; the median of the rounds."""
    times = []
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, "-c", _LOAD, name],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        times.append([float(number) for number in done.stdout.split()[-2:]])
    wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
    return {"load_s": round(wall, 2), "load_cpu_s": round(cpu, 2)}


def at_hand(name: str) -> Figures:
    """What needs no pictures: size and filters."""
    weight_set = weights.get(name)
    found = filters.measure(weights.first_layer(name)[0])
    size = weight_set.path.stat().st_size if weight_set.path else 0
    return {
        "mib": round(size / 2**20, 1),
        "clear_filters": int((found.clear_orientation | found.clear_colour).sum()),
        "clear_orientation": int(found.clear_orientation.sum()),
        "clear_colour": int(found.clear_colour.sum()),
        "dead_filters": int(found.dead.sum()),
    }


def on_pictures(name: str, folder: Path) -> Figures:
    """Accuracy, calibration and dead units on the validation pictures."""
    from model import card, measured
    from model.training.tiny_imagenet import load_tiny_imagenet

    validation = load_tiny_imagenet(folder, "val")
    validation = card.for_set(name, validation, folder)
    found = card.measure(name, weights.load(name), validation)
    kept = measured.evaluation(name)
    if kept is not None:  # the uncompressed network is not shipped
        found["top1_before_compression"] = kept.top1_before_compression
    return found | {
        "ece": found["ece_after"],
        "dead_units": sum(found["dead_units"].values()),
        "dead_units_by_layer": found["dead_units"],
    }


def table(name: str, found: Figures) -> str:
    """One set's figures with what is promised of the embedded one, for people."""
    lines = [weights.get(name).title]
    for title, key, unit, promise in ROWS:
        if key in found:
            value = found[key]
            shown = f"{value:.4f}" if isinstance(value, float) else str(value)
            aim = promise if name == weights.DEFAULT else ""
            lines.append(f"  {title:46} {shown:>9} {unit:4} {aim}".rstrip())
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    summary = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m bench.weights", description=summary)
    parser.add_argument("--data", type=Path, help="Tiny ImageNet's folder")
    parser.add_argument("--rounds", type=int, default=3, help="of loading")
    options = parser.parse_args(argv)
    embedded: Figures = {}
    for weight_set in weights.available():
        name = weight_set.name
        found = at_hand(name)
        if options.data is not None and weight_set.top1 is not None:
            found |= on_pictures(name, options.data)
        found |= load_times(name, options.rounds)
        print(table(name, found))
        if name == weights.DEFAULT:
            embedded = found
    if options.data is None:
        print(WHERE)
    kept = {k: v for k, v in embedded.items() if not isinstance(v, list)}
    print(json.dumps(kept))


if __name__ == "__main__":
    main()
