"""A curve that the visitor draws by its handles, beside one that is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ui.kit.components import component, sent
from ui.kit.components.replay import Level

_draw_curve = component("draw_curve", ("../replay/chart", "draw_curve"))


@dataclass(frozen=True)
class Task:
    """What is given, and where the handles of the other curve are."""

    first: str  # the labels of both curves
    second: str
    points: Sequence[tuple[float, float]]  # of the first
    places: Sequence[float]  # of the handles
    start: float  # height of the second curve at 0
    far: float  # of the axis across
    low: float  # of the other axis
    high: float
    levels: Sequence[Level] = ()


def draw_curve(
    task: Task,
    heights: Sequence[float] | None,
    texts: Mapping[str, str],
    on_drawn: Callable[[list[float]], None],
    *,
    key: str,
    colours: tuple[str, str],
    language: str,
) -> None:
    """Shows both.

    Args:
        heights: of the handles; None: nothing is drawn yet.
        texts: also "xLabel", "title", and "told": what the drawing says.
        on_drawn: called with the heights, or none, before the script runs again.
            Only as many numbers as there are handles, within the axis, get there.
    """

    def drawn() -> None:
        found: Any = sent(key, "drawn")
        if not isinstance(found, list) or len(found) not in (0, len(task.places)):
            return
        if all(
            isinstance(x, int | float) and task.low <= x <= task.high for x in found
        ):
            on_drawn([float(x) for x in found])

    _draw_curve(
        key=key,
        data={
            "first": {"label": task.first, "points": [list(x) for x in task.points]},
            "second": task.second,
            "colours": list(colours),
            "places": list(task.places),
            "start": task.start,
            "heights": None if heights is None else list(heights),
            "frame": {"far": task.far, "low": task.low, "high": task.high},
            "levels": [asdict(x) for x in task.levels],
            "xLabel": texts["xLabel"],
            "title": texts["title"],
            "told": texts["told"],
            "words": {name: texts[name] for name in ("task", "clear", "handle")},
            "language": language,
        },
        on_drawn_change=drawn,
    )
