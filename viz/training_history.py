"""A training on a time line: what each setting was, from epoch to epoch, as SVG.

Lanes lie below each other and epochs go to the right; on a phone lanes stand side by
side and epochs go down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from textwrap import wrap

from viz.palette import Palette
from viz.svg import LETTER, WIDTH, Direction, line, mix, paper, rectangle, text

SIZE, SMALL = 15.0, 13.0  # font sizes
LINE = 17.0

# Across: what stands left of the lanes, right of them, above and below them.
LEFT, RIGHT, TOP, BOTTOM = 112.0, 14.0, 50.0, 30.0
TALL, FLAT = 112.0, 28.0  # heights of lanes
APART = 12.0  # between lanes, and before what goes on after an end
# Down: room for the epochs, for the lanes' names, and for what an end says.
MARGIN, HEAD, EPOCH, SAYS = 46.0, 46.0, 4.8, 50.0
COLUMNS = (96.0, 64.0, 56.0, 66.0)  # widths of lanes


@dataclass(frozen=True)
class LaneSpan:
    """A setting from one epoch to another; at level 0 it is switched off."""

    start: float
    end: float
    label: str
    level: float = 1.0  # 0 to 1: how far a tall lane is filled


@dataclass(frozen=True)
class Lane:
    """A setting over all epochs; a tall one shows its spans as stairs."""

    name: str
    spans: tuple[LaneSpan, ...]
    kind: str  # whose colour of the palette
    tall: bool = False


@dataclass(frozen=True)
class End:
    """The end of a training, and its label."""

    at: float
    labels: tuple[str, str]


@dataclass(frozen=True)
class _Scale:
    """From epochs to places; after an end there is a gap."""

    start: float
    unit: float
    gap: float
    ends: tuple[float, ...]

    def at(self, epoch: float, after: bool = False) -> float:
        """The place of an epoch; of an end, that before the gap unless `after`."""
        gaps = sum(epoch > end or (after and epoch == end) for end in self.ends)
        return self.start + epoch * self.unit + gaps * self.gap


def _fits(label: str, room: float) -> bool:
    return len(label) * SMALL * LETTER <= room


def history_svg(
    title: str,
    begins: str,
    lanes: Sequence[Lane],
    ends: Sequence[End],
    axis: str,
    palette: Palette,
    direction: Direction = "across",
) -> str:
    """The time line as a self-contained SVG, `WIDTH[direction]` units wide.

    Args:
        title: the drawing in words.
        begins: what is said at epoch 0.
        lanes: from top to bottom, at most four; each from the first epoch to the last.
        ends: in order; the last one is the last epoch.
        axis: what is counted along it.
    """
    epochs = {
        x for lane in lanes for span in lane.spans for x in (span.start, span.end)
    }
    parted = [replace(lane, spans=tuple(_parted(lane.spans, ends))) for lane in lanes]
    draw = _across if direction == "across" else _down
    parts, height = draw(begins, parted, ends, sorted(epochs), axis, palette)
    return paper(parts, WIDTH[direction], height, title, palette)


def _parted(spans: Sequence[LaneSpan], ends: Sequence[End]) -> Iterator[LaneSpan]:
    """The spans, in two where a training was ended in between."""
    for span in spans:
        inside = [end.at for end in ends if span.start < end.at < span.end]
        for start, end in pairwise([span.start, *inside, span.end]):
            yield replace(span, start=start, end=end)


def _colours(lane: Lane, span: LaneSpan, palette: Palette) -> tuple[str, str]:
    """Fill and outline of a span: paper where it is off."""
    colour = palette.kind(lane.kind)
    if span.level == 0:
        return palette.background, colour
    return mix(colour, palette.background, 0.72), colour


def _across(
    begins: str,
    lanes: Sequence[Lane],
    ends: Sequence[End],
    epochs: Sequence[float],
    axis: str,
    palette: Palette,
) -> tuple[list[str], float]:
    last = ends[-1].at
    room = WIDTH["across"] - LEFT - RIGHT - APART * (len(ends) - 1)
    scale = _Scale(LEFT, room / last, APART, tuple(end.at for end in ends[:-1]))
    parts: list[str] = []
    y = TOP
    for lane in lanes:
        tall = TALL if lane.tall else FLAT
        below = False
        for span in lane.spans:
            x, far = scale.at(span.start, True), scale.at(span.end)
            fill, stroke = _colours(lane, span, palette)
            high = (tall - LINE) * span.level if lane.tall else tall
            top = y + tall - high
            parts.append(
                rectangle(x, top, far - x, high, fill, stroke, span.level == 0)
            )
            fits = _fits(span.label, far - x)
            below = below or not fits
            foot = top - 5 if lane.tall else y + (19 if fits else tall + 14)
            parts.append(
                text((x + far) / 2, foot, span.label, palette.text, SMALL,
                     anchor="middle")
            )  # fmt: skip
        names = wrap(lane.name, 10)
        middle = y + tall / 2 + 5 - (len(names) - 1) * LINE / 2
        for number, name in enumerate(names):
            parts.append(
                text(LEFT - 10, middle + number * LINE, name, palette.text, SIZE,
                     600, "end")
            )  # fmt: skip
        y += tall + APART + (LINE if below else 0)
    parts.append(text(LEFT - 10, y + 14, axis, palette.muted, SMALL, anchor="end"))
    for epoch in epochs:
        x = scale.at(epoch)
        parts.append(line(x, y - 6, x, y, palette.muted))
        parts.append(
            text(x, y + 14, f"{epoch:g}", palette.text, SMALL, anchor="middle")
        )
    parts.append(text(LEFT, 36, begins, palette.text, SIZE))
    for end in ends:
        x = scale.at(end.at)
        parts.append(line(x, 6, x, y - 6, palette.accent, 1.5))
        for number, (label, weight) in enumerate(
            zip(end.labels, (400, 700), strict=True)
        ):
            parts.append(
                text(x - 6, 18 + 18 * number, label, palette.text, SIZE, weight, "end")
            )
    return parts, y + BOTTOM - 8


def _down(
    begins: str,
    lanes: Sequence[Lane],
    ends: Sequence[End],
    epochs: Sequence[float],
    axis: str,
    palette: Palette,
) -> tuple[list[str], float]:
    scale = _Scale(
        HEAD + LINE + 4, EPOCH, SAYS, tuple(end.at for end in ends[:-1])
    )  # fmt: skip
    parts: list[str] = []
    lefts = [MARGIN]
    for width in COLUMNS:
        lefts.append(lefts[-1] + width + 6)
    for lane, left, width in zip(lanes, lefts, COLUMNS, strict=False):
        names = wrap(lane.name, 9)
        for number, name in enumerate(names):
            y = HEAD - 8 - LINE * (len(names) - 1 - number)
            parts.append(text(left, y, name, palette.text, 14, 600))
        for span in lane.spans:
            y, end_y = scale.at(span.start, True), scale.at(span.end)
            fill, stroke = _colours(lane, span, palette)
            wide = width * (span.level if lane.tall else 1)
            parts.append(
                rectangle(left, y, wide, end_y - y, fill, stroke, span.level == 0)
            )
            inside = not lane.tall or _fits(span.label, wide - 10)
            x = left + (5 if inside else wide + 5)
            parts.append(text(x, (y + end_y) / 2 + 5, span.label, palette.text, SMALL))
    parts.append(text(2, HEAD - 8, axis, palette.muted, SMALL))
    for epoch in epochs:
        y = scale.at(epoch)
        parts.append(
            text(MARGIN - 6, y + 4, f"{epoch:g}", palette.text, SMALL, anchor="end")
        )
    parts.append(text(MARGIN, HEAD + LINE - 4, begins, palette.text, 14))
    for end in ends:
        y = scale.at(end.at)
        parts.append(line(MARGIN, y, WIDTH["down"] - 4, y, palette.accent, 1.5))
        for number, (label, weight) in enumerate(
            zip(end.labels, (400, 700), strict=True)
        ):
            parts.append(
                text(MARGIN, y + 18 + 18 * number, label, palette.text, 14, weight)
            )
    return parts, scale.at(ends[-1].at) + SAYS
