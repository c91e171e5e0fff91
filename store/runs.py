"""Runs in the database: written in batches, read by anyone, pruned by age and size."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, func, select, update

import clock
from store.database import Database
from store.records import as_data
from store.tables import Run, RunEvent, RunState

OVER = ("finished", "stopped", "failed", "killed")
DAY = 86_400.0


@dataclass(frozen=True)
class Limits:
    """How much is kept. The oldest runs that are over go first."""

    days: float = 90.0
    megabytes: float = 500.0

    @staticmethod
    def from_environment() -> Limits:
        """From $LAB_KEEP_DAYS and $LAB_KEEP_MB where they are set."""
        return Limits(
            float(os.environ.get("LAB_KEEP_DAYS", Limits.days)),
            float(os.environ.get("LAB_KEEP_MB", Limits.megabytes)),
        )


@dataclass(frozen=True)
class StoredRun:
    """A record of `runs`."""

    id: str
    name: str
    owner: str
    experiment: dict[str, Any]
    guess: dict[str, Any]
    state: str
    summary: dict[str, Any]
    created: float
    ended: float | None
    alive: float


@dataclass(frozen=True)
class StoredEvent:
    """A record of `run_events`."""

    number: int
    arm: int
    report: bytes


def _stored(record: Run) -> StoredRun:
    json_columns = ("experiment", "guess", "summary")
    read = {name: json.loads(getattr(record, name)) for name in json_columns}
    return as_data(StoredRun, record, **read)


class Runs:
    """The runs of one database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def write(
        self,
        run: StoredRun,
        events: Iterable[StoredEvent] = (),
        states: Iterable[tuple[int, int, bytes]] = (),
    ) -> None:
        """A run as it is now, its newest events, and states as (arm, epoch, state).

        Writing the same again changes nothing. A name once given is kept: `rename`
        changes it.
        """
        with self.database.writing() as session:
            record = session.get(Run, run.id)
            if record is None:
                record = Run(id=run.id, name=run.name)
                session.add(record)
            record.owner = run.owner
            record.experiment = json.dumps(run.experiment)
            record.guess = json.dumps(run.guess)
            record.state, record.summary = run.state, json.dumps(run.summary)
            record.created, record.ended, record.alive = (
                run.created,
                run.ended,
                run.alive,
            )
            session.flush()
            for event in events:
                session.merge(RunEvent(run_id=run.id, **asdict(event)))
            for arm, epoch, state in states:
                session.merge(
                    RunState(run_id=run.id, arm=arm, epoch=epoch, state=state)
                )

    def drop_events(self, run_id: str, numbers: Iterable[int]) -> None:
        """Forgets some events: those of steps that will be done again."""
        with self.database.writing() as session:
            session.execute(
                delete(RunEvent).where(
                    RunEvent.run_id == run_id, RunEvent.number.in_(list(numbers))
                )
            )

    def get(self, run_id: str) -> StoredRun | None:
        """The run, or None."""
        with self.database.reading() as session:
            record = session.get(Run, run_id)
            return None if record is None else _stored(record)

    def newest(self, owner: str | None = None, limit: int = 50) -> list[StoredRun]:
        """The newest runs first."""
        query = select(Run).order_by(Run.created.desc()).limit(limit)
        if owner is not None:
            query = query.where(Run.owner == owner)
        with self.database.reading() as session:
            return [_stored(record) for record in session.scalars(query)]

    def events(self, run_id: str, after: int = 0) -> list[StoredEvent]:
        """The events with a higher number, in order."""
        query = (
            select(RunEvent.number, RunEvent.arm, RunEvent.report)
            .where(RunEvent.run_id == run_id, RunEvent.number > after)
            .order_by(RunEvent.number)
        )
        with self.database.reading() as session:
            return [StoredEvent(*record) for record in session.execute(query)]

    def states(self, run_id: str) -> dict[int, tuple[int, bytes]]:
        """Arm -> (epoch, saved state)."""
        query = select(RunState.arm, RunState.epoch, RunState.state).where(
            RunState.run_id == run_id
        )
        with self.database.reading() as session:
            return {arm: (epoch, x) for arm, epoch, x in session.execute(query)}

    def rename(self, run_id: str, name: str) -> None:
        """Gives a run another name."""
        with self.database.writing() as session:
            session.execute(update(Run).where(Run.id == run_id).values(name=name))

    def delete(self, run_id: str) -> None:
        """Forgets a run and all that belongs to it."""
        with self.database.writing() as session:
            session.execute(delete(Run).where(Run.id == run_id))
        self.database.forget_log()

    def prune(self, limits: Limits, now: float | None = None) -> list[str]:
        """Deletes what is older or larger than the limits; returns the runs' ids.

        Runs that are not over are left alone. A finished run's saved states are the
        first to go: nothing continues from them.
        """
        now = clock.now() if now is None else now
        gone: list[str] = []
        with self.database.writing() as session:
            session.execute(
                delete(RunState).where(
                    RunState.run_id.in_(select(Run.id).where(Run.state == "finished"))
                )
            )
            sizes: Counter[str] = Counter()
            for table, column in (
                (RunEvent, RunEvent.report),
                (RunState, RunState.state),
            ):
                size = func.coalesce(func.sum(func.length(column)), 0)
                for run_id, taken in session.execute(
                    select(table.run_id, size).group_by(table.run_id)
                ):
                    sizes[run_id] += taken
            over = session.execute(
                select(Run.id, Run.created)
                .where(Run.state.in_(OVER))
                .order_by(Run.created)
            ).all()
            total = sizes.total()
            for run_id, created in over:
                old = now - created > limits.days * DAY
                if not old and total <= limits.megabytes * 1e6:
                    break
                total -= sizes[run_id]
                session.execute(delete(Run).where(Run.id == run_id))
                gone.append(run_id)
        return gone
