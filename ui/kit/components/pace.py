"""The presenter's clock: a lesson and its steps against a plan, kept by the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from ui.kit.components import component

_pace = component("pace")


@dataclass(frozen=True)
class PacedStep:
    """A step of the lesson, and when it is planned; minutes since the beginning."""

    slug: str
    label: str  # number and title
    begins: int
    ends: int  # the same as `begins`: the plan leaves it out


def pace(
    name: str,
    steps: Sequence[PacedStep],
    at: str,
    text: Mapping[str, str],
    *,
    key: str,
) -> None:
    """The clock, its buttons, and each step with what it took so far.

    Args:
        name: what the time is kept under in this browser: a class's, or the lesson's.
        at: the slug of the step at hand.
        text: "start", "stop", "reset", "elapsed" with {time} and {total}; "step" with
            {time} and {minutes}, "unplanned" with {time}; "behind" and "ahead" with
            {minutes}, "on_time", "not_begun"; and the columns "column_step",
            "column_plan", "column_took".
    """
    _pace(
        key=key,
        data={
            "name": name,
            "steps": [asdict(step) for step in steps],
            "at": at,
            "text": dict(text),
        },
    )
