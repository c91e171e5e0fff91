"""A class guesses together: `python -m bench.class_guess`.

60 browsers of students follow the lesson; their instructor presses "Guess together" on
an experiment's page. Each browser asks and runs its page as a browser does, until the
question is there; then, within five seconds, every other student taps "about the
same", and the rest an arm, a place on the number line, and "Give this guess". The
instructor's page runs the part that counts by its own clock. Then she closes the
guessing. What is in the database afterwards is held against what was given. The last
line is JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import psutil  # type: ignore[import-untyped]

from bench.class_follow import (
    STUDENTS,
    Figures,
    Follower,
    cores,
    lesson_class,
    run_command,
    signed_in,
    temporary_data,
)
from bench.class_think import Seen
from bench.http_client import Failed
from bench.streamlit_client import ScriptRun, Visitor, server
from bench.visitors import percentile
from classroom.people import activities
from classroom.people.roles import Instructor
from store.activities import StoredClassGuess
from ui.kit import words
from ui.session import visitor as visitors
from ui.session.routes import NAME as SESSION

WITHIN = 5.0  # seconds in which all guess
PATIENCE = 30.0
TEXT, LAB = words.page("class_guess", "en"), words.page("lab", "en")
SAME = LAB.table("guess")["same"]


@dataclass
class Given:
    """What one student did: when the question was there, and the guess."""

    asked: float
    tapped: float = 0.0
    closed: float = 0.0  # when everybody's guesses were there


def _component(run: ScriptRun | None, name: str) -> Any:
    for _, element in run.of_kind("bidi_component") if run else ():
        if element.component_name == f"alexnet_{name}":
            return element
    raise Failed(f"Expected a page with {name}. Received: one without")


async def _moved(follower: Follower) -> ScriptRun:
    """Waits until the class moves, and runs the page."""
    visitor = follower.visitor
    while True:
        bar = _component(visitor.last, "follow")
        data = json.loads(bar.json)
        query = {"class": data["class"], "version": data["version"]}
        query |= {"at": data["at"], "follows": 1, "wait": 1}
        answer = await visitor.get(f"follow?{urlencode(query)}")
        if answer.status == 204:
            continue
        if answer.status != 200:
            raise Failed(f"Expected 200 or 204. Received: {answer.status}")
        return await visitor.trigger(bar, "moved", json.loads(answer.body)["version"])


async def _play_student(
    follower: Follower, number: int, begun: asyncio.Event, all_there: asyncio.Event
) -> Given:
    run = await _moved(follower)
    (at,) = (at for at, button in run.of_kind("button") if button.label == SAME)
    given = Given(at)
    begun.set()
    await all_there.wait()
    await asyncio.sleep(WITHIN * random.random())
    visitor = follower.visitor
    if number % 2:
        given.tapped = time.perf_counter()
        await visitor.press(run.labelled("button", SAME))
    else:
        first = next(button for _, button in run.of_kind("button"))
        run = await visitor.press(first)
        line = _component(run, "number_line")
        run = await visitor.trigger(line, "chosen", random.randrange(90))
        given.tapped = time.perf_counter()
        await visitor.press(run.labelled("button", TEXT["give"]))
    run = await _moved(follower)
    counts = LAB.table("crowd")["counts"].partition("{")[0]
    given.closed = next(
        at for at, text in run.of_kind("markdown") if text.body.startswith(counts)
    )
    return given


async def _project(leader: Visitor, seen: Seen) -> None:
    """Runs the counting part by its clock, until it is cancelled."""
    assert leader.last is not None
    every, name = min((every, name) for name, every in leader.last.fragments.items())
    while True:
        await asyncio.sleep(every)
        run = await leader.run(name)
        for at, element in run.of_kind("markdown"):
            if found := re.match(r"## (\d+) ", element.body):
                seen.counts.append((at, int(found[1])))


async def _play(
    port: int, process: psutil.Process, who: Instructor, token: str, students: int
) -> Figures:
    cookies = {visitors.NAME: secrets.token_urlsafe(18), SESSION: token}
    async with (
        lesson_class(port, who, token, students) as (_, followers),
        Visitor(port, "relu-vs-tanh", cookies=cookies) as leader,
    ):
        course = followers[0].course
        await leader.run()
        assert leader.last is not None
        begin = leader.last.labelled("button", LAB.table("with_class")["recording"])
        all_there, seen = asyncio.Event(), Seen()
        there = [asyncio.Event() for _ in followers]
        playing = [
            asyncio.create_task(_play_student(one, number, there[number], all_there))
            for number, one in enumerate(followers)
        ]
        await asyncio.sleep(1)
        began, spent = time.perf_counter(), cores(process)
        await leader.press(begin)
        for event in there:
            await asyncio.wait_for(event.wait(), PATIENCE)
        projector = asyncio.create_task(_project(leader, seen))
        all_there.set()
        end = time.perf_counter() + PATIENCE
        while seen.when(students) is None and time.perf_counter() < end:
            await asyncio.sleep(0.1)
        busy = (cores(process) - spent) / (time.perf_counter() - began)
        projector.cancel()
        await asyncio.gather(projector, return_exceptions=True)
        assert leader.last is not None
        close = leader.last.labelled("button", TEXT.table("next")["guess"])
        closed = time.perf_counter()
        await leader.press(close)
        given = await asyncio.gather(*playing)
        now = activities.current(course.id)
        assert now is not None
        kept = activities.guesses(who, now)
    return figures(given, seen, kept, (began, closed)) | {"guess_cores": round(busy, 2)}


def figures(
    given: Sequence[Given],
    seen: Seen,
    kept: Sequence[StoredClassGuess],
    clicks: tuple[float, float],
) -> Figures:
    """How soon questions, counts and guesses were seen, and whether each was kept once.

    Args:
        clicks: when the instructor began, and when she closed the guessing.
    """
    tapped = sorted(one.tapped for one in given)
    late = [
        at - tap
        for number, tap in enumerate(tapped, 1)
        if (at := seen.when(number)) is not None
    ]
    whose = Counter(one.member_id for one in kept)
    asked = [one.asked - clicks[0] for one in given]
    shown = [one.closed - clicks[1] for one in given]
    return {
        "guess_students": len(given),
        "guess_lost": len(given) - len(whose),
        "guess_doubled": whose.total() - len(whose),
        "guess_unseen": len(given) - len(late),
        "guess_asked_p95_s": round(percentile(asked, 95), 2),
        "guess_p50_s": round(percentile(late, 50), 2),
        "guess_p95_s": round(percentile(late, 95), 2),
        "guess_closed_p95_s": round(percentile(shown, 95), 2),
    }


def measure(students: int = STUDENTS) -> Figures:
    """Plays the class against a server of its own.

    Returns:
        guess_lost, guess_doubled: guesses that are not in the database, or twice.
        guess_asked_p95_s: from the instructor's click to the question, 95 of 100.
        guess_p95_s: from the tap to the count on her screen.
        guess_closed_p95_s: from closing to everybody's guesses on the students'.
        guess_cores: processor cores that the server was busy with, from the click on.
    """
    with temporary_data(), server() as running:
        who, token = signed_in()
        process = psutil.Process(running.process.pid)
        return asyncio.run(_play(running.port, process, who, token, students))


def main() -> None:
    """Measures and prints."""
    run_command("Measures how a class guesses.", measure)


if __name__ == "__main__":
    main()
