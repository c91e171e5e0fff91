"""What a GIFT file holds: questions, and notes on the rest of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

from classroom.content import rich

Kind = Literal["single", "several", "number", "match", "open", "short"]

BYTES = 10_000_000
QUESTIONS = 2_000  # that are read; those after them are refused
LETTERS = 8_000  # of one text
CHOICES = 100
WORD = 300  # letters of a short answer
FULL = 100.0  # per cent
EVEN = 0.01  # per cent: how far weights may be from an equal share


class GiftRefused(ValueError):
    """The file is not read at all; the message is the visitor's sentence."""


class Wrong(ValueError):
    """What is wrong with one question."""


@dataclass(frozen=True)
class GiftChoice:
    """Something to choose, the left of a pair, or a word that is accepted.

    A short answer's text is plain, with * for any letters and \\* for that sign; one
    that nothing stands at the left of is a place that belongs to none (`text` is "").
    """

    text: str
    right: bool = False
    say: str = ""  # feedback when it is chosen; a key of what is stored
    to: str = ""  # what it belongs to
    share: float | None = None  # per cent; None: all of it if right, else nothing

    @property
    def worth(self) -> float:
        """Per cent of the point."""
        if self.share is not None:
            return self.share
        return FULL if self.right else 0.0


@dataclass(frozen=True)
class Near:
    """Another number that is known, what it is worth and the feedback to it."""

    value: float
    within: float
    say: str
    share: float = 0.0  # per cent


@dataclass(frozen=True)
class GiftItem:
    """A question, as GIFT has it. All texts are plain, or all are `content.rich`."""

    name: str
    kind: Kind
    ask: str
    why: str = ""  # shown afterwards; of an essay, the model answer
    choices: tuple[GiftChoice, ...] = ()
    value: float | None = None
    within: float = 0.0
    nears: tuple[Near, ...] = ()
    points: tuple[str, ...] = ()  # of a good essay
    category: str = ""
    rich: bool = False
    otherwise: str = ""  # feedback to any other number or word


def normal(item: GiftItem) -> GiftItem:
    """The question with plain texts, if nothing in them is marked."""
    texts = [item.ask, item.why, item.otherwise, *item.points]
    texts += [near.say for near in item.nears]
    for choice in item.choices:
        texts += [choice.say, choice.to, *[choice.text] * (item.kind != "short")]
    if not item.rich or not all(map(rich.has_no_marks, texts)):
        return item
    word = rich.words
    return replace(
        item,
        ask=word(item.ask),
        why=word(item.why),
        otherwise=word(item.otherwise),
        points=tuple(map(word, item.points)),
        nears=tuple(replace(near, say=word(near.say)) for near in item.nears),
        choices=tuple(
            replace(
                choice,
                text=choice.text if item.kind == "short" else word(choice.text),
                say=word(choice.say),
                to=word(choice.to),
            )
            for choice in item.choices
        ),
        rich=False,
    )


@dataclass(frozen=True)
class Problem:
    """A question that is refused, or was changed; or a text that asks nothing."""

    line: int
    name: str
    what: str


@dataclass(frozen=True)
class Read:
    """What a file held: each of its questions is in `items` or in `problems`."""

    items: tuple[GiftItem, ...] = ()
    problems: tuple[Problem, ...] = ()  # refused
    descriptions: tuple[Problem, ...] = ()  # texts without answers: no questions
    notes: tuple[Problem, ...] = ()  # read, but not all of it
    sentence: str = ""  # about the whole file; "": none
    lines: tuple[int, ...] = ()  # where each of `items` begins

    @property
    def held(self) -> int:
        """How many questions the file has."""
        return len(self.items) + len(self.problems)

    @property
    def kinds(self) -> dict[str, int]:
        """Kind -> how many were read."""
        return dict(Counter(item.kind for item in self.items))

    @property
    def refused(self) -> dict[str, str]:
        """Line -> reason; a second question of the same line has a number beside."""
        found: dict[str, str] = {}
        for problem in self.problems:
            key, number = str(problem.line), 2
            while key in found:
                key, number = f"{problem.line} ({number})", number + 1
            found[key] = problem.what
        return found

    @property
    def noted(self) -> dict[str, str]:
        """Line -> what was left out of the question there, or changed."""
        found: dict[str, list[str]] = {}
        for note in self.notes:
            found.setdefault(str(note.line), []).append(note.what)
        return {line: "; ".join(notes) for line, notes in found.items()}
