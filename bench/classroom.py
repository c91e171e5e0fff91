"""A class under load, and whether its answers are saved: `python -m bench.classroom`.

    python -m bench.classroom --part answers   60 students, 10 answers each within 10 s
    python -m bench.classroom --part kill      the server is killed 50 times meanwhile
    python -m bench.classroom --part follow    60 students follow their instructor
    python -m bench.classroom --part think     60 students answer a step's question
    python -m bench.classroom --part guess     60 students guess together
    python -m bench.classroom --part restore   20 backups under load, all restored

Without --part all six, in this order. Students are browsers of the running app that
have joined a class (`bench.students`); a class is put straight into a database
of the bench's own, and what is in it afterwards is held against what each student read.
The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.http_client import Failed
from bench.restoring import restore
from bench.students import (
    CUT,
    Desk,
    Figures,
    Served,
    VirtualStudent,
    compare,
    open_class,
    questions,
    rows,
    served,
)
from bench.visitors import percentile
from store.database import FILE, Database

# --- answers --------------------------------------------------------------------------


def answers(users: int = 60, each: int = 10, time_s: float = 10.0) -> Figures:
    """A whole class answers at once."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / FILE}")
        students = open_class(database, users)
        with served(Path(folder)) as server:
            taken = asyncio.run(_answer(server.port, students, each, time_s))
        found = compare(students, rows(database))
        database.close()
    seconds = [second for student in students for second in student.seconds]
    for trouble in sorted({x for student in students for x in student.troubles}):
        print("failed:", trouble)
    # An answer that could not even be given is as good as lost.
    return {
        "answers": users * each,
        "rows": found["rows"],
        "lost": users * each - found["saved"] + found["lost"],
        "doubled": found["doubled"],
        "answer_p50_s": round(percentile(seconds, 50), 3),
        "answer_p95_s": round(percentile(seconds, 95), 3),
        "answers_took_s": round(taken, 1),
    }


async def _answer(
    port: int, students: Sequence[VirtualStudent], each: int, time_s: float
) -> float:
    ids = questions()
    begin = asyncio.Event()
    ready = 0

    async def one(student: VirtualStudent) -> None:
        nonlocal ready
        desk = Desk(port, student, ids)
        try:
            async with desk.visitor:
                await desk.turn()
                ready += 1
                await begin.wait()
                began = time.perf_counter()
                for number in range(each):
                    # Its share of the time, and within that at any moment.
                    due = time_s * (number + random.random()) / each
                    await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
                    await desk.give()
        except CUT as error:
            student.troubles.append(f"{type(error).__name__}: {error}"[:200])

    async with asyncio.TaskGroup() as tasks:
        for student in students:
            tasks.create_task(one(student))
            await asyncio.sleep(0.1)
        end = time.perf_counter() + 120
        while ready < len(students) and time.perf_counter() < end:
            await asyncio.sleep(0.1)
        began = time.perf_counter()
        begin.set()
    return time.perf_counter() - began


# --- kill -----------------------------------------------------------------------------


def kill(times: int = 50, users: int = 8) -> Figures:
    """The server is killed again and again while answers arrive."""
    back: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / FILE}")
        students = open_class(database, users)
        with served(Path(folder)) as server:
            asyncio.run(_kill(server, students, times, back))
        found = compare(students, rows(database))
        database.close()
    return {
        "kills": len(back),
        "kill_saved": found["saved"],
        "kill_lost": found["lost"],
        "kill_doubled": found["doubled"],
        "kill_saved_unread": found["unread"],
        "back_p50_s": round(percentile(back, 50), 1),
        "back_max_s": round(max(back, default=0.0), 1),
    }


async def _kill(
    server: Served, students: Sequence[VirtualStudent], times: int, back: list[float]
) -> None:
    ids, over = questions(), asyncio.Event()
    told = asyncio.Event()  # an answer was saved since the last kill

    async def one(student: VirtualStudent) -> None:
        place = student.number
        while not over.is_set():
            desk = Desk(server.port, student, ids)
            desk._next = place = place + len(students)  # never the same question again
            try:
                async with desk.visitor:
                    while not over.is_set():
                        await desk.give()
                        told.set()
            except CUT as error:
                student.troubles.append(f"{type(error).__name__}: {error}"[:200])
                await asyncio.sleep(0.2)

    async with asyncio.TaskGroup() as tasks:
        for student in students:
            tasks.create_task(one(student))
        for number in range(times):
            told.clear()
            await asyncio.wait_for(told.wait(), 120)
            await asyncio.sleep(random.random())  # at any moment of an answer
            process = server.server()
            if process is None:
                raise Failed("Expected a server to kill. Received: none")
            process.kill()
            began = time.perf_counter()
            told.clear()
            await asyncio.to_thread(process.wait, 10)
            await asyncio.to_thread(server.wait, "/_stcore/health")
            back.append(time.perf_counter() - began)
            print(f"kill {number + 1}: back after {back[-1]:.1f} s", flush=True)
        over.set()


# --- follow ---------------------------------------------------------------------------


def follow() -> Figures:
    """60 students follow their instructor: `bench.class_follow` plays them."""
    found: Figures = importlib.import_module("bench.class_follow").measure()
    return found


def think() -> Figures:
    """60 students answer a step within five seconds: `bench.class_think` plays them."""
    found: Figures = importlib.import_module("bench.class_think").measure()
    return found


def guess() -> Figures:
    """60 students guess together within five seconds: see `bench.class_guess`."""
    found: Figures = importlib.import_module("bench.class_guess").measure()
    return found


# --- the report -----------------------------------------------------------------------

PARTS: dict[str, Callable[[], Figures]] = {
    "answers": answers,
    "kill": kill,
    "follow": follow,
    "think": think,
    "guess": guess,
    "restore": restore,
}
TABLE = [
    ("answers given, and rows found", "rows", "600", ""),
    ("  lost", "lost", "0", ""),
    ("  doubled", "doubled", "0", ""),
    ("  click to “saved”, median", "answer_p50_s", "", "s"),
    ("  click to “saved”, 95 of 100 within", "answer_p95_s", "<= 1", "s"),
    ("  all of them took", "answers_took_s", "10", "s"),
    ("kills of the server", "kills", "50", ""),
    ("  answers whose “saved” was read", "kill_saved", "", ""),
    ("  of these lost", "kill_lost", "0", ""),
    ("  doubled", "kill_doubled", "0", ""),
    ("  saved, but the word did not arrive", "kill_saved_unread", "", ""),
    ("  server back, median", "back_p50_s", "", "s"),
    ("  server back, the slowest", "back_max_s", "<= 15", "s"),
    ("a step seen by all, 95 of 100 within", "follow_p95_s", "<= 2", "s"),
    ("answers to a step, lost", "think_lost", "0", ""),
    ("  doubled", "think_doubled", "0", ""),
    ("  on the projector, 95 of 100 within", "think_p95_s", "<= 2", "s"),
    ("  cores of the server meanwhile", "think_cores", "<= 1", ""),
    ("guesses together, lost", "guess_lost", "0", ""),
    ("  doubled", "guess_doubled", "0", ""),
    ("  question seen, 95 of 100 within", "guess_asked_p95_s", "<= 2", "s"),
    ("  on the projector, 95 of 100 within", "guess_p95_s", "<= 2", "s"),
    ("  cores of the server meanwhile", "guess_cores", "<= 1", ""),
    ("backups under load", "backups", "20", ""),
    ("  restored equal and sound", "restored", "20", ""),
    ("  a backup took, 95 of 100 within", "backup_p95_s", "", "s"),
]


def table(found: Figures) -> str:
    """The figures that were measured, with what is promised."""
    known = [row for row in TABLE if row[1] in found]
    lines = [
        f"{title:42} {found[key]!s:>9} {unit:3} {promise}".rstrip()
        for title, key, promise, unit in known
    ]
    named = {key for _, key, _, _ in TABLE}
    lines += [f"{k:42} {v!s:>9}" for k, v in found.items() if k not in named]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    summary = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m bench.classroom", description=summary)
    parser.add_argument("--part", choices=PARTS, action="append", help="all: without")
    options = parser.parse_args(argv)
    found: Figures = {}
    for name in options.part or PARTS:
        found |= PARTS[name]()
    print(table(found))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
