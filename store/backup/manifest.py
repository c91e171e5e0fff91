"""A backup's manifest, and the reasons to refuse one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from store.tables import Base

FORMAT = 1
REVISION = "alembic_version"
TABLES = sorted(Base.metadata.tables)


class BackupRefused(RuntimeError):
    """It is not done, and nothing was changed; the message is one sentence."""


@dataclass(frozen=True)
class Manifest:
    """What a database holds, or a backup."""

    kind: str  # "sqlite" or "postgresql"
    revision: str  # the newest migration in it
    rows: dict[str, int]  # of each table
    made: float  # seconds since 1970
    format: int = FORMAT

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    def __str__(self) -> str:
        each = ", ".join(f"{name} {n:,}" for name, n in self.rows.items() if n)
        return (
            f"{self.total:,} rows{f' ({each})' if each else ''}, "
            f"migration {self.revision}"
        )


def to_disk(path: Path) -> None:
    """Waits until a file, or a folder's list of files, is on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows does so by itself
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def in_use() -> BackupRefused:
    return BackupRefused(
        "The database is in use: stop the server (and whatever else has it open), "
        "then restore."
    )
