"""A class answers a step's question: `python -m bench.class_think`.

60 browsers of students follow the lesson; the class moves to a step, and within five
seconds each of them taps one of its answers. The instructor's page runs the part that
counts the answers by its own clock, as a browser does. An answer is on the projector
once the count there has reached it. What is in the database afterwards is held against
what was given. The last line is JSON.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field

import psutil  # type: ignore[import-untyped]

from bench.class_follow import (
    STUDENTS,
    Figures,
    Follower,
    Leader,
    cores,
    lesson_class,
    run_command,
    signed_in,
    temporary_data,
)
from bench.http_client import Failed
from bench.streamlit_client import server
from bench.visitors import percentile
from classroom.exams import tallies
from classroom.people import classes
from classroom.people.roles import Instructor
from classroom.questions import lesson_questions, variants
from classroom.questions.variants import Variant

STEP = "relu"
WITHIN = 5.0  # seconds in which all answer
PATIENCE = 30.0


@dataclass
class Seen:
    """What the projector has shown: how many had answered, and when that came."""

    counts: list[tuple[float, int]] = field(default_factory=list)

    def when(self, number: int) -> float | None:
        """When so many answers had come; None: never."""
        return next((at for at, count in self.counts if count >= number), None)


async def _project(leader: Leader, seen: Seen) -> None:
    """Runs the counting part by its clock, until it is cancelled."""
    last = leader.visitor.last
    assert last is not None
    if not last.fragments:
        raise Failed("Expected a page that counts answers. Received: one that does not")
    every, name = min((every, name) for name, every in last.fragments.items())
    while True:
        await asyncio.sleep(every)
        run = await leader.visitor.run(name)
        for at, element in run.of_kind("markdown"):
            if found := re.match(r"### (\d+) ", element.body):
                seen.counts.append((at, int(found[1])))


async def _answer(follower: Follower, labels: list[str], begin: float) -> float:
    """Taps an answer at some moment of the time there is; when that was."""
    await asyncio.sleep(
        max(0.0, begin + WITHIN * random.random() - time.perf_counter())
    )
    last = follower.visitor.last
    assert last is not None
    button = last.labelled("button", random.choice(labels))
    at = time.perf_counter()
    await follower.visitor.press(button)
    return at


async def _play(
    port: int, process: psutil.Process, who: Instructor, token: str, students: int
) -> Figures:
    question = lesson_questions.name_of(STEP)
    labels = [choice.label for choice in variants.pose(Variant(question, 1)).choices]
    async with lesson_class(port, who, token, students) as (leader, followers):
        course = followers[0].course
        classes.move(who, course.id, STEP, False)
        await leader.visitor.run()
        async with asyncio.TaskGroup() as tasks:
            for one in followers:
                tasks.create_task(one.begin())
        seen = Seen()
        projector = asyncio.create_task(_project(leader, seen))
        began, spent = time.perf_counter(), cores(process)
        tapped = sorted(
            await asyncio.gather(*(_answer(one, labels, began) for one in followers))
        )
        end = time.perf_counter() + PATIENCE
        while seen.when(students) is None and time.perf_counter() < end:
            await asyncio.sleep(0.1)
        busy = (cores(process) - spent) / (time.perf_counter() - began)
        projector.cancel()
        found = tallies.of_step(who, course.id, question)
    return figures(tapped, seen, found.get(1), students) | {
        "think_cores": round(busy, 2)
    }


def figures(
    tapped: list[float], seen: Seen, found: tallies.Counted | None, students: int
) -> Figures:
    """How soon answers were on the projector, and whether each was kept once.

    Args:
        tapped: when each answer was given, in order.
    """
    late = [
        at - given
        for number, given in enumerate(tapped, 1)
        if (at := seen.when(number)) is not None
    ]
    members = 0 if found is None else len(found[0].members)
    counted = Counter() if found is None else Counter(found[1])
    return {
        "think_students": students,
        "think_lost": students - members,
        "think_doubled": counted.total() - members,
        "think_unseen": students - len(late),
        "think_p50_s": round(percentile(late, 50), 2),
        "think_p95_s": round(percentile(late, 95), 2),
    }


def measure(students: int = STUDENTS) -> Figures:
    """Plays the class against a server of its own.

    Returns:
        think_lost, think_doubled: answers that are not in the database, or twice.
        think_p95_s: from the tap to the count on the projector, 95 of 100.
        think_cores: processor cores that the server was busy with meanwhile.
    """
    with temporary_data(), server() as running:
        who, token = signed_in()
        process = psutil.Process(running.process.pid)
        return asyncio.run(_play(running.port, process, who, token, students))


def main() -> None:
    """Measures and prints."""
    run_command("Measures how a class answers a step.", measure)


if __name__ == "__main__":
    main()
