"""A class teaches together: `python -m bench.class_teach`.

20 browsers of students have joined a class whose instructor has begun to teach it three
classes together; each sends six photographs of the size that a page makes of them, one
after another, all at once, and then holds up one more. The memory of the server is read
before the first and after the last. The last line is JSON.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import psutil  # type: ignore[import-untyped]

from bench.class_follow import Figures, run_command, signed_in, temporary_data
from bench.http_client import Failed
from bench.streamlit_client import Visitor, server
from bench.teach import THEMES, file, opened, post
from bench.visitors import percentile
from classroom.people import activities, classes
from classroom.people.roles import Instructor
from lab.workers import prestart
from model import weights
from ui.kit import words
from ui.session import visitor as visitors
from ui.session.routes import NAME as SESSION

STUDENTS, EACH = 20, 6
NAMES = ("fish", "windmill", "bird")
TEXT = words.page("class_teach", "en")


async def _student(port: int, at: Visitor, number: int) -> tuple[list[float], float]:
    """Six photographs, and one that is held up: the seconds of each."""
    address, ids = await opened(at)
    taken = []
    for one in range(EACH):
        theme = THEMES[NAMES[one % len(NAMES)]]
        body = file(theme[(number + one) % len(theme)])
        path = f"{address}class/{ids[one % len(ids)]}"
        seconds, _ = await post(port, path, body)
        taken.append(seconds)
    looked, found = await post(port, f"{address}look", file("swans"))
    if len(found["probabilities"]) != len(ids):
        raise Failed("Expected probabilities. Received: none")
    return taken, looked


async def _screen(leader: Visitor, over: asyncio.Event) -> list[float]:
    """The instructor's screen, by its clock: how long each look takes."""
    run = await leader.run()
    every, name = min((every, name) for name, every in run.fragments.items())
    taken = []
    while not over.is_set():
        await asyncio.sleep(every)
        taken.append((await leader.run(name)).seconds)
    return taken


async def _play(
    port: int, process: psutil.Process, who: Instructor, token: str, students: int
) -> Figures:
    course = classes.open_class(who, "Bench")
    about: dict[str, Any] = {"classes": list(NAMES), "weights": weights.DEFAULT}
    activities.begin(who, course.id, "teach", about)
    cookies = {visitors.NAME: secrets.token_urlsafe(18), SESSION: token}
    leader = Visitor(port, "class-teach", cookies=cookies)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(leader)
        phones = []
        for number in range(students):
            cookie = secrets.token_urlsafe(18)
            digest = hashlib.sha256(cookie.encode()).hexdigest()
            classes.join(course.code, digest, f"Student {number + 1}")
            phone = Visitor(port, "class-teach", cookies={visitors.NAME: cookie})
            phones.append(await stack.enter_async_context(phone))
            await phone.run()
        over = asyncio.Event()
        screen = asyncio.create_task(_screen(leader, over))
        await asyncio.sleep(5)
        before, began = process.memory_info().rss, time.perf_counter()
        found = await asyncio.gather(
            *(_student(port, phone, number) for number, phone in enumerate(phones))
        )
        took = time.perf_counter() - began
        over.set()
        looks = await screen
        run = await leader.run()
        grown = process.memory_info().rss - before
        said = [e.body for _, e in run.of_kind("markdown") if e.body.startswith("## ")]
    whole = TEXT["right"].partition("{count}")[2]
    if not said or whole not in said[0] or f" {students * EACH} " not in said[0]:
        raise Failed(f"Expected all pictures on the screen. Received: {said}")
    return figures([x for each, _ in found for x in each], [y for _, y in found]) | {
        "teach_all_s": round(took, 1),
        "teach_screen_p95_s": round(percentile(looks, 95), 2),
        "teach_grown_mb": round(grown / 1e6, 1),
        "teach_said": said[0].removeprefix("## "),
    }


def figures(taken: Sequence[float], looked: Sequence[float]) -> Figures:
    """How soon a picture was taken, and something held up was predicted."""
    return {
        "teach_pictures": len(taken),
        "teach_p50_s": round(percentile(taken, 50), 2),
        "teach_p95_s": round(percentile(taken, 95), 2),
        "teach_look_p95_s": round(percentile(looked, 95), 2),
    }


def measure(students: int = STUDENTS) -> Figures:
    """Plays the class against a server of its own.

    Returns:
        teach_p95_s: seconds from sending a picture to its thumbnail, 95 of 100.
        teach_screen_p95_s: one look of the instructor's screen meanwhile.
        teach_grown_mb: by which the memory of the server has grown.
    """
    with (
        temporary_data(),
        server(environment={prestart.VARIABLE: "0"}) as running,
    ):
        who, token = signed_in()
        process = psutil.Process(running.process.pid)
        return asyncio.run(_play(running.port, process, who, token, students))


def main() -> None:
    """Measures and prints."""
    run_command("Measures how a class teaches.", measure, STUDENTS)


if __name__ == "__main__":
    main()
