"""What a step of the lesson asks before it tells: `[think]` among its fields.

    [think]
    kind = "single"
    covers = true               # the live thing would give the answer away
    options = [
        { id = "up", say = "It goes up.", right = true },
        { id = "down", say = "It goes down.", because = "Why that is wrong." },
    ]

The question itself is the step's `question`, and the whole answer its `answer`. Where a
function computes the truth, `answer` names it (`classroom.questions.answers`), and
`mistakes` has a sentence for each known mistake. What belongs together in a "match" is
such a function's, with its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from classroom.content.lesson_files import LessonFile

ThinkKind = Literal["single", "several", "number", "match", "layer", "open"]
KINDS: tuple[ThinkKind, ...] = get_args(ThinkKind)

_FIELDS = {
    "kind": str, "covers": bool, "options": list, "answer": str, "mistakes": dict,
    "points": list, "unit": str,
}  # fmt: skip
_OPTION = {"id": str, "say": str, "right": bool, "because": str}


@dataclass(frozen=True)
class ThinkOption:
    """Something to choose."""

    id: str
    text: str  # `say` in the file
    right: bool = False
    because: str = ""  # why choosing it, or leaving it out, is wrong


@dataclass(frozen=True)
class Think:
    """How a step's question is answered."""

    kind: ThinkKind
    covers: bool = False  # the live thing waits for the answer
    options: tuple[ThinkOption, ...] = ()
    answer: str = ""  # the template that has the truth
    mistakes: Mapping[str, str] = field(default_factory=dict)  # name -> sentence
    points: tuple[str, ...] = ()  # that a good open answer makes
    unit: str = ""

    def texts(self) -> Iterator[str]:
        """All words that a student may read."""
        for option in self.options:
            yield from (option.text, option.because)
        yield from self.mistakes.values()
        yield from self.points


def read_think(file: LessonFile, raw: Mapping[str, Any]) -> Think:
    """The table of a step's file, checked.

    Raises:
        LessonBroken: names file and line.
    """
    line = file.line_of(r"^\[think\]")
    _typed(file, line, raw, _FIELDS, "[think]")
    if raw.get("kind") not in KINDS:
        raise file.broken(line, f"kind is one of {', '.join(KINDS)}")
    options = tuple(_option(file, one) for one in raw.get("options", ()))
    think = Think(
        raw["kind"],
        raw.get("covers", False),
        options,
        raw.get("answer", ""),
        raw.get("mistakes", {}),
        tuple(raw.get("points", ())),
        raw.get("unit", ""),
    )
    if missing := _missing(think):
        raise file.broken(line, f"the kind {think.kind} needs {missing}")
    return think


def _typed(
    file: LessonFile,
    line: int,
    raw: Mapping[str, Any],
    fields: Mapping[str, type],
    name: str,
) -> None:
    for key, value in raw.items():
        if key not in fields or not isinstance(value, fields[key]):
            known = ", ".join(fields)
            raise file.broken(line, f"{name} has {known}. Received: {key} = {value!r}")


def _option(file: LessonFile, raw: Any) -> ThinkOption:
    line = file.line_of(r"^options\s*=")
    if not isinstance(raw, dict) or not {"id", "say"} <= raw.keys():
        raise file.broken(line, f"an option has an id and say. Received: {raw!r}")
    _typed(file, line, raw, _OPTION, "an option")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", raw["id"]):
        raise file.broken(line, "an id is of small letters, digits and hyphens")
    more = {key: raw[key] for key in ("right", "because") if key in raw}
    return ThinkOption(raw["id"], raw["say"], **more)


def _missing(think: Think) -> str:
    """What the kind needs and does not have."""
    ids = [option.id for option in think.options]
    rights = sum(option.right for option in think.options)
    if len(set(ids)) != len(ids):
        return "options of different ids"
    match think.kind:
        case "single" if rights != 1 or len(ids) < 3:
            return "three options or more, one of them right"
        case "several" if not 1 < rights < len(ids):
            return "two right options or more, and a wrong one"
        case "number" | "match" | "layer" if not think.answer:
            return "an answer: the function that computes it"
        case "open" if len(think.points) < 2:
            return "two points or more"
    wrong = (o for o in think.options if not o.right and not o.because)
    return "a because for each wrong option" if any(wrong) else ""
