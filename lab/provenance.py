"""Where something was trained: the machine, and the versions of what trained it."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

PACKAGES = ("keras", "tensorflow", "numpy")
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")


def machine() -> str:
    """This machine in words: processor, cores, system."""
    name = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.is_file():
        for line in cpus.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def versions() -> dict[str, str]:
    """Of the packages that train."""
    return {name: metadata.version(name) for name in PACKAGES}


def today() -> str:
    """As in 2026-11-25."""
    return datetime.now(UTC).date().isoformat()


def limit_threads(threads: int | None) -> None:
    """So many threads for Keras, which must not be imported yet; None: as it likes."""
    if threads is not None:
        os.environ |= dict.fromkeys(THREADS, str(threads))
