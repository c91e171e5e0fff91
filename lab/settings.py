"""The settings of the training lab, from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass


def _number(name: str, default: float) -> float:
    """A setting from the environment.

    Raises:
        ValueError: it is not a number of 0 or more.
    """
    given = os.environ.get(name, "")
    try:
        number = float(given) if given else default
    except ValueError:
        number = -1.0
    if number < 0:
        raise ValueError(f"Expected {name} to be a number from 0. Received: {given!r}")
    return number


@dataclass(frozen=True)
class Settings:
    """The settings of the training lab. docs/operating.md lists the variables."""

    scheduler: str = ""  # address of a Dask scheduler; empty: workers of our own
    workers: int = 2
    threads: int = 1  # of each worker
    runs: int = 1  # at once
    per_owner: int = 1  # runs of one visitor that are not over
    queue: int = 30  # runs that may wait
    unwatched: float = 600.0  # seconds without a watcher, after which a run ends

    @staticmethod
    def from_environment() -> Settings:
        """Sized to the machine, and as the environment says."""
        cores = os.cpu_count() or 1
        workers = int(_number("LAB_WORKERS", min(max(cores, 2), 4)))
        return Settings(
            scheduler=os.environ.get("DASK_SCHEDULER", ""),
            workers=max(1, workers),
            threads=max(1, cores // max(1, workers)),
            runs=max(1, int(_number("LAB_RUNS", workers // 2))),
            per_owner=max(1, int(_number("LAB_RUNS_PER_VISITOR", 1))),
            queue=int(_number("LAB_QUEUE", 30)),
            unwatched=_number("LAB_UNWATCHED_SECONDS", 600),
        )
