"""How soon one's own classes are taught and told apart, by one visitor and by many.

    python -m bench.teach --users 20 --pictures 12 --seconds 20

starts its own server, opens /teach as a browser does, and sends photographs of the size
that a page makes of them. The load generator runs on the same cores as the server.

    alone      one visitor holds something up, twice a second: how many of these are
               answered, and how soon
    many       `--users` upload `--pictures` each, one after another, all at once
    pages      other visitors' time from upload to the last mosaic meanwhile, by the
               time without them (medians)
    train      in this process: a layer for six classes of 20 pictures, and all
               trainings that leave one picture out

    python -m bench.teach --decay

instead says how well the pictures that are left out are predicted, by weight decay, on
six themes of the lab's photographs. `DECAY` and `DECAY_PIXELS` have the lowest loss by
it, or are within 5 % of that and larger: the training takes fewer steps.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from bench import streamlit_client
from bench.cover import pages
from bench.http_client import Failed, http
from bench.streamlit_client import Visitor
from bench.visitors import percentile, pictures
from lab.workers import prestart
from model import weights
from model.analysis.features import neighbours, teach
from model.pictures import photographs

PAGE = "teach"
PACE = 0.5  # seconds between two pictures of a camera
BUSY = 0.5  # until a busy server is asked again, as the page does
THEMES = {
    "fish": [f"fish{x}" for x in range(1, 14)],
    "windmill": ["windmill", *(f"windmill{x}" for x in (1, 2, 3, 4, 5, 7, 8, 9, 11))],
    "solar": [f"solar{x}" for x in range(1, 9)],
    "bird": [
        *("duck", "owl", "scarlet-macaw", "heron", "kingfisher", "northern-harrier"),
        *("penguin", "spoonbills", "swans", "toucan", "gosling", "chicken"),
    ],
    "castle": [
        *("chateaude-chambord", "chateaude-chenonceau", "citede-carcassonne"),
        *("mysore-palace", "schwerin-palace", "neuschwanstein-castle", "taj-mahal"),
        *("mont-st-michel", "reims-cathedral", "berlin-cathedral", "hawa-mahal"),
    ],
    "fur": [
        *("cat-2", "jaguar", "cheetah", "kitten", "koala", "lemur", "polar-bear"),
        *("red-panda", "panda", "macaque", "meerkats", "squirrel", "gorilla"),
    ],
}
DECAYS = (1e-1, 1e-2, 1e-3, 1e-4)
Figures = dict[str, Any]


def file(name: str, side: int = 336) -> bytes:
    """A photograph as large as a page sends it."""
    image, out = photographs.image(name), io.BytesIO()
    image.resize((side * 4 // 3, side), Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()


async def post(port: int, path: str, body: bytes) -> tuple[float, Any]:
    """Sends one picture, again while the server is busy; seconds, and the answer."""
    began = time.perf_counter()
    while True:
        answer = await http(port, "POST", path, body=body)
        if answer.status != 503:
            break
        await asyncio.sleep(BUSY)
    if answer.status != 200:
        raise Failed(f"Expected 200. Received: {answer.status} {answer.body[:200]!r}")
    found = json.loads(answer.body)
    if "refused" in found:
        raise Failed(f"Expected an answer. Received: {found['refused']}")
    return time.perf_counter() - began, found


async def opened(visitor: Visitor) -> tuple[str, list[int]]:
    """Where a page sends its pictures, and the ids of its classes."""
    run = await visitor.run()
    for _, found in run.of_kind("bidi_component"):
        data = json.loads(found.json)
        if "classes" in data and "limits" in data:
            return str(data["address"]), [one["id"] for one in data["classes"]]
    raise Failed("Expected classes on the page. Received: none")


async def give(port: int, count: int, seed: int) -> list[float]:
    """One visitor uploads pictures for two classes; the seconds of each."""
    names = [*THEMES["fish"], *THEMES["windmill"]]
    taken = []
    async with Visitor(port, PAGE) as visitor:
        address, ids = await opened(visitor)
        for number in range(count):
            body = file(names[(seed + number) % len(names)])
            path = f"{address}class/{ids[number % len(ids)]}"
            seconds, answer = await post(port, path, body)
            if answer["count"] != number // len(ids) + 1:
                raise Failed(f"Expected picture {number}. Received: {answer['count']}")
            taken.append(seconds)
        _, found = await post(port, f"{address}look", file("swans"))
        if len(found["probabilities"]) != len(ids):
            raise Failed("Expected probabilities. Received: none")
    return taken


async def hold_up(port: int, seconds: float) -> list[float]:
    """One visitor's camera for so long; the seconds of each answer."""
    taken = []
    async with Visitor(port, PAGE) as visitor:
        address, ids = await opened(visitor)
        for number, name in enumerate((*THEMES["fish"][:5], *THEMES["windmill"][:5])):
            await post(port, f"{address}class/{ids[number // 5]}", file(name))
        body = file("swans", 224)
        await post(port, f"{address}look", body)
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until:
            took, _ = await post(port, f"{address}look", body)
            taken.append(took)
            await asyncio.sleep(max(0.0, began + PACE - time.perf_counter()))
    return taken


async def measure(port: int, users: int, count: int, seconds: float) -> Figures:
    """All phases against a server."""
    made = pictures(11)
    await pages(port, made, time.perf_counter() + 6)  # warm
    alone = await hold_up(port, seconds)
    quiet = await pages(port, made, time.perf_counter() + seconds)
    began = time.perf_counter()
    ended = asyncio.Event()

    async def upload() -> list[list[float]]:
        found = await asyncio.gather(*(give(port, count, x) for x in range(users)))
        ended.set()
        return found

    async def others() -> list[float]:
        taken: list[float] = []
        while not ended.is_set():
            taken += await pages(port, made, time.perf_counter() + 2)
        return taken

    many, busy = await asyncio.gather(upload(), others())
    took = time.perf_counter() - began
    each = [x for one in many for x in one]
    return {
        "alone_per_s": round(len(alone) / seconds, 2),
        "alone_p95_s": round(percentile(alone, 95), 3),
        "users": users,
        "uploaded": len(each),
        "all_s": round(took, 1),
        "picture_median_s": round(statistics.median(each), 2),
        "picture_p95_s": round(percentile(each, 95), 2),
        "pages_quiet_s": round(statistics.median(quiet), 2),
        "pages_busy_s": round(statistics.median(busy), 2),
        "pages_ratio": round(statistics.median(busy) / statistics.median(quiet), 2),
    }


def trainings(classes: int = 6, each: int = 20, units: int = 4096) -> Figures:
    """Seconds for a layer, and for all that leave one picture out."""
    generator = np.random.default_rng(7)
    labels = np.repeat(np.arange(classes), each)
    centres = generator.normal(size=(classes, units))
    values = np.maximum(
        centres[labels] + generator.normal(size=(len(labels), units)), 0
    )
    began = time.perf_counter()
    teach.train(values, labels, classes)
    trained = time.perf_counter()
    teach.leave_one_out(values, labels, classes)
    ended = time.perf_counter()
    return {
        "train_s": round(trained - began, 3),
        "leave_one_out_s": round(ended - trained, 2),
    }


def decays() -> list[dict[str, Any]]:
    """Leave-one-out on the six themes, by kind of input and weight decay."""
    from model import runtime
    from model.analysis import similar

    names = [name for theme in THEMES.values() for name in theme]
    labels = np.repeat(np.arange(len(THEMES)), [len(x) for x in THEMES.values()])
    images = [photographs.image(name) for name in names]
    mean = np.array(weights.get(weights.DEFAULT).spec.pixels.mean)
    kinds = {
        "pixels": np.stack([(neighbours.shrunk(x) - mean).ravel() for x in images])
    }
    for name in (weights.DEFAULT, "random"):
        kinds[name], _ = similar.look(runtime.network(name), images)
    rows = []
    for kind, values in kinds.items():
        for decay in DECAYS:
            found = teach.leave_one_out(values, labels, len(THEMES), decay)
            right = found.probabilities[np.arange(len(labels)), labels]
            rows.append(
                {
                    "kind": kind,
                    "decay": decay,
                    "right": f"{found.right} of {len(labels)}",
                    "loss": round(float(-np.log(right).mean()), 3),
                }
            )
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    summary = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m bench.teach", description=summary)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--pictures", type=int, default=12, help="of each user")
    parser.add_argument("--seconds", type=float, default=20, help="of the other phases")
    parser.add_argument("--decay", action="store_true", help="weight decays instead")
    given = parser.parse_args(argv)
    if given.decay:
        rows = decays()
        for row in rows:
            print("  ".join(f"{value!s:14}" for value in row.values()))
        print(json.dumps(rows))
        return
    found = trainings()
    with streamlit_client.server(environment={prestart.VARIABLE: "0"}) as server:
        found |= asyncio.run(
            measure(server.port, given.users, given.pictures, given.seconds)
        )
    for name, value in found.items():
        print(f"{name:17} {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
