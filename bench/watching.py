"""The load of experiments on other visitors: `python -m bench.watching`.

Starts a server whose workers train two experiments, four arms on all cores at low
priority, and asks two things.

`watch_share`: how much of a core the server spends on one browser that watches a run,
redrawn as often as the page asks for. It is the server's processor time with a
watcher less its time without one, so the engine's own work is in neither.

`reader_ratio`: how long a reader of the feature maps waits for a new picture on the
idle server, divided by how long while the experiments train; medians. At least 0.5 is
asked: twice the idle time. `bench.lab` prints both beside its own figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

import psutil  # type: ignore[import-untyped]

from bench import streamlit_client, visitors
from bench.http_client import Failed
from bench.streamlit_client import ScriptRun, Visitor

PAGE = "relu-vs-tanh"
PATIENCE = 180.0  # seconds until both arms of a run train
# Two experiments of two arms each, long enough for all that is asked.
SERVER = {"LAB_WORKERS": "4", "LAB_RUNS": "2"}
SETTINGS = {"Seconds, at most": 600, "Epochs, at most": 1_000}
PAUSE = 0.5  # seconds, on average, between two pictures of the reader


@asynccontextmanager
async def experiment(port: int) -> AsyncIterator[Visitor]:
    """A visitor whose experiment trains: they have guessed, started, and waited."""
    async with Visitor(port, PAGE) as visitor:
        run = await visitor.run()
        for label, value in SETTINGS.items():
            visitor.set(run.labelled("number_input", label), double_value=value)
        radio = run.of_kind("radio")[0][1]  # about the same: needs no mark
        visitor.set(radio, string_value=radio.options[-1])
        run = await visitor.run()
        visitor.set(run.labelled("button", "Start"), trigger_value=True)
        run = await visitor.run()
        until = time.perf_counter() + PATIENCE
        while len(run.of_kind("vega_lite_chart")) < 3:  # both arms are measured
            if time.perf_counter() > until:
                raise Failed(f"No curves within {PATIENCE:.0f} s.")
            await asyncio.sleep(1)
            run = await visitor.run()
        yield visitor


async def watch(visitor: Visitor, seconds: float) -> list[ScriptRun]:
    """What a browser does: runs the page's fragments by their clocks."""
    assert visitor.last is not None
    fragments = visitor.last.fragments
    if not fragments:
        raise Failed("Expected a page that redraws itself. Received: none")
    due = dict.fromkeys(fragments, 0.0)
    until = time.perf_counter() + seconds
    runs = []
    while (now := time.perf_counter()) < until:
        for name, every in fragments.items():
            if now >= due[name]:
                due[name] = now + every
                runs.append(await visitor.run(name))
        await asyncio.sleep(0.02)
    return runs


def _busy(process: psutil.Process) -> float:
    """Seconds of a processor that a process has had; its children apart."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def cost(server: psutil.Process, visitor: Visitor, seconds: float) -> Any:
    """One watcher's share of a core: with and without, in turns."""
    shares: dict[str, list[float]] = {"alone": [], "watched": []}
    runs: list[ScriptRun] = []
    for _ in range(2):
        before, began = _busy(server), time.perf_counter()
        await asyncio.sleep(seconds)
        shares["alone"].append((_busy(server) - before) / (time.perf_counter() - began))
        before, began = _busy(server), time.perf_counter()
        runs += await watch(visitor, seconds)
        spent = (_busy(server) - before) / (time.perf_counter() - began)
        shares["watched"].append(spent)
    means = {name: statistics.fmean(each) for name, each in shares.items()}
    return {
        "watch_share": round(means["watched"] - means["alone"], 4),
        "engine_share": round(means["alone"], 4),
        "ticks_per_s": round(len(runs) / (2 * seconds), 2),
        "bytes_per_tick": round(statistics.fmean(run.received for run in runs)),
    }


async def reader(group: visitors.VisitorGroup, seconds: float) -> visitors.Phase:
    """One reader who hands in a picture, looks, and hands in the next."""
    found = visitors.Phase()
    await group.visit(found, time.perf_counter() + seconds, PAUSE)
    if found.failures or not found.answers:
        raise Failed("; ".join(found.failures) or "The reader got no answer.")
    return found


async def _measure(port: int, pid: int, seconds: float) -> dict[str, Any]:
    stock = list(islice(visitors.pictures(), int(8 * seconds) + 20))
    group = visitors.VisitorGroup(port, stock)
    await reader(group, 3)  # warm
    idle = await reader(group, seconds)
    async with experiment(port) as visitor, experiment(port):
        found: dict[str, Any] = await cost(psutil.Process(pid), visitor, seconds)
        busy = await reader(group, seconds)
    medians = [statistics.median(phase.answers) for phase in (idle, busy)]
    return found | {
        "reader_ratio": round(medians[0] / medians[1], 3),
        "reader_idle_s": round(medians[0], 3),
        "reader_training_s": round(medians[1], 3),
        "reader_answers": [len(idle.answers), len(busy.answers)],
    }


def measure(seconds: float) -> dict[str, Any]:
    """All of it, on a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = SERVER | {"ALEXNET_DATA": folder}
        with streamlit_client.server(environment=environment) as server:
            return asyncio.run(_measure(server.port, server.process.pid, seconds))


def main() -> None:
    """Prints the table and the line."""
    parser = argparse.ArgumentParser("python -m bench.watching")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each part")
    figures = measure(parser.parse_args().seconds)
    for name, value in figures.items():
        print(f"{name:18} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
