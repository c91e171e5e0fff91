"""The tables. A change here needs a migration in store/migrations/versions."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """All tables of the lab."""


class Run(Base):
    """One run of an experiment. Times are seconds since 1970."""

    __tablename__ = "runs"
    __table_args__ = (Index("runs_created", "created"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    owner: Mapped[str] = mapped_column(String(64), index=True)
    experiment: Mapped[str] = mapped_column(Text)  # JSON
    guess: Mapped[str] = mapped_column(Text)  # JSON, what was predicted
    state: Mapped[str] = mapped_column(String(16))
    summary: Mapped[str] = mapped_column(Text)  # JSON, the arms as they ended
    created: Mapped[float]
    ended: Mapped[float | None]
    # When the process that runs it last said so: a run whose process is gone is told
    # from one that goes on elsewhere.
    alive: Mapped[float]


class RunEvent(Base):
    """One report of a run."""

    __tablename__ = "run_events"

    run_id: Mapped[str] = mapped_column(
        ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    arm: Mapped[int]
    report: Mapped[bytes] = mapped_column(LargeBinary)  # as the writer packed it


class RunState(Base):
    """The newest saved state of an arm, from which Retry goes on."""

    __tablename__ = "run_states"

    run_id: Mapped[str] = mapped_column(
        ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
    )
    arm: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int]
    state: Mapped[bytes] = mapped_column(LargeBinary)
