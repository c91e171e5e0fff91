"""An instructor's own questions, beside the bank; and the bank as a file for Moodle."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from classroom import gift
from classroom.escape import escape_markdown
from classroom.gift import Choice, GiftRefused, Item, Near
from classroom.questions import (
    Bank,
    Mistake,
    Option,
    Question,
    bank,
    is_known,
    remember,
)
from classroom.roles import Instructor, NotAllowed
from classroom.variants import Key, Posed, draw
from store.database import Database, shared
from store.questions import Questions, StoredQuestion

TOPIC = "own"
MOST = 500  # questions of one instructor

# The database that is asked. A test puts another one here.
database: Callable[[], Database] = shared


@dataclass(frozen=True)
class Own:
    """A question that an instructor brought."""

    id: str
    item: Item
    step: str
    made: float


def mine(who: Instructor) -> list[Own]:
    """The instructor's questions, in the order in which they came."""
    return [_own(row) for row in Questions(database()).of_account(who.account)]


def _own(row: StoredQuestion) -> Own:
    return Own(row.id, _item(row.data["item"]), row.data["step"], row.made)


def _item(plain: dict[str, Any]) -> Item:
    return Item(
        **plain
        | {
            "choices": tuple(Choice(**x) for x in plain["choices"]),
            "nears": tuple(Near(**x) for x in plain["nears"]),
            "points": tuple(plain["points"]),
        }
    )


def read(data: bytes) -> gift.Read:
    """What a file of questions holds; nothing is kept.

    Raises:
        GiftRefused: it is not read at all.
    """
    words = bank().own
    return gift.read(data, words["true"], words["false"])


def add(who: Instructor, items: Iterable[Item], step: str) -> int:
    """Keeps questions; returns how many.

    Args:
        step: the lesson's step that teaches those whose category names none.

    Raises:
        GiftRefused: they would be too many.
        ValueError: no such step.
    """
    steps = bank().steps
    if step not in steps:
        raise ValueError(f"A step is one of {', '.join(steps)}. Received: {step!r}")
    questions, new = Questions(database()), list(items)
    if (have := questions.count(who.account)) + len(new) > MOST:
        raise GiftRefused(
            f"At most {MOST} questions of one's own are kept. You have {have}, "
            f"and these are {len(new)} more: delete some first."
        )
    rows = [
        (
            _name(item),
            {
                "item": asdict(item),
                "step": gift.step_of(item.category, steps) or step,
            },
        )
        for item in new
    ]
    questions.add(who.account, rows, time.time())
    return len(rows)


def _name(item: Item) -> str:
    """An id that nothing else ever has, and that says what it is of."""
    words = re.sub(r"[^a-z0-9]+", "-", item.name.lower())[:22].strip("-")
    return "-".join(x for x in (TOPIC, words, secrets.token_hex(5)) if x)


def remove(who: Instructor, question: str) -> None:
    """Asks a question no more. Once answered, it stays in results.

    Raises:
        NotAllowed: it is another's.
    """
    if not Questions(database()).remove(who.account, question, time.time()):
        raise NotAllowed("There is no such question of yours.")


# --- beside the bank ------------------------------------------------------------------


def bank_of(class_id: str, retired: bool = False) -> Bank:
    """The bank with the questions of the class's instructor as a topic of its own.

    Args:
        retired: with those that are asked no more, for results.
    """
    known = bank()
    rows = Questions(database()).of_class(class_id, retired)
    found = {row.id: as_question(_own(row)) for row in rows}
    if not found:
        return known
    remember(found.values())
    return replace(
        known,
        questions={**known.questions, **found},
        topics={**known.topics, TOPIC: known.own["title"]},
    )


def learn(class_id: str, names: Iterable[str]) -> None:
    """Makes questions of the class's own known to this process, if any is not yet.

    Those that are asked no more are learnt, too: they may have been answered.
    """
    if not all(is_known(name) for name in names):
        bank_of(class_id, retired=True)


def _said(text: str) -> str:
    """A text that is filled in by `str.format` later."""
    return escape_markdown(text).replace("{", "{{").replace("}", "}}")


def as_question(own: Own) -> Question:
    """The question, as the bank has its own. All text is shown as it was typed."""
    item, words = own.item, bank().own
    essay = item.kind == "open"
    return Question(
        id=own.id,
        topic=TOPIC,
        kind=item.kind,
        step=own.step,
        ask=_said(item.ask),
        why=_said(item.why) or (words["no_model"] if essay else ""),
        hints=(),
        options=tuple(
            Option(
                str(number),
                escape_markdown(choice.text),
                choice.right,
                _said(choice.say),
                choice.to,
            )
            for number, choice in enumerate(item.choices, 1)
        ),
        value=item.value,
        within=item.within,
        mistakes={
            f"wrong {near.value:g}": Mistake(_said(near.say), near.value)
            for near in item.nears
            if near.say
        },
        points=tuple(map(escape_markdown, item.points)) or ((words["point"],) * essay),
    )


# --- out to Moodle --------------------------------------------------------------------


@dataclass(frozen=True)
class Exported:
    """A GIFT file, and what GIFT has no way to ask."""

    text: str
    questions: int
    left_out: tuple[str, ...]


def export(who: Instructor, seed: int) -> Exported:
    """The bank and the instructor's own questions; numbers are drawn by the seed."""
    known = bank()
    items: list[Item] = []
    left_out: list[str] = []
    for question in known.questions.values():
        topic = known.topics[question.topic].replace("/", " ")
        item = as_item(question, seed, f"AlexNet Lab/{topic}/{question.step}")
        if item is None:
            left_out.append(question.id)
        else:
            items.append(item)
    for own in mine(who):
        topic = known.own["title"]
        items.append(replace(own.item, category=f"AlexNet Lab/{topic}/{own.step}"))
    comments = [f"AlexNet Lab's questions; numbers are drawn by the seed {seed}."]
    if left_out:
        comments.append(f"GIFT cannot ask these: {', '.join(left_out)}.")
    return Exported(gift.write(items, comments), len(items), tuple(left_out))


def as_item(question: Question, seed: int, category: str = "") -> Item | None:
    """One variant of a question; None: GIFT has no such kind."""
    posed, solved = draw(question, seed)
    item = Item(question.id, "open", posed.ask, solved.why, category=category)
    match question.kind:
        case "single" | "several":
            choices = _choices(posed, solved)
            return replace(item, kind=question.kind, choices=choices)
        case "match":
            assert isinstance(solved.truth, dict)
            labels = {choice.id: choice.label for choice in posed.targets}
            pairs = tuple(
                Choice(choice.label, to=labels[solved.truth[choice.id]])
                for choice in posed.choices
            )
            return replace(item, kind="match", choices=pairs)
        case "order":
            assert isinstance(solved.truth, tuple)
            place = {name: str(at) for at, name in enumerate(solved.truth, 1)}
            pairs = tuple(Choice(c.label, to=place[c.id]) for c in posed.choices)
            ask = f"{posed.ask} {bank().own['place']}"
            return replace(item, kind="match", ask=ask, choices=pairs)
        case "number":
            return _number(item, question, solved)
        case "open":
            return replace(item, points=question.points)
    return None


def _choices(posed: Posed, solved: Key) -> tuple[Choice, ...]:
    assert isinstance(solved.truth, tuple)
    says = {
        name: solved.say.get(mistake, "")
        for mistake, names in solved.mistakes.items()
        if isinstance(names, tuple)
        for name in names
    }
    return tuple(
        Choice(
            choice.label,
            choice.id in solved.truth,
            "" if choice.id in solved.truth else says.get(choice.id, ""),
        )
        for choice in posed.choices
    )


def _number(item: Item, question: Question, solved: Key) -> Item:
    def within(value: float) -> float:
        return max(question.tolerance * abs(value), question.within)

    assert isinstance(solved.truth, int | float)
    ask = f"{item.ask} ({question.unit})" if question.unit else item.ask
    return replace(
        item,
        kind="number",
        ask=ask,
        value=float(solved.truth),
        within=within(solved.truth),
        nears=tuple(
            Near(float(wrong), within(wrong), solved.say.get(name, ""))
            for name, wrong in solved.mistakes.items()
            if isinstance(wrong, int | float)
        ),
    )
