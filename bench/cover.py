"""How soon a covered picture is predicted again, for one visitor and for a class.

    python -m bench.cover --users 20 --seconds 20

starts its own server, opens /feature-maps as a browser does, and asks for square after
square, each visitor for the next as soon as the last is answered, as the page does
while the square is dragged. Three phases: one visitor; other visitors' pages while no
square is dragged; `--users` at once, with other visitors' pages meanwhile. The load
generator runs on the same cores as the server.

    alone       answers a second of one visitor
    each        answers a second of each of many: the slowest, the middle one
    everywhere  seconds for one visitor to cover a picture everywhere
    pages       other pages' time from upload to the last mosaic while all drag, by the
                time without them (medians)
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

from bench import streamlit_client
from bench.http_client import Failed, http
from bench.streamlit_client import Visitor
from bench.visitors import PAGE, mosaics, percentile, pictures
from lab.workers import prestart
from model.analysis import occlusion

SIZE = 224  # pixels of the network's input
SAMPLES = ("coffee", "dog", "pig", "flower", "pagoda", "aqueduct", "rocket", "cat")
Figures = dict[str, Any]


async def address(port: int, sample: str) -> str:
    """Where the page of a sample asks for its covered picture."""
    query = f"picture={sample}&layer=conv1&unit=4&saliency=1"
    async with Visitor(port, PAGE, query) as visitor:
        run = await visitor.run()
        for _, found in run.of_kind("bidi_component"):
            if found.id.endswith("-finger"):
                data = json.loads(found.json)
                return str(data["address"])
    raise Failed("Expected the square on the page. Received: none")


def dragged(seed: int) -> Iterator[tuple[int, int]]:
    """Places of a square that is dragged about, a few pixels at a time."""
    generator = random.Random(seed)
    row, column = 84, 84
    while True:
        yield row, column
        row = min(168, max(0, row + generator.randint(-12, 12)))
        column = min(168, max(0, column + generator.randint(-12, 12)))


async def drag(port: int, at: str, seed: int, until: float) -> list[float]:
    """Asks for one place after another; the seconds of each answer."""
    taken = []
    for row, column in dragged(seed):
        began = time.perf_counter()
        if began >= until:
            break
        asked = f"{at}{occlusion.SIDE}/{row},{column}"
        answer = await http(port, "GET", asked)
        if answer.status == 503:  # the page waits as long, too
            await asyncio.sleep(0.5)
            continue
        if answer.status != 200:
            raise Failed(f"Expected 200. Received: {answer.status}")
        taken.append(time.perf_counter() - began)
    return taken


async def everywhere(port: int, at: str) -> float:
    """Seconds to cover a picture everywhere, in chunks as the page does."""
    began = time.perf_counter()
    places = occlusion.places(SIZE, occlusion.SIDE)
    for first in range(0, len(places), occlusion.CHUNK):
        part = places[first : first + occlusion.CHUNK]
        asked = ";".join(f"{row},{column}" for row, column in part)
        answer = await http(port, "GET", f"{at}{occlusion.SIDE}/{asked}")
        if answer.status != 200:
            raise Failed(f"Expected 200. Received: {answer.status}")
    return time.perf_counter() - began


async def pages(port: int, made: Iterator[bytes], until: float) -> list[float]:
    """Another visitor's pictures, one every two seconds: upload to the last mosaic."""
    taken = []
    async with Visitor(port, PAGE) as visitor:
        await visitor.run()
        while time.perf_counter() < until:
            began = time.perf_counter()
            run = await visitor.upload(next(made))
            taken.append(mosaics(run).at - began)
            await asyncio.sleep(2)
    return taken


async def measure(port: int, users: int, seconds: float) -> Figures:
    """All phases against a server."""
    made = pictures(7)
    where = [await address(port, sample) for sample in SAMPLES]
    await drag(port, where[0], 0, time.perf_counter() + 3)  # compiled, warm
    await pages(port, made, time.perf_counter() + 6)
    alone = await drag(port, where[0], 1, time.perf_counter() + seconds)
    whole = await everywhere(port, where[0])
    quiet = await pages(port, made, time.perf_counter() + seconds)
    until = time.perf_counter() + seconds
    tasks = [drag(port, where[i % len(where)], i, until) for i in range(users)]
    *many, busy = await asyncio.gather(*tasks, pages(port, made, until))
    rates = sorted(len(one) / seconds for one in many)
    return {
        "alone_per_s": round(len(alone) / seconds, 1),
        "alone_p95_s": round(percentile(alone, 95), 3),
        "everywhere_s": round(whole, 2),
        "users": users,
        "slowest_per_s": round(rates[0], 2),
        "middle_per_s": round(statistics.median(rates), 2),
        "pages_quiet_s": round(statistics.median(quiet), 2),
        "pages_busy_s": round(statistics.median(busy), 2),
        "pages_ratio": round(statistics.median(busy) / statistics.median(quiet), 2),
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    summary = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m bench.cover", description=summary)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20, help="of each phase")
    given = parser.parse_args(argv)
    with streamlit_client.server(environment={prestart.VARIABLE: "0"}) as server:
        found = asyncio.run(measure(server.port, given.users, given.seconds))
    for name, value in found.items():
        print(f"{name:15} {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
