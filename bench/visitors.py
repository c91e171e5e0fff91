"""A class at work: many visitors, each with pictures of their own, on one server.

    python -m bench.visitors --users 100 --arrive 15 --think 15 --minutes 1

starts its own server, then plays visitors as browsers do: first page, upload of a
1024 x 768 JPEG, all five mosaics received and decoded. Two phases: paced, where each
visitor pauses `--think` seconds on average between pictures, and closed loop, where
`--closed` visitors do not pause at all. No two pictures are alike, and no answer may
repeat another's mosaics, so nothing comes from a cache.

An answer's time runs from the start of the upload to the last of the five mosaics.
The load generator runs on the same cores as the server.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import io
import json
import random
import struct
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
from PIL import Image

from bench import http_client, streamlit_client
from bench.http_client import Failed
from bench.streamlit_client import ScriptRun, Visitor
from lab.workers import prestart
from model.pictures.samples import FOLDER, samples

LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5")
SIZE = (1024, 768)  # pixels of an uploaded picture
PAGE = "feature-maps"
Figures = dict[str, Any]
WARM_UP = 4  # pictures before anything is measured


# --- Pictures -------------------------------------------------------------------------


def pictures(seed: int = 0) -> Iterator[bytes]:
    """JPEGs without end, no two alike: parts of samples, mirrored and recoloured."""
    generator = np.random.default_rng(seed)
    bases = [
        Image.open(FOLDER / sample.file).convert("RGB").resize((1400, 1050))
        for sample in samples().values()
        if sample.file is not None
    ]
    for number in count():
        base = bases[number % len(bases)]
        left = int(generator.integers(base.width - SIZE[0]))
        top = int(generator.integers(base.height - SIZE[1]))
        part = base.crop((left, top, left + SIZE[0], top + SIZE[1]))
        if generator.integers(2):
            part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        # Colours of their own, too: two equal parts would still differ.
        gains = generator.uniform(0.6, 1.0, 3)
        levels = [round(i * gain) for gain in gains for i in range(256)]
        out = io.BytesIO()
        part.point(levels).save(out, "JPEG", quality=88)
        yield out.getvalue()


# --- What comes back ------------------------------------------------------------------


@dataclass(frozen=True)
class Received:
    """The five mosaics of one answer."""

    at: float  # time.perf_counter() when the last of them was there
    digest: bytes  # of all five: equal digests, equal mosaics


def mosaics(run: ScriptRun) -> Received:
    """The five mosaics that a run brought, checked.

    Raises:
        Failed: one is missing, or is no PNG with the header's tiles.
    """
    found: dict[str, tuple[float, bytes]] = {}
    for at, component in run.of_kind("bidi_component"):
        _, is_mosaic, name = component.id.rpartition("-maps_")
        if is_mosaic:
            found[name] = at, component.bytes
    if sorted(found) != sorted(LAYERS):
        raise Failed(f"Expected mosaics of {LAYERS}. Received: {sorted(found)}")
    digest = hashlib.blake2b(digest_size=16)
    for name in LAYERS:
        data = found[name][1]
        length, numbers = struct.unpack_from("<II", data)
        header, png = json.loads(data[8 : 8 + length]), data[8 + length + numbers :]
        check_png(png, header, name)
        digest.update(png)
    return Received(max(at for at, _ in found.values()), digest.digest())


def check_png(png: bytes, header: dict[str, Any], name: str) -> None:
    """Decodes a mosaic and holds its size against the tiles announced.

    Raises:
        Failed: it does not decode, or has another size.
    """
    tile, gap, columns = header["tile"], header["gap"], header["columns"]
    rows = -(-header["count"] // columns)
    expected = (columns * (tile[1] + gap) - gap, rows * (tile[0] + gap) - gap)
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            image.load()
            size = image.size
    except (OSError, SyntaxError, ValueError) as error:
        raise Failed(f"The mosaic of {name} does not decode: {error}") from error
    if size != expected:
        raise Failed(f"Mosaic of {name}: expected {expected}. Received: {size}")


# --- The class ------------------------------------------------------------------------


@dataclass
class Phase:
    """What one phase of the benchmark gave."""

    seconds: float = 0.0
    first_pages: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)  # seconds each
    health: list[float] = field(default_factory=list)  # seconds each
    failures: list[str] = field(default_factory=list)
    received: list[int] = field(default_factory=list)  # bytes an answer
    memory: list[tuple[int, int]] = field(default_factory=list)  # server, decoders
    cpu: dict[str, float] = field(default_factory=dict)  # cores busy, by whom

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.answers) / self.seconds if self.seconds else 0.0


class VisitorGroup:
    """Visitors who share a stock of pictures."""

    def __init__(self, port: int, stock: Sequence[bytes]) -> None:
        self.port = port
        self._stock = list(stock)
        self._seen: set[bytes] = set()
        self.used = 0

    async def visit(
        self, phase: Phase, until: float, think_s: float, limit: int | None = None
    ) -> None:
        """One visitor: first page, then a picture after each pause, until the end.

        Args:
            until: time.perf_counter() after which no picture is handed in.
            think_s: mean of the pauses, which are exponential; 0: none.
            limit: pictures at most.
        """
        began = time.perf_counter()
        try:
            async with Visitor(self.port, PAGE) as visitor:
                mosaics(await visitor.run())
                phase.first_pages.append(time.perf_counter() - began)
                for _ in range(10**9 if limit is None else limit):
                    pause = random.expovariate(1 / think_s) if think_s else 0.0
                    if time.perf_counter() + pause >= until:
                        return
                    await asyncio.sleep(pause)
                    await self._hand_in(visitor, phase)
        except (Failed, OSError, TimeoutError) as error:
            phase.failures.append(f"{type(error).__name__}: {error}"[:200])

    async def _hand_in(self, visitor: Visitor, phase: Phase) -> None:
        if not self._stock:
            raise Failed("The stock of pictures is used up; --pictures gives more.")
        picture = self._stock.pop()
        self.used += 1
        began = time.perf_counter()
        run = await visitor.upload(picture)
        received = mosaics(run)
        if received.digest in self._seen:
            raise Failed("The mosaics are those of another picture.")
        self._seen.add(received.digest)
        phase.answers.append(received.at - began)
        phase.received.append(run.received)
        # The page's pictures that do not travel with the page, as a browser has them.
        for _, images in run.of_kind("imgs"):
            for image in images.imgs:
                if image.url.startswith("/media"):
                    answer = await visitor.get(image.url)
                    if answer.status != 200:
                        raise Failed(f"{image.url}: expected 200, not {answer.status}")
                    phase.received[-1] += len(answer.body)


async def paced(
    group: VisitorGroup,
    phase: Phase,
    users: int,
    arrive_s: float,
    think_s: float,
    time_s: float,
) -> None:
    """`users` arrive within `arrive_s`, then pause `think_s` on average."""
    began = time.perf_counter()

    async def one(number: int) -> None:
        await asyncio.sleep(arrive_s * number / users)
        await group.visit(phase, began + time_s, think_s)

    await asyncio.gather(*(one(number) for number in range(users)))
    phase.seconds = time.perf_counter() - began


async def closed(group: VisitorGroup, phase: Phase, users: int, time_s: float) -> None:
    """`users` without pauses. Counts from when all have their first page."""
    warm = Phase()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(users):
            tasks.create_task(group.visit(warm, time.perf_counter() + 60, 0, limit=1))
    phase.failures += warm.failures
    began = time.perf_counter()
    await asyncio.gather(*(group.visit(phase, began + time_s, 0) for _ in range(users)))
    phase.seconds = time.perf_counter() - began


# --- What the machine says ------------------------------------------------------------


class Watch:
    """Looks at the server every half second from a thread of its own."""

    def __init__(self, phase: Phase, port: int, pid: int) -> None:
        self._phase = phase
        self._port = port
        self._server = psutil.Process(pid)
        self._end = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, daemon=True),
            threading.Thread(target=self._weigh, daemon=True),
        ]

    def __enter__(self) -> Watch:
        self._began = time.perf_counter(), self._cpu_seconds()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()
        self._phase.memory.append(self.memory())
        wall = time.perf_counter() - self._began[0]
        after = self._cpu_seconds()
        self._phase.cpu = {
            name: round((after[name] - before) / wall, 2)
            for name, before in self._began[1].items()
        }
        seconds = self._phase.cpu
        seconds["others"] = round(seconds.pop("machine") - sum(seconds.values()), 2)

    def memory(self) -> tuple[int, int]:
        """Resident bytes of the server and of the decoders that it started."""
        decoders = 0
        for child in self._server.children(recursive=True):
            try:
                decoders += child.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return self._server.memory_info().rss, decoders

    def _ask(self) -> None:
        while not self._end.wait(0.5):
            began = time.perf_counter()
            status = http_client.http_status(self._port, "/_stcore/health", 60)
            self._phase.health.append(time.perf_counter() - began)
            if status != 200:
                self._phase.failures.append(f"health: {status}")

    def _weigh(self) -> None:
        self._phase.memory.append(self.memory())
        while not self._end.wait(0.5):
            self._phase.memory.append(self.memory())

    def _cpu_seconds(self) -> dict[str, float]:
        def of(process: psutil.Process) -> float:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                return 0.0
            return float(times.user + times.system)

        machine = psutil.cpu_times()
        return {
            "server": of(self._server),
            "decoders": sum(map(of, self._server.children(recursive=True))),
            "generator": of(psutil.Process()),
            "machine": float(sum(machine) - machine.idle - machine.iowait),
        }


# --- The report -----------------------------------------------------------------------


def percentile(values: Iterable[float], share: float) -> float:
    """The value that `share` per cent do not exceed; 0 of nothing."""
    ordered = sorted(values)
    return float(np.percentile(ordered, share)) if ordered else 0.0


def megabytes(memory: tuple[int, int]) -> int:
    """Both parts together, in MB."""
    return round(sum(memory) / 1e6)


def figures(
    steady: Phase, rush: Phase, before: tuple[int, int], ready_s: float
) -> Figures:
    """The line of JSON."""
    peak = max([*steady.memory, *rush.memory, before], key=sum)
    after = (rush.memory or steady.memory or [before])[-1]
    rss = {}
    for name, both in (("before", before), ("peak", peak), ("after", after)):
        rss[f"server_{name}_mb"], rss[f"decoders_{name}_mb"] = (
            round(part / 1e6) for part in both
        )
    grown = max(megabytes(m) for m in [*steady.memory, before]) - megabytes(before)
    return {
        "failed": len(steady.failures) + len(rush.failures),
        "answers": len(steady.answers),
        "answer_p50_s": round(percentile(steady.answers, 50), 3),
        "answer_p95_s": round(percentile(steady.answers, 95), 3),
        "first_page_p50_s": round(percentile(steady.first_pages, 50), 3),
        "first_page_p95_s": round(percentile(steady.first_pages, 95), 3),
        "grown_mb": grown,
        "health_paced_p95_ms": round(1000 * percentile(steady.health, 95)),
        "pictures_per_s": round(rush.per_second, 2),
        "closed_answers": len(rush.answers),
        "closed_p50_s": round(percentile(rush.answers, 50), 3),
        "closed_p95_s": round(percentile(rush.answers, 95), 3),
        "health_p95_ms": round(1000 * percentile(rush.health, 95)),
        "kilobytes_an_answer": round(percentile(steady.received, 50) / 1000),
        "ready_s": round(ready_s, 1),
        "rss": rss,
        "cpu_paced": steady.cpu,
        "cpu_closed": rush.cpu,
    }


def table(found: Figures) -> str:
    """The figures with what is promised, for people."""
    rows = [
        ("paced: failures, both phases", "failed", "0", ""),
        ("paced: answers", "answers", "", ""),
        ("paced: answer, median", "answer_p50_s", "", "s"),
        ("paced: answer, 95 of 100 within", "answer_p95_s", "<= 1", "s"),
        ("paced: first page, median", "first_page_p50_s", "", "s"),
        ("paced: first page, 95 of 100 within", "first_page_p95_s", "", "s"),
        ("paced: memory grew by", "grown_mb", "<= 300", "MB"),
        ("paced: health address, 95 of 100 within", "health_paced_p95_ms", "", "ms"),
        ("closed loop: pictures a second", "pictures_per_s", ">= 8", ""),
        ("closed loop: answer, median", "closed_p50_s", "", "s"),
        ("closed loop: answer, 95 of 100 within", "closed_p95_s", "", "s"),
        ("closed loop: health, 95 of 100 within", "health_p95_ms", "<= 100", "ms"),
        ("one answer", "kilobytes_an_answer", "", "kB"),
        ("server ready after", "ready_s", "", "s"),
    ]
    lines = [
        f"{title:42} {found[key]!s:>9} {unit:3} {promise}".rstrip()
        for title, key, promise, unit in rows
    ]
    for name in ("rss", "cpu_paced", "cpu_closed"):
        parts = found[name]
        lines.append(f"{name}: " + ", ".join(f"{k} {v}" for k, v in parts.items()))
    return "\n".join(lines)


def measure(arguments: argparse.Namespace) -> Figures:
    """Both phases against a server of their own."""
    steady, rush = Phase(), Phase()
    time_s = 60 * arguments.minutes
    expected = WARM_UP + 2 * arguments.closed
    expected += round(1.3 * arguments.users * time_s / max(arguments.think, 1)) + 20
    expected += round(25 * arguments.closed_seconds)
    made = pictures()
    stock = [next(made) for _ in range(arguments.pictures or expected)]
    # The lab's workers would be counted with the decoders.
    alone = {prestart.VARIABLE: "0"}
    with streamlit_client.server(environment=alone) as server:
        group = VisitorGroup(server.port, stock)
        warm = Phase()
        asyncio.run(group.visit(warm, time.perf_counter() + 120, 0, limit=WARM_UP))
        steady.failures += warm.failures
        with Watch(steady, server.port, server.process.pid) as watch:
            before = watch.memory()
            if arguments.users:
                asyncio.run(
                    paced(
                        group,
                        steady,
                        arguments.users,
                        arguments.arrive,
                        arguments.think,
                        time_s,
                    )
                )
        with Watch(rush, server.port, server.process.pid):
            if arguments.closed:
                asyncio.run(
                    closed(group, rush, arguments.closed, arguments.closed_seconds)
                )
        ready_s = server.ready_s
    for failure in sorted(set(steady.failures + rush.failures)):
        print("failed:", failure)
    return figures(steady, rush, before, ready_s)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    summary = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m bench.visitors", description=summary)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--arrive", type=float, default=15, help="seconds")
    parser.add_argument("--think", type=float, default=15, help="seconds, on average")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--closed", type=int, default=12, help="visitors, no pauses")
    parser.add_argument("--closed-seconds", type=float, default=35)
    parser.add_argument("--pictures", type=int, default=0, help="prepared; 0: enough")
    found = measure(parser.parse_args(argv))
    print(table(found))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
