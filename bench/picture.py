"""One picture, from a phone's JPEG to the mosaics of all five convolutions.

    python -m bench.picture

measures what each step takes, in one process, the steps taken in turns: a busy machine
slows all of them alike, and the ratios hold. The yardstick is one bare compiled forward
pass of the same network on a tensor that is ready. Then it draws the same maps as
matplotlib subplots, and asks a server of its own for another layer of a picture that
it has seen.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import math
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
from numpy.typing import NDArray
from PIL import Image, ImageChops

from bench import streamlit_client
from bench.http_client import Failed
from bench.streamlit_client import Visitor
from model import pictures, runtime, weights
from model.pictures.samples import data as sample
from ui.kit.network.feature_maps import layer_names
from viz.mosaic import encode, mosaic

PHONE = (4032, 3024)  # pixels, 12.2 million
PAGE = "feature-maps"
Figures = dict[str, Any]
Maps = NDArray[np.floating[Any]]


def phone_jpeg(seed: int = 0) -> bytes:
    """A 12-megapixel photograph of 3 to 5 MB, on its side, as phones write them."""
    small = Image.open(io.BytesIO(sample("cat"))).convert("RGB")
    pixels = np.asarray(small.resize(PHONE, Image.Resampling.BICUBIC), np.int16)
    generator = np.random.default_rng(seed)
    grain = generator.normal(0, 7, (PHONE[1], PHONE[0], 1)).astype(np.int16)
    noisy = Image.fromarray((pixels + grain).clip(0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn by 90 degrees
    out = io.BytesIO()
    noisy.save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()


def large_jpeg(megapixels: int) -> bytes:
    """A JPEG of so many million pixels, 4 : 3, of grain on a photograph."""
    height = round(math.sqrt(megapixels * 1e6 * 3 / 4) / 8) * 8
    size = (height * 4 // 3, height)
    photo = Image.open(io.BytesIO(sample("cat"))).convert("RGB")
    large = photo.resize(size, Image.Resampling.BICUBIC)
    grain = np.random.default_rng(0).integers(0, 16, (1024, 1024, 3), dtype=np.uint8)
    for top in range(0, size[1], 1024):
        for left in range(0, size[0], 1024):
            box = (left, top, min(left + 1024, size[0]), min(top + 1024, size[1]))
            tile = Image.fromarray(grain[: box[3] - top, : box[2] - left])
            large.paste(ImageChops.add(large.crop(box), tile), box)
    out = io.BytesIO()
    large.save(out, "JPEG", quality=70)
    return out.getvalue()


def measure_large() -> Figures:
    """Seconds, and the largest memory of the decoder, for what phones make by now."""
    found: Figures = {}
    for megapixels in (50, 108, 200):
        data = large_jpeg(megapixels)
        pictures.close()
        pictures.load_picture(phone_jpeg())  # starts the decoder
        took = min(seconds(lambda d=data: pictures.load_picture(d)) for _ in range(3))  # type: ignore[misc]
        found[f"large_{megapixels}_s"] = round(took, 2)
        found[f"large_{megapixels}_mb"] = round(_decoders_peak_mb())
        found[f"large_{megapixels}_file_mb"] = round(len(data) / 1e6, 1)
    pictures.close()
    return found


def _decoders_peak_mb() -> float:
    """The largest memory that a decoder of this process has ever held; Linux only."""
    peaks = [0.0]
    for child in psutil.Process().children():
        if "model.pictures.decoder" in child.cmdline():
            status = Path(f"/proc/{child.pid}/status").read_text()
            peaks.append(int(status.split("VmHWM:")[1].split()[0]) / 1000)
    return max(peaks)


def subplots(maps: Maps) -> bytes:
    """All maps (H, W, C) as matplotlib subplots, the usual way; a PNG."""
    from matplotlib.figure import Figure

    count = maps.shape[2]
    columns = math.ceil(math.sqrt(1.6 * count))
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(0.6 * columns, 0.6 * rows), dpi=100)
    axes = figure.subplots(rows, columns).ravel()
    for axis in axes:
        axis.axis("off")
    for i in range(count):
        axes[i].imshow(maps[:, :, i], cmap="viridis")
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def medians(steps: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each step; the steps take turns, and the first turn is lost."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(rounds + 1):
        for name, work in steps.items():
            taken = seconds(work)
            if turn:
                times[name].append(taken)
    return {name: statistics.median(values) for name, values in times.items()}


def measure_pipeline(rounds: int) -> Figures:
    """The steps of one picture, and matplotlib in place of the last."""
    import tensorflow as tf

    network = runtime.network()
    spec = network.weights.spec
    layers = [layer.name for layer in spec.convolutions()]
    data = phone_jpeg()
    photo = pictures.load_picture(data)
    ready = pictures.to_input(photo, spec)
    tensor = tf.constant(ready)
    answers = network.activations(ready)

    def draw() -> list[bytes]:
        return [encode(mosaic(answers[name])) for name in layers]

    def all_steps() -> list[bytes]:
        found = network.activations(pictures.to_input(photo, spec))
        return [encode(mosaic(found[name])) for name in layers]

    taken = medians(
        {
            "forward": lambda: network.forward(tensor),
            "to_input": lambda: pictures.to_input(photo, spec),
            "activations": lambda: network.activations(ready),
            "mosaics": draw,
            "all": all_steps,
        },
        rounds,
    )
    decode_s = medians({"decode": lambda: pictures.load_picture(data)}, 7)["decode"]
    pictures.close()
    slow = {name: seconds(lambda n=name: subplots(answers[n])) for name in layers}  # type: ignore[misc]
    before_drawing = taken["to_input"] + taken["activations"]
    return {
        "pipeline_ratio": round(taken["all"] / taken["forward"], 2),
        "decode_s": round(decode_s, 3),
        "matplotlib_ratio": round(
            (before_drawing + sum(slow.values())) / taken["all"], 1
        ),
        "drawing_ratio": round(sum(slow.values()) / taken["mosaics"], 1),
        "milliseconds": {name: round(1000 * s, 1) for name, s in taken.items()},
        "matplotlib_s": {name: round(s, 2) for name, s in slow.items()},
        "mosaics_kb": round(sum(map(len, draw())) / 1000),
        "jpeg_mb": round(len(data) / 1e6, 2),
    }


async def second_looks(port: int, rounds: int) -> list[float]:
    """Milliseconds of script runs that show another layer of the same picture."""
    names = layer_names(weights.get(weights.DEFAULT).spec)
    times = []
    async with Visitor(port, PAGE) as visitor:
        await visitor.run()
        run = await visitor.upload(phone_jpeg(1))
        for _ in range(rounds):
            for name in names:
                (row,) = (
                    component
                    for _, component in run.of_kind("bidi_component")
                    if component.id.endswith("-layer_strip")
                )
                run = await visitor.trigger(row, "picked", name)
                if not any(
                    component.id.endswith(f"-maps_{name}")
                    for _, component in run.of_kind("bidi_component")
                ):
                    raise Failed(f"Expected the maps of {name} on the page.")
                times.append(1000 * run.seconds)
    return times


def measure_second_look(rounds: int = 4) -> Figures:
    """From the message that asks for another layer to the end of the script.

    Every layer of the page in turn: the convolutions have been drawn by then, the
    others are drawn in the first round, which counts.
    """
    with streamlit_client.server() as server:
        times = asyncio.run(second_looks(server.port, rounds))
    return {
        "second_look_ms": round(statistics.median(times), 1),
        "second_look_p95_ms": round(float(np.percentile(times, 95)), 1),
    }


def table(found: Figures) -> str:
    """The figures with what is promised, for people."""
    rows = [
        ("12-megapixel JPEG to pixels", "decode_s", "s", "<= 0.4, lower is better"),
        (
            "pixels to five mosaics / bare forward pass",
            "pipeline_ratio",
            "x",
            "<= 6, lower is better",
        ),
        (
            "the same by matplotlib / by us",
            "matplotlib_ratio",
            "x",
            ">= 50, higher is better",
        ),
        ("drawing alone, matplotlib / by us", "drawing_ratio", "x", ""),
        (
            "second look, median",
            "second_look_ms",
            "ms",
            "<= 60, lower is better",
        ),
        ("second look, 95 of 100 within", "second_look_p95_ms", "ms", ""),
        *(
            (f"{size}-megapixel JPEG to pixels", f"large_{size}_s", "s", "<= 5")
            for size in (50, 108, 200)
        ),
        *(
            (
                f"the decoder's memory for {size} megapixels",
                f"large_{size}_mb",
                "MB",
                "",
            )
            for size in (50, 108, 200)
        ),
        ("five mosaics", "mosaics_kb", "kB", ""),
        ("the JPEG", "jpeg_mb", "MB", ""),
    ]
    lines = [
        f"{title:44} {found[key]!s:>8} {unit:4} {promise}".rstrip()
        for title, key, unit, promise in rows
    ]
    for name in ("milliseconds", "matplotlib_s"):
        lines.append(
            f"{name}: " + ", ".join(f"{k} {v}" for k, v in found[name].items())
        )
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    summary = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m bench.picture", description=summary)
    parser.add_argument("--rounds", type=int, default=25, help="of each step")
    rounds = parser.parse_args(argv).rounds
    # The server first: it has the machine's memory to itself.
    found = measure_second_look() | measure_pipeline(rounds) | measure_large()
    print(table(found))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
